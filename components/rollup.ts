import * as pulumi from "@pulumi/pulumi";
import {
    type CountEventsEnvironment,
    type Rollup as CountedRollup,
    rollupFile,
} from "../handlers/count-events/contract";
import type { RollupInterval, TimeUnit } from "../plan";
import { type PlannedRollup, planRollup, type RollupShape, type TableShape } from "../plan";
import type { TableArgs } from "./glue-tables";
import { bucketArn, currentAccount } from "./internal/account";
import { bundledFunction, type EnvironmentOf } from "./internal/bundled-function";
import { createTable } from "./internal/dynamo-table";
import type { FunctionParts } from "./internal/function";
import { allow, putObjects, readObjects, useTable } from "./internal/policies";
import { Subscription } from "./subscription";

const defaultMaximumMegabytes = 1024;
const timeoutSeconds = 300;

/** Counters of events: one for each value of some columns, and each minute, hour or day. */
export interface RollupArgs {
    /** Names the table of the counters, and the function. */
    name: string;
    /** Columns that the events are counted by: strings, booleans, integers, decimals, dates or timestamps. */
    by: string[];
    /** Column that says when an event was: a timestamp, a date, a string with an ISO 8601 time, or a number. */
    time: string;
    /** What `time` counts since 1970 where it is an int, a bigint or a double: `seconds` or `milliseconds`. @default none */
    timeUnit?: TimeUnit;
    /** How long the times are: `minute`, `hour` or `day`, in UTC. @default "hour" */
    interval?: RollupInterval;
    /** Columns with numbers that are summed up, each in an attribute `sum_<column>`. @default none */
    sum?: string[];
    /** Name of the DynamoDB table. @default one made of the rollup's name */
    tableName?: pulumi.Input<string>;
    /** Partition key: the values of `by`, joined. @default "name" */
    nameAttribute?: string;
    /** Sort key: when the interval begins, `2026-11-21T04:00:00Z`. @default "timestamp" */
    timestampAttribute?: string;
    /** Attribute that holds how many events there were. @default "count" */
    countAttribute?: string;
    /** Megabytes of an unpacked object after which it is refused: a gzip bomb. @default 1024 */
    maximumMegabytes?: pulumi.Input<number>;
}

/** Arguments of `Rollup`. */
export interface RollupComponentArgs extends RollupArgs {
    /** Name of the bucket. */
    bucketName: pulumi.Input<string>;
    /** ARN of the topic that announces new objects. */
    topicArn: pulumi.Input<string>;
    /** Name of the ledger's table. */
    ledgerName: pulumi.Input<string>;
    /** Start of the keys of the objects whose events are counted, ending in `/`. */
    trigger: string;
    /** The table that the events lie in: `trigger` lies under its prefix. */
    table: TableArgs;
    /** Whether the table may be deleted with its counters. @default false */
    forceDestroy?: pulumi.Input<boolean>;
}

/**
 * Counts the events of new objects in a DynamoDB table, exactly: what was added is written down in the ledger, in the
 * same transaction. An object that comes twice counts once, one that is replaced counts as it is now, and an event
 * counts in its own hour, however late it comes. Lines that can't be counted are kept under `failed/<name>/`.
 *
 * @example
 * ```ts
 * new Rollup("pings", {
 *     bucketName: lake.bucketName, topicArn: fanOut.topicArn, ledgerName: ledger.tableName,
 *     trigger: "raw/v0/ping/",
 *     table: {
 *         name: "ping", prefix: "raw/v0/ping/", partition: "arrival_hour",
 *         columns: [{ name: "device_id", type: "string" }, { name: "sent_at", type: "timestamp" }],
 *     },
 *     name: "pings", by: ["device_id"], time: "sent_at",
 * });
 * ```
 */
export class Rollup extends pulumi.ComponentResource {
    /** Name of the counters' table. */
    readonly tableName: pulumi.Output<string>;
    /** ARN of the counters' table. */
    readonly tableArn: pulumi.Output<string>;
    /** ARN of the queue of new objects. */
    readonly queueArn: pulumi.Output<string>;
    /** URL of the queue of new objects. */
    readonly queueUrl: pulumi.Output<string>;
    /** URL of the dead-letter queue: objects that could not be counted. */
    readonly deadLetterQueueUrl: pulumi.Output<string>;

    constructor(name: string, args: RollupComponentArgs, opts?: pulumi.ComponentResourceOptions) {
        super("eventpipeline:index:Rollup", name, {}, opts);
        const parent = this;
        const planned = planRollup(args as RollupShape, args.trigger, args.table as TableShape);
        const counters = createCounters();
        const subscription = subscribe(createCounter());
        this.tableName = counters.name;
        this.tableArn = counters.arn;
        this.queueArn = subscription.queueArn;
        this.queueUrl = subscription.queueUrl;
        this.deadLetterQueueUrl = subscription.deadLetterQueueUrl;
        this.registerOutputs({
            tableName: this.tableName,
            tableArn: this.tableArn,
            queueArn: this.queueArn,
            queueUrl: this.queueUrl,
            deadLetterQueueUrl: this.deadLetterQueueUrl,
        });

        function createCounters() {
            const { tableName, forceDestroy } = args;
            const { name: partitionKey, timestamp: sortKey } = planned.attributes;
            return createTable(name, { tableName, partitionKey, sortKey, forceDestroy }, parent);
        }

        function createCounter() {
            const account = currentAccount(parent);
            const bucket = bucketArn(account, args.bucketName);
            const failedPrefix = `failed/${planned.name}/`;
            const environment: EnvironmentOf<CountEventsEnvironment> = {
                BUCKET: args.bucketName,
                TABLE: counters.name,
                LEDGER_TABLE: args.ledgerName,
                TRIGGER: args.trigger,
                FAILED_PREFIX: failedPrefix,
                MAXIMUM_BYTES: pulumi
                    .output(args.maximumMegabytes ?? defaultMaximumMegabytes)
                    .apply((megabytes) => String(megabytes * 1024 * 1024)),
            };
            return bundledFunction(
                name,
                {
                    bundle: "count-events",
                    files: { [rollupFile]: counted(planned) },
                    environment,
                    memorySize: 1024,
                    timeout: timeoutSeconds,
                    statements: [
                        readObjects(bucket, [args.trigger]),
                        // Without it, S3 calls an object that is gone forbidden.
                        allow("s3:ListBucket", bucket, { StringLike: { "s3:prefix": [`${args.trigger}*`] } }),
                        putObjects(bucket, [failedPrefix]),
                        allow("dynamodb:UpdateItem", counters.arn),
                        useTable(account, args.ledgerName, ["GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem"]),
                    ],
                },
                parent,
            );
        }

        function subscribe({ lambda, role }: FunctionParts) {
            return new Subscription(
                name,
                {
                    topicArn: args.topicArn,
                    prefixes: [args.trigger],
                    functionArn: lambda.arn,
                    functionRole: role.name,
                    functionTimeout: timeoutSeconds,
                },
                { parent },
            );
        }
    }
}

/** The rollup as the function reads it. */
function counted({ by, time, sum, trigger, ...rest }: PlannedRollup): CountedRollup {
    const column = (each: PlannedRollup["time"]) => ({ name: each.name, type: each.type });
    return { ...rest, by: by.map(column), time: column(time), sum: sum.map(column) };
}
