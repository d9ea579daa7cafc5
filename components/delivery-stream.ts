import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as iam from "@pulumi/aws/iam";
import * as kinesis from "@pulumi/aws/kinesis";
import type { input } from "@pulumi/aws/types";
import * as pulumi from "@pulumi/pulumi";
import { columnsFile, type NormalizeEnvironment } from "../handlers/normalize/contract";
import type { ColumnArgs, IngestPartitions } from "../plan";
import { arnOf, bucketArn, currentAccount } from "./internal/account";
import { bundledFunction, type EnvironmentOf } from "./internal/bundled-function";
import { logRetentionDays } from "./internal/function";
import {
    allow,
    callFunction,
    policyDocument,
    putKinesisRecords,
    putObjects,
    putRecords,
    readKinesisRecords,
    trust,
    writeObjects,
} from "./internal/policies";
import { eventColumns } from "./internal/tables";

type Destination = input.kinesis.FirehoseDeliveryStreamExtendedS3Configuration;

const defaultBufferMegabytes = 64;
/** Seconds after which an object is written where nothing else is said. */
export const defaultBufferSeconds = 300;
/** Firehose's own defaults for the function. */
const defaultTransformMegabytes = 1;
const defaultTransformSeconds = 60;

/** The table whose columns Firehose converts to Parquet by. */
export interface ParquetArgs {
    /** Name of the Glue database. */
    databaseName: pulumi.Input<string>;
    /** Name of the table, as Parquet reads it. */
    tableName: pulumi.Input<string>;
}

/** Arguments of `DeliveryStream`. */
export interface DeliveryStreamArgs {
    /** Name of the bucket. */
    bucketName: pulumi.Input<string>;
    /** Where the objects go, ending in `/`; the hour of arrival (UTC) follows. */
    prefix: string;
    /** How the hour's folders are called: `hour` is `yyyy/MM/dd/HH/`. @default "hour" */
    partitions?: IngestPartitions;
    /**
     * The events' columns. With them, every line is checked, and one that does not fit goes to the failed store.
     * @default none: lines are stored as they come
     */
    columns?: ColumnArgs[];
    /** Where refused lines and what Firehose itself cannot deliver go, ending in `/`. @default `failed/<name>/` */
    errorPrefix?: string;
    /** Where the records go as they came, if there are columns, ending in `/`. @default `backup/<name>/` */
    backupPrefix?: string;
    /**
     * Has Firehose convert the events, which are JSON, to Parquet.
     * @default none: objects are gzipped newline-delimited JSON
     */
    parquet?: ParquetArgs;
    /** Megabytes, before compression, after which an object is written, 1 to 128, for Parquet at least 64. @default 64 */
    bufferMegabytes?: pulumi.Input<number>;
    /** Seconds after which an object is written, 0 to 900. @default 300 */
    bufferSeconds?: pulumi.Input<number>;
    /** Megabytes after which lines are checked, 0.2 to 3: Lambda takes and gives 6 MB at most. @default 1 */
    transformBufferMegabytes?: pulumi.Input<number>;
    /** Seconds after which lines are checked, 0 to 900. @default 60 */
    transformBufferSeconds?: pulumi.Input<number>;
    /**
     * ARN of a Kinesis stream that it reads; nobody can put records on the delivery stream itself then.
     * @default none: records are put on it
     */
    kinesisStreamArn?: pulumi.Input<string>;
}

/**
 * Collects events into gzipped objects of newline-delimited JSON, or into Parquet: Firehose (Direct PUT, encrypted, or
 * from a Kinesis stream) into hour folders.
 * Nothing is dropped in silence: what cannot be delivered lies below `errorPrefix`.
 *
 * @example
 * ```ts
 * const stream = new DeliveryStream("clicks", {
 *     bucketName: lake.bucketName,
 *     prefix: "raw/v0/clicks/",
 *     columns: [{ name: "page", type: "string" }],
 * });
 * new aws.iam.RolePolicy("producer", { role: role.name, policy: stream.putPolicy });
 * ```
 */
export class DeliveryStream extends pulumi.ComponentResource {
    /** Name of the stream. */
    readonly streamName: pulumi.Output<string>;
    /** ARN of the stream. */
    readonly streamArn: pulumi.Output<string>;
    /** Policy document that lets a role put records on the stream, or on the Kinesis stream that it reads. */
    readonly putPolicy: pulumi.Output<string>;

    constructor(name: string, args: DeliveryStreamArgs, opts?: pulumi.ComponentResourceOptions) {
        super("eventpipeline:index:DeliveryStream", name, {}, opts);
        const parent = this;
        const account = currentAccount(this);
        const bucket = bucketArn(account, args.bucketName);
        const errorPrefix = args.errorPrefix ?? `failed/${name}/`;
        const backupPrefix = args.backupPrefix ?? `backup/${name}/`;
        const bufferingSize = args.bufferMegabytes ?? defaultBufferMegabytes;
        const bufferingInterval = args.bufferSeconds ?? defaultBufferSeconds;
        const normalizeArn = args.columns && createNormalize(args.columns);
        const errorLog = createErrorLog();
        const role = createRole();
        const stream = createStream();
        this.streamName = stream.name;
        this.streamArn = stream.arn;
        this.putPolicy = policyDocument(
            args.kinesisStreamArn ? putKinesisRecords(args.kinesisStreamArn) : putRecords(stream.arn),
        );
        this.registerOutputs({ streamName: this.streamName, streamArn: this.streamArn, putPolicy: this.putPolicy });

        function createNormalize(columns: ColumnArgs[]) {
            const environment: EnvironmentOf<NormalizeEnvironment> = {
                FAILED_BUCKET: args.bucketName,
                FAILED_PREFIX: errorPrefix,
            };
            const { lambda } = bundledFunction(
                `${name}-normalize`,
                {
                    bundle: "normalize",
                    files: { [columnsFile]: eventColumns(columns) },
                    environment,
                    memorySize: 512,
                    timeout: 60,
                    statements: [putObjects(bucket, [errorPrefix])],
                },
                parent,
            );
            return pulumi.interpolate`${lambda.arn}:$LATEST`;
        }

        function createErrorLog() {
            const group = new cloudwatch.LogGroup(`${name}-log`, { retentionInDays: logRetentionDays }, { parent });
            const stream = new cloudwatch.LogStream(
                `${name}-log`,
                { name: "delivery", logGroupName: group.name },
                { parent },
            );
            return { group, stream };
        }

        function createRole() {
            const role = new iam.Role(
                `${name}-role`,
                {
                    assumeRolePolicy: trust("firehose.amazonaws.com", {
                        StringEquals: { "aws:SourceAccount": account.id },
                    }),
                },
                { parent },
            );
            const policy = policyDocument(
                allow(["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"], bucket),
                writeObjects(bucket, [args.prefix, errorPrefix]),
                allow("logs:PutLogEvents", errorLog.stream.arn),
                ...(normalizeArn ? [writeObjects(bucket, [backupPrefix]), callFunction(normalizeArn)] : []),
                ...(args.parquet ? [readSchema(args.parquet)] : []),
                ...(args.kinesisStreamArn
                    ? readKinesisRecords(args.kinesisStreamArn, arnOf(account, "kms", "key/*"))
                    : []),
            );
            return {
                arn: role.arn,
                policy: new iam.RolePolicy(`${name}-policy`, { role: role.name, policy }, { parent }),
            };
        }

        function readSchema({ databaseName, tableName }: ParquetArgs) {
            const table = pulumi.interpolate`table/${databaseName}/${tableName}`;
            const resources = ["catalog", pulumi.interpolate`database/${databaseName}`, table];
            return allow(
                ["glue:GetTable", "glue:GetTableVersion", "glue:GetTableVersions"],
                resources.map((resource) => arnOf(account, "glue", resource)),
            );
        }

        function createStream() {
            return new kinesis.FirehoseDeliveryStream(
                name,
                {
                    destination: "extended_s3",
                    ...sourceOf(role.arn),
                    extendedS3Configuration: {
                        roleArn: role.arn,
                        bucketArn: bucket,
                        prefix: `${args.prefix}${folders[args.partitions ?? "hour"]}`,
                        errorOutputPrefix: `${errorPrefix}!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd/HH}/`,
                        ...(args.parquet ? asParquet(args.parquet) : asJson),
                        bufferingSize,
                        bufferingInterval,
                        cloudwatchLoggingOptions: {
                            enabled: true,
                            logGroupName: errorLog.group.name,
                            logStreamName: errorLog.stream.name,
                        },
                        ...(normalizeArn ? checkedLines(normalizeArn) : args.parquet ? asTheyCome : linesAsTheyCome),
                    },
                },
                // A component's own dependencies are not its children's.
                pulumi.mergeOptions({ parent, dependsOn: [role.policy] }, { dependsOn: opts?.dependsOn }),
            );
        }

        /** The SerDe compresses; Firehose takes no compression of the whole beside it. */
        function asParquet({ databaseName, tableName }: ParquetArgs): Partial<Destination> {
            return {
                fileExtension: ".parquet",
                compressionFormat: "UNCOMPRESSED",
                dataFormatConversionConfiguration: {
                    // Insensitive to case, it would lower the keys of maps, which are data.
                    inputFormatConfiguration: { deserializer: { openXJsonSerDe: { caseInsensitive: false } } },
                    outputFormatConfiguration: { serializer: { parquetSerDe: { compression: "SNAPPY" } } },
                    schemaConfiguration: { databaseName, tableName, roleArn: role.arn },
                },
            };
        }

        /** Firehose keeps nothing of a Kinesis source by itself, so it refuses to encrypt it. */
        function sourceOf(roleArn: pulumi.Output<string>): Partial<kinesis.FirehoseDeliveryStreamArgs> {
            return args.kinesisStreamArn
                ? { kinesisSourceConfiguration: { kinesisStreamArn: args.kinesisStreamArn, roleArn } }
                : { serverSideEncryption: { enabled: true, keyType: "AWS_OWNED_CMK" } };
        }

        function checkedLines(lambdaArn: pulumi.Output<string>): Partial<Destination> {
            return {
                processingConfiguration: {
                    enabled: true,
                    processors: [
                        {
                            type: "Lambda",
                            parameters: pulumi
                                .all([lambdaArn, args.transformBufferMegabytes, args.transformBufferSeconds])
                                .apply(([arn, megabytes, seconds]) => transformParameters(arn, megabytes, seconds)),
                        },
                    ],
                },
                s3BackupMode: "Enabled",
                s3BackupConfiguration: {
                    roleArn: role.arn,
                    bucketArn: bucket,
                    prefix: backupPrefix,
                    compressionFormat: "GZIP",
                    bufferingSize,
                    bufferingInterval,
                },
            };
        }
    }
}

/** Firehose puts the time at which the oldest record of an object arrived. */
const folders: Record<IngestPartitions, string> = {
    hour: "!{timestamp:yyyy/MM/dd/HH}/",
    hive: "year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/hour=!{timestamp:HH}/",
};

const asJson: Partial<Destination> = { fileExtension: ".json.gz", compressionFormat: "GZIP" };

const asTheyCome: Partial<Destination> = { s3BackupMode: "Disabled" };

/** Firehose joins records as they are; this puts a newline between them. */
const linesAsTheyCome: Partial<Destination> = {
    ...asTheyCome,
    processingConfiguration: { enabled: true, processors: [{ type: "AppendDelimiterToRecord" }] },
};

/** Without the values that are Firehose's defaults: it does not report them back, so each preview would show a change. */
function transformParameters(lambdaArn: string, megabytes?: number, seconds?: number) {
    const parameters: [string, string][] = [["LambdaArn", lambdaArn]];
    if ((megabytes ?? defaultTransformMegabytes) !== defaultTransformMegabytes) {
        parameters.push(["BufferSizeInMBs", `${megabytes}`]);
    }
    if ((seconds ?? defaultTransformSeconds) !== defaultTransformSeconds) {
        parameters.push(["BufferIntervalInSeconds", `${seconds}`]);
    }
    return parameters.map(([parameterName, parameterValue]) => ({ parameterName, parameterValue }));
}
