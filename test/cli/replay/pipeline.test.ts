import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { awsOf } from "../../../cli/replay/aws";
import { forecast } from "../../../cli/replay/replay";
import type { LocalPipeline } from "../../../local";
import { rejection } from "../../local/support";
import { newJournal, replayed, startPipeline, targetOf } from "./world";

const ping = (id: string, value: number, hour = "04") => ({ id, value, sent_at: `2026-11-21 ${hour}:00:00` });
const lossy = { notifications: [{ fault: "drop", to: "2026-11-21T07:00:00Z" } as const] };

/** Three objects, an hour apart; no id is in two, so that a query's rows do not depend on how its runs are cut. */
async function sendPings(pipeline: LocalPipeline): Promise<void> {
    for (const hour of ["04", "05", "06"]) {
        await pipeline.advanceTo(`2026-11-21T${hour}:00:00Z`);
        await pipeline.send("ping", [ping(`a${hour}`, 1, hour), ping(`b${hour}`, 10, hour)]);
        await pipeline.settle();
    }
    await pipeline.advanceTo("2026-11-21T08:00:00Z");
}

async function booksOf(pipeline: LocalPipeline) {
    const { failed } = await pipeline.report();
    const seen = await pipeline.rows("processed/v0/seen/");
    return {
        seen: seen.map(({ id, value }) => `${id}: ${value}`).sort(),
        total: await pipeline.rows("reports/v0/total/"),
        counters: pipeline.counters("pings"),
        failed: failed.map(({ stage, count }) => `${stage}: ${count}`).sort(),
    };
}

function runsOf(pipeline: LocalPipeline): string[] {
    return pipeline.journal.of("run").map(({ query }) => query);
}

function rawKeys(pipeline: LocalPipeline): string[] {
    return pipeline.journal
        .of("object")
        .map(({ key }) => key)
        .filter((key) => key.startsWith("raw/"));
}

describe("a replay of objects", function () {
    this.timeout(120_000);

    it("makes good for lost notifications: reports and counters are those of an undisturbed run", async () => {
        const undisturbed = await startPipeline();
        const pipeline = await startPipeline({ faults: lossy });
        await sendPings(undisturbed);
        await sendPings(pipeline);
        const lost = await booksOf(pipeline);

        const outcome = await replayed(pipeline, { kind: "objects", prefixes: ["raw/v0/ping/"] });

        expect(lost).to.deep.equal({ seen: [], total: [], counters: [], failed: [] });
        expect(outcome).to.deep.include({ to: "all subscribers", unit: "objects", sent: 3, failed: [], gone: [] });
        expect(await booksOf(pipeline)).to.deep.equal(await booksOf(undisturbed));
        expect((await booksOf(pipeline)).seen).to.have.length(6);
    });

    it("takes those of a time, or those that are named", async () => {
        const pipeline = await startPipeline({ faults: lossy });
        await sendPings(pipeline);
        const [first, second, third] = rawKeys(pipeline);
        const [since, until] = [Date.parse("2026-11-21T04:30:00Z"), Date.parse("2026-11-21T05:30:00Z")];

        const timed = await replayed(pipeline, { kind: "objects", since, until });
        const afterTimed = await booksOf(pipeline);
        const named = await replayed(pipeline, { kind: "objects", keys: [first!, "raw/v0/ping/gone.json"] });

        expect(timed.sent).to.equal(1);
        expect(afterTimed.seen).to.deep.equal(["a05: 1", "b05: 10"]);
        expect(named).to.deep.include({ sent: 1, gone: ["raw/v0/ping/gone.json"] });
        expect((await booksOf(pipeline)).seen).to.deep.equal(["a04: 1", "a05: 1", "b04: 10", "b05: 10"]);
        expect([first, second, third]).to.not.include(undefined);
    });

    it("goes to one query, rollup or processor alone", async () => {
        const pipeline = await startPipeline({ faults: lossy });
        await sendPings(pipeline);

        await replayed(pipeline, { kind: "objects", to: "seen" });
        const afterQuery = await booksOf(pipeline);
        await replayed(pipeline, { kind: "objects", to: "rollup/pings" });
        const afterRollup = await booksOf(pipeline);
        await replayed(pipeline, { kind: "objects", to: "processor/touch" });

        expect(new Set(runsOf(pipeline))).to.deep.equal(new Set(["seen"]));
        expect(afterQuery.seen).to.have.length(6);
        expect(afterQuery.counters).to.deep.equal([]);
        expect(afterRollup.counters).to.have.length(6);
        expect(await booksOf(pipeline)).to.deep.equal(afterRollup);
    });

    it("changes nothing where everything was handled; with --again, queries run again and counters stay exact", async () => {
        const pipeline = await startPipeline();
        await sendPings(pipeline);
        const before = await booksOf(pipeline);
        const runs = runsOf(pipeline).length;

        await replayed(pipeline, { kind: "objects", prefixes: ["raw/v0/ping/"] });
        await replayed(pipeline, { kind: "objects", prefixes: ["raw/v0/ping/"] });
        const twice = { books: await booksOf(pipeline), runs: runsOf(pipeline).length };
        const journal = newJournal();
        const request = { kind: "objects", to: "seen", again: true } as const;
        await replayed(pipeline, request, journal);
        const again = runsOf(pipeline).slice(runs);
        await replayed(pipeline, { kind: "objects", to: "pings", again: true });

        expect(twice).to.deep.equal({ books: before, runs });
        expect(new Set(again)).to.deep.equal(new Set(["seen"]));
        expect((await booksOf(pipeline)).counters).to.deep.equal(before.counters);
    });

    it("goes on where another one stopped, and sends nothing twice", async () => {
        const pipeline = await startPipeline({ faults: lossy });
        await sendPings(pipeline);
        const journal = newJournal();
        journal.sent(rawKeys(pipeline).slice(0, 2));

        const outcome = await replayed(pipeline, { kind: "objects", prefixes: ["raw/"] }, journal);

        expect(outcome).to.deep.include({ sent: 1, skipped: 2 });
        expect((await booksOf(pipeline)).seen).to.deep.equal(["a06: 1", "b06: 10"]);
        expect(rawKeys(pipeline).every((key) => journal.has(key))).to.equal(true);
    });

    it("says before what it would send, and what that costs at most", async () => {
        const pipeline = await startPipeline({ faults: lossy });
        await sendPings(pipeline);
        const { operations, endpointUrl } = targetOf(pipeline);
        const bytes = pipeline.journal.of("object").filter(({ key }) => key.startsWith("raw/"));

        const would = await forecast(awsOf({ operations, endpointUrl }), operations, { kind: "objects" });
        await pipeline.settle();

        expect(would).to.deep.include({ to: "all subscribers", unit: "objects", count: 3, refused: [] });
        expect(would.bytes).to.equal(bytes.reduce((sum, object) => sum + object.bytes, 0));
        // Two queries, one run of 10 MB each; three queues.
        expect(would.costs.map(({ what, dollars }) => [what, Number(dollars.toFixed(9))])).to.deep.equal([
            ["Athena, query/seen", 0.00005],
            ["Athena, query/total", 0.00005],
            ["SNS", 0.0000015],
            ["SQS", 0.0000108],
            ["Lambda", 0.0000618],
            ["S3", 0.0000062],
        ]);
        expect(runsOf(pipeline)).to.deep.equal([]);
    });

    for (const { what, request, message } of [
        {
            what: "a prefix that nobody reacts to",
            request: { prefixes: ["raw/v0/pong/"] },
            message: /^nobody in this pipeline reacts to `raw\/v0\/pong\/`: did you mean `raw\/v0\/ping\/`\?$/,
        },
        {
            what: "a prefix that the query does not react to",
            request: { prefixes: ["processed/"], to: "seen" },
            message: /^query\/seen does not react to `processed\/`: there is `raw\/v0\/ping\/`$/,
        },
        {
            what: "a prefix without objects",
            request: { prefixes: ["raw/v0/ping/2025/"] },
            message: /^nothing is selected: there is no object under `raw\/v0\/ping\/2025\/`: did you mean /,
        },
        {
            what: "a time without objects",
            request: { until: Date.parse("2026-11-20") },
            message:
                /^nothing is selected: of \d+ objects none was written at that time: the last one was at 2026-11-21T/,
        },
        { what: "no keys", request: { keys: [] }, message: /^nothing is selected: the list of keys is empty$/ },
        {
            what: "keys of no objects",
            request: { keys: ["raw/v0/ping/x.json"] },
            message: /^nothing is selected: there is no object `raw\/v0\/ping\/x.json`$/,
        },
        {
            what: "keys that nobody reacts to",
            request: { keys: ["elsewhere/x.json"] },
            message: /^1 of 1 keys: nobody in this pipeline reacts to `elsewhere\/x.json`: there is `athena\/`, /,
        },
        {
            what: "a subscriber that there is not",
            request: { to: "sen" },
            message: /^--to: unknown: `sen`: did you mean `seen`\?$/,
        },
    ]) {
        it(`refuses ${what}`, async () => {
            const pipeline = await startPipeline({ faults: lossy });
            await pipeline.send("ping", [ping("a", 1)]);
            await pipeline.settle();

            const error = await rejection(replayed(pipeline, { kind: "objects", ...request }));

            expect(error.message).to.match(message);
        });
    }
});

describe("a replay of dead letters", function () {
    this.timeout(120_000);

    it("sends them to their queue once what failed them is mended, and deletes them", async () => {
        const pipeline = await startPipeline({
            faults: {
                calls: [
                    {
                        service: "athena",
                        action: "StartQueryExecution",
                        error: "InternalServerException",
                        times: 100,
                        to: "2026-11-21T07:00:00Z",
                    },
                ],
            } as never,
        });
        await pipeline.send("ping", [ping("a", 1)]);
        await pipeline.settle();
        await pipeline.advanceTo("2026-11-21T08:00:00Z");
        const failed = await booksOf(pipeline);

        const outcome = await replayed(pipeline, { kind: "dead-letters", queue: "run-query" });
        const nothing = await replayed(pipeline, { kind: "dead-letters", queue: "run-query" });

        expect(failed.seen).to.deep.equal([]);
        expect(outcome).to.deep.include({ unit: "messages", sent: 1, failed: [], to: "the queue of run-query" });
        expect(nothing.sent).to.equal(0);
        expect((await booksOf(pipeline)).seen).to.deep.equal(["a: 1"]);
    });

    it("counts them before, and prints the reasons that AWS noted on them", async () => {
        const pipeline = await startPipeline();
        const target = targetOf(pipeline);
        const { deadLetterQueueUrl, queueUrl } = target.operations.queues.touch!;
        const sqs = new SQSClient(sdk(pipeline));
        const MessageAttributes = { ERROR_MESSAGE: { DataType: "String", StringValue: "no permission" } };
        for (const MessageBody of ['{"Event":"s3:TestEvent"}', '{"Records":[]}']) {
            await sqs.send(new SendMessageCommand({ QueueUrl: deadLetterQueueUrl, MessageBody, MessageAttributes }));
        }

        const would = await forecast(awsOf(target), target.operations, { kind: "dead-letters", queue: "touch" });
        const outcome = await replayed(pipeline, { kind: "dead-letters", queue: "touch" });

        expect(would).to.deep.include({ unit: "messages", count: 2, to: "the queue of touch" });
        expect(outcome).to.deep.include({ sent: 2, reasons: { "no permission": 2 } });
        expect(queueUrl).to.not.equal(deadLetterQueueUrl);
        const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: deadLetterQueueUrl }));
        expect(Messages).to.equal(undefined);
    });

    it("names the queues that there are", async () => {
        const pipeline = await startPipeline();

        const unknown = await rejection(replayed(pipeline, { kind: "dead-letters", queue: "run-quer" }));
        const iot = await rejection(replayed(pipeline, { kind: "dead-letters", queue: "ping-iot" }));

        expect(unknown.message).to.equal("--dead-letters: unknown: `run-quer`: did you mean `run-query`?");
        expect(iot.message).to.match(/^--dead-letters ping-iot: holds what AWS IoT Core could not put on/);
    });
});

describe("a replay of the failed store", function () {
    this.timeout(120_000);

    it("puts lines back with their bytes, once: what is bad still comes back, and is counted once more", async () => {
        const pipeline = await startPipeline();
        await pipeline.send("ping", ['{"id":1}', ping("a", 1), "\u0001 no event"]);
        await pipeline.settle();
        const lines = async () => (await pipeline.rows("failed/ping/normalize/")).map(({ line }) => line);
        const [before, total] = [await lines(), (await booksOf(pipeline)).total];

        const outcome = await replayed(pipeline, { kind: "failed", ingest: "ping" });
        const again = await lines();
        const second = await replayed(pipeline, {
            kind: "failed",
            ingest: "ping",
            until: Date.parse("2026-11-21T00:06:00Z"),
        });

        expect(before).to.deep.equal(['{"id":1}', "\u0001 no event"]);
        expect(outcome).to.deep.include({ unit: "records", sent: 2, skipped: 0, refused: [], failed: [] });
        expect(again).to.deep.equal([...before, ...before]);
        expect(second).to.deep.include({ sent: 0, skipped: 1 });
        expect((await booksOf(pipeline)).total).to.deep.equal(total);
    });

    it("brings back what a mended function lets through: what Firehose could not have transformed", async () => {
        const pipeline = await startPipeline({
            faults: { invocations: [{ function: "normalize", fault: "timeout", to: "2026-11-21T03:00:00Z" }] } as never,
        });
        await pipeline.send("ping", [ping("a", 1), ping("b", 2)]);
        await pipeline.settle();
        await pipeline.advanceTo("2026-11-21T04:00:00Z");
        const failed = await booksOf(pipeline);

        const outcome = await replayed(pipeline, { kind: "failed", ingest: "ping" });

        expect(failed.seen).to.deep.equal([]);
        expect(outcome).to.deep.include({ sent: 1, refused: [], failed: [] });
        expect((await booksOf(pipeline)).seen).to.deep.equal(["a: 1", "b: 2"]);
    });

    it("puts no object back twice unless --again says so, and refuses what it can't read without stopping", async () => {
        const pipeline = await startPipeline();
        const error = {
            base64OriginalPayload: Buffer.from('{\n"id": "c", "value": 3}').toString("base64"),
            topic: "pings/c",
        };
        await pipeline.put("failed/ping/iot/2026/11/21/00/a.json", JSON.stringify(error), "replayed");
        await pipeline.put("failed/ping/other/a.json", "{}", "replayed");
        await pipeline.put("failed/ping/normalize/a.json.gz", "no gzip", "replayed");
        const request = { kind: "failed", ingest: "ping" } as const;
        const target = targetOf(pipeline);

        const would = await forecast(awsOf(target), target.operations, request);
        const first = await replayed(pipeline, request);
        const second = await replayed(pipeline, request);
        const forced = await replayed(pipeline, { ...request, again: true });

        const refused = [
            { what: "failed/ping/normalize/a.json.gz", reason: "line 1 is not JSON" },
            {
                what: "failed/ping/other/a.json",
                reason: "lies in none of the folders normalize, processing-failed, format-conversion-failed, iot, parse-access-log",
            },
        ];
        expect(would).to.deep.include({ count: 1, skipped: 0, refused });
        expect([first, second, forced].map(({ sent, skipped }) => [sent, skipped])).to.deep.equal([
            [1, 0],
            [0, 1],
            [1, 0],
        ]);
        expect(first.refused).to.deep.equal(refused);
        expect((await booksOf(pipeline)).total).to.deep.equal([{ pings: 2 }]);
    });

    it("tries again what the stream rejects, and says what it could not put", async () => {
        const rejecting = async (nth: number[] | undefined) => {
            const pipeline = await startPipeline({
                faults: { deliveryStreams: [{ fault: "reject", ...(nth && { nth }) }] } as never,
            });
            const line = JSON.stringify({ reason: "r", line: '{"id":"x"}' });
            await pipeline.put("failed/ping/normalize/a.json", `${line}\n${line}\n`, "replayed");
            return { pipeline, outcome: await replayed(pipeline, { kind: "failed", ingest: "ping" }) };
        };

        const once = await rejecting([1]);
        const always = await rejecting(undefined);

        expect(once.outcome).to.deep.include({ sent: 2, failed: [] });
        expect((await booksOf(once.pipeline)).total).to.deep.equal([{ pings: 2 }]);
        expect(always.outcome).to.deep.include({
            sent: 0,
            failed: [
                {
                    what: "failed/ping/normalize/a.json",
                    reason: "2 of 2 records: ServiceUnavailableException: Slow down.",
                },
            ],
        });
    });

    it("names the ingests, and says what to do about a rollup's failed lines", async () => {
        const pipeline = await startPipeline();

        const unknown = await rejection(replayed(pipeline, { kind: "failed", ingest: "pin" }));
        const rollup = await rejection(replayed(pipeline, { kind: "failed", ingest: "pings" }));

        expect(unknown.message).to.equal("--failed: unknown: `pin`: did you mean `ping`?");
        expect(rollup.message).to.match(/^--failed pings: what a rollup could not count lies in its objects still: /);
    });
});

function sdk(pipeline: LocalPipeline) {
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    return { endpoint: pipeline.endpointUrl, region: "us-east-1", credentials };
}
