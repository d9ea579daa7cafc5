import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import type { ReconcileReport } from "../../handlers/reconcile/contract";
import { type Faults, LocalPipeline } from "../../local";
import { afterTest } from "../setup";

const midnight = Date.parse("2026-11-21T00:00:00Z");
const minute = 60_000;

describe("a query with a minimum interval, on this machine", function () {
    this.timeout(60_000);

    it("runs at once, then once an interval at most, and always once more after the last arrival", async () => {
        const local = await start();

        for (const arrival of [0, 1, 10, 59, 61, 119, 300]) await putAt(local, arrival);
        await local.settle();

        // After the first one, what came until an hour is over waits for that; at 300, nothing had run for an hour.
        expect(runsOf(local, "total")).to.deep.equal([0, 60, 120, 300]);
        expect(runsOf(local, "seen_hourly")).to.deep.equal([0, 60, 120, 300]);
        expect(await local.rows("reports/v0/total/")).to.deep.equal([{ pings: 7 }]);
        expect(await devicesIn(local, "seen_hourly")).to.deep.equal([0, 1, 10, 59, 61, 119, 300]);
        expect(runsOf(local, "seen")).to.have.length(7);
    });

    it("goes on waiting where arrivals never cease", async () => {
        const local = await start();
        const arrivals = Array.from({ length: 30 }, (_, index) => 7 * index);

        for (const arrival of arrivals) await putAt(local, arrival);
        await local.settle();

        const runs = runsOf(local, "total");
        expect(runs).to.have.length(5);
        expect(runs.slice(1).every((time, index) => time - runs[index]! >= 60)).to.equal(true);
        expect(runs.at(-1)).to.be.at.least(arrivals.at(-1)!);
        expect(await local.rows("reports/v0/total/")).to.deep.equal([{ pings: 30 }]);
        expect(await devicesIn(local, "seen_hourly")).to.deep.equal(arrivals);
    });

    it("does so too where notifications come twice and late, messages again, and its function dies", async () => {
        const local = await start({
            notifications: { duplicate: 0.4, delay: 0.3 },
            visibility: [{ probability: 0.3 }],
            crashes: [5, 17, 31, 47].flatMap((call) => [
                { function: "run-query", call, when: "before" as const },
                { function: "run-query", call: call + 7, when: "after" as const },
            ]),
        });

        for (const arrival of [0, 1, 10, 59, 61, 119, 300]) await putAt(local, arrival);
        await local.settle();

        const runs = runsOf(local, "total");
        expect(runs.slice(1).every((time, index) => time - runs[index]! >= 60)).to.equal(true);
        expect(runs.at(-1)).to.be.at.least(300);
        expect(await local.rows("reports/v0/total/")).to.deep.equal([{ pings: 7 }]);
        expect(await devicesIn(local, "seen_hourly")).to.deep.equal([0, 1, 10, 59, 61, 119, 300]);
        expect(local.faults()!.injected.map(({ fault }) => fault)).to.include.members(["crash before", "crash after"]);
    });
});

describe("query runs that fail, on this machine", function () {
    this.timeout(60_000);
    const failing = { query: "seen", state: "FAILED", reason: "HIVE_BAD_DATA: not a number" } as const;

    it("for good, are told of on the topic for failures: query, reason, objects, and where to look", async () => {
        const local = await start({ queries: [{ ...failing, nth: 1 }] });

        await putAt(local, 0);
        await putAt(local, 10);
        await local.settle();

        const [failed] = local.journal.of("run").filter(({ state }) => state === "FAILED");
        const [message, ...others] = await messagesOf(local);
        expect(others).to.deep.equal([]);
        const { run, console: link, ...rest } = message!;
        expect(rest).to.deep.equal({
            ...{ pipeline: "runs-dev", query: "seen", reason: failing.reason, attempts: 1 },
            ...{ executionId: failed!.executionId, objectCount: 1, objects: [`s3://runs/${keyAt(0)}`] },
        });
        expect(link).to.match(
            new RegExp(`^https://us-east-1\\.console\\.aws\\.amazon\\.com/athena/.*/${failed!.executionId}$`),
        );
        expect(local.counters("ledger").find(({ entry }) => entry === `run/${run}`)).to.include({ state: "failed" });
        expect(await devicesIn(local, "seen")).to.deep.equal([10]);
    });

    it("of what may pass, are started again, and nobody is told", async () => {
        const local = await start({ queries: [{ ...failing, retryable: true, times: 2 }] });

        await putAt(local, 0);
        await local.settle();

        const states = local.journal.of("run").filter(({ query }) => query === "seen");
        expect(states.map(({ state }) => state)).to.deep.equal(["FAILED", "FAILED", "SUCCEEDED"]);
        expect(await devicesIn(local, "seen")).to.deep.equal([0]);
        expect(await messagesOf(local)).to.deep.equal([]);
    });

    it("of what may pass, are told of once after the third time", async () => {
        const local = await start({ queries: [{ ...failing, retryable: true }] });

        await putAt(local, 0);
        await local.settle();

        const messages = await messagesOf(local);
        expect(messages.map(({ query, attempts }) => [query, attempts])).to.deep.equal([["seen", 3]]);
        expect(await devicesIn(local, "seen")).to.deep.equal([]);
    });
});

describe("what can't be in a report, on this machine", function () {
    this.timeout(60_000);

    it("is told of, and its run failed, when a result has other columns than were declared", async () => {
        const local = await start();

        await local.put("raw/v0/pong/2026/11/21/00/a.json", '{"device":"1"}\n');
        await local.settle();

        const reason =
            'its result can\'t be kept: column "device" is bigint, the query yields varchar: write CAST(… AS bigint) AS device';
        const [{ run, console: link, executionId, ...message }] = (await messagesOf(local)) as [
            Record<string, unknown>,
        ];
        expect(message).to.deep.equal({
            ...{ pipeline: "runs-dev", query: "mistyped", reason, attempts: 1 },
            ...{ objectCount: 1, objects: ["s3://runs/raw/v0/pong/2026/11/21/00/a.json"] },
        });
        expect(link).to.match(new RegExp(`/athena/.*/${executionId}$`));
        expect(rowOf(local, `run/${run}`)).to.include({ state: "failed", reason, executionId });
        expect(await failuresIn(local)).to.deep.equal([
            { stage: "convert-result", reason: `query "mistyped": ${reason}`, count: 1 },
        ]);
        expect(await local.rows("processed/v0/mistyped/")).to.deep.equal([]);
    });

    it("is told of, and in the ledger, when a query can't name an object", async () => {
        const local = await start();
        const key = "raw/v0/ping/late.json";

        await local.put(key, '{"device":"late"}\n');
        await putAt(local, 0);
        await local.settle();

        const reason = "the key lies in none of the table's arrival_hour folders";
        const messages = await messagesOf(local);
        expect(messages.map(({ query }) => query)).to.have.members(["seen", "seen_hourly"]);
        for (const message of messages) {
            expect(message).to.deep.include({ reason, objectCount: 1, objects: [`s3://runs/${key}`] });
            expect(message.console).to.match(
                /\/s3\/object\/runs\?region=us-east-1&prefix=raw%2Fv0%2Fping%2Flate\.json$/,
            );
            const row = rowOf(local, `object/${key}`, `query/${message.query}`);
            expect(row).to.include({ outcome: "failed", reason });
        }
        expect(await devicesIn(local, "seen")).to.deep.equal([0]);
        expect(await failuresIn(local)).to.have.deep.members(
            ["seen", "seen_hourly"].map((query) => ({
                stage: "run-query",
                reason: `query "${query}": ${reason}: ${key}`,
                count: 1,
            })),
        );
    });

    it("is announced again by nobody", async () => {
        const local = await start();
        await local.put("raw/v0/ping/late.json", '{"device":"late"}\n');
        await local.put("raw/v0/pong/2026/11/21/00/a.json", '{"device":"1"}\n');
        await local.settle();

        await local.advanceTo(midnight + 180 * minute);
        await local.settle();
        const { subscribers } = (await local.invoke("reconcile", { dryRun: true })) as ReconcileReport;

        const counts = subscribers.map(({ subscriber, failed, missing, republished }) => [
            ...[subscriber, failed, missing, republished],
        ]);
        expect(counts).to.have.deep.members([
            ["query/seen", 1, 0, 0],
            ["query/seen_hourly", 1, 0, 0],
            ["query/total", 0, 0, 0],
            ["query/mistyped", 1, 0, 0],
        ]);
        expect(await messagesOf(local)).to.have.length(3);
    });
});

async function failuresIn(local: LocalPipeline) {
    return (await local.report()).failed;
}

function rowOf(local: LocalPipeline, entry: string, subscriber?: string) {
    return local
        .counters("ledger")
        .find((row) => row.entry === entry && (subscriber === undefined || row.subscriber === subscriber));
}

async function start(faults?: Faults): Promise<LocalPipeline> {
    const local = await LocalPipeline.start({ program: "test/programs/query-runs", at: new Date(midnight), faults });
    afterTest(() => local.stop());
    return local;
}

const keyAt = (arrival: number) => `raw/v0/ping/2026/11/21/00/${arrival}.json`;

/** Puts an object of one device, which is called after the minute. */
async function putAt(local: LocalPipeline, arrival: number): Promise<void> {
    await local.advanceTo(midnight + arrival * minute);
    await local.put(keyAt(arrival), `{"device":"${arrival}"}\n`);
}

/** In which minute each of a query's runs got its objects together. */
function runsOf(local: LocalPipeline, query: string): number[] {
    const runs = local.counters("ledger").filter((row) => String(row.entry).startsWith("run/") && row.query === query);
    const times = runs.map(({ claimedAt }) => Date.parse(String(claimedAt)) - midnight);
    return times.sort((a, b) => a - b).map((time) => Math.floor(time / minute));
}

async function devicesIn(local: LocalPipeline, query: string): Promise<number[]> {
    const rows = await local.rows(`processed/v0/${query}/`);
    return rows.map(({ device }) => Number(device)).sort((a, b) => a - b);
}

/** What the queue of the program has heard. */
async function messagesOf(local: LocalPipeline): Promise<Record<string, unknown>[]> {
    const credentials = { accessKeyId: "listener", secretAccessKey: "none" };
    const client = new SQSClient({ endpoint: local.endpointUrl, region: "us-east-1", credentials });
    const QueueUrl = String(local.outputs.queueUrl);
    const bodies: Record<string, unknown>[] = [];
    for (;;) {
        const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
        if (Messages.length === 0) return bodies;
        for (const { Body, ReceiptHandle } of Messages) {
            bodies.push(JSON.parse(Body!));
            await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
        }
    }
}
