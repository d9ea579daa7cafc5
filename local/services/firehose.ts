import { AwsError, type AwsRequest, type AwsResponse, account, type Endpoint, type Runtime } from "../runtime";
import { type Destination, type KinesisSource, readStreams, type StreamConfiguration } from "./firehose/configuration";
import { DeliveryStream } from "./firehose/delivery-stream";
import { ParquetConverter } from "./firehose/parquet-converter";
import type { Glue } from "./glue";
import type { Kinesis } from "./kinesis";
import type { Lambda } from "./lambda";
import type { S3 } from "./s3";

/** How a local Firehose differs from the captured configuration. */
export interface FirehoseOptions {
    /** Takes the place of every buffer interval, in seconds. */
    bufferSeconds?: number;
}

const recordLimit = 1000 * 1024;
const batchLimit = 4 * 1024 * 1024;
const batchRecords = 500;
const megabyte = 1024 * 1024;

/** Amazon Data Firehose: direct put or a Kinesis stream, transformation by a function, delivery to S3. */
export class Firehose implements Endpoint {
    readonly name = "firehose";
    private readonly streams: Map<string, DeliveryStream>;
    private readonly created: number;
    private readonly converters: ParquetConverter[] = [];

    constructor(
        private readonly runtime: Runtime,
        s3: Pick<S3, "put">,
        lambda: Pick<Lambda, "invoke">,
        { bufferSeconds }: FirehoseOptions = {},
    ) {
        this.created = runtime.clock.now() / 1000;
        this.streams = new Map(
            readStreams(runtime.program).map((configuration) => [
                configuration.name,
                new DeliveryStream(configuration, runtime, s3, lambda, bufferSeconds),
            ]),
        );
    }

    /** Has the delivery streams read the Kinesis streams that are their sources. */
    readFrom(kinesis: Pick<Kinesis, "subscribe">): void {
        for (const stream of this.streams.values()) {
            const { source } = stream.configuration;
            if (!source) continue;
            kinesis.subscribe(source.kinesisStreamArn, (record) => {
                if (stream.mayRead()) stream.accept(record.data, record);
            });
        }
    }

    /** Starts what converts records to Parquet, for the delivery streams that do, by the tables that they name. */
    async convertBy(glue: Pick<Glue, "table">): Promise<void> {
        for (const stream of this.streams.values()) {
            const { conversion, logicalName } = stream.configuration;
            if (!conversion) continue;
            const { databaseName, tableName } = conversion;
            const table = glue.table(databaseName, tableName);
            if (!table) {
                throw new Error(
                    `delivery stream "${logicalName}": there is no Glue table ${databaseName}.${tableName} to convert by`,
                );
            }
            const converter = await ParquetConverter.start(this.runtime.folder, table);
            this.converters.push(converter);
            stream.convertBy(converter);
        }
    }

    async stop(): Promise<void> {
        await Promise.all(this.converters.map((converter) => converter.stop()));
    }

    /** Puts records into a delivery stream, within the limits of PutRecordBatch, and answers their ids in order. */
    put(stream: string, records: Buffer[]): { recordId: string }[] {
        const target = this.checked(stream, records);
        return records.map((record) => ({ recordId: target.accept(record) }));
    }

    /** Waits while a delivery stream has much on its way. */
    async room(stream: string): Promise<void> {
        await this.stream(stream).room();
    }

    /** The stream, if it may be given these records. */
    private checked(stream: string, records: Buffer[]): DeliveryStream {
        const target = this.stream(stream);
        if (target.configuration.source) {
            throw new AwsError(
                "InvalidArgumentException",
                "This operation is not permitted on KinesisStreamAsSource delivery stream type.",
            );
        }
        checkLength("records", records.length, 1, batchRecords);
        for (const [index, record] of records.entries()) {
            checkLength(`records.${index + 1}.member.data`, record.length, 0, recordLimit);
        }
        if (records.reduce((bytes, record) => bytes + record.length, 0) > batchLimit) {
            throw new AwsError("InvalidArgumentException", "Records size exceeds 4 MB limit");
        }
        return target;
    }

    async handle(request: AwsRequest): Promise<AwsResponse> {
        try {
            const operation = request.headers["x-amz-target"]?.replace("Firehose_20150804.", "") ?? "";
            return answer(200, this.run(operation, parse(request.body)));
        } catch (error) {
            if (!(error instanceof AwsError)) throw error;
            return answer(error.status, { __type: error.code, message: error.message });
        }
    }

    private run(operation: string, input: Input): object {
        switch (operation) {
            case "PutRecord": {
                const [result] = this.putSome(input.DeliveryStreamName, [decode(input.Record)]);
                if (result === busy) throw new AwsError(busy.ErrorCode, busy.ErrorMessage, 503);
                return { ...result, Encrypted: false };
            }
            case "PutRecordBatch": {
                const results = this.putSome(input.DeliveryStreamName, input.Records.map(decode));
                return {
                    FailedPutCount: results.filter((result) => result === busy).length,
                    Encrypted: false,
                    RequestResponses: results,
                };
            }
            case "DescribeDeliveryStream":
                return this.describe(this.stream(input.DeliveryStreamName).configuration);
            case "ListDeliveryStreams":
                return this.list(input);
            default:
                throw new AwsError("UnknownOperationException", `${operation} is not modelled on this machine`);
        }
    }

    /** Puts those records that no fault rejects. */
    private putSome(stream: string, records: Buffer[]): ({ RecordId: string } | typeof busy)[] {
        const target = this.checked(stream, records);
        const { logicalName } = target.configuration;
        return records.map((record) =>
            this.runtime.faults?.delivery("reject", logicalName) ? busy : { RecordId: target.accept(record) },
        );
    }

    private stream(name: string): DeliveryStream {
        const stream = this.streams.get(name);
        if (!stream) {
            throw new AwsError("ResourceNotFoundException", `Firehose ${name} under account ${account} not found.`);
        }
        return stream;
    }

    private describe(configuration: StreamConfiguration): object {
        const { name, arn, destination, backup, source } = configuration;
        return {
            DeliveryStreamDescription: {
                DeliveryStreamName: name,
                DeliveryStreamARN: arn,
                DeliveryStreamStatus: "ACTIVE",
                DeliveryStreamType: typeOf(configuration),
                Source: source && this.describeSource(source),
                VersionId: "1",
                CreateTimestamp: this.created,
                HasMoreDestinations: false,
                Destinations: [
                    {
                        DestinationId: "destinationId-000000000001",
                        ExtendedS3DestinationDescription: {
                            ...describeDestination(destination),
                            S3BackupMode: backup ? "Enabled" : "Disabled",
                            S3BackupDescription: backup && describeDestination(backup),
                        },
                    },
                ],
            },
        };
    }

    private describeSource({ kinesisStreamArn, roleArn }: KinesisSource): object {
        const description = { KinesisStreamARN: kinesisStreamArn, RoleARN: roleArn };
        return { KinesisStreamSourceDescription: { ...description, DeliveryStartTimestamp: this.created } };
    }

    private list({
        ExclusiveStartDeliveryStreamName: after = "",
        Limit = 10,
        DeliveryStreamType: type,
    }: Input): object {
        const names = [...this.streams.values()]
            .filter(({ configuration }) => (type ?? typeOf(configuration)) === typeOf(configuration))
            .map(({ configuration }) => configuration.name)
            .sort()
            .filter((name) => name > after);
        return { DeliveryStreamNames: names.slice(0, Limit), HasMoreDeliveryStreams: names.length > Limit };
    }
}

/** What a record is answered that a stream can't take for now. */
const busy = { ErrorCode: "ServiceUnavailableException", ErrorMessage: "Slow down." };

interface Input {
    DeliveryStreamName: string;
    Record: { Data: string };
    Records: { Data: string }[];
    ExclusiveStartDeliveryStreamName?: string;
    Limit?: number;
    DeliveryStreamType?: string;
}

function typeOf({ source }: StreamConfiguration): string {
    return source ? "KinesisStreamAsSource" : "DirectPut";
}

function parse(body: Buffer): Input {
    try {
        return JSON.parse(body.toString());
    } catch {
        throw new AwsError("SerializationException", "the request's body is not JSON");
    }
}

function decode(record: { Data: string }): Buffer {
    return Buffer.from(record.Data, "base64");
}

function answer(status: number, body: object): AwsResponse {
    return { status, headers: { "content-type": "application/x-amz-json-1.1" }, body: JSON.stringify(body) };
}

function checkLength(name: string, length: number, least: number, most: number): void {
    if (length >= least && length <= most) return;
    const bound = length < least ? `greater than or equal to ${least}` : `less than or equal to ${most}`;
    throw new AwsError(
        "ValidationException",
        `1 validation error detected: Value at '${name}' failed to satisfy constraint: Member must have length ${bound}`,
    );
}

function describeDestination({ bucket, prefix, errorOutputPrefix, buffering, gzip, timeZone }: Destination): object {
    return {
        BucketARN: `arn:aws:s3:::${bucket}`,
        Prefix: prefix,
        ErrorOutputPrefix: errorOutputPrefix,
        BufferingHints: {
            SizeInMBs: buffering.bytes / megabyte,
            IntervalInSeconds: buffering.milliseconds / 1000,
        },
        CompressionFormat: gzip ? "GZIP" : "UNCOMPRESSED",
        CustomTimeZone: timeZone,
    };
}
