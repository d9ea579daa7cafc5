import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { FirehoseClient, PutRecordBatchCommand, PutRecordCommand } from "@aws-sdk/client-firehose";
import { expect } from "chai";
import type { VirtualClock } from "../../../local/clock";
import type { Faults } from "../../../local/faults";
import { checkFaults } from "../../../local/faults/check";
import { Injector } from "../../../local/faults/injector";
import { Firehose } from "../../../local/services/firehose";
import type { Kinesis } from "../../../local/services/kinesis";
import { S3 } from "../../../local/services/s3";
import {
    afterTest,
    arn,
    bucket,
    nodeFunction,
    rejection,
    resource,
    settle,
    start,
    testRuntime,
    testServer,
} from "../support";

const passOn = nodeFunction(
    "normalize",
    `exports.handler = async ({ records }) => ({ records: records.map(({ recordId, data }) => ({ recordId, data, result: "Ok" })) });`,
);

describe("delivery streams with faults", () => {
    it("reject records at any positions, and nothing else", async () => {
        const { client, settled, injector } = await prepare({ deliveryStreams: [{ fault: "reject", nth: [1, 3] }] });

        const answer = await client.send(batch("a", "b", "c", "d"));

        expect(answer.FailedPutCount).to.equal(2);
        expect(answer.RequestResponses!.map(({ RecordId, ErrorCode }) => ErrorCode ?? typeof RecordId)).to.deep.equal([
            ...["ServiceUnavailableException", "string", "ServiceUnavailableException", "string"],
        ]);
        expect(await settled()).to.deep.equal(["b", "d"]);
        expect(injector.report().injected).to.deep.equal([
            { rule: "deliveryStreams[0]", fault: "reject", where: "lake-ping", count: 2 },
        ]);
    });

    it("refuse a single record for now", async () => {
        const { client, settled } = await prepare({ deliveryStreams: [{ fault: "reject" }] }, { maxAttempts: 1 });

        const put = new PutRecordCommand({ DeliveryStreamName: "lake-ping", Record: { Data: Buffer.from("a\n") } });

        expect((await rejection(client.send(put))).name).to.equal("ServiceUnavailableException");
        expect(await settled()).to.deep.equal([]);
    });

    for (const transform of [true, false]) {
        it(`write records twice ${transform ? "behind" : "without"} a transformation`, async () => {
            const faults: Faults = { deliveryStreams: [{ fault: "duplicate", stream: "ping", nth: 2 }] };
            const { client, settled, injector } = await prepare(faults, { transform });

            await client.send(batch("a", "b", "c"));

            expect(await settled()).to.deep.equal(["a", "b", "b", "c"]);
            expect(injector.report().injected[0]!.count).to.equal(1);
        });
    }

    it("write what they keep once S3 can be reached again", async () => {
        const faults: Faults = { deliveryStreams: [{ fault: "unreachable", to: "2026-11-21T06:00:00Z" }] };
        const { client, settled, clock, runtime } = await prepare(faults);

        await client.send(batch("a", "b"));

        expect(await settled()).to.deep.equal(["a", "b"]);
        expect(clock.now()).to.equal(start + 2 * 3_600_000);
        expect(runtime.journal.of("failure")).to.deep.equal([]);
    });

    for (const { kinesis, hours } of [
        { kinesis: false, hours: 24 },
        { kinesis: true, hours: 168 },
    ]) {
        it(`lose records after ${hours} hours that ${kinesis ? "a Kinesis stream kept" : "were put"}, and say so`, async () => {
            const { client, settled, clock, runtime, kinesisStream } = await prepare(
                { deliveryStreams: [{ fault: "unreachable" }] },
                { kinesis },
            );

            if (kinesis) kinesisStream("a\n");
            else await client.send(batch("a"));

            expect(await settled()).to.deep.equal([]);
            expect(clock.now()).to.be.within(start + hours * 3_600_000, start + hours * 3_600_000 + 600_000);
            expect(runtime.journal.of("failure")).to.deep.equal([
                { kind: "failure", stage: "lake-ping", reason: "could not reach S3: records lost", count: 1 },
            ]);
        });
    }

    for (const fault of ["throw", "timeout"] as const) {
        it(`keep what their transformation could not do (${fault}) under the error prefix after its retries`, async () => {
            const faults: Faults = { invocations: [{ function: "normalize", fault, times: 4 }] };
            const { client, settled, rows } = await prepare(faults, { transform: true });

            await client.send(batch("a"));
            expect(await settled()).to.deep.equal([]);
            await client.send(batch("b"));

            expect(await settled()).to.deep.equal(["b"]);
            const [failed, ...others] = rows("failed/").map((line) => JSON.parse(line));
            expect(others).to.deep.equal([]);
            expect(failed).to.include({ attemptsMade: 4, errorCode: "Lambda.FunctionError", rawData: btoa("a\n") });
        });
    }

    it("keep failed records, too, only once S3 can be reached", async () => {
        const { client, settled, rows } = await prepare(
            {
                invocations: [{ function: "normalize", fault: "throw" }],
                deliveryStreams: [{ fault: "unreachable", times: 3 }],
            },
            { transform: true },
        );

        await client.send(batch("a"));

        expect(await settled()).to.deep.equal([]);
        expect(rows("failed/")).to.have.length(1);
    });
});

function batch(...texts: string[]): PutRecordBatchCommand {
    return new PutRecordBatchCommand({
        DeliveryStreamName: "lake-ping",
        Records: texts.map((text) => ({ Data: Buffer.from(`${text}\n`) })),
    });
}

async function prepare(
    faults: Faults,
    {
        transform = false,
        kinesis = false,
        maxAttempts = 3,
    }: { transform?: boolean; kinesis?: boolean; maxAttempts?: number } = {},
) {
    const source = resource("aws:kinesis/stream:Stream", "source", { shardCount: 1 });
    const role = "arn:aws:iam::000000000000:role/r";
    const processors = [{ type: "Lambda", parameters: [{ parameterName: "LambdaArn", parameterValue: arn(passOn) }] }];
    const stream = resource("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", "lake-ping", {
        ...{ name: "lake-ping", destination: "extended_s3" },
        ...(kinesis && { kinesisSourceConfiguration: { kinesisStreamArn: arn(source), roleArn: role } }),
        extendedS3Configuration: {
            ...{ roleArn: role, bucketArn: "arn:aws:s3:::lake", prefix: "raw/", compressionFormat: "GZIP" },
            ...{ errorOutputPrefix: "failed/!{firehose:error-output-type}/", bufferingInterval: 60 },
            ...(transform && { processingConfiguration: { enabled: true, processors } }),
        },
    });
    const runtime = testRuntime([bucket("lake"), passOn, source, stream]);
    const injector = new Injector(checkFaults(faults, runtime.program), runtime.clock, runtime.journal);
    runtime.faults = injector;
    const s3 = new S3(runtime);
    const consumers: Parameters<Kinesis["subscribe"]>[1][] = [];
    const { server } = await testServer(runtime, (lambda) => {
        const firehose = new Firehose(runtime, s3, lambda);
        firehose.readFrom({ subscribe: (_arn, consumer) => void consumers.push(consumer) });
        return [s3, firehose];
    });
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    const client = new FirehoseClient({ endpoint: server.url, region: "us-east-1", credentials, maxAttempts });
    afterTest(() => client.destroy());
    return { runtime, injector, client, clock: runtime.clock as VirtualClock, rows, settled, kinesisStream };

    function rows(prefix: string): string[] {
        return s3.list("lake", prefix).flatMap(({ file }) => {
            return gunzipSync(readFileSync(file)).toString().split("\n").filter(Boolean);
        });
    }

    async function settled(): Promise<string[]> {
        await settle(runtime);
        return rows("raw/").sort();
    }

    function kinesisStream(data: string): void {
        const record = {
            shardId: "0",
            sequenceNumber: "1",
            partitionKey: "a",
            arrival: start,
            data: Buffer.from(data),
        };
        for (const consume of consumers) consume(record);
    }
}
