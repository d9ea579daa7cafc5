import { FirehoseClient, PutRecordBatchCommand } from "@aws-sdk/client-firehose";
import { KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { expect } from "chai";
import { connectAsync } from "mqtt";
import { LocalPipeline } from "../../local";
import { duckdb } from "../examples/run-example";
import { afterTest } from "../setup";

interface SentEvent {
    event_id: string;
    source: string;
    value: number;
}

const credentials = { accessKeyId: "test", secretAccessKey: "test" };
const lineOf = (event: object) => Buffer.from(`${JSON.stringify(event)}\n`);

/** Every way in, and how somebody sends events by it. */
const ways: Record<string, (local: LocalPipeline, events: SentEvent[]) => Promise<unknown>> = {
    async http(local, events) {
        const headers = { "x-api-key": "a key for tests only" };
        const url = `${local.urls["all-event-http"]}/event`;
        const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(events) });
        expect(response.status).to.equal(204);
    },
    async direct(local, events) {
        const client = new FirehoseClient({ endpoint: local.endpointUrl, region: "us-east-1", credentials });
        afterTest(() => client.destroy());
        const Records = events.map((event) => ({ Data: lineOf(event) }));
        const command = new PutRecordBatchCommand({ DeliveryStreamName: "all-event", Records });
        expect((await client.send(command)).FailedPutCount).to.equal(0);
    },
    async kinesis(local, events) {
        const client = new KinesisClient({ endpoint: local.endpointUrl, region: "us-east-1", credentials });
        afterTest(() => client.destroy());
        const Records = events.map((event) => ({ PartitionKey: event.event_id, Data: lineOf(event) }));
        const command = new PutRecordsCommand({ StreamName: "all-event-kinesis", Records });
        expect((await client.send(command)).FailedRecordCount).to.equal(0);
    },
    async api(local, events) {
        const headers = { "x-api-key": "another-key-for-tests", "content-type": "application/json" };
        const url = `${local.urls["all-stream-api"]}/streams/event/records`;
        const response = await fetch(url, { method: "PUT", headers, body: JSON.stringify(events) });
        expect(response.status).to.equal(200);
    },
    async mqtt(local, events) {
        const client = await connectAsync(local.mqttUrl!, { reconnectPeriod: 0 });
        afterTest(() => client.endAsync(true));
        for (const event of events) await client.publishAsync("events/mqtt", JSON.stringify(event), { qos: 1 });
    },
    async publish(local, events) {
        const headers = { authorization: "AWS4-HMAC-SHA256 Credential=test/20261121/us-east-1/iotdata/aws4_request" };
        const url = `${local.endpointUrl}/topics/events%2Fhttp?qos=1`;
        for (const event of events) {
            const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(event) });
            expect(response.status).to.equal(200);
        }
    },
    async pixel(local, events) {
        const url = `${local.urls["all-event-pixel"]}/pixel`;
        for (const [index, { value, ...event }] of events.entries()) {
            const query = new URLSearchParams({ ...event, value: String(value) });
            const response = await fetch(`${url}?${query}`, { method: index % 2 === 0 ? "GET" : "POST" });
            expect(response.status).to.equal(204);
        }
    },
};

describe("one ingest with every source there is", function () {
    this.timeout(60_000);

    it("counts every event once, whichever way it came", async () => {
        const local = await LocalPipeline.start({ program: "test/programs/every-source", at: "2026-11-21T04:00:00Z" });
        afterTest(() => local.stop());
        const sent = Object.keys(ways).map((source, way) => eventsOf(source, 20 + way));

        for (const half of [0, 1]) {
            const portions = sent.map((events) => events.filter((_, index) => index % 2 === half));
            await Promise.all(Object.values(ways).map((send, way) => send(local, portions[way]!)));
            await local.settle();
        }

        const { reports, failed } = await local.report();
        const events = sent.flat();
        const plain = (select: string) =>
            duckdb(events, { event_id: "VARCHAR", source: "VARCHAR", value: "INT" }, `SELECT ${select}`);
        const sums =
            "count(*)::INT AS events, count(DISTINCT event_id)::INT AS ids, sum(value)::INT AS value FROM events";
        const stored = await local.rows("raw/v0/event/");
        expect(failed).to.deep.equal([]);
        expect(stored.map(({ event_id }) => event_id)).to.have.members(events.map(({ event_id }) => event_id));
        expect(reports["reports/v0/total/"]).to.deep.equal(await plain(sums));
        expect(reports["reports/v0/sums/"]).to.deep.equal(
            await plain(`source, ${sums} GROUP BY source ORDER BY source`),
        );
    });
});

/** Distinct events of a source. */
function eventsOf(source: string, count: number): SentEvent[] {
    return Array.from({ length: count }, (_, index) => ({
        event_id: `${source}-${index}`,
        source,
        value: 1 + ((index * 7919) % 1000),
    }));
}
