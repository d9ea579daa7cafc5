import { tmpdir } from "node:os";
import { gunzipSync } from "node:zlib";
import {
    DescribeDeliveryStreamCommand,
    FirehoseClient,
    ListDeliveryStreamsCommand,
    ListTagsForDeliveryStreamCommand,
    PutRecordBatchCommand,
    PutRecordCommand,
} from "@aws-sdk/client-firehose";
import { expect } from "chai";
import fc from "fast-check";
import type { LakeTable } from "../../local/athena-sql/tables/tables";
import { bigint } from "../../local/athena-sql/types";
import { VirtualClock } from "../../local/clock";
import { Journal } from "../../local/journal";
import type { CapturedResource } from "../../local/program";
import { AwsError, type Runtime } from "../../local/runtime";
import { Firehose, type FirehoseOptions } from "../../local/services/firehose";
import type { KinesisRecord } from "../../local/services/kinesis";
import type { InvocationResult, Lambda } from "../../local/services/lambda";
import type { S3 } from "../../local/services/s3";
import { Work } from "../../local/work";

const start = Date.UTC(2026, 10, 21, 4, 59, 30);
const lambdaArn = "arn:aws:lambda:us-east-1:000000000000:function:normalize:$LATEST";

interface TransformationEvent {
    invocationId: string;
    deliveryStreamArn: string;
    region: string;
    records: { recordId: string; approximateArrivalTimestamp: number; data: string }[];
}

type Answer = (event: TransformationEvent, attempt: number) => Partial<InvocationResult>;

interface Written {
    bucket: string;
    key: string;
    body: Buffer;
}

/** A Firehose with one stream, a bucket that keeps what it gets, and a function that answers by `answer`. */
function prepare({
    s3 = {},
    stream = {},
    answer = passOn,
    options,
    put,
    folder = "/nowhere",
}: {
    s3?: object;
    stream?: object;
    answer?: Answer;
    options?: FirehoseOptions;
    put?: () => never;
    folder?: string;
} = {}) {
    const clock = new VirtualClock(start);
    const work = new Work();
    const journal = new Journal();
    const written: Written[] = [];
    const events: TransformationEvent[] = [];
    const bucket = {
        async put(bucket: string, key: string, body: Buffer) {
            put?.();
            written.push({ bucket, key, body });
        },
    } as unknown as S3;
    const lambda = {
        async invoke(name: string, payload: TransformationEvent) {
            expect(name).to.equal(lambdaArn);
            events.push(payload);
            return { reasons: {}, ...answer(payload, events.length) };
        },
    } as unknown as Lambda;
    const runtime: Runtime = {
        program: programOf(streamResource({ s3, stream })),
        clock,
        work,
        journal,
        folder,
    };
    const firehose = new Firehose(runtime, bucket, lambda, options);
    return {
        firehose,
        journal,
        clock,
        events,
        written,
        send: (...records: string[]) =>
            firehose.put(
                "ping",
                records.map((record) => Buffer.from(record)),
            ),
        async advance(seconds: number) {
            await work.idle();
            clock.advanceTo(clock.now() + seconds * 1000);
            await work.idle();
        },
        async settle() {
            for (await work.idle(); clock.next() !== undefined; await work.idle()) clock.advanceTo(clock.next()!);
        },
        texts: (prefix: string) =>
            written.filter(({ key }) => key.startsWith(prefix)).map(({ body }) => body.toString()),
    };
}

function programOf(...resources: CapturedResource[]) {
    return { folder: ".", project: "fleet", stack: "dev", resources, components: [], outputs: {}, invented: {} };
}

function streamResource({ s3 = {}, stream = {} }: { s3?: object; stream?: object } = {}): CapturedResource {
    const inputs = {
        name: "ping",
        destination: "extended_s3",
        extendedS3Configuration: {
            roleArn: "arn:aws:iam::000000000000:role/ping",
            bucketArn: "arn:aws:s3:::lake",
            prefix: "raw/",
            errorOutputPrefix: "failed/!{firehose:error-output-type}/",
            cloudwatchLoggingOptions: { enabled: true },
            ...s3,
        },
        ...stream,
    };
    return {
        type: "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
        name: "deviceping",
        urn: "urn:ping",
        id: "ping",
        inputs,
        outputs: { ...inputs, arn: "arn:aws:firehose:us-east-1:000000000000:deliverystream/ping" },
        dependencies: [],
        secrets: [],
    };
}

function processing(...processors: { type: string; [parameter: string]: string }[]) {
    return {
        processingConfiguration: {
            enabled: true,
            processors: processors.map(({ type, ...parameters }) => ({
                type,
                parameters: Object.entries(parameters).map(([parameterName, parameterValue]) => ({
                    parameterName,
                    parameterValue,
                })),
            })),
        },
    };
}

const kinesisStreamArn = "arn:aws:kinesis:us-east-1:000000000000:stream/source";
const fromKinesis = { kinesisSourceConfiguration: { kinesisStreamArn, roleArn: "role" } };

const transformed = processing({ type: "Lambda", LambdaArn: lambdaArn });

/** Firehose's conversion to Parquet by the table `lake.pings`. */
function toParquet(more: object = {}) {
    return {
        dataFormatConversionConfiguration: {
            inputFormatConfiguration: { deserializer: { openXJsonSerDe: { caseInsensitive: false } } },
            outputFormatConfiguration: { serializer: { parquetSerDe: {} } },
            schemaConfiguration: { databaseName: "lake", tableName: "pings", roleArn: "role" },
            ...more,
        },
    };
}

const pings = { columns: [{ name: "n", type: bigint, partition: false }] } as unknown as LakeTable;

function passOn(event: TransformationEvent): Partial<InvocationResult> {
    return { payload: { records: event.records.map(({ recordId, data }) => ({ recordId, result: "Ok", data })) } };
}

function base64(text: string): string {
    return Buffer.from(text).toString("base64");
}

function lines(text: string | undefined): Record<string, unknown>[] {
    return (text ?? "")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line));
}

describe("Firehose format conversion", () => {
    it("writes Parquet, and what is not of the table's columns below the error prefix", async () => {
        const { firehose, send, settle, written, journal } = prepare({ s3: toParquet(), folder: tmpdir() });
        await firehose.convertBy({
            table: (database, name) => (database === "lake" && name === "pings" ? pings : undefined),
        });

        send('{"n":1}\n{"n":2}\n', '{"n":"one"}', "no JSON", '{"n":3}');
        await settle();
        await firehose.stop();

        const [failed, parquet] = written;
        expect(written).to.have.length(2);
        expect(parquet!.key).to.match(/^raw\/2026\/11\/21\/04\/ping-1-2026-11-21-04-59-30-[0-9a-f-]{36}\.parquet$/);
        expect([parquet!.body.subarray(0, 4).toString(), parquet!.body.subarray(-4).toString()]).to.deep.equal([
            "PAR1",
            "PAR1",
        ]);
        expect(failed!.key).to.match(/^failed\/format-conversion-failed\/ping-1-2026-11-21-04-59-30-[0-9a-f-]{36}$/);
        expect(lines(failed!.body.toString())).to.deep.equal(
            [
                [
                    "MalformedData",
                    `Data does not match the schema. Error parsing field value '"one"' as bigint (column n: record)`,
                    '{"n":"one"}',
                ],
                [
                    "ParseError",
                    "Encountered malformed JSON. Row is not a valid JSON Object - JSONException: unexpected character at 1 (record)",
                    "no JSON",
                ],
            ].map(([code, message, record]) => ({
                attemptsMade: 1,
                arrivalTimestamp: start,
                lastErrorCode: `DataFormatConversion.${code}`,
                lastErrorMessage: message,
                attemptEndingTimestamp: start + 300_000,
                rawData: base64(record!),
                dataCatalogTable: {
                    ...{ catalogId: "000000000000", databaseName: "lake", tableName: "pings" },
                    ...{ region: "us-east-1", versionId: "LATEST" },
                },
            })),
        );
        expect(journal.of("failure").map(({ reason, count }) => [reason, count])).to.deep.equal([
            ["Data does not match the schema.", 1],
            ["Encountered malformed JSON.", 1],
        ]);
    });

    it("buffers 128 MB unless it is told otherwise", async () => {
        const { firehose } = prepare({ s3: toParquet() });

        const { body } = await firehose.handle({
            ...{ method: "POST", path: "/", query: new URLSearchParams() },
            headers: { "x-amz-target": "Firehose_20150804.DescribeDeliveryStream" },
            body: Buffer.from('{"DeliveryStreamName":"ping"}'),
        });

        expect(JSON.parse(String(body))).to.have.nested.property(
            "DeliveryStreamDescription.Destinations[0].ExtendedS3DestinationDescription.BufferingHints.SizeInMBs",
            128,
        );
    });

    it("says that the bucket lost records, and nothing more of them", async () => {
        const { firehose, send, settle, journal } = prepare({
            s3: toParquet(),
            put: () => {
                throw new AwsError("NoSuchBucket", "The specified bucket does not exist", 404);
            },
        });
        await firehose.convertBy({ table: () => pings });

        send("no JSON");
        await settle();
        await firehose.stop();

        expect(journal.of("failure").map(({ reason }) => reason)).to.deep.equal([
            "could not write to lake: The specified bucket does not exist",
        ]);
    });

    it("names the table that there is not", async () => {
        const { firehose } = prepare({ s3: toParquet() });

        const error = await firehose.convertBy({ table: () => undefined }).catch((error) => error);

        expect(error.message).to.equal('delivery stream "deviceping": there is no Glue table lake.pings to convert by');
    });
});

describe("Firehose delivery", () => {
    it("joins records without a delimiter and writes them when the interval is over", async () => {
        const { send, advance, written } = prepare({ s3: { bufferingInterval: 60 } });

        send("a", "b");
        await advance(59);
        const before = written.length;
        await advance(1);

        expect(before).to.equal(0);
        expect(written).to.have.length(1);
        expect(written[0]).to.deep.include({ bucket: "lake", body: Buffer.from("ab") });
        expect(written[0]!.key).to.match(
            /^raw\/2026\/11\/21\/04\/ping-1-2026-11-21-04-59-30-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
        );
    });

    it("names the object by the oldest record's hour, not by the hour of delivery", async () => {
        const { send, advance, written } = prepare({ s3: { bufferingInterval: 300 } });

        send("a");
        await advance(100);
        send("b");
        await advance(200);

        expect(written.map(({ key }) => key.slice(0, 18))).to.deep.equal(["raw/2026/11/21/04/"]);
        expect(written[0]!.body.toString()).to.equal("ab");
    });

    it("writes at once when the buffer is full and starts the interval anew", async () => {
        const { send, advance, written } = prepare({ s3: { bufferingSize: 1, bufferingInterval: 60 } });
        const half = "x".repeat(512 * 1024);

        send(half, half, "rest");
        await advance(0);
        const first = written.map(({ body }) => body.length);
        await advance(60);

        expect(first).to.deep.equal([1024 * 1024]);
        expect(written.map(({ body }) => body.length)).to.deep.equal([1024 * 1024, 4]);
    });

    it("keeps no appointment while nothing is buffered", async () => {
        const { send, settle, clock } = prepare();

        const before = clock.next();
        send("a");
        const during = clock.next();
        await settle();

        expect(before).to.equal(undefined);
        expect(during).to.equal(start + 300_000);
        expect(clock.next()).to.equal(undefined);
    });

    it("joins what arrives together even when nothing is to be buffered", async () => {
        const { send, advance, texts } = prepare({ s3: { bufferingInterval: 0 } });

        send("a", "b");
        await advance(0);

        expect(texts("raw/")).to.deep.equal(["ab"]);
    });

    it("puts newlines between records, not after the last", async () => {
        const { send, settle, texts } = prepare({
            s3: processing({ type: "AppendDelimiterToRecord", Delimiter: "\\n" }),
        });

        send("a", "b", "c");
        await settle();

        expect(texts("raw/")).to.deep.equal(["a\nb\nc"]);
    });

    it("applies no processor while processing is switched off", async () => {
        const { processors } = processing({ type: "AppendDelimiterToRecord" }).processingConfiguration;
        const { send, settle, texts } = prepare({ s3: { processingConfiguration: { enabled: false, processors } } });

        send("a", "b");
        await settle();

        expect(texts("raw/")).to.deep.equal(["ab"]);
    });

    for (const [fileExtension, ending] of [
        [undefined, ".gz"],
        ["", ".gz"],
        [".json.gz", ".json.gz"],
    ] as const) {
        it(`compresses to ${ending} where the file extension is ${JSON.stringify(fileExtension)}`, async () => {
            const { send, settle, written } = prepare({ s3: { compressionFormat: "GZIP", fileExtension } });

            send("hello");
            await settle();

            expect(gunzipSync(written[0]!.body).toString()).to.equal("hello");
            expect(written[0]!.key).to.match(new RegExp(`[0-9a-f]{12}${ending.replaceAll(".", "\\.")}$`));
        });
    }

    it("keeps records as they came in where source backup is on", async () => {
        const { send, advance, written, texts } = prepare({
            s3: {
                ...transformed,
                s3BackupMode: "Enabled",
                s3BackupConfiguration: {
                    bucketArn: "arn:aws:s3:::lake",
                    prefix: "backup/ping/",
                    bufferingInterval: 120,
                    compressionFormat: "GZIP",
                },
            },
            answer: ({ records }) => ({
                payload: {
                    records: records.map(({ recordId }) => ({ recordId, result: "Ok", data: base64("changed") })),
                },
            }),
        });

        send("original");
        await advance(120);
        const backup = written.find(({ key }) => key.startsWith("backup/ping/2026/11/21/04/"));
        await advance(300);

        expect(gunzipSync(backup!.body).toString()).to.equal("original");
        expect(texts("raw/")).to.deep.equal(["changed"]);
    });

    it("takes bufferSeconds for every interval", async () => {
        const { send, advance, texts } = prepare({
            s3: {
                ...transformed,
                s3BackupMode: "Enabled",
                s3BackupConfiguration: { bucketArn: "arn:aws:s3:::lake", prefix: "backup/" },
            },
            options: { bufferSeconds: 1 },
        });

        send("a");
        await advance(1);
        await advance(1);

        expect(texts("backup/")).to.deep.equal(["a"]);
        expect(texts("raw/")).to.deep.equal(["a"]);
    });

    for (const [name, s3] of [
        ["delivered", {}],
        ["failed", transformed],
    ] as const) {
        it(`says once in the journal how many ${name} records a missing bucket lost`, async () => {
            const { send, settle, journal } = prepare({
                s3,
                answer: () => ({ payload: { records: [] } }),
                put: () => {
                    throw new AwsError("NoSuchBucket", "The specified bucket does not exist", 404);
                },
            });

            send("a", "b");
            await settle();

            expect(journal.of("failure")).to.deep.equal([
                {
                    kind: "failure",
                    stage: "deviceping",
                    reason: "could not write to lake: The specified bucket does not exist",
                    count: 2,
                },
            ]);
        });
    }
});

describe("Firehose transformation", () => {
    it("invokes the function with the documented event once its buffer is over", async () => {
        const { send, advance, events } = prepare({ s3: transformed });

        const ids = send("a", "b").map(({ recordId }) => recordId);
        await advance(60);

        expect(events).to.have.length(1);
        expect(events[0]!.invocationId).to.match(/^[0-9a-f-]{36}$/);
        expect({ ...events[0], invocationId: undefined }).to.deep.equal({
            invocationId: undefined,
            deliveryStreamArn: "arn:aws:firehose:us-east-1:000000000000:deliverystream/ping",
            region: "us-east-1",
            records: [
                { recordId: ids[0], approximateArrivalTimestamp: start, data: base64("a") },
                { recordId: ids[1], approximateArrivalTimestamp: start, data: base64("b") },
            ],
        });
    });

    it("keeps to the processor's own buffering", async () => {
        const { send, advance, events } = prepare({
            s3: processing({
                type: "Lambda",
                LambdaArn: lambdaArn,
                BufferSizeInMBs: "0.2",
                BufferIntervalInSeconds: "30",
            }),
        });

        send("x".repeat(0.2 * 1024 * 1024 + 1), "a");
        await advance(29);
        const before = events.length;
        await advance(1);

        expect(before).to.equal(1);
        expect(events.map(({ records }) => records.length)).to.deep.equal([1, 1]);
    });

    it("delivers Ok records, forgets Dropped ones, and puts the delimiter between what is left", async () => {
        const { send, settle, texts, journal } = prepare({
            s3: processing({ type: "Lambda", LambdaArn: lambdaArn }, { type: "AppendDelimiterToRecord" }),
            answer: ({ records: [a, b, c] }) => ({
                payload: {
                    records: [
                        { recordId: c!.recordId, result: "Ok", data: base64("C") },
                        { recordId: a!.recordId, result: "Ok", data: base64("A") },
                        { recordId: b!.recordId, result: "Dropped" },
                    ],
                },
            }),
        });

        send("a", "b", "c");
        await settle();

        expect(texts("")).to.deep.equal(["A\nC"]);
        expect(journal.of("failure")).to.deep.equal([]);
    });

    it("writes failed records as documented and says so in the journal", async () => {
        const { send, advance, texts, journal } = prepare({
            s3: transformed,
            answer: ({ records }) => ({
                payload: { records: records.map(({ recordId }) => ({ recordId, result: "ProcessingFailed" })) },
            }),
        });

        send("a", "b");
        await advance(60);

        expect(lines(texts("failed/processing-failed/ping-1-2026-11-21-04-59-30-")[0])).to.deep.equal(
            ["a", "b"].map((data) => ({
                attemptsMade: 1,
                arrivalTimestamp: start,
                errorCode: "Lambda.ProcessingFailedStatus",
                errorMessage: "ProcessingFailed status set for record",
                attemptEndingTimestamp: start + 60_000,
                rawData: base64(data),
                lambdaArn,
            })),
        );
        expect(journal.of("failure")).to.deep.equal([
            { kind: "failure", stage: "deviceping", reason: "ProcessingFailed status set for record", count: 2 },
        ]);
    });

    it("compresses failed records as it compresses delivered ones", async () => {
        const { send, settle, written } = prepare({
            s3: { ...transformed, compressionFormat: "GZIP", fileExtension: ".json.gz" },
            answer: () => ({ payload: { records: [] } }),
        });

        send("a");
        await settle();

        expect(written[0]!.key).to.match(/^failed\/processing-failed\/.*\.json\.gz$/);
        expect(lines(gunzipSync(written[0]!.body).toString())[0]).to.include({ rawData: base64("a") });
    });

    it("uses the prefix for failed records where there is no error prefix", async () => {
        const { send, settle, written } = prepare({
            s3: { ...transformed, errorOutputPrefix: undefined },
            answer: () => ({ payload: { records: [] } }),
        });

        send("a");
        await settle();

        expect(written[0]!.key).to.match(/^raw\/processing-failed\/2026\/11\/21\/04\/ping-1-/);
    });

    type Entry = { recordId?: unknown; result?: unknown; data?: unknown } | null;
    for (const [name, second, code] of [
        ["a missing id", [], "Lambda.MissingRecordId"],
        ["a wrong id", [{ recordId: "other", result: "Ok", data: "" }], "Lambda.MissingRecordId"],
        ["no entry at all", [null], "Lambda.MissingRecordId"],
        ["an unknown result", ["Fine"], "Lambda.FunctionError"],
        ["Ok without data", [{ result: "Ok" }], "Lambda.FunctionError"],
        ["data that is not base64", [{ result: "Ok", data: "a-b" }], "Lambda.FunctionError"],
        ["data that is cut", [{ result: "Ok", data: "abcde" }], "Lambda.FunctionError"],
        ["one id twice", ["Ok", "Ok"], "Lambda.DuplicatedRecordId"],
    ] as [string, (string | Entry)[], string][]) {
        it(`fails only the record concerned on ${name}`, async () => {
            const { send, settle, texts } = prepare({
                s3: transformed,
                answer: ({ records: [first, bad] }) =>
                    ({
                        payload: {
                            records: [
                                { ...first, result: "Ok" },
                                ...second.map((entry) =>
                                    typeof entry === "string"
                                        ? { recordId: bad!.recordId, result: entry, data: "" }
                                        : entry && { recordId: bad!.recordId, ...entry },
                                ),
                            ],
                        },
                    }) as Partial<InvocationResult>,
            });

            send("good", "bad");
            await settle();

            expect(texts("raw/")).to.deep.equal(["good"]);
            expect(lines(texts("failed/")[0]).map(({ errorCode, rawData }) => [errorCode, rawData])).to.deep.equal([
                [code, base64("bad")],
            ]);
        });
    }

    for (const payload of [undefined, null, "text", { records: {} }, {}]) {
        it(`fails the batch, without a retry, when the function returns ${JSON.stringify(payload)}`, async () => {
            const { send, settle, texts, events } = prepare({ s3: transformed, answer: () => ({ payload }) });

            send("a", "b");
            await settle();

            expect(events).to.have.length(1);
            expect(lines(texts("failed/")[0]).map(({ errorCode }) => errorCode)).to.deep.equal([
                "Lambda.FunctionError",
                "Lambda.FunctionError",
            ]);
        });
    }

    it("invokes a failing function three times again with the same records, then fails the batch", async () => {
        const { send, settle, texts, events, journal } = prepare({
            s3: transformed,
            answer: () => ({ error: { errorType: "Sandbox.Timedout", errorMessage: "Task timed out" } }),
        });

        send("a", "b");
        await settle();

        expect(events).to.have.length(4);
        expect(new Set(events.map(({ invocationId }) => invocationId))).to.have.property("size", 4);
        expect(events[3]!.records).to.deep.equal(events[0]!.records);
        expect(
            lines(texts("failed/")[0]).map(({ attemptsMade, errorCode }) => [attemptsMade, errorCode]),
        ).to.deep.equal([
            [4, "Lambda.FunctionError"],
            [4, "Lambda.FunctionError"],
        ]);
        expect(texts("raw/")).to.deep.equal([]);
        expect(journal.of("failure").map(({ reason, count }) => [reason, count])).to.deep.equal([
            [
                "The Lambda function was successfully invoked but it returned an error result. Sandbox.Timedout: Task timed out",
                2,
            ],
        ]);
    });

    it("goes on where a retry succeeds", async () => {
        const { send, settle, texts, journal } = prepare({
            s3: transformed,
            answer: (event, attempt) =>
                attempt < 4 ? { error: { errorType: "Error", errorMessage: "not yet" } } : passOn(event),
        });

        send("a");
        await settle();

        expect(texts("")).to.deep.equal(["a"]);
        expect(journal.of("failure")).to.deep.equal([]);
    });

    it("keeps to the processor's NumberOfRetries", async () => {
        const { send, settle, events } = prepare({
            s3: processing({ type: "Lambda", LambdaArn: lambdaArn, NumberOfRetries: "1" }),
            answer: () => ({ error: { errorType: "Error", errorMessage: "no" } }),
        });

        send("a");
        await settle();

        expect(events).to.have.length(2);
    });

    it("fails the batch when the function can't be invoked", async () => {
        const { send, settle, texts } = prepare({
            s3: transformed,
            answer: () => {
                throw new AwsError("ResourceNotFoundException", "Function not found", 404);
            },
        });

        send("a");
        await settle();

        expect(lines(texts("failed/")[0])[0]).to.include({
            errorCode: "Lambda.ResourceNotFoundException",
            errorMessage: "Function not found",
        });
    });

    it("fails an answer of more than 6 MB", async () => {
        const { send, settle, texts, journal } = prepare({
            s3: transformed,
            answer: ({ records: [record] }) => ({
                payload: { records: [{ ...record, result: "Ok", data: "A".repeat(6 * 1024 * 1024) }] },
            }),
        });

        send("a");
        await settle();

        expect(texts("raw/")).to.deep.equal([]);
        expect(journal.of("failure")[0]!.reason).to.match(/larger than 6 MB$/);
    });

    it("ends every accepted record in exactly one place, whatever the function answers", async () => {
        const result = fc.constantFrom("Ok", "Dropped", "ProcessingFailed", "missing", "twice", "nonsense");
        const batch = fc.record({ error: fc.boolean(), results: fc.array(result, { minLength: 1, maxLength: 8 }) });
        await fc.assert(
            fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 5 }), fc.nat(90), async (batches, pause) => {
                const results = batches.flatMap((batch) => batch.results);
                const { send, advance, settle, texts, journal } = prepare({
                    s3: processing(
                        { type: "Lambda", LambdaArn: lambdaArn, NumberOfRetries: "0" },
                        { type: "AppendDelimiterToRecord" },
                    ),
                    answer: ({ records }, attempt) => {
                        if (batches[attempt % batches.length]!.error) {
                            return { error: { errorType: "Error", errorMessage: "down" } };
                        }
                        return {
                            payload: {
                                records: records.flatMap(({ recordId, data }) => {
                                    const number = Number(Buffer.from(data, "base64").toString());
                                    const answer = { recordId, result: results[number], data };
                                    if (answer.result === "missing") return [];
                                    return answer.result === "twice" ? [answer, answer] : [answer];
                                }),
                            },
                        };
                    },
                });

                let number = 0;
                for (const { results } of batches) {
                    send(...results.map(() => String(number++)));
                    await advance(pause);
                }
                await settle();

                const delivered = texts("raw/").flatMap((text) => text.split("\n").map(Number));
                const failed = texts("failed/")
                    .flatMap(lines)
                    .map(({ rawData }) => Number(Buffer.from(String(rawData), "base64").toString()));
                const accounted = [...delivered, ...failed];
                const dropped = results.flatMap((result, index) =>
                    result === "Dropped" && !accounted.includes(index) ? [index] : [],
                );
                expect([...accounted, ...dropped].sort((a, b) => a - b)).to.deep.equal(
                    results.map((_, index) => index),
                );
                for (const index of delivered) expect(results[index]).to.equal("Ok");
                const reported = journal.of("failure").reduce((sum, { count }) => sum + count, 0);
                expect(reported).to.equal(failed.length);
            }),
            { numRuns: 60 },
        );
    });
});

describe("Firehose's protocol", () => {
    function clientOf(firehose: Firehose): FirehoseClient {
        return new FirehoseClient({
            region: "us-east-1",
            maxAttempts: 1,
            credentials: { accessKeyId: "a", secretAccessKey: "b" },
            requestHandler: {
                async handle(request: {
                    method: string;
                    path: string;
                    headers: Record<string, string>;
                    body: Uint8Array;
                }) {
                    const { status, headers, body } = await firehose.handle({
                        ...request,
                        query: new URLSearchParams(),
                        body: Buffer.concat([request.body]),
                    });
                    return { response: { statusCode: status, headers: headers ?? {}, body: Buffer.from(body!) } };
                },
            },
        });
    }

    async function refusal(action: Promise<unknown> | (() => unknown)): Promise<[string, string]> {
        try {
            await (typeof action === "function" ? action() : action);
        } catch (error) {
            return [(error as Error).name, (error as Error).message];
        }
        throw new Error("nothing was refused");
    }

    it("takes single records and batches from the AWS SDK", async () => {
        const { firehose, settle, texts } = prepare();
        const client = clientOf(firehose);

        const one = await client.send(
            new PutRecordCommand({ DeliveryStreamName: "ping", Record: { Data: Buffer.from("a") } }),
        );
        const batch = await client.send(
            new PutRecordBatchCommand({
                DeliveryStreamName: "ping",
                Records: [{ Data: Buffer.from([0, 255]) }, { Data: Buffer.from("c") }],
            }),
        );
        await settle();

        expect(one.RecordId).to.match(/.+/);
        expect(batch.FailedPutCount).to.equal(0);
        expect(new Set(batch.RequestResponses!.map(({ RecordId }) => RecordId))).to.have.property("size", 2);
        expect(texts("raw/")).to.deep.equal([Buffer.from([97, 0, 255, 99]).toString()]);
    });

    it("describes and lists streams", async () => {
        const { firehose } = prepare({ s3: { bufferingSize: 64, compressionFormat: "GZIP" } });
        const client = clientOf(firehose);

        const { DeliveryStreamDescription: stream } = await client.send(
            new DescribeDeliveryStreamCommand({ DeliveryStreamName: "ping" }),
        );
        const list = await client.send(new ListDeliveryStreamsCommand({}));
        const after = await client.send(
            new ListDeliveryStreamsCommand({ ExclusiveStartDeliveryStreamName: "ping", Limit: 1 }),
        );
        const kinesis = await client.send(
            new ListDeliveryStreamsCommand({ DeliveryStreamType: "KinesisStreamAsSource" }),
        );

        expect(stream).to.deep.include({ DeliveryStreamName: "ping", DeliveryStreamStatus: "ACTIVE" });
        expect(stream!.CreateTimestamp).to.deep.equal(new Date(start));
        expect(stream!.Destinations![0]!.ExtendedS3DestinationDescription).to.deep.include({
            BucketARN: "arn:aws:s3:::lake",
            BufferingHints: { SizeInMBs: 64, IntervalInSeconds: 300 },
            CompressionFormat: "GZIP",
            S3BackupMode: "Disabled",
        });
        expect(list).to.deep.include({ DeliveryStreamNames: ["ping"], HasMoreDeliveryStreams: false });
        expect(after.DeliveryStreamNames).to.deep.equal([]);
        expect(kinesis.DeliveryStreamNames).to.deep.equal([]);
    });

    it("describes a stream that reads Kinesis, and lists it by its type", async () => {
        const client = clientOf(prepare({ stream: fromKinesis }).firehose);

        const { DeliveryStreamDescription: stream } = await client.send(
            new DescribeDeliveryStreamCommand({ DeliveryStreamName: "ping" }),
        );
        const list = (DeliveryStreamType?: "DirectPut" | "KinesisStreamAsSource") =>
            client.send(new ListDeliveryStreamsCommand({ DeliveryStreamType }));

        expect(stream).to.deep.include({
            DeliveryStreamType: "KinesisStreamAsSource",
            Source: {
                KinesisStreamSourceDescription: {
                    KinesisStreamARN: kinesisStreamArn,
                    RoleARN: "role",
                    DeliveryStartTimestamp: new Date(start),
                },
            },
        });
        expect((await list("KinesisStreamAsSource")).DeliveryStreamNames).to.deep.equal(["ping"]);
        expect((await list("DirectPut")).DeliveryStreamNames).to.deep.equal([]);
        expect((await list()).DeliveryStreamNames).to.deep.equal(["ping"]);
    });

    it("takes no records by put where it reads Kinesis", async () => {
        const client = clientOf(prepare({ stream: fromKinesis }).firehose);

        const refused = await refusal(
            client.send(new PutRecordCommand({ DeliveryStreamName: "ping", Record: { Data: Buffer.from("a") } })),
        );

        expect(refused).to.deep.equal([
            "InvalidArgumentException",
            "This operation is not permitted on KinesisStreamAsSource delivery stream type.",
        ]);
    });

    it("describes the source backup", async () => {
        const { firehose } = prepare({
            s3: {
                s3BackupMode: "Enabled",
                s3BackupConfiguration: { bucketArn: "arn:aws:s3:::lake", prefix: "backup/" },
            },
        });

        const { DeliveryStreamDescription: stream } = await clientOf(firehose).send(
            new DescribeDeliveryStreamCommand({ DeliveryStreamName: "ping" }),
        );

        expect(stream!.Destinations![0]!.ExtendedS3DestinationDescription).to.deep.include({ S3BackupMode: "Enabled" });
        expect(stream!.Destinations![0]!.ExtendedS3DestinationDescription!.S3BackupDescription!.Prefix).to.equal(
            "backup/",
        );
    });

    it("refuses a stream that there isn't", async () => {
        const client = clientOf(prepare().firehose);

        const refused = await refusal(
            client.send(new PutRecordCommand({ DeliveryStreamName: "pong", Record: { Data: Buffer.from("a") } })),
        );

        expect(refused).to.deep.equal([
            "ResourceNotFoundException",
            "Firehose pong under account 000000000000 not found.",
        ]);
    });

    it("refuses operations that are not modelled by name", async () => {
        const client = clientOf(prepare().firehose);

        const [, message] = await refusal(
            client.send(new ListTagsForDeliveryStreamCommand({ DeliveryStreamName: "ping" })),
        );

        expect(message).to.equal("ListTagsForDeliveryStream is not modelled on this machine");
    });

    it("refuses a request that is not JSON, or has no target", async () => {
        const { firehose } = prepare();
        const request = { method: "POST", path: "/", query: new URLSearchParams(), headers: {} };

        const broken = await firehose.handle({ ...request, body: Buffer.from("{") });
        const aimless = await firehose.handle({ ...request, body: Buffer.from("{}") });

        expect([broken.status, aimless.status]).to.deep.equal([400, 400]);
        expect(JSON.parse(String(broken.body)).__type).to.equal("SerializationException");
        expect(JSON.parse(String(aimless.body)).__type).to.equal("UnknownOperationException");
    });

    it("hides no error of its own behind an AWS error", async () => {
        const { firehose } = prepare();
        const headers = { "x-amz-target": "Firehose_20150804.PutRecordBatch" };

        const [name] = await refusal(
            firehose.handle({
                method: "POST",
                path: "/",
                query: new URLSearchParams(),
                headers,
                body: Buffer.from("{}"),
            }),
        );

        expect(name).to.equal("TypeError");
    });

    for (const [name, records, code, message] of [
        ["no record", [], "ValidationException", "greater than or equal to 1"],
        ["501 records", Array(501).fill("a"), "ValidationException", "less than or equal to 500"],
        ["a record of 1,000 KiB and one byte", ["a".repeat(1_024_001)], "ValidationException", "1024000"],
        [
            "4 MiB and one byte",
            [...Array(4).fill("a".repeat(1_000_000)), "a".repeat(194_305)],
            "InvalidArgumentException",
            "Records size exceeds 4 MB limit",
        ],
    ] as [string, string[], string, string][]) {
        it(`refuses ${name} and keeps nothing of it`, async () => {
            const { send, settle, written } = prepare();

            const [refused, reason] = await refusal(() => send(...records));
            await settle();

            expect(refused).to.equal(code);
            expect(reason).to.include(message);
            expect(written).to.deep.equal([]);
        });
    }

    it("takes 500 records, a record of 1,000 KiB and a batch of 4 MiB", () => {
        const { send } = prepare();

        expect(send(...Array(500).fill("a"))).to.have.length(500);
        expect(send("a".repeat(1_024_000))).to.have.length(1);
        expect(send(...Array(4).fill("a".repeat(1_000_000)), "a".repeat(194_304))).to.have.length(5);
    });
});

describe("Firehose with a Kinesis source", () => {
    it("takes the stream's records in their order, and tells its function where they come from", async () => {
        const { firehose, settle, texts, events } = prepare({ stream: fromKinesis, s3: transformed });
        const consumers: Record<string, (record: KinesisRecord) => void> = {};
        firehose.readFrom({ subscribe: (arn, consumer) => (consumers[arn] = consumer) });
        const read = (sequenceNumber: string) => ({
            shardId: "shardId-000000000001",
            sequenceNumber,
            partitionKey: "key",
            arrival: start,
            data: Buffer.from(sequenceNumber),
        });

        for (const record of ["1", "2", "3"].map(read)) consumers[kinesisStreamArn]!(record);
        await settle();

        expect(texts("raw/")).to.deep.equal(["123"]);
        expect(events[0]).to.deep.include({ sourceKinesisStreamArn: kinesisStreamArn });
        expect(events[0]!.records[1]).to.deep.include({
            data: base64("2"),
            kinesisRecordMetadata: {
                shardId: "shardId-000000000001",
                sequenceNumber: "2",
                subsequenceNumber: 0,
                partitionKey: "key",
                approximateArrivalTimestamp: start,
            },
        });
    });

    it("reads nothing where records are put", async () => {
        const { firehose, send, settle, events } = prepare({ s3: transformed });
        firehose.readFrom({ subscribe: () => expect.fail("subscribed") });

        send("a");
        await settle();

        expect(events[0]).not.to.have.property("sourceKinesisStreamArn");
        expect(events[0]!.records[0]).to.have.keys("recordId", "approximateArrivalTimestamp", "data");
    });
});

describe("Firehose's configuration", () => {
    for (const [name, resource, message] of [
        ["another destination", { stream: { destination: "redshift" } }, 'destination "redshift" is not modelled'],
        [
            "a Kinesis source without a stream",
            { stream: { kinesisSourceConfiguration: {} } },
            "kinesisSourceConfiguration needs a kinesisStreamArn: add it",
        ],
        [
            "an unknown input of the Kinesis source",
            { stream: { kinesisSourceConfiguration: { kinesisStreamArn: "a", other: 1 } } },
            "kinesisSourceConfiguration.other is not modelled",
        ],
        [
            "encryption beside a Kinesis source",
            {
                stream: {
                    kinesisSourceConfiguration: { kinesisStreamArn: "a", roleArn: "b" },
                    serverSideEncryption: { enabled: true },
                },
            },
            "serverSideEncryption is not for a delivery stream that reads a Kinesis stream: leave it out",
        ],
        [
            "dynamic partitioning",
            { s3: { dynamicPartitioningConfiguration: { enabled: true } } },
            "extendedS3Configuration.dynamicPartitioningConfiguration is not modelled",
        ],
        [
            "compression beside format conversion",
            { s3: { ...toParquet(), compressionFormat: "GZIP" } },
            'compressionFormat "GZIP" is not for format conversion: use UNCOMPRESSED',
        ],
        [
            "a small buffer of format conversion",
            { s3: { ...toParquet(), bufferingSize: 5 } },
            "bufferingSize 5 is too small for format conversion: use at least 64",
        ],
        [
            "another deserializer",
            { s3: toParquet({ inputFormatConfiguration: { deserializer: { hiveJsonSerDe: {} } } }) },
            "inputFormatConfiguration.deserializer.hiveJsonSerDe is not modelled",
        ],
        [
            "an option of the deserializer",
            {
                s3: toParquet({
                    inputFormatConfiguration: {
                        deserializer: { openXJsonSerDe: { caseInsensitive: false, columnToJsonKeyMappings: {} } },
                    },
                }),
            },
            "deserializer.openXJsonSerDe.columnToJsonKeyMappings is not modelled",
        ],
        [
            "a deserializer that lowers the keys of maps",
            { s3: toParquet({ inputFormatConfiguration: { deserializer: { openXJsonSerDe: {} } } }) },
            "openXJsonSerDe.caseInsensitive is true unless it is set, which lowers the keys of maps, and is not modelled " +
                "on this machine: set it to false",
        ],
        [
            "ORC",
            { s3: toParquet({ outputFormatConfiguration: { serializer: { orcSerDe: {} } } }) },
            "outputFormatConfiguration.serializer.orcSerDe is not modelled",
        ],
        [
            "another compression of Parquet",
            { s3: toParquet({ outputFormatConfiguration: { serializer: { parquetSerDe: { compression: "GZIP" } } } }) },
            'the compression "GZIP" is not modelled on this machine: use SNAPPY',
        ],
        [
            "format conversion without formats",
            { s3: toParquet({ inputFormatConfiguration: undefined, outputFormatConfiguration: undefined }) },
            "needs an openXJsonSerDe and a parquetSerDe",
        ],
        [
            "format conversion without a table",
            { s3: toParquet({ schemaConfiguration: undefined }) },
            "schemaConfiguration is missing: name a Glue table",
        ],
        ["another compression", { s3: { compressionFormat: "Snappy" } }, 'compressionFormat "Snappy" is not modelled'],
        [
            "another processor",
            { s3: processing({ type: "MetadataExtraction" }) },
            '"MetadataExtraction" is not modelled',
        ],
        [
            "two functions",
            { s3: processing({ type: "Lambda", LambdaArn: "a" }, { type: "Lambda", LambdaArn: "b" }) },
            "one Lambda processor",
        ],
        ["a Lambda processor without a function", { s3: processing({ type: "Lambda" }) }, "LambdaArn"],
        [
            "an unknown parameter",
            { s3: processing({ type: "Lambda", LambdaArn: "a", SubRecordType: "JSON" }) },
            "SubRecordType is not modelled",
        ],
        [
            "another delimiter",
            { s3: processing({ type: "AppendDelimiterToRecord", Delimiter: "|" }) },
            'the delimiter "|" is not modelled',
        ],
        ["a backup without a place", { s3: { s3BackupMode: "Enabled" } }, "needs an s3BackupConfiguration"],
        [
            "an unknown input of the backup",
            { s3: { s3BackupMode: "Enabled", s3BackupConfiguration: { bucketArn: "a", other: 1 } } },
            "s3BackupConfiguration.other is not modelled",
        ],
        ["a prefix that Firehose refuses", { s3: { prefix: "!{timestamp:b}" } }, 'the letter "b" is not modelled'],
    ] as [string, { s3?: object; stream?: object }, string][]) {
        it(`refuses ${name} by name`, () => {
            expect(() => prepare(resource))
                .to.throw(/^delivery stream "deviceping": /)
                .with.property("message")
                .includes(message);
        });
    }

    it("passes what is switched off or changes nothing", () => {
        expect(() =>
            prepare({
                s3: {
                    dynamicPartitioningConfiguration: { enabled: false },
                    dataFormatConversionConfiguration: { enabled: false },
                    kmsKeyArn: "arn",
                    processingConfiguration: {},
                },
                stream: { serverSideEncryption: { enabled: true }, tags: {} },
            }),
        ).not.to.throw();
    });

    it("names a stream that has no name by its logical name", () => {
        const { firehose } = prepare({ stream: { name: undefined } });

        expect(() => firehose.put("deviceping", [Buffer.from("a")])).not.to.throw();
    });
});
