import { AwsError, type AwsRequest, type AwsResponse, account, type Endpoint, type Runtime } from "../runtime";
import { readStreams } from "./kinesis/configuration";
import { hashKeyOf, type KinesisRecord, type ProducedRecord, Stream } from "./kinesis/stream";

export type { KinesisRecord } from "./kinesis/stream";

const kibibyte = 1024;
/** The most that a stream takes unless it is told otherwise, data and partition key together. */
const recordLimit = 1024 * kibibyte;
/** The most that one PutRecords takes. */
const requestLimit = 10 * 1024 * kibibyte;
const requestRecords = 500;
const longestPartitionKey = 256;

/** Kinesis Data Streams: puts, and what it says of its streams; delivery streams are the only consumers. */
export class Kinesis implements Endpoint {
    readonly name = "kinesis";
    private readonly streams: Stream[];

    constructor({ program, clock }: Pick<Runtime, "program" | "clock">) {
        this.streams = readStreams(program).map((configuration) => new Stream(configuration, clock));
    }

    /** Names of the streams, in order. */
    get streamNames(): string[] {
        return this.streams.map(({ configuration }) => configuration.name).sort();
    }

    /** Hands every record that is put on the stream of this ARN from now on to the consumer. */
    subscribe(arn: string, consumer: (record: KinesisRecord) => void): void {
        this.find({ StreamARN: arn }).subscribe(consumer);
    }

    /** Speaks AWS JSON, as the SDKs for JavaScript and Python and the AWS CLI do. */
    async handle(request: AwsRequest): Promise<AwsResponse> {
        const type = request.headers["content-type"];
        if (type !== json) {
            throw new AwsError("SerializationException", `${type} is not modelled on this machine: send ${json}`);
        }
        const operation = request.headers["x-amz-target"]?.replace("Kinesis_20131202.", "") ?? "";
        const output = this.run(operation, parse(request.body));
        return { status: 200, headers: { "content-type": json }, body: JSON.stringify(output) };
    }

    private run(operation: string, input: Input): object {
        switch (operation) {
            case "PutRecord":
                return this.putRecord(input);
            case "PutRecords":
                return this.putRecords(input);
            case "ListStreams":
                return this.list(input);
            case "DescribeStreamSummary":
                return { StreamDescriptionSummary: describe(this.find(input)) };
            default:
                throw new AwsError("UnknownOperationException", `${operation} is not modelled on this machine`);
        }
    }

    private putRecord(input: Input): object {
        const stream = this.find(input);
        const record = readRecord(input, "");
        return { ...answerTo(stream.put(record)), EncryptionType: encryptionOf(stream) };
    }

    /** All or nothing: no shard is ever too busy here. */
    private putRecords(input: Input): object {
        const stream = this.find(input);
        const given = input.Records ?? [];
        checkLength("records", given.length, 1, requestRecords);
        const records = given.map((record, index) => readRecord(record, `records.${index + 1}.member.`));
        if (records.reduce((bytes, record) => bytes + bytesOf(record), 0) > requestLimit) {
            throw new AwsError("InvalidArgumentException", "Records size exceeds 10 MB limit");
        }
        return {
            FailedRecordCount: 0,
            EncryptionType: encryptionOf(stream),
            Records: records.map((record) => answerTo(stream.put(record))),
        };
    }

    private list({ Limit = 100, NextToken, ExclusiveStartStreamName = "" }: Input): object {
        const after = NextToken ?? ExclusiveStartStreamName;
        const rest = this.streamNames.filter((name) => name > after);
        const names = rest.slice(0, Limit);
        const more = rest.length > names.length;
        return {
            StreamNames: names,
            StreamSummaries: names.map((name) => summarize(this.find({ StreamName: name }))),
            HasMoreStreams: more,
            ...(more && { NextToken: names.at(-1) }),
        };
    }

    private find({ StreamName: name, StreamARN: arn }: Pick<Input, "StreamName" | "StreamARN">): Stream {
        const wanted = name ?? arn?.slice(arn.indexOf("/") + 1);
        if (wanted === undefined) {
            throw new AwsError("InvalidArgumentException", "Either StreamName or StreamARN must be given");
        }
        const found = this.streams.find(
            ({ configuration }) => configuration.name === wanted && (arn ?? configuration.arn) === configuration.arn,
        );
        if (found) return found;
        throw new AwsError("ResourceNotFoundException", `Stream ${wanted} under account ${account} not found.`);
    }
}

const json = "application/x-amz-json-1.1";

interface RecordInput {
    Data?: string;
    PartitionKey?: string;
    ExplicitHashKey?: string;
}

interface Input extends RecordInput {
    StreamName?: string;
    StreamARN?: string;
    Records?: RecordInput[];
    Limit?: number;
    NextToken?: string;
    ExclusiveStartStreamName?: string;
}

function parse(body: Buffer): Input {
    try {
        return JSON.parse(body.toString());
    } catch {
        throw new AwsError("SerializationException", "the request's body is not JSON");
    }
}

/** Checks a record before any of its request is kept; `path` is where it stands. */
function readRecord({ Data, PartitionKey = "", ExplicitHashKey: explicitHashKey }: RecordInput, path: string) {
    if (Data === undefined) throw invalid(`${path}data`, "Member must not be null");
    checkLength(`${path}partitionKey`, PartitionKey.length, 1, longestPartitionKey);
    const record: ProducedRecord = { partitionKey: PartitionKey, explicitHashKey, data: Buffer.from(Data, "base64") };
    checkLength(`${path}data`, bytesOf(record), 0, recordLimit);
    hashKeyOf(record.partitionKey, record.explicitHashKey);
    return record;
}

function bytesOf({ partitionKey, data }: ProducedRecord): number {
    return Buffer.byteLength(partitionKey) + data.length;
}

function checkLength(name: string, length: number, least: number, most: number): void {
    if (length >= least && length <= most) return;
    const bound = length < least ? `greater than or equal to ${least}` : `less than or equal to ${most}`;
    throw invalid(name, `Member must have length ${bound}`);
}

function invalid(name: string, constraint: string): AwsError {
    return new AwsError(
        "ValidationException",
        `1 validation error detected: Value at '${name}' failed to satisfy constraint: ${constraint}`,
    );
}

function answerTo({ shardId, sequenceNumber }: KinesisRecord): object {
    return { ShardId: shardId, SequenceNumber: sequenceNumber };
}

function encryptionOf({ configuration }: Stream): string {
    return configuration.keyId === undefined ? "NONE" : "KMS";
}

function summarize({ configuration, created }: Stream): object {
    return {
        StreamName: configuration.name,
        StreamARN: configuration.arn,
        StreamStatus: "ACTIVE",
        StreamModeDetails: { StreamMode: configuration.mode },
        StreamCreationTimestamp: created / 1000,
    };
}

function describe(stream: Stream): object {
    const { shards, retentionHours, keyId } = stream.configuration;
    return {
        ...summarize(stream),
        RetentionPeriodHours: retentionHours,
        EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
        EncryptionType: encryptionOf(stream),
        ...(keyId && { KeyId: keyId }),
        OpenShardCount: shards,
        ConsumerCount: 0,
        MaxRecordSizeInKiB: recordLimit / kibibyte,
    };
}
