import * as pulumi from "@pulumi/pulumi";
import {
    metricNames,
    metricNamespace,
    type ReconcileEnvironment,
    reconciledFile,
} from "../handlers/reconcile/contract";
import { type PlannedTable, planReconciliation, type ReconcileShape } from "../plan";
import { bucketArn, currentAccount } from "./internal/account";
import { bundledFunction, type EnvironmentOf } from "./internal/bundled-function";
import type { FunctionParts } from "./internal/function";
import { alarmAboveZero, callHourly, errorsOf } from "./internal/hourly";
import { workgroupPrefix } from "./internal/names";
import { allow, type Statement, useTable } from "./internal/policies";

const defaultAfterMinutes = 60;
const defaultLookbackHours = 48;
const timeoutSeconds = 900;

/** How the objects are compared with the ledger. */
export interface ReconcileArgs {
    /**
     * Whether that is done every hour, and an alarm tells of what is missing. Otherwise only `eventpipeline reconcile` does it.
     * @default true
     */
    hourly?: boolean;
    /** Minutes after which an object has to be accounted for, 15 to 1,440 (a day). @default 60 */
    afterMinutes?: pulumi.Input<number>;
    /** Hours that are looked back, up to 1,440 (60 days); longer than `afterMinutes`. @default 48 */
    lookbackHours?: pulumi.Input<number>;
}

/** Something that accounts in the ledger for every object below its trigger. */
export interface ReconciledSubscriberArgs {
    /** `rollup`, `query` or `processor`, as the ledger has it. */
    kind: string;
    /** Its name in the ledger. */
    name: string;
    /** Start of the keys of its objects, ending in `/`. */
    trigger: string;
    /** ARN of the queue on which it hears of them. */
    queueArn: pulumi.Input<string>;
    /** URL of that queue. */
    queueUrl: pulumi.Input<string>;
    /** Seconds that its objects may wait by its own will, as a query's with a minimum interval do. @default 0 */
    patience?: number;
    /** Of a query: ARN of the queue of the function that keeps its results. @default none */
    resultsQueueArn?: pulumi.Input<string>;
    /** URL of that queue. @default none */
    resultsQueueUrl?: pulumi.Input<string>;
}

/** Folders of times that the pipeline itself writes. */
export interface TimeFoldersArgs {
    /** Start of the keys, before the folders. */
    prefix: string;
    /** `arrival_hour`, `hive_hour` or `run_date`. */
    layout: string;
}

/** Arguments of `Reconciler`. */
export interface ReconcilerArgs extends ReconcileArgs {
    /** Name of the pipeline, which its metrics are called after. @default the component's name */
    pipeline?: string;
    /** Name of the bucket. */
    bucketName: pulumi.Input<string>;
    /** Name of the ledger's table. */
    ledgerName: pulumi.Input<string>;
    /** Whose objects are compared. */
    subscribers: ReconciledSubscriberArgs[];
    /** Where objects lie in folders of the time at which they were written; elsewhere all are listed. @default none */
    folders?: TimeFoldersArgs[];
    /**
     * ARN of the topic that the alarms notify; if it is encrypted, its key must let CloudWatch use it.
     * @default none: the alarms are seen in CloudWatch
     */
    alarmTopicArn?: pulumi.Input<string>;
}

/**
 * Compares the objects of a pipeline with its ledger, every hour: what a subscriber has not accounted for after a while is
 * announced to it again, at most three times, and counted in a metric that an alarm watches.
 *
 * @example
 * ```ts
 * const { queueArn, queueUrl } = rollup;
 * new Reconciler("reconcile", {
 *     pipeline: "web", bucketName: lake.bucketName, ledgerName: ledger.tableName, alarmTopicArn: topic.arn,
 *     subscribers: [{ kind: "rollup", name: "pings", trigger: "raw/v0/ping/", queueArn, queueUrl }],
 * });
 * ```
 */
export class Reconciler extends pulumi.ComponentResource {
    /** Name of the function: `eventpipeline reconcile` calls it. */
    readonly functionName: pulumi.Output<string>;
    /** Name of the alarm on objects that nobody accounted for; absent unless `hourly`. */
    readonly alarmName?: pulumi.Output<string>;

    constructor(name: string, args: ReconcilerArgs, opts?: pulumi.ComponentResourceOptions) {
        super("eventpipeline:index:Reconciler", name, {}, opts);
        const parent = this;
        const pipeline = workgroupPrefix(args.pipeline ?? name).slice(0, -1); // with the stack
        const planned = planReconciliation(args as ReconcileShape, args.subscribers, args.folders ?? []);
        const { lambda: reconcile } = createReconcile();
        const alarms = planned.hourly ? [alarmOnMissing(), alarmOnErrors()] : [];
        if (planned.hourly) callHourly(name, reconcile, `Reconciles ${pipeline}`, parent);
        this.functionName = reconcile.name;
        this.alarmName = alarms[0]?.name;
        this.registerOutputs({ functionName: this.functionName, alarmName: this.alarmName });

        function createReconcile(): FunctionParts {
            const environment: EnvironmentOf<ReconcileEnvironment> = {
                PIPELINE: pipeline,
                BUCKET: args.bucketName,
                LEDGER_TABLE: args.ledgerName,
                AFTER_MINUTES: pulumi.interpolate`${args.afterMinutes ?? defaultAfterMinutes}`,
                LOOKBACK_HOURS: pulumi.interpolate`${args.lookbackHours ?? defaultLookbackHours}`,
            };
            return bundledFunction(
                name,
                {
                    bundle: "reconcile",
                    files: pulumi
                        .output(reconciled())
                        .apply((file): Record<string, unknown> => ({ [reconciledFile]: file })),
                    environment,
                    memorySize: 512,
                    timeout: timeoutSeconds,
                    statements: statements(),
                },
                parent,
            );
        }

        function reconciled() {
            return {
                listings: planned.listings,
                subscribers: args.subscribers.map(({ queueArn: _, resultsQueueArn: __, ...rest }) => rest),
            };
        }

        function statements(): Statement[] {
            const account = currentAccount(parent);
            const results = args.subscribers
                .filter(({ resultsQueueUrl }) => resultsQueueUrl !== undefined)
                .map((query) => `athena/${query.name}/`);
            const prefixes = [...planned.listings.map(({ prefix }) => prefix), ...results];
            const queues = args.subscribers.flatMap(({ queueArn, resultsQueueArn }) => [
                queueArn,
                ...(resultsQueueArn ? [resultsQueueArn] : []),
            ]);
            return [
                allow("s3:ListBucketVersions", bucketArn(account, args.bucketName), {
                    StringLike: { "s3:prefix": prefixes.map((prefix) => `${prefix}*`) },
                }),
                useTable(account, args.ledgerName, ["GetItem", "BatchGetItem", "PutItem", "DeleteItem"]),
                allow("sqs:SendMessage", [...new Set(queues)]), // queries share theirs
            ];
        }

        function alarmOnMissing() {
            const metric = {
                namespace: metricNamespace,
                metricName: metricNames.missing,
                dimensions: { Pipeline: pipeline },
            };
            const description = `Objects of ${pipeline} that nobody accounted for`;
            return alarmAboveZero(name, description, metric, args.alarmTopicArn, parent);
        }

        /** Who fails to look would find nothing. */
        function alarmOnErrors() {
            const description = `Reconciliation of ${pipeline} failed`;
            return alarmAboveZero(`${name}-errors`, description, errorsOf(reconcile), args.alarmTopicArn, parent);
        }
    }
}

/** Where the pipeline's own functions and streams write into folders of the time of writing. */
export function timeFoldersOf(tables: PlannedTable[]): TimeFoldersArgs[] {
    return tables.flatMap(({ prefix, partition }) => (partition ? [{ prefix, layout: partition.layout }] : []));
}
