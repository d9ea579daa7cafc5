import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as iam from "@pulumi/aws/iam";
import * as pulumi from "@pulumi/pulumi";
import { type QueryMap, queryMapFile, type RunQueryEnvironment } from "../handlers/run-query/contract";
import { type PlannedQuery, type PlannedTable, planQueries, type QueryOutputArgs } from "../plan";
import type { TableArgs } from "./glue-tables";
import { bucketArn, currentAccount } from "./internal/account";
import { createWorkgroup, findTables, runQueries } from "./internal/athena";
import { bundledFunction, type EnvironmentOf } from "./internal/bundled-function";
import type { FunctionParts } from "./internal/function";
import { workgroupPrefix } from "./internal/names";
import {
    allow,
    policyDocument,
    publishEncrypted,
    readObjects,
    type Statement,
    useTable,
    writeObjects,
} from "./internal/policies";
import { plannedTables } from "./internal/tables";
import { Subscription } from "./subscription";

const defaultBytesScannedCutoff = 10 * 1024 ** 3;
const timeoutSeconds = 60;
/** Objects that arrive together start one run; a transaction of the ledger takes no more. */
const batchSize = 98;
const batchWindowSeconds = 2;
/** Athena takes 20 starts a second; what comes faster waits in the queue. */
const maximumConcurrency = 5;

/** A query that new objects start. */
export interface QueryArgs {
    /** Names its workgroup, the folder of its runs and the table of its results. */
    name: string;
    /**
     * One SELECT. In WHERE, `:new_data` is true for the rows of the objects that started the run, in the table whose
     * prefix the trigger lies under; `:new_data(alias)` says it of one table of a join. Without it, whole tables are
     * read.
     */
    sql: string;
    /** Where the results go and what they look like. */
    output: QueryOutputArgs;
    /** Bytes after which Athena cancels a run, at least 10,000,000. @default 10 GiB, about 5 US cents */
    bytesScannedCutoff?: pulumi.Input<number>;
    /**
     * Seconds from one run to the next, 1 to 86,400 (a day): objects that arrive meanwhile wait for one run over all of
     * them, and after the last arrival there always is one.
     * @default none: whatever arrives together starts a run
     */
    minimumInterval?: number;
}

/** Arguments of `QueryRunner`. */
export interface QueryRunnerArgs {
    /** Names the workgroups: `<pipeline>-<stack>-<query>`. @default the component's name */
    pipeline?: string;
    /** Name of the bucket that holds the tables and takes the results. */
    bucketName: pulumi.Input<string>;
    /** Name of the Glue database. */
    databaseName: pulumi.Input<string>;
    /** ARN of the topic that announces new objects. */
    topicArn: pulumi.Input<string>;
    /** Name of the pipeline's ledger, a `Ledger`'s `tableName`: the books of the runs. */
    ledgerName: pulumi.Input<string>;
    /** ARN of the topic that hears of runs that failed for good and of objects that no query can name, a `Failures`' `topicArn`. */
    failuresTopicArn: pulumi.Input<string>;
    /** ARN of the key of that topic. */
    failuresKeyArn: pulumi.Input<string>;
    /** Tables of the database that the queries read, beside those of their own results. */
    tables: TableArgs[];
    /**
     * Start of the keys, ending in `/` → queries that new objects there start. Wrong queries, and such that would start
     * each other in a circle, are refused.
     */
    queries: Record<string, QueryArgs[]>;
}

/**
 * Runs Athena queries over new objects, each object version in one run of each query, however often and in whatever order
 * it is announced. A run that fails is started again if that may help, three times in all; else a topic says why. Each
 * query has a workgroup of its own, which enforces where its results go
 * (`athena/<query>/`), encrypts them, measures, and cancels what scans too much.
 *
 * @example
 * ```ts
 * new QueryRunner("reports", {
 *     bucketName: lake.bucketName, databaseName: tables.databaseName, topicArn: fanOut.topicArn,
 *     ledgerName: ledger.tableName, failuresTopicArn: failures.topicArn, failuresKeyArn: failures.keyArn,
 *     tables: [{
 *         name: "clicks", prefix: "raw/v0/clicks/", partition: "arrival_hour",
 *         columns: [{ name: "page", type: "string" }],
 *     }],
 *     queries: {
 *         "raw/v0/clicks/": [{
 *             name: "pages",
 *             sql: "SELECT page, count(*) AS clicks FROM clicks WHERE :new_data GROUP BY page",
 *             output: {
 *                 prefix: "processed/v0/pages/",
 *                 columns: [{ name: "page", type: "string" }, { name: "clicks", type: "bigint" }],
 *             },
 *         }],
 *     },
 * });
 * ```
 */
export class QueryRunner extends pulumi.ComponentResource {
    /** What the workgroups' names begin with; the query's name follows. */
    readonly workgroupPrefix: pulumi.Output<string>;
    /** ARN of the queue of new objects. */
    readonly queueArn: pulumi.Output<string>;
    /** URL of the queue of new objects. */
    readonly queueUrl: pulumi.Output<string>;
    /** URL of the dead-letter queue. */
    readonly deadLetterQueueUrl: pulumi.Output<string>;

    constructor(name: string, args: QueryRunnerArgs, opts?: pulumi.ComponentResourceOptions) {
        super("eventpipeline:index:QueryRunner", name, {}, opts);
        const parent = this;
        const account = currentAccount(this);
        const bucket = bucketArn(account, args.bucketName);
        const prefix = workgroupPrefix(args.pipeline ?? name);
        const tables = plannedTables(args.tables);
        const queries = planQueries(args.queries, tables);
        const workgroups = queries.map(workgroupOf);
        const failed = createRule();
        const runner = createRunner();
        const subscription = subscribe(runner);
        routeFailed();
        if (queries.some(({ minimumInterval }) => minimumInterval !== undefined)) letSendItself();
        this.workgroupPrefix = pulumi.output(prefix);
        this.queueArn = subscription.queueArn;
        this.queueUrl = subscription.queueUrl;
        this.deadLetterQueueUrl = subscription.deadLetterQueueUrl;
        this.registerOutputs({
            workgroupPrefix: this.workgroupPrefix,
            queueArn: this.queueArn,
            queueUrl: this.queueUrl,
            deadLetterQueueUrl: this.deadLetterQueueUrl,
        });

        function workgroupOf(query: PlannedQuery) {
            return createWorkgroup(
                `${name}-${query.name}`,
                {
                    prefix,
                    query: query.name,
                    description: `Runs of ${query.name} over new objects in ${query.trigger}`,
                    bucketName: args.bucketName,
                    account,
                    bytesScannedCutoffPerQuery: cutoffOf(query) ?? defaultBytesScannedCutoff,
                },
                parent,
            );
        }

        function cutoffOf({ trigger, name }: PlannedQuery) {
            return args.queries[trigger]?.find((query) => query.name === name)?.bytesScannedCutoff;
        }

        function createRunner() {
            const environment: EnvironmentOf<RunQueryEnvironment> = {
                PIPELINE: prefix.slice(0, -1), // with the stack: Athena tells tokens apart in the whole account
                BUCKET: args.bucketName,
                DATABASE: args.databaseName,
                WORKGROUP_PREFIX: prefix,
                LEDGER_TABLE: args.ledgerName,
                FAILURES_TOPIC: args.failuresTopicArn,
            };
            return bundledFunction(
                name,
                {
                    bundle: "run-query",
                    files: { [queryMapFile]: queryMap(queries) },
                    environment,
                    memorySize: 256,
                    timeout: timeoutSeconds,
                    statements: [
                        runQueries(workgroups.map(({ arn }) => arn)),
                        ...readTables(),
                        ...writeResults(),
                        ...keepBooks(),
                    ],
                },
                parent,
            );
        }

        function keepBooks(): Statement[] {
            return [
                useTable(account, args.ledgerName, ["GetItem", "BatchGetItem", "PutItem"]),
                ...publishEncrypted(args.failuresTopicArn, args.failuresKeyArn),
            ];
        }

        function readTables(): Statement[] {
            const readable = [...tables, ...queries.map((query) => query.output.table)];
            const prefixes = readable.map((each) => each.prefix);
            return [
                ...findTables(
                    account,
                    args.databaseName,
                    readable.map((each) => each.name),
                ),
                readObjects(bucket, prefixes),
                allow("s3:ListBucket", bucket, { StringLike: { "s3:prefix": prefixes.map((each) => `${each}*`) } }),
            ];
        }

        function writeResults(): Statement[] {
            return [
                allow("s3:GetBucketLocation", bucket),
                writeObjects(
                    bucket,
                    queries.map((query) => `athena/${query.name}/`),
                ),
            ];
        }

        function subscribe({ lambda, role }: FunctionParts) {
            return new Subscription(
                name,
                {
                    topicArn: args.topicArn,
                    prefixes: [...new Set(queries.map((query) => query.trigger))],
                    functionArn: lambda.arn,
                    functionRole: role.name,
                    functionTimeout: timeoutSeconds,
                    batchSize,
                    batchWindow: batchWindowSeconds,
                    maximumConcurrency,
                    eventRuleArns: [failed.arn],
                },
                { parent },
            );
        }

        /** Athena tells EventBridge when a run failed; nobody else does. */
        function createRule() {
            const eventPattern = JSON.stringify({
                source: ["aws.athena"],
                "detail-type": ["Athena Query State Change"],
                detail: { currentState: ["FAILED", "CANCELLED"], workgroupName: [{ prefix }] },
            });
            const description = `Failed runs of ${name}`;
            return new cloudwatch.EventRule(name, { description, eventPattern }, { parent });
        }

        /** To the queue of the new objects, once its policy takes it. */
        function routeFailed() {
            new cloudwatch.EventTarget(
                name,
                {
                    rule: failed.name,
                    arn: subscription.queueArn,
                    deadLetterConfig: { arn: subscription.deadLetterQueueArn },
                },
                { parent, dependsOn: [subscription] },
            );
        }

        /** A query with a minimum interval sends itself a message for when that is over. */
        function letSendItself() {
            const statement = allow(["sqs:GetQueueUrl", "sqs:SendMessage"], subscription.queueArn);
            new iam.RolePolicy(
                `${name}-wake`,
                { role: runner.role.name, policy: policyDocument(statement) },
                { parent },
            );
        }
    }
}

/** The queries as the function reads them. */
function queryMap(queries: PlannedQuery[]): QueryMap {
    return {
        queries: queries.map(({ name, trigger, sql, newData, minimumInterval }) => ({
            name,
            trigger,
            sql,
            ...(newData && { newData: layoutOf(newData) }),
            ...(minimumInterval !== undefined && { minimumInterval }),
        })),
    };
}

function layoutOf({ prefix, partition }: PlannedTable) {
    return { prefix, ...(partition && { partition: partition.columns }) };
}
