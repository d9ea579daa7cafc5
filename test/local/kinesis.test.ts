import { createHash } from "node:crypto";
import {
    DescribeStreamCommand,
    DescribeStreamSummaryCommand,
    KinesisClient,
    ListStreamsCommand,
    PutRecordCommand,
    PutRecordsCommand,
} from "@aws-sdk/client-kinesis";
import { expect } from "chai";
import fc from "fast-check";
import type { CapturedResource } from "../../local/program";
import { Kinesis, type KinesisRecord } from "../../local/services/kinesis";
import { afterTest, rejection, resource, start, testRuntime, testServer } from "./support";

const megabyte = 1024 * 1024;
const arnOf = (name: string) => `arn:aws:kinesis:us-east-1:000000000000:stream/${name}`;
const stream = (name: string, inputs = {}) => resource("aws:kinesis/stream:Stream", name, inputs);
const onDemand = { streamModeDetails: { streamMode: "ON_DEMAND" } };

/** Kinesis with these streams, the SDK's client as it is by default, and what a consumer of the first stream sees. */
async function prepare(...streams: CapturedResource[]) {
    const runtime = testRuntime(streams);
    const kinesis = new Kinesis(runtime);
    const { server } = await testServer(runtime, () => [kinesis]);
    const client = new KinesisClient({
        endpoint: server.url,
        region: "us-east-1",
        credentials: { accessKeyId: "a", secretAccessKey: "b" },
        maxAttempts: 1,
    });
    afterTest(() => client.destroy());
    const seen: KinesisRecord[] = [];
    const first = streams.find(({ type }) => type.endsWith(":Stream"));
    if (first) kinesis.subscribe(String(first.outputs.arn), (record) => seen.push(record));
    return { kinesis, client, seen, url: server.url };
}

const entry = (PartitionKey: string, data = "x") => ({ PartitionKey, Data: Buffer.from(data) });

describe("Kinesis", () => {
    it("takes records from the SDK's own client, one and many, and hands them on", async () => {
        const { client, seen } = await prepare(stream("clicks", { shardCount: 2 }));

        const one = await client.send(new PutRecordCommand({ StreamName: "clicks", ...entry("a", "ünicode\n") }));
        const many = await client.send(
            new PutRecordsCommand({ StreamARN: arnOf("clicks"), Records: [entry("a", "2"), entry("b", "3")] }),
        );

        expect(seen.map(({ data }) => data.toString())).to.deep.equal(["ünicode\n", "2", "3"]);
        expect(seen.map(({ partitionKey, arrival }) => [partitionKey, arrival])).to.deep.equal([
            ["a", start],
            ["a", start],
            ["b", start],
        ]);
        expect(one).to.include({ ShardId: seen[0]!.shardId, SequenceNumber: seen[0]!.sequenceNumber });
        expect(many.FailedRecordCount).to.equal(0);
        expect(many.Records).to.deep.equal(
            seen.slice(1).map(({ shardId, sequenceNumber }) => ({ ShardId: shardId, SequenceNumber: sequenceNumber })),
        );
    });

    it("finds the shard by the MD5 hash of the partition key, whose ranges are equal", () => {
        const kinesis = new Kinesis(testRuntime([stream("clicks", { shardCount: 4 })]));
        const seen = listen(kinesis);

        fc.assert(
            fc.property(fc.string({ minLength: 1, maxLength: 256 }), (key) => {
                put(kinesis, { PartitionKey: key });
                const quarter = Math.floor(createHash("md5").update(key).digest()[0]! / 64);
                expect(seen.at(-1)!.shardId).to.equal(`shardId-00000000000${quarter}`);
            }),
        );
    });

    it("takes a hash key in the partition key's place, up to the last", () => {
        const kinesis = new Kinesis(testRuntime([stream("clicks", { shardCount: 3 })]));
        const seen = listen(kinesis);
        const third = 2n ** 128n / 3n;

        for (const key of [0n, third - 1n, third, 2n * third - 1n, 2n * third, 2n ** 128n - 1n])
            put(kinesis, { ExplicitHashKey: String(key) });

        expect(seen.map(({ shardId }) => shardId.at(-1))).to.deep.equal(["0", "0", "1", "1", "2", "2"]);
    });

    it("keeps the order within a shard, with growing sequence numbers", async () => {
        const { client, seen } = await prepare(stream("clicks", { shardCount: 3 }));
        const records = Array.from({ length: 300 }, (_, index) => entry(`key ${index % 7}`, String(index)));

        await client.send(new PutRecordsCommand({ StreamName: "clicks", Records: records.slice(0, 150) }));
        await client.send(new PutRecordsCommand({ StreamName: "clicks", Records: records.slice(150) }));

        const shards = Map.groupBy(seen, ({ shardId }) => shardId);
        expect([...shards.keys()].sort()).to.deep.equal(["0", "1", "2"].map((shard) => `shardId-00000000000${shard}`));
        for (const inShard of shards.values()) {
            const order = inShard.map(({ data }) => Number(data.toString()));
            const numbers = inShard.map(({ sequenceNumber }) => BigInt(sequenceNumber));
            expect(order).to.deep.equal(order.toSorted((a, b) => a - b));
            expect(numbers.every((number, index) => index === 0 || number > numbers[index - 1]!)).to.equal(true);
        }
        expect(seen).to.have.length(300);
    });

    it("describes streams as they are set up", async () => {
        const { client } = await prepare(
            stream("clicks", {
                ...onDemand,
                retentionPeriod: 168,
                encryptionType: "KMS",
                kmsKeyId: "alias/aws/kinesis",
            }),
            stream("plain", { shardCount: 3, retentionPeriod: undefined }),
        );

        const clicks = await client.send(new DescribeStreamSummaryCommand({ StreamName: "clicks" }));
        const plain = await client.send(new DescribeStreamSummaryCommand({ StreamARN: arnOf("plain") }));
        const put = await client.send(new PutRecordCommand({ StreamName: "clicks", ...entry("a") }));

        expect(clicks.StreamDescriptionSummary).to.deep.equal({
            StreamName: "clicks",
            StreamARN: arnOf("clicks"),
            StreamStatus: "ACTIVE",
            StreamModeDetails: { StreamMode: "ON_DEMAND" },
            StreamCreationTimestamp: new Date(start),
            RetentionPeriodHours: 168,
            EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
            EncryptionType: "KMS",
            KeyId: "alias/aws/kinesis",
            OpenShardCount: 4,
            ConsumerCount: 0,
            MaxRecordSizeInKiB: 1024,
        });
        expect(plain.StreamDescriptionSummary).to.deep.include({
            StreamModeDetails: { StreamMode: "PROVISIONED" },
            RetentionPeriodHours: 24,
            EncryptionType: "NONE",
            OpenShardCount: 3,
        });
        expect(put.EncryptionType).to.equal("KMS");
    });

    it("lists streams page by page", async () => {
        const { client } = await prepare(stream("b"), stream("c"), stream("a"));
        const list = (input: object) => client.send(new ListStreamsCommand(input));

        const first = await list({ Limit: 2 });
        const second = await list({ Limit: 2, NextToken: first.NextToken });
        const after = await list({ ExclusiveStartStreamName: "a" });

        expect([first.StreamNames, first.HasMoreStreams]).to.deep.equal([["a", "b"], true]);
        expect([second.StreamNames, second.HasMoreStreams]).to.deep.equal([["c"], false]);
        expect(second.NextToken).to.equal(undefined);
        expect(after.StreamNames).to.deep.equal(["b", "c"]);
        expect(after.StreamSummaries?.map(({ StreamARN }) => StreamARN)).to.deep.equal([arnOf("b"), arnOf("c")]);
    });

    it("has a stream that exists already when a delivery stream reads it", async () => {
        const arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/orders";
        const { kinesis, client } = await prepare(deliveryStream(arn), deliveryStream(arn, "second"));
        const seen = listen(kinesis, arn);

        await client.send(new PutRecordCommand({ StreamARN: arn, ...entry("a") }));

        expect(kinesis.streamNames).to.deep.equal(["orders"]);
        expect(seen).to.have.length(1);
    });

    it("takes 500 records, 1 MiB with its partition key, and 10 MiB at once", async () => {
        const { client, seen } = await prepare(stream("clicks"));
        const put = (Records: ReturnType<typeof entry>[]) =>
            client.send(new PutRecordsCommand({ StreamName: "clicks", Records }));

        await put(Array(500).fill(entry("a")));
        await put([entry("k".repeat(256), "x".repeat(megabyte - 256))]);
        await put(Array(10).fill(entry("k", "x".repeat(megabyte - 1))));

        expect(seen).to.have.length(511);
    });

    const tooLong = "Member must have length less than or equal to";
    for (const [title, records, code, message] of [
        ["no record", [], "ValidationException", "Value at 'records' failed to satisfy constraint: Member must have"],
        ["501 records", Array(501).fill(entry("a")), "ValidationException", `${tooLong} 500`],
        [
            "1 MiB of data beside a partition key",
            [entry("fine"), entry("k", "x".repeat(megabyte))],
            "ValidationException",
            `Value at 'records.2.member.data' failed to satisfy constraint: ${tooLong} 1048576`,
        ],
        [
            "10 MiB and one byte",
            [...Array(10).fill(entry("k", "x".repeat(megabyte - 1))), entry("k", "")],
            "InvalidArgumentException",
            "Records size exceeds 10 MB limit",
        ],
        ["an empty partition key", [entry("a"), entry("")], "ValidationException", "records.2.member.partitionKey"],
        ["a partition key of 257", [entry("k".repeat(257))], "ValidationException", `${tooLong} 256`],
        ...["340282366920938463463374607431768211456", "-1", "07", "1".repeat(40)].map(
            (key) =>
                [
                    `the hash key ${key}`,
                    [entry("a"), { ...entry("a"), ExplicitHashKey: key }],
                    "InvalidArgumentException",
                    `Specified value was ${key}`,
                ] as const,
        ),
    ] as [string, ReturnType<typeof entry>[], string, string][]) {
        it(`refuses ${title}, and keeps nothing of it`, async () => {
            const { client, seen } = await prepare(stream("clicks"));

            const error = await rejection(
                client.send(new PutRecordsCommand({ StreamName: "clicks", Records: records })),
            );

            expect(error.name).to.equal(code);
            expect(error.message).to.include(message);
            expect(seen).to.deep.equal([]);
        });
    }

    it("refuses a record of more than 1 MiB by itself", async () => {
        const { client, seen } = await prepare(stream("clicks"));
        const record = { StreamName: "clicks", ...entry("k", "x".repeat(megabyte)) };

        const error = await rejection(client.send(new PutRecordCommand(record)));

        expect(error.name).to.equal("ValidationException");
        expect(error.message).to.include("Value at 'data'");
        expect(seen).to.deep.equal([]);
    });

    it("refuses unknown streams and operations by name", async () => {
        const { client } = await prepare(stream("clicks"));
        const of = (input: { StreamName?: string; StreamARN?: string }) =>
            rejection(client.send(new DescribeStreamSummaryCommand(input)));

        const byName = await of({ StreamName: "orders" });
        const byArn = await of({ StreamARN: arnOf("orders") });
        const elsewhere = await of({ StreamARN: arnOf("clicks").replace("us-east-1", "eu-west-1") });
        const neither = await of({});
        const operation = await rejection(client.send(new DescribeStreamCommand({ StreamName: "clicks" })));

        for (const error of [byName, byArn, elsewhere]) expect(error.name).to.equal("ResourceNotFoundException");
        expect(byArn.message).to.equal("Stream orders under account 000000000000 not found.");
        expect(neither.name).to.equal("InvalidArgumentException");
        expect([operation.name, operation.message]).to.deep.equal([
            "UnknownOperationException",
            "DescribeStream is not modelled on this machine",
        ]);
    });

    it("speaks HTTP/1.1 too, and refuses what is not its JSON", async () => {
        const { url, seen } = await prepare(stream("clicks"));
        const send = async (body: string, headers: Record<string, string> = {}) => {
            const answer = await fetch(url, {
                method: "POST",
                body,
                headers: {
                    authorization: "AWS4-HMAC-SHA256 Credential=user/20261121/us-east-1/kinesis/aws4_request",
                    "content-type": "application/x-amz-json-1.1",
                    "x-amz-target": "Kinesis_20131202.PutRecord",
                    ...headers,
                },
            });
            return (await answer.json()) as { __type?: string; message?: string };
        };

        const stored = await send(JSON.stringify({ StreamName: "clicks", PartitionKey: "a", Data: "YQ==" }));
        const broken = await send("{");
        const cbor = await send("", { "content-type": "application/x-amz-cbor-1.1" });
        const without = await send(JSON.stringify({ StreamName: "clicks", PartitionKey: "a" }));
        const nothing = await send("{}", { "x-amz-target": "" });
        const noRecords = await send('{"StreamName":"clicks"}', { "x-amz-target": "Kinesis_20131202.PutRecords" });

        expect(stored).to.have.keys("ShardId", "SequenceNumber", "EncryptionType");
        expect(seen.map(({ data }) => data.toString())).to.deep.equal(["a"]);
        expect(broken).to.deep.equal({ __type: "SerializationException", message: "the request's body is not JSON" });
        expect(cbor.message).to.equal(
            "application/x-amz-cbor-1.1 is not modelled on this machine: send application/x-amz-json-1.1",
        );
        expect(without.message).to.include("'data' failed to satisfy constraint: Member must not be null");
        expect(nothing.__type).to.equal("UnknownOperationException");
        expect(noRecords.__type).to.equal("ValidationException");
    });

    it("refuses inputs that it does not model by name", () => {
        const large = stream("clicks", { maxRecordSizeInKib: 10_240 });

        expect(() => new Kinesis(testRuntime([large]))).to.throw(
            'Kinesis stream "clicks": maxRecordSizeInKib is not modelled on this machine: leave it out',
        );
    });
});

function listen(kinesis: Kinesis, arn = arnOf("clicks")): KinesisRecord[] {
    const seen: KinesisRecord[] = [];
    kinesis.subscribe(arn, (record) => seen.push(record));
    return seen;
}

/** Puts a record past the network: properties take hundreds of them. */
function put(kinesis: Kinesis, record: { PartitionKey?: string; ExplicitHashKey?: string }): void {
    const input = { StreamName: "clicks", PartitionKey: "a", Data: "", ...record };
    const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": "Kinesis_20131202.PutRecord" };
    const query = new URLSearchParams();
    void kinesis.handle({ method: "POST", path: "/", query, headers, body: Buffer.from(JSON.stringify(input)) });
}

function deliveryStream(kinesisStreamArn: string, name = "first"): CapturedResource {
    const kinesisSourceConfiguration = { kinesisStreamArn, roleArn: "role" };
    return resource("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", name, { kinesisSourceConfiguration });
}
