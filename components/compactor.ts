import * as athena from "@pulumi/aws/athena";
import * as iam from "@pulumi/aws/iam";
import * as pulumi from "@pulumi/pulumi";
import { type CompactEnvironment, type Compaction, compactionFile } from "../handlers/compact/contract";
import { type CompactArgs, checkCompaction, checked, type IngestFormat } from "../plan";
import type { TableArgs } from "./glue-tables";
import { arnOf, bucketArn, currentAccount } from "./internal/account";
import { bundledFunction, type EnvironmentOf } from "./internal/bundled-function";
import type { FunctionParts } from "./internal/function";
import { workgroupPrefix } from "./internal/names";
import { allow, policyDocument, readObjects, type Statement, writeObjects } from "./internal/policies";
import { plannedTables } from "./internal/tables";
import { Subscription } from "./subscription";

/** Copies of large files take their time; five deliveries, six timeouts apart, are over before `restAfterFailure` is. */
const timeoutSeconds = 120;
/** Firehose's default. */
const defaultBufferSeconds = 300;
/** What Firehose has buffered when an interval ends is there this many seconds after its buffer's time, if not later. */
const deliverySeconds = 300;

/** Arguments of `Compactor`. */
export interface CompactorArgs extends CompactArgs {
    /** Names the workgroup: `<pipeline>-<stack>-<ingest>_parquet`. @default the component's name */
    pipeline?: string;
    /** Name of the bucket that holds both tables. */
    bucketName: pulumi.Input<string>;
    /** Name of the Glue database that has the ingest's table. */
    databaseName: pulumi.Input<string>;
    /** ARN of the topic that announces new objects. */
    topicArn: pulumi.Input<string>;
    /** Name of the ledger's table. */
    ledgerName: pulumi.Input<string>;
    /** The ingest's table: JSON in the folders of the hours of arrival. */
    table: TableArgs;
    /** Seconds after which the ingest's delivery stream writes an object. @default 300 */
    bufferSeconds?: pulumi.Input<number>;
}

/**
 * Keeps an ingest's JSON as Parquet, too: each hour or day of it when that is over, and what comes late soon after it
 * came. Athena makes the files; the ledger says which objects they are made of, so that every event is in them once.
 *
 * @example
 * ```ts
 * new Compactor("clicks", {
 *     bucketName: lake.bucketName, databaseName: tables.databaseName, topicArn: fanOut.topicArn,
 *     ledgerName: ledger.tableName, every: "day",
 *     table: {
 *         name: "clicks", prefix: "raw/v0/clicks/", partition: "arrival_hour",
 *         columns: [{ name: "page", type: "string" }],
 *     },
 * });
 * ```
 */
export class Compactor extends pulumi.ComponentResource {
    /** ARN of the queue of new objects. */
    readonly queueArn: pulumi.Output<string>;
    /** URL of the queue of new objects. */
    readonly queueUrl: pulumi.Output<string>;
    /** URL of the dead-letter queue: intervals that could not be compacted. Redriven, they are tried again. */
    readonly deadLetterQueueUrl: pulumi.Output<string>;

    constructor(name: string, args: CompactorArgs, opts?: pulumi.ComponentResourceOptions) {
        super("eventpipeline:index:Compactor", name, {}, opts);
        const parent = this;
        const account = currentAccount(this);
        const bucket = bucketArn(account, args.bucketName);
        const json = plannedTables([args.table])[0]!;
        const compaction = planned();
        const results = `athena/${compaction.name}/`;
        const workgroup = createWorkgroup();
        const { lambda, role } = createFunction();
        const subscription = subscribe();
        letSendItself();
        this.queueArn = subscription.queueArn;
        this.queueUrl = subscription.queueUrl;
        this.deadLetterQueueUrl = subscription.deadLetterQueueUrl;
        this.registerOutputs({
            queueArn: this.queueArn,
            queueUrl: this.queueUrl,
            deadLetterQueueUrl: this.deadLetterQueueUrl,
        });

        function planned() {
            const shape = { format: args.table.format as IngestFormat, compact: args };
            return checked((report) => {
                if (json.partition?.columns.at(-1)?.endsWith("hour")) return checkCompaction(shape, json, "", report);
                report("table.partition", "must be `arrival_hour` or `hive_hour`: hours and days are told by folders");
                return undefined;
            })!;
        }

        function createWorkgroup() {
            return new athena.Workgroup(
                name,
                {
                    name: `${workgroupPrefix(args.pipeline ?? name)}${compaction.name}`,
                    description: `Makes Parquet of ${json.name}`,
                    forceDestroy: true, // what it holds is the history of its runs
                    configuration: {
                        enforceWorkgroupConfiguration: true,
                        publishCloudwatchMetricsEnabled: true,
                        engineVersion: { selectedEngineVersion: "Athena engine version 3" },
                        resultConfiguration: {
                            outputLocation: pulumi.interpolate`s3://${args.bucketName}/${results}`,
                            expectedBucketOwner: account.id,
                            encryptionConfiguration: { encryptionOption: "SSE_S3" },
                        },
                    },
                },
                { parent },
            );
        }

        function createFunction(): FunctionParts {
            const environment: EnvironmentOf<CompactEnvironment> = {
                BUCKET: args.bucketName,
                DATABASE: args.databaseName,
                WORKGROUP: workgroup.name,
                LEDGER_TABLE: args.ledgerName,
                WAIT_SECONDS: pulumi
                    .output(args.bufferSeconds ?? defaultBufferSeconds)
                    .apply((seconds) => String(seconds + deliverySeconds)),
            };
            return bundledFunction(
                name,
                {
                    bundle: "compact",
                    files: { [compactionFile]: described() },
                    environment,
                    memorySize: 256,
                    timeout: timeoutSeconds,
                    statements: [...runStatements(), ...readTable(), ...moveFiles(), keepBooks()],
                },
                parent,
            );
        }

        /** The compaction as the function reads it. */
        function described(): Compaction {
            return {
                name: compaction.name,
                table: json.name,
                prefix: json.prefix,
                partition: json.partition!.columns,
                columns: json.columns.map((column) => column.name),
                every: compaction.every,
                output: compaction.table.prefix,
            };
        }

        function runStatements(): Statement[] {
            return [allow(["athena:StartQueryExecution", "athena:GetQueryExecution"], workgroup.arn)];
        }

        function readTable(): Statement[] {
            const catalog = arnOf(account, "glue", "catalog");
            const database = (of: pulumi.Input<string>) => arnOf(account, "glue", pulumi.interpolate`database/${of}`);
            const table = arnOf(account, "glue", pulumi.interpolate`table/${args.databaseName}/${json.name}`);
            return [
                // Athena looks at the default database, whichever it is told.
                allow("glue:GetDatabase", [catalog, database("default"), database(args.databaseName)]),
                allow(["glue:GetTable", "glue:GetPartitions"], [catalog, database(args.databaseName), table]),
            ];
        }

        function moveFiles(): Statement[] {
            const read = [json.prefix, results];
            return [
                allow("s3:GetBucketLocation", bucket),
                allow("s3:ListBucket", bucket, { StringLike: { "s3:prefix": read.map((prefix) => `${prefix}*`) } }),
                readObjects(bucket, read),
                writeObjects(bucket, [results, compaction.table.prefix]),
            ];
        }

        function keepBooks(): Statement {
            const ledger = arnOf(account, "dynamodb", pulumi.interpolate`table/${args.ledgerName}`);
            return allow(
                ["GetItem", "Query", "PutItem", "UpdateItem"].map((each) => `dynamodb:${each}`),
                ledger,
            );
        }

        function subscribe() {
            return new Subscription(
                name,
                {
                    topicArn: args.topicArn,
                    prefixes: [json.prefix],
                    functionArn: lambda.arn,
                    functionRole: role.name,
                    functionTimeout: timeoutSeconds,
                    maximumConcurrency: 2,
                },
                { parent },
            );
        }

        /** An interval that is not over, or whose run is not, waits as a delayed message. */
        function letSendItself() {
            const policy = policyDocument(allow(["sqs:GetQueueUrl", "sqs:SendMessage"], subscription.queueArn));
            new iam.RolePolicy(`${name}-wake`, { role: role.name, policy }, { parent });
        }
    }
}
