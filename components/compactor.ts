import * as iam from "@pulumi/aws/iam";
import * as pulumi from "@pulumi/pulumi";
import { type CompactEnvironment, type Compaction, compactionFile } from "../handlers/compact/contract";
import { type CompactArgs, checkCompaction, checked, type IngestFormat } from "../plan";
import type { TableArgs } from "./glue-tables";
import { bucketArn, currentAccount } from "./internal/account";
import { createWorkgroup, findTables, runQueries } from "./internal/athena";
import { bundledFunction, type EnvironmentOf } from "./internal/bundled-function";
import type { FunctionParts } from "./internal/function";
import { workgroupPrefix } from "./internal/names";
import {
    allow,
    policyDocument,
    putObjects,
    readObjects,
    type Statement,
    useTable,
    writeObjects,
} from "./internal/policies";
import { plannedTables } from "./internal/tables";
import { Subscription } from "./subscription";

/** Copies of large files take their time; five deliveries, six timeouts apart, are over before `restAfterFailure` is. */
const timeoutSeconds = 120;
/** Bytes. A run's 1,000 objects are 128 MB each at most, and less on S3: what reads more than this has gone wrong. */
const bytesScannedCutoff = 1024 ** 4;
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
        const workgroup = createWorkgroup(
            name,
            {
                prefix: workgroupPrefix(args.pipeline ?? name),
                query: compaction.name,
                description: `Makes Parquet of ${json.name}`,
                bucketName: args.bucketName,
                account,
                bytesScannedCutoffPerQuery: bytesScannedCutoff,
            },
            parent,
        );
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
                    statements: [
                        runQueries(workgroup.arn),
                        ...findTables(account, args.databaseName, [json.name]),
                        ...moveFiles(),
                        useTable(account, args.ledgerName, ["GetItem", "Query", "PutItem", "UpdateItem"]),
                    ],
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

        function moveFiles(): Statement[] {
            const read = [json.prefix, results];
            return [
                allow("s3:GetBucketLocation", bucket),
                allow("s3:ListBucket", bucket, { StringLike: { "s3:prefix": read.map((prefix) => `${prefix}*`) } }),
                readObjects(bucket, read),
                writeObjects(bucket, [results]), // Athena does, with this role
                putObjects(bucket, [compaction.table.prefix]),
            ];
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
