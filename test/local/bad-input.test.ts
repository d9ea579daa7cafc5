import { readFileSync } from "node:fs";
import { FirehoseClient, PutRecordCommand } from "@aws-sdk/client-firehose";
import { KinesisClient, PutRecordCommand as PutKinesisRecordCommand } from "@aws-sdk/client-kinesis";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { LocalPipeline } from "../../local";
import { packed } from "../handlers/parse-access-log/entries";
import { afterTest } from "../setup";
import { programFolder, rejection } from "./support";

const kibibyte = 1024;
/** What one Firehose record holds. */
const mostFirehose = 1000 * kibibyte;
/** What one Kinesis record holds, its partition key included. */
const mostKinesis = 1024 * kibibyte;

/** What is at or beyond a limit, by every way in: stored, refused, or kept with the reason, and never just gone. */
describe("bad input to every source", function () {
    this.timeout(60_000);
    let local: LocalPipeline;
    beforeEach(async () => {
        local = await LocalPipeline.start({ program: "test/programs/every-source", at: "2026-11-21T04:00:00Z" });
    });
    afterEach(() => local.stop());

    const good = { event_id: "good", source: "good", value: 1 };
    const ids = async () => (await local.rows("raw/v0/event/")).map(({ event_id }) => event_id);
    const sdk = () => ({
        endpoint: local.endpointUrl,
        region: "us-east-1",
        credentials: { accessKeyId: "test", secretAccessKey: "test" },
    });

    describe("of 1 MB", () => {
        const post = (body: string) =>
            fetch(`${local.urls["all-event-http"]}/event`, {
                method: "POST",
                headers: { "x-api-key": "a key for tests only" },
                body,
            });
        const put = (Data: Buffer) => {
            const client = new FirehoseClient(sdk());
            afterTest(() => client.destroy());
            return client.send(new PutRecordCommand({ DeliveryStreamName: "all-event", Record: { Data } }));
        };
        const putKinesis = (Data: Buffer) => {
            const client = new KinesisClient(sdk());
            afterTest(() => client.destroy());
            const StreamName = "all-event-kinesis";
            return client.send(new PutKinesisRecordCommand({ StreamName, PartitionKey: "key", Data }));
        };

        it("over HTTP is stored, and of 1,000 KiB, which has no room for its id, refused with the reason", async () => {
            const stored = await post(event("stored", 1_000_000));
            const refused = await post(event("refused", mostFirehose));
            await local.settle();

            expect([stored.status, refused.status]).to.deep.equal([204, 400]);
            expect(((await refused.json()) as { errors: unknown }).errors).to.deep.equal([
                { index: 0, reason: "larger than 1024000 bytes, the most that is stored as one" },
            ]);
            expect(await ids()).to.deep.equal(["stored"]);
        });

        it("by direct put is stored, up to 1,000 KiB, and refused by Firehose beyond", async () => {
            await put(Buffer.from(event("stored", mostFirehose)));
            const refused = await rejection(put(Buffer.from(event("refused", mostFirehose + 1))));
            await local.settle();

            expect(refused.message).to.include("1024000");
            expect(await ids()).to.deep.equal(["stored"]);
            expect((await local.report()).failed).to.deep.equal([]);
        });

        it("by Kinesis is stored, up to 1 MiB, also beyond what is put on Firehose, and refused beyond", async () => {
            await putKinesis(Buffer.from(event("stored", mostKinesis - 3)));
            const refused = await rejection(putKinesis(Buffer.from(event("refused", mostKinesis - 2))));
            await local.settle();

            expect(refused.message).to.include("1048576");
            expect(await ids()).to.deep.equal(["stored"]);
            expect((await local.report()).failed).to.deep.equal([]);
        });

        it("that is no event is kept whole, with the reason", async () => {
            await put(Buffer.from(event("bad", mostFirehose).replace('"value":1', '"value":"')));
            await local.settle();

            const [kept] = await local.rows("failed/event/normalize/");
            expect(String(kept!.line)).to.have.length(mostFirehose);
            expect(await ids()).to.deep.equal([]);
        });

        it("over MQTT is refused: a payload has at most 128 KB", async () => {
            const refused = await rejection(local.publish("events/a", event("refused", 1_000_000)));

            expect(refused.message).to.include("at most 128 KB");
        });
    });

    it("over MQTT that is no JSON is kept with its bytes and the reason", async () => {
        await local.publish("events/a", "value: 1");
        await local.publish("events/a", good);
        await local.settle();

        expect(await ids()).to.deep.equal(["good"]);
        expect(await local.rows("failed/event/normalize/")).to.deep.equal([
            { reason: "not valid JSON", line: "value: 1" },
        ]);
        expect((await local.report()).failed).to.deep.equal([
            { stage: "normalize", reason: "not valid JSON", count: 1 },
        ]);
    });

    describe("in a load balancer's log", () => {
        const name =
            "123456789012_elasticloadbalancing_us-east-1_app.all.50dc6c495c0c9188_20261121T0405Z_192.0.2.1_a.log.gz";
        const putLog = async (Body: Buffer) => {
            const client = new S3Client(sdk());
            const Key = `alb/event/AWSLogs/123456789012/elasticloadbalancing/us-east-1/2026/11/21/${name}`;
            await client.send(new PutObjectCommand({ Bucket: "all", Key, Body }));
            client.destroy();
            await local.settle();
        };
        /** A line for an event of this id; its user agent has quotes. */
        const line = (id: string) =>
            readFileSync("examples/load-balancer/access.log", "utf8")
                .split("\n")[4]!
                .replace(/\/p\?\S+/, `/pixel?event_id=${id}&source=log&value=1`);

        it("a line cut in the middle is kept with its place, and the lines before and behind it are events", async () => {
            const [first, cut, last] = [line("first"), line("cut").slice(0, 300), line("last")];
            await putLog(packed(first!, cut!, last!));

            const [kept] = await local.rows("failed/event/parse-access-log/");
            expect(await ids()).to.deep.equal(["first", "last"]);
            expect(kept).to.include({ offset: first!.length + 1, line: cut });
        });

        it("one column more than today's changes nothing", async () => {
            await putLog(packed(line("today"), `${line("tomorrow")} "of tomorrow"`));

            expect(await ids()).to.deep.equal(["today", "tomorrow"]);
            expect((await local.report()).failed).to.deep.equal([]);
        });

        it("gzip that is cut is given back until it lies in the dead-letter queue, and nothing of it is an event", async () => {
            const log = packed(...Array.from({ length: 5_000 }, (_, index) => line(`${index}-${Math.sin(index)}`)));
            await putLog(log.subarray(0, log.length - 100));

            expect(await ids()).to.deep.equal([]);
            const [failure, ...others] = (await local.report()).failed;
            const { event: QueueUrl } = local.outputs.deadLetterQueueUrls as Record<string, string>;
            const { Messages } = await receive(local, { QueueUrl, MaxNumberOfMessages: 10 });
            expect(Messages).to.have.length(1);
            expect(Messages[0]!.Body).to.include(name);
            expect(failure).to.include({ stage: "parse-access-log", count: 1 });
            expect(failure!.reason).to.include("unexpected end of file");
            expect(others).to.deep.equal([]);
        });
    });
});

describe("a topic rule with a dead-letter queue", function () {
    this.timeout(60_000);

    it("sends there what it could not put on the stream, and writes no object for it", async () => {
        const program = programFolder({
            "Pulumi.yaml": "name: fleet\nruntime: nodejs\nmain: index.ts\n",
            "index.ts": `
                import { EventPipeline } from "${process.cwd()}";
                const iot = { sql: "SELECT * FROM 'pings/#'", batchMode: true, deadLetterQueue: true };
                const fleet = new EventPipeline("fleet", { ingest: { ping: { columns: [{ name: "n", type: "int" }], iot } } });
                export const queues = fleet.deadLetterQueueUrls;
            `,
        });
        const local = await LocalPipeline.start({ program, at: "2026-11-21T04:00:00Z" });
        afterTest(() => local.stop());

        await local.publish("pings/a", [{ n: 1 }]);
        await local.publish("pings/b", { n: 2 });
        await local.settle();

        const { "ping-iot": QueueUrl } = local.outputs.queues as Record<string, string>;
        const { Messages } = await receive(local, { QueueUrl, MaxNumberOfMessages: 10 });
        const [{ topic, base64OriginalPayload }, ...others] = Messages.map(({ Body }) => JSON.parse(Body));
        expect({ topic, payload: JSON.parse(atob(base64OriginalPayload)), others }).to.deep.equal({
            topic: "pings/b",
            payload: { n: 2 },
            others: [],
        });
        expect((await local.rows("raw/v0/ping/")).map(({ n }) => n)).to.deep.equal([1]);
        expect(await local.rows("failed/")).to.deep.equal([]);
        expect((await local.report()).failed.map(({ stage, count }) => [stage, count])).to.deep.equal([
            ["fleet_ping_iot", 1],
        ]);
    });
});

async function receive(local: LocalPipeline, input: object): Promise<{ Messages: { Body: string }[] }> {
    const headers = {
        authorization: "AWS4-HMAC-SHA256 Credential=test/20261121/us-east-1/sqs/aws4_request",
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": "AmazonSQS.ReceiveMessage",
    };
    const response = await fetch(local.endpointUrl, { method: "POST", headers, body: JSON.stringify(input) });
    return (await response.json()) as { Messages: { Body: string }[] };
}

/** An event that has exactly so many bytes as JSON. */
function event(id: string, bytes: number): string {
    const empty = JSON.stringify({ event_id: id, source: "", value: 1 });
    return JSON.stringify({ event_id: id, source: "x".repeat(bytes - empty.length), value: 1 });
}
