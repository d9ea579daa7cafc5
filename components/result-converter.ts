import * as pulumi from "@pulumi/pulumi";
import { type ConvertResultEnvironment, type ResultMap, resultMapFile } from "../handlers/convert-result/contract";
import { type ColumnArgs, type Compression, checkCompression, checked, OutputMode } from "../plan";
import { arnOf, bucketArn, currentAccount } from "./internal/account";
import { bundledFunction, type EnvironmentOf } from "./internal/bundled-function";
import { allow, publishEncrypted, readObjects, useTable, writeObjects } from "./internal/policies";
import { resultColumns } from "./internal/tables";
import { Subscription } from "./subscription";

/** A large result takes its time. */
const timeoutSeconds = 300;

/** How the results of a query are kept. */
export interface ConvertedResultArgs {
    /** Name of the query. */
    query: string;
    /** Where the results are kept, ending in `/`. */
    prefix: string;
    /** The results' columns; a result that has others, or lacks one, is refused. */
    columns: ColumnArgs[];
    /** Whether every result is kept, or the newest. @default "append" */
    mode?: OutputMode;
    /** How results are compressed; `zstd` with the mode `append` only. @default "balanced" */
    compression?: Compression;
}

/** Arguments of `ResultConverter`. */
export interface ResultConverterArgs {
    /** Name of the bucket. */
    bucketName: pulumi.Input<string>;
    /** ARN of the topic that announces new objects below `athena/`. */
    topicArn: pulumi.Input<string>;
    /** What the names of the queries' workgroups begin with, as `QueryRunner` says it. */
    workgroupPrefix: pulumi.Input<string>;
    /** Name of the pipeline's ledger, a `Ledger`'s `tableName`: the books of the runs. */
    ledgerName: pulumi.Input<string>;
    /** ARN of the topic that hears of results that can't be kept, a `Failures`' `topicArn`. */
    failuresTopicArn: pulumi.Input<string>;
    /** ARN of the key of that topic. */
    failuresKeyArn: pulumi.Input<string>;
    /** How the results of each query are kept. */
    results: ConvertedResultArgs[];
}

/**
 * Turns Athena's CSV results into compressed newline-delimited JSON, which is data like any other: tables read it, and it
 * may start further queries. Results of runs that did not succeed are left where they are; a topic is told of results that
 * are not what was declared.
 *
 * @example
 * ```ts
 * new ResultConverter("results", {
 *     bucketName: lake.bucketName, topicArn: fanOut.topicArn, ledgerName: ledger.tableName,
 *     failuresTopicArn: failures.topicArn, failuresKeyArn: failures.keyArn,
 *     workgroupPrefix: runner.workgroupPrefix,
 *     results: [{ query: "pages", prefix: "processed/v0/pages/", columns: [{ name: "page", type: "string" }] }],
 * });
 * ```
 */
export class ResultConverter extends pulumi.ComponentResource {
    /** ARN of the queue of new objects. */
    readonly queueArn: pulumi.Output<string>;
    /** URL of the queue of new objects. */
    readonly queueUrl: pulumi.Output<string>;
    /** URL of the dead-letter queue. */
    readonly deadLetterQueueUrl: pulumi.Output<string>;

    constructor(name: string, args: ResultConverterArgs, opts?: pulumi.ComponentResourceOptions) {
        super("eventpipeline:index:ResultConverter", name, {}, opts);
        const parent = this;
        const account = currentAccount(this);
        const bucket = bucketArn(account, args.bucketName);
        const { lambda, role } = createConverter();
        const subscription = subscribe();
        this.queueArn = subscription.queueArn;
        this.queueUrl = subscription.queueUrl;
        this.deadLetterQueueUrl = subscription.deadLetterQueueUrl;
        this.registerOutputs({
            queueArn: this.queueArn,
            queueUrl: this.queueUrl,
            deadLetterQueueUrl: this.deadLetterQueueUrl,
        });

        function createConverter() {
            const environment: EnvironmentOf<ConvertResultEnvironment> = {
                PIPELINE: pulumi.output(args.workgroupPrefix).apply((prefix) => prefix.slice(0, -1)),
                BUCKET: args.bucketName,
                WORKGROUP_PREFIX: args.workgroupPrefix,
                LEDGER_TABLE: args.ledgerName,
                FAILURES_TOPIC: args.failuresTopicArn,
            };
            return bundledFunction(
                name,
                {
                    bundle: "convert-result",
                    files: { [resultMapFile]: resultMap(args.results) },
                    environment,
                    memorySize: 1024,
                    timeout: timeoutSeconds,
                    statements: permissions(),
                },
                parent,
            );
        }

        function permissions() {
            const outputs = args.results.map((result) => result.prefix);
            const workgroups = args.results.map((result) =>
                arnOf(account, "athena", pulumi.interpolate`workgroup/${args.workgroupPrefix}${result.query}`),
            );
            return [
                allow(["athena:GetQueryExecution", "athena:GetQueryResults"], workgroups),
                // Of all keys: S3 tells only who may list a bucket that an object is not there.
                allow(["s3:GetBucketLocation", "s3:ListBucket"], bucket),
                readObjects(bucket, ["athena/", ...outputs]),
                writeObjects(bucket, outputs),
                useTable(account, args.ledgerName, ["GetItem", "PutItem"]),
                ...publishEncrypted(args.failuresTopicArn, args.failuresKeyArn),
            ];
        }

        function subscribe() {
            return new Subscription(
                name,
                {
                    topicArn: args.topicArn,
                    prefixes: ["athena/"],
                    functionArn: lambda.arn,
                    functionRole: role.name,
                    functionTimeout: timeoutSeconds,
                    batchSize: 1, // a large result must not make others wait
                },
                { parent },
            );
        }
    }
}

/** The results as the function reads them. */
function resultMap(results: ConvertedResultArgs[]): ResultMap {
    checked((report) => {
        for (const [index, result] of results.entries())
            checkCompression(result, `results[${index}].compression`, report);
    });
    const entries = results.map(({ query, prefix, mode, compression, columns }, index) => [
        query,
        {
            prefix,
            mode: mode ?? OutputMode.Append,
            compression,
            columns: resultColumns(columns, `results[${index}].columns`),
        },
    ]);
    return { results: Object.fromEntries(entries) };
}
