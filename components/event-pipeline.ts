import * as pulumi from "@pulumi/pulumi";
import {
    type AdoptedTableArgs,
    type ColumnArgs,
    type CompactArgs,
    type IngestFormat,
    type IngestPartitions,
    type Operations,
    type Plan,
    type PlannedIngest,
    type PlannedProcessor,
    type PlannedQuery,
    type PlannedRollup,
    type PlannedTable,
    planPipeline,
    subscribersOf,
    takesPayloads,
} from "../plan";
import { Alarms, type PipelineAlarmsArgs } from "./alarms";
import { Bookkeeper, type BooksArgs } from "./bookkeeper";
import { Compactor } from "./compactor";
import { DeliveryStream } from "./delivery-stream";
import { Failures, type FailuresArgs } from "./failures";
import { FanOut } from "./fan-out";
import { GlueTables, type TableArgs } from "./glue-tables";
import { currentAccount } from "./internal/account";
import { databaseName } from "./internal/names";
import { LakeBucket, type OwnBucketArgs } from "./lake-bucket";
import { Ledger } from "./ledger";
import { Processor, type ProcessorArgs } from "./processor";
import { type QueryArgs, QueryRunner } from "./query-runner";
import { type ReconcileArgs, Reconciler, timeFoldersOf } from "./reconciler";
import { type ConvertedResultArgs, ResultConverter } from "./result-converter";
import { Rollup, type RollupArgs } from "./rollup";
import { type HttpArgs, HttpCollector } from "./sources/http-collector";
import { type IotArgs, IotTopic } from "./sources/iot-topic";
import { KinesisStream, type KinesisStreamArgs } from "./sources/kinesis-stream";
import { LoadBalancer, type LoadBalancerArgs } from "./sources/load-balancer";
import { StreamApi, type StreamApiArgs } from "./sources/stream-api";

/** The bucket that everything is kept in, and how the pipeline hears of its new objects. */
export interface BucketArgs extends OwnBucketArgs {
    /**
     * ARN of a topic that the adopted bucket announces its new objects on already.
     * @default none: an adopted bucket needs one of `topicArn`, `eventBridge` and `ownNotifications`
     */
    topicArn?: pulumi.Input<string>;
    /** Whether the adopted bucket's owner has switched EventBridge on for it. @default false */
    eventBridge?: boolean;
    /** Whether the pipeline may replace the adopted bucket's notification document by its own. @default false */
    ownNotifications?: boolean;
}

/** A kind of event: its delivery stream, its folder and its table. */
export interface IngestArgs {
    /**
     * The events' columns; an event that has others, or other types, is refused. `event_id` (`string`) and
     * `received_at` (`timestamp`) are added.
     */
    columns: ColumnArgs[];
    /** Where the events are kept, ending in `/`. @default `raw/v0/<name>/` */
    prefix?: string;
    /**
     * What their objects hold. A table has one format: to change it, change the prefix, too.
     * @default "json"
     */
    format?: IngestFormat;
    /**
     * Folders of the hours in which they arrived, which are columns of the table. To change them, change the prefix, too.
     * @default "hour"
     */
    partitions?: IngestPartitions;
    /** First day with data, `yyyy-MM-dd`: queries list no folders before it. @default "2026-01-01" */
    since?: string;
    /**
     * Keeps the events as Parquet, too, an hour or a day at a time when that is over: in the table `<ingest>_parquet`, whose
     * folders are `year=yyyy/month=MM/day=dd/`, and `hour=HH/` for hours. Queries may start from there.
     * @default none
     * @example { every: "day" }
     */
    compact?: CompactArgs;
    /** Megabytes, before compression, after which an object is written, 1 to 128, for Parquet at least 64. @default 64 */
    bufferMegabytes?: pulumi.Input<number>;
    /** Seconds after which an object is written, 0 to 900. @default 300 */
    bufferSeconds?: pulumi.Input<number>;
    /** Takes events over HTTP. @default none */
    http?: HttpArgs;
    /** Takes events over MQTT, by a rule of AWS IoT Core. @default none */
    iot?: IotArgs;
    /** Takes events from a Kinesis stream, too. @default none @example {} */
    kinesis?: KinesisStreamArgs;
    /** Takes events as requests for a pixel, from the log of a load balancer without targets. @default none */
    loadBalancer?: LoadBalancerArgs;
}

/** Arguments of `EventPipeline`. */
export interface EventPipelineArgs {
    /** Where everything is kept. @default a bucket is created */
    bucket?: BucketArgs;
    /**
     * Name → kind of event. @default none
     * @example { clicks: { columns: [{ name: "page", type: "string" }], http: { open: true } } }
     */
    ingest?: Record<string, IngestArgs>;
    /** Start of the keys, ending in `/` → queries that new objects there start. @default none */
    queries?: Record<string, QueryArgs[]>;
    /** Start of the keys, ending in `/` → functions that are called for new objects there. @default none */
    processors?: Record<string, ProcessorArgs[]>;
    /**
     * Name in SQL → table over objects that others write into the bucket. Queries and processors may start from its
     * prefix, and queries read it; the pipeline writes nothing there. In a bucket that is created here too, where the
     * bucket's policy or the writer's role must let the others in.
     * @default none
     * @example { exports: { prefix: "exports/", columns: [{ name: "event", type: "string" }], partition: "hive_day" } }
     */
    tables?: Record<string, AdoptedTableArgs>;
    /**
     * Start of the keys, ending in `/` → counters of the events in new objects there, which lie in one table.
     * @default none
     * @example { "raw/v0/ping/": [{ name: "pings", by: ["device_id"], time: "sent_at", interval: "hour" }] }
     */
    rollups?: Record<string, RollupArgs[]>;
    /** Who hears of what queries failed at for good: runs, results that are not what was declared, objects they can't name. @default whoever subscribes to the topic `failuresTopicArn` */
    failures?: FailuresArgs;
    /**
     * How the objects are compared with the ledger, so that none is forgotten. @default every hour, where something keeps books
     * @example { lookbackHours: 24 }
     */
    reconcile?: ReconcileArgs;
    /**
     * How accepted events are compared with what became of them, by ingest and hour. @default every hour, where there are ingests
     * @example { hourly: false }
     */
    books?: BooksArgs;
    /**
     * Who is told when events do not reach S3, are not checked, or lie in a dead-letter queue. @default `failuresTopicArn`, if there is one
     * @example { topicArn: topic.arn }
     */
    alarms?: PipelineAlarmsArgs;
    /** Name of the Glue database. @default `<pipeline>_<stack>`, in lower case and with `_` for other characters than letters and digits */
    databaseName?: pulumi.Input<string>;
    /**
     * Takes events over REST, straight to the Kinesis streams of the ingests that have `kinesis`. @default none
     * @example { keys: { web: config.requireSecret("webKey") } }
     */
    streamApi?: StreamApiArgs;
}

/**
 * A serverless analytics pipeline: events become objects, new objects start queries and functions, and what these write
 * is new objects again. Arguments that cannot work are refused before anything is created, all of them in one `PlanError`.
 *
 * @example
 * ```ts
 * const pipeline = new EventPipeline("web", {
 *     ingest: {
 *         clicks: {
 *             columns: [{ name: "page", type: "string" }],
 *             http: { keys: { web: config.requireSecret("webKey") } },
 *         },
 *     },
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
 * export const urls = pipeline.collectorUrls;
 * ```
 */
export class EventPipeline extends pulumi.ComponentResource {
    /** Name of the bucket. */
    readonly bucketName: pulumi.Output<string>;
    /** Policy document that keeps the bucket to TLS and takes load balancers' logs; the owner of an adopted bucket adds it to the bucket's policy. */
    readonly bucketPolicy: pulumi.Output<string>;
    /** Name of the Glue database. */
    readonly databaseName: pulumi.Output<string>;
    /** ARN of the topic that announces new objects; absent where nothing reacts to them. */
    readonly topicArn?: pulumi.Output<string>;
    /** Policy document that `bucket.topicArn` needs. */
    readonly topicPolicy?: pulumi.Output<string>;
    /** Notification configuration that an adopted bucket needs. */
    readonly bucketNotification?: pulumi.Output<string>;
    /** Ingest → name of its delivery stream. */
    readonly deliveryStreamNames: pulumi.Output<Record<string, string>>;
    /** Ingest → ARN of its delivery stream. */
    readonly deliveryStreamArns: pulumi.Output<Record<string, string>>;
    /** Ingest → policy document that lets an application's role put records on its delivery stream. */
    readonly putPolicies: pulumi.Output<Record<string, string>>;
    /** Ingest with `kinesis` → name of its Kinesis stream. */
    readonly kinesisStreamNames: pulumi.Output<Record<string, string>>;
    /** Ingest with `kinesis` → ARN of its Kinesis stream. */
    readonly kinesisStreamArns: pulumi.Output<Record<string, string>>;
    /** Address of the stream API: `GET` lists the ingests that it puts events of; absent without `streamApi`. */
    readonly streamApiUrl?: pulumi.Output<string>;
    /** Ingest with `http` → address that takes its events by POST. */
    readonly collectorUrls: pulumi.Output<Record<string, string>>;
    /** ARN of the topic that says what queries failed at for good, and why; absent where there are no queries. */
    readonly failuresTopicArn?: pulumi.Output<string>;
    /** Ingest with `loadBalancer` → address of its pixel, by the load balancer's own name. */
    readonly pixelUrls: pulumi.Output<Record<string, string>>;
    /** Rollup → name of its counters' table. */
    readonly rollupTableNames: pulumi.Output<Record<string, string>>;
    /** Rollup → ARN of its counters' table. */
    readonly rollupTableArns: pulumi.Output<Record<string, string>>;
    /** Name of the ledger's table; absent where nothing keeps books. */
    readonly ledgerTableName?: pulumi.Output<string>;
    /** Name of the function that compares the objects with the ledger; absent where nothing keeps books. */
    readonly reconcileFunctionName?: pulumi.Output<string>;
    /** Name of the function that makes up the books of the ingests; absent where there are none. */
    readonly booksFunctionName?: pulumi.Output<string>;
    /**
     * `run-query`, `convert-result`, a processor's or rollup's name, `<ingest>_parquet`, an ingest with `loadBalancer`, or `<ingest>-iot` where that has
     * one → URL of its dead-letter queue.
     */
    readonly deadLetterQueueUrls: pulumi.Output<Record<string, string>>;
    /** What `eventpipeline replay`, `reconcile` and `books` need to know of the pipeline; export it from the stack. */
    readonly operations: pulumi.Output<Operations>;

    constructor(name: string, args: EventPipelineArgs, opts?: pulumi.ComponentResourceOptions) {
        const plan = planPipeline(args, name);
        super("eventpipeline:index:EventPipeline", name, { plan }, opts);
        const parent = this;
        const bucket = createBucket();
        const { bucketName } = bucket;
        const tables = createTables();
        const subscribers: pulumi.Resource[] = [];
        const fanOut = plan.notifiedFolders.length > 0 ? createFanOut() : undefined;
        const compacted = plan.ingests.filter(({ compaction }) => compaction !== undefined);
        const booked = [plan.queries, plan.processors, plan.rollups, plan.ingests];
        const ledger = booked.some((each) => each.length > 0) ? createLedger() : undefined;
        const failures = plan.queries.length > 0 ? createFailures() : undefined;
        const alarmTopicArn = args.alarms?.topicArn ?? failures?.topicArn;
        const rollups = byName(plan.rollups, createRollup);
        const readers = fanOut ? createReaders(fanOut.topicArn) : {};
        subscribers.push(...Object.values(readers));
        const reconciler = ledger && keepsBooks(plan) ? createReconciler(ledger) : undefined;
        const bookkeeper = ledger && plan.ingests.length > 0 ? createBookkeeper(ledger) : undefined;
        const streams = byName(plan.ingests, createStream);
        const kinesisReaders: DeliveryStream[] = [];
        const kinesisStreams = byName(plan.ingests.filter(hasKinesis), createKinesis);
        const streamApi = plan.streamApi && createStreamApi(plan.streamApi.ingests);
        const collectors = byName(plan.ingests.filter(hasHttp), createCollector);
        const topics = byName(plan.ingests.filter(hasIot), createTopic);
        const loadBalancers = byName(plan.ingests.filter(hasLoadBalancer), createLoadBalancer);
        const withDeadLetters = { ...readers, ...loadBalancers, ...topicsWithQueue(topics) };
        if (args.alarms?.enabled !== false) createAlarms();

        this.bucketName = bucketName;
        this.bucketPolicy = bucket.bucketPolicy;
        this.databaseName = tables.databaseName;
        this.topicArn = fanOut?.topicArn;
        this.topicPolicy = fanOut?.topicPolicy;
        this.bucketNotification = fanOut?.bucketNotification;
        this.deliveryStreamNames = outputOf(streams, (stream) => stream.streamName);
        this.deliveryStreamArns = outputOf(streams, (stream) => stream.streamArn);
        this.putPolicies = outputOf(streams, (stream) => stream.putPolicy);
        this.kinesisStreamNames = outputOf(kinesisStreams, (stream) => stream.streamName);
        this.kinesisStreamArns = outputOf(kinesisStreams, (stream) => stream.streamArn);
        this.streamApiUrl = streamApi?.url;
        this.collectorUrls = outputOf(collectors, (collector) => collector.url);
        this.pixelUrls = outputOf(loadBalancers, (loadBalancer) => loadBalancer.url);
        this.rollupTableNames = outputOf(rollups, (rollup) => rollup.tableName);
        this.rollupTableArns = outputOf(rollups, (rollup) => rollup.tableArn);
        this.failuresTopicArn = failures?.topicArn;
        this.ledgerTableName = ledger?.tableName;
        this.reconcileFunctionName = reconciler?.functionName;
        this.booksFunctionName = bookkeeper?.functionName;
        this.deadLetterQueueUrls = outputOf(withDeadLetters, (each) => each.deadLetterQueueUrl!);
        this.operations = operationsOf();
        this.registerOutputs({
            bucketName: this.bucketName,
            bucketPolicy: this.bucketPolicy,
            databaseName: this.databaseName,
            topicArn: this.topicArn,
            topicPolicy: this.topicPolicy,
            bucketNotification: this.bucketNotification,
            deliveryStreamNames: this.deliveryStreamNames,
            deliveryStreamArns: this.deliveryStreamArns,
            putPolicies: this.putPolicies,
            kinesisStreamNames: this.kinesisStreamNames,
            kinesisStreamArns: this.kinesisStreamArns,
            streamApiUrl: this.streamApiUrl,
            collectorUrls: this.collectorUrls,
            pixelUrls: this.pixelUrls,
            rollupTableNames: this.rollupTableNames,
            rollupTableArns: this.rollupTableArns,
            failuresTopicArn: this.failuresTopicArn,
            ledgerTableName: this.ledgerTableName,
            reconcileFunctionName: this.reconcileFunctionName,
            booksFunctionName: this.booksFunctionName,
            deadLetterQueueUrls: this.deadLetterQueueUrls,
            operations: this.operations,
        });

        function operationsOf() {
            return pulumi.output({
                pipeline: name,
                region: currentAccount(parent).region,
                bucketName,
                topicArn: fanOut?.topicArn,
                ledgerTableName: ledger?.tableName,
                reconcileFunctionName: reconciler?.functionName,
                booksFunctionName: bookkeeper?.functionName,
                ingests: byName(plan.ingests, operatedIngest),
                queues: byKey({ ...readers, ...loadBalancers }, ({ queueUrl, deadLetterQueueUrl }) => ({
                    queueUrl,
                    deadLetterQueueUrl,
                })),
                subscribers: subscribersOf(plan),
            }) as pulumi.Output<Operations>;
        }

        function operatedIngest({ name: own, errorPrefix: failedPrefix }: PlannedIngest) {
            const deliveryStreamName = streams[own]!.streamName;
            const { iot } = args.ingest![own]!;
            const payloads = iot && pulumi.output(iot.batchMode ?? false).apply((mode) => takesPayloads(iot.sql, mode));
            return { deliveryStreamName, failedPrefix, ...(iot && { takesPayloads: payloads }) };
        }

        function createBucket() {
            const { existing, forceDestroy } = args.bucket ?? {};
            const loadBalancerLogs = plan.ingests.flatMap(({ accessLog }) => accessLog?.prefix ?? []);
            return new LakeBucket(name, { existing, forceDestroy, loadBalancerLogs }, { parent });
        }

        function createTables() {
            return new GlueTables(
                name,
                {
                    databaseName: args.databaseName ?? databaseName(name),
                    bucketName,
                    tables: plan.tables.map(tableArgs),
                },
                { parent },
            );
        }

        function createFanOut() {
            const { topicArn, eventBridge } = args.bucket ?? {};
            const folders = plan.notifiedFolders.map((prefix) => ({ prefix }));
            const results = plan.queries.length > 0 ? [{ prefix: "athena/", suffix: ".csv" }] : [];
            return new FanOut(
                name,
                { bucketName, topicArn, eventBridge, folders: [...folders, ...results] },
                // Read when the constructor is through: they subscribe to a topic that must be there before them.
                { parent, dependsOn: Promise.resolve(subscribers) },
            );
        }

        function createFailures() {
            return new Failures(`${name}-failures`, args.failures, { parent });
        }

        /** What reacts to new objects. */
        function createReaders(topicArn: pulumi.Output<string>): Record<string, Reader> {
            return {
                ...(plan.queries.length > 0 && createQueries(topicArn)),
                ...byName(plan.processors, (processor) => createProcessor(processor, topicArn)),
                ...rollups,
                ...Object.fromEntries(compacted.map((ingest) => [ingest.compaction!.name, createCompactor(ingest)])),
            };
        }

        function createCompactor({ name: own, table, compaction }: PlannedIngest) {
            const { compact, bufferSeconds } = args.ingest![own]!;
            return new Compactor(
                `${name}-${compaction!.name}`,
                {
                    ...compact!,
                    pipeline: name,
                    ...{ bucketName, databaseName: tables.databaseName, topicArn: fanOut!.topicArn },
                    ledgerName: ledger!.tableName,
                    table: tableArgs(table),
                    bufferSeconds,
                },
                { parent },
            );
        }

        function createLedger() {
            return new Ledger(`${name}-ledger`, { forceDestroy: args.bucket?.forceDestroy }, { parent });
        }

        function createReconciler({ tableName }: Ledger) {
            const own = [...plan.ingests.map(({ table }) => table), ...plan.queries.map(({ output }) => output.table)];
            const places = { pipeline: name, bucketName, ledgerName: tableName, folders: timeFoldersOf(own) };
            return new Reconciler(
                `${name}-reconcile`,
                { ...args.reconcile, ...places, alarmTopicArn, subscribers: accountants() },
                { parent },
            );
        }

        function createBookkeeper({ tableName }: Ledger) {
            const places = { pipeline: name, bucketName, ledgerName: tableName };
            return new Bookkeeper(
                `${name}-books`,
                { ...args.books, ...places, alarmTopicArn, ingests: plan.ingests.map(bookedIngest) },
                { parent },
            );
        }

        function createAlarms() {
            const puts = plan.ingests.map((ingest) => [ingest.name, watched(ingest, streams[ingest.name]!)] as const);
            const reads = plan.ingests
                .filter(hasKinesis)
                .map((ingest, index) => [`${ingest.name}-kinesis`, watched(ingest, kinesisReaders[index]!)] as const);
            const deadLetterQueueUrls = byKey(withDeadLetters, (each) => each.deadLetterQueueUrl!);
            return new Alarms(
                `${name}-alarms`,
                {
                    ...{ pipeline: name, topicArn: alarmTopicArn, deadLetterQueueUrls },
                    streams: Object.fromEntries([...puts, ...reads]),
                },
                { parent },
            );
        }

        function bookedIngest({ name: own, prefix, errorPrefix, backupPrefix, accessLog }: PlannedIngest) {
            const { format, partitions, bufferSeconds } = args.ingest![own]!;
            const isLogged = accessLog !== undefined && { loadBalancer: true };
            return { name: own, prefix, format, partitions, errorPrefix, backupPrefix, bufferSeconds, ...isLogged };
        }

        function watched({ name: own }: PlannedIngest, { streamName }: DeliveryStream) {
            return { streamName, bufferSeconds: args.ingest![own]!.bufferSeconds, isChecked: true };
        }

        /** Who accounts for its objects in the ledger. */
        function accountants() {
            const { "run-query": runner, "convert-result": converter } = readers as Queries;
            return [
                ...plan.rollups.map((rollup) => accountant("rollup", rollup)),
                ...plan.processors.map((processor) => accountant("processor", processor)),
                ...plan.queries.map(({ name: own, trigger, minimumInterval: patience }) => {
                    const { queueArn, queueUrl } = runner;
                    const { queueArn: resultsQueueArn, queueUrl: resultsQueueUrl } = converter;
                    const results = { resultsQueueArn, resultsQueueUrl };
                    return { kind: "query", name: own, trigger, queueArn, queueUrl, patience, ...results };
                }),
            ];
        }

        function accountant(kind: string, { name: own, trigger }: { name: string; trigger: string }) {
            const { queueArn, queueUrl } = (readers as Record<string, Reader>)[own]!;
            return { kind, name: own, trigger, queueArn, queueUrl };
        }

        function createRollup({ name: own, trigger }: PlannedRollup) {
            const counted = args.rollups![trigger]!.find((each) => each.name === own)!;
            const table = tableArgs(plan.tables.find(({ prefix }) => trigger.startsWith(prefix))!);
            const places = { bucketName, topicArn: fanOut!.topicArn, ledgerName: ledger!.tableName, trigger, table };
            return new Rollup(
                `${name}-${own}`,
                { ...counted, ...places, forceDestroy: args.bucket?.forceDestroy },
                { parent },
            );
        }

        function createQueries(topicArn: pulumi.Output<string>) {
            const results = plan.queries.map((query) => query.output.table);
            const ledgerName = ledger!.tableName;
            const told = { failuresTopicArn: failures!.topicArn, failuresKeyArn: failures!.keyArn };
            const runner = new QueryRunner(
                `${name}-run-query`,
                {
                    pipeline: name,
                    bucketName,
                    databaseName: tables.databaseName,
                    topicArn,
                    ledgerName,
                    ...told,
                    tables: plan.tables.filter((table) => !results.includes(table)).map(tableArgs),
                    queries: args.queries ?? {},
                },
                { parent },
            );
            const converter = new ResultConverter(
                `${name}-convert-result`,
                {
                    bucketName,
                    topicArn,
                    ledgerName,
                    ...told,
                    workgroupPrefix: runner.workgroupPrefix,
                    results: plan.queries.map(resultArgs),
                },
                { parent },
            );
            return { "run-query": runner, "convert-result": converter };
        }

        function createProcessor(
            { name: own, trigger, outputPrefix }: PlannedProcessor,
            topicArn: pulumi.Output<string>,
        ) {
            const code = args.processors![trigger]!.find((each) => each.name === own)!;
            return new Processor(
                `${name}-${own}`,
                { ...code, bucketName, topicArn, ledgerName: ledger!.tableName, trigger, outputPrefix },
                { parent },
            );
        }

        function createStream(ingest: PlannedIngest) {
            return createDelivery(`${name}-${ingest.name}`, ingest);
        }

        function createDelivery(
            streamName: string,
            { name: own, prefix, errorPrefix, backupPrefix, table }: PlannedIngest,
            source: { kinesisStreamArn?: pulumi.Output<string> } = {},
        ) {
            const { partitions, bufferMegabytes, bufferSeconds } = args.ingest![own]!;
            const columns = columnArgs(table);
            const parquet =
                table.format === "parquet" ? { databaseName: tables.databaseName, tableName: own } : undefined;
            return new DeliveryStream(
                streamName,
                {
                    ...{ bucketName, prefix, errorPrefix, backupPrefix, columns, parquet },
                    ...{ partitions, bufferMegabytes, bufferSeconds, ...source },
                },
                { parent, dependsOn: announced() },
            );
        }

        function hasKinesis(ingest: PlannedIngest) {
            return ingest.kinesis === true;
        }

        /** With a delivery stream of its own into the same folder: one that reads Kinesis takes no records itself. */
        function createKinesis(ingest: PlannedIngest) {
            const streamName = `${name}-${ingest.name}-kinesis`;
            const stream = new KinesisStream(streamName, args.ingest![ingest.name]!.kinesis!, { parent });
            kinesisReaders.push(createDelivery(streamName, ingest, { kinesisStreamArn: stream.streamArn }));
            return stream;
        }

        function createStreamApi(names: string[]) {
            const own = names.map((each) => {
                const { table } = plan.ingests.find(({ name }) => name === each)!;
                return [each, { streamArn: kinesisStreams[each]!.streamArn, columns: columnArgs(table) }];
            });
            return new StreamApi(
                `${name}-stream-api`,
                { ...args.streamApi!, streams: Object.fromEntries(own) },
                // Firehose reads a stream from when it begins to: what is put before is never delivered.
                { parent, dependsOn: kinesisReaders },
            );
        }

        /** An object that comes before its readers would be announced to nobody. */
        function announced() {
            return [fanOut, ...Object.values(readers)].filter((each) => each !== undefined);
        }

        function hasHttp(ingest: PlannedIngest) {
            return args.ingest![ingest.name]!.http !== undefined;
        }

        function createCollector({ name: own, table }: PlannedIngest) {
            const { streamName, streamArn } = streams[own]!;
            const http = args.ingest![own]!.http;
            return new HttpCollector(
                `${name}-${own}-http`,
                { ...http, path: own, columns: columnArgs(table), streamName, streamArn },
                { parent },
            );
        }

        function hasIot(ingest: PlannedIngest) {
            return args.ingest![ingest.name]!.iot !== undefined;
        }

        function createTopic({ name: own, errorPrefix, table }: PlannedIngest) {
            const { streamName, streamArn } = streams[own]!;
            const iot = args.ingest![own]!.iot!;
            const failed = { bucketName, errorPrefix: `${errorPrefix}iot/` };
            return new IotTopic(
                `${name}-${own}-iot`,
                { ...iot, ...failed, columns: columnArgs(table), streamName, streamArn },
                { parent },
            );
        }

        function hasLoadBalancer(ingest: PlannedIngest) {
            return ingest.accessLog !== undefined;
        }

        function createLoadBalancer({ name: own, prefix, errorPrefix, accessLog, table }: PlannedIngest) {
            return new LoadBalancer(
                `${name}-${own}-pixel`,
                {
                    ...args.ingest![own]!.loadBalancer,
                    ...{ ingest: own, path: accessLog!.path, columns: columnArgs(table) },
                    ...{ bucketName, topicArn: fanOut!.topicArn, logPrefix: accessLog!.prefix, prefix, errorPrefix },
                    partitions: args.ingest![own]!.partitions,
                },
                // The bucket's policy must take the log before a load balancer can be told to write it.
                { parent, dependsOn: [bucket, ...announced()] },
            );
        }
    }
}

/** Whether anything says in the ledger which objects it accounted for. */
function keepsBooks({ queries, rollups, processors }: Plan): boolean {
    return queries.length + rollups.length + processors.length > 0;
}

/** Present where there are queries. */
type Queries = { "run-query": QueryRunner; "convert-result": ResultConverter };

type Reader = QueryRunner | ResultConverter | Processor | Rollup | Compactor;

function byName<Planned extends { name: string }, Made>(planned: Planned[], make: (each: Planned) => Made) {
    return Object.fromEntries(planned.map((each) => [each.name, make(each)]));
}

function byKey<Made, Kept>(made: Record<string, Made>, keep: (each: Made) => Kept): Record<string, Kept> {
    return Object.fromEntries(Object.entries(made).map(([name, each]) => [name, keep(each)]));
}

function outputOf<Made>(made: Record<string, Made>, output: (each: Made) => pulumi.Output<string>) {
    const entries = Object.entries(made).map(([name, each]) => [name, output(each)]);
    return pulumi.all(Object.fromEntries(entries) as Record<string, pulumi.Output<string>>);
}

/** As their dead-letter queues are called: an ingest may have one of its load balancer, too. */
function topicsWithQueue(topics: Record<string, IotTopic>): Record<string, IotTopic> {
    const all = Object.entries(topics).filter(([, { deadLetterQueueUrl }]) => deadLetterQueueUrl !== undefined);
    return Object.fromEntries(all.map(([ingest, topic]) => [`${ingest}-iot`, topic]));
}

function columnArgs({ columns }: PlannedTable): ColumnArgs[] {
    return columns.map(({ name, hiveType, comment }) => ({ name, type: hiveType, comment }));
}

function tableArgs(table: PlannedTable): TableArgs {
    const { name, prefix, partition, format, csv } = table;
    const columns = format === "alb-log" ? undefined : columnArgs(table);
    return { name, prefix, columns, format, csv, partition: partition?.layout, since: partition?.since };
}

function resultArgs({ name, output }: PlannedQuery): ConvertedResultArgs {
    const { prefix, mode, compression, table } = output;
    return { query: name, prefix, mode, compression, columns: columnArgs(table) };
}
