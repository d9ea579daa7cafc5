/** Pipelines with every argument that changes what is registered, each named for what it shows. */
import * as pulumi from "@pulumi/pulumi";
import { EventPipeline, type EventPipelineArgs } from "eventpipeline";

const columns = [
    { name: "page", type: "string" },
    { name: "load_ms", type: "int" },
    { name: "price", type: "decimal(10,2)" },
    { name: "tags", type: "array<string>" },
    { name: "attributes", type: "map<string,string>" },
    { name: "buyer", type: "struct<country:string,since:date>" },
    { name: "seen_at", type: "timestamp", comment: "By the clock of the browser" },
];
const http = { keys: { web: pulumi.secret("a key for tests only") } };
const total = (from: string, more: object = {}) => ({
    name: `${from}_total`,
    sql: `SELECT count(*) AS events FROM ${from}`,
    output: {
        prefix: `reports/v0/${from}/`,
        mode: "replace" as const,
        compression: "fast" as const,
        columns: [{ name: "events", type: "bigint" }],
    },
    ...more,
});
const rollup = { name: "counts", by: ["page"], time: "seen_at" };
const certificateArn = "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-000000000000";
const topicArn = "arn:aws:sns:us-east-1:123456789012:new-objects";

const variants: Record<string, EventPipelineArgs> = {
    "nothing-but-a-stream": { ingest: { click: { columns } } },
    parquet: {
        ingest: { click: { columns, http, format: "parquet", bufferMegabytes: 128, bufferSeconds: 900 } },
        queries: { "raw/v0/click/": [total("click")] },
    },
    "hive-partitions": {
        ingest: { click: { columns, http, partitions: "hive", since: "2025-06-01" } },
        queries: { "raw/v0/click/": [total("click")] },
    },
    "parquet-in-hive-partitions": { ingest: { click: { columns, http, format: "parquet", partitions: "hive" } } },
    "compact-by-hour": { ingest: { click: { columns, compact: { every: "hour", prefix: "compacted/" } } } },
    "compact-by-day": {
        ingest: { click: { columns, http, partitions: "hive", compact: { every: "day" } } },
        queries: { "parquet/v0/click/": [total("click_parquet")] },
    },
    "open-to-pages": {
        ingest: {
            click: {
                columns,
                http: { open: true, allowedOrigins: ["https://app.example.com"], requestsPerSecond: 50, burst: 100 },
            },
        },
    },
    iot: { ingest: { ping_of_device: { columns, iot: { sql: "SELECT *, topic(2) AS page FROM 'devices/+/ping'" } } } },
    "iot-with-dead-letters": {
        ingest: {
            ping: { columns, iot: { sql: "SELECT * FROM 'devices/+/ping'", batchMode: true, deadLetterQueue: true } },
        },
    },
    "kinesis-on-demand": { ingest: { click: { columns, kinesis: {} } } },
    "kinesis-with-shards": { ingest: { click: { columns, kinesis: { shards: 4, retentionHours: 8760 } } } },
    "kinesis-that-exists": {
        ingest: {
            click: {
                columns,
                kinesis: { streamArn: "arn:aws:kinesis:us-east-1:123456789012:stream/clicks" },
                format: "parquet",
            },
        },
    },
    rest: {
        ingest: { click: { columns, kinesis: { shards: 1 } }, view_v2: { columns, kinesis: {} } },
        streamApi: {
            keys: { web: "another-key-for-tests", app: "yet-another-key-for-tests" },
            allowedOrigins: ["https://app.example.com"],
            requestsPerSecond: 100,
            burst: 200,
            usage: { requestsPerSecond: 10, burst: 20, quota: 1_000, period: "month" },
            ownAccountLogRole: true,
        },
    },
    "pixel-over-http": { ingest: { view: { columns: columns.slice(0, 2), loadBalancer: { clientAddress: "drop" } } } },
    "pixel-over-https": {
        ingest: {
            view: {
                columns: columns.slice(0, 2),
                partitions: "hive",
                loadBalancer: {
                    certificateArn,
                    vpcId: "vpc-00000001",
                    subnetIds: ["subnet-00000003", "subnet-00000004"],
                    allowedOrigin: "https://app.example.com",
                    deletionProtection: false,
                },
            },
        },
    },
    rollups: {
        ingest: { click: { columns } },
        rollups: {
            "raw/v0/click/": [
                { ...rollup, interval: "minute", sum: ["load_ms", "price"] },
                { ...rollup, name: "days", interval: "day", tableName: "Days", nameAttribute: "Name" },
            ],
        },
    },
    processors: {
        ingest: { click: { columns } },
        processors: {
            "raw/v0/click/": [
                {
                    name: "in_node",
                    runtime: "nodejs22.x",
                    handler: "index.handler",
                    code: archive("index.js", "exports.handler = async () => ({});"),
                    architecture: "x86_64",
                    memorySize: 2048,
                    timeout: 600,
                    batchSize: 1,
                    maximumConcurrency: 2,
                    environment: { MODE: "fast" },
                },
                {
                    name: "in_python",
                    runtime: "python3.13",
                    handler: "main.handler",
                    code: archive("main.py", "def handler(event, context): return {}"),
                    output: { prefix: "processed/v0/python/", columns: [{ name: "page", type: "string" }] },
                },
            ],
        },
    },
    "queries-in-tiers": {
        ingest: { click: { columns } },
        queries: {
            "raw/v0/click/": [
                {
                    name: "pages",
                    sql: "SELECT page, count(*) AS clicks FROM click WHERE :new_data GROUP BY page",
                    minimumInterval: 600,
                    bytesScannedCutoff: 10 * 1024 ** 2,
                    output: {
                        prefix: "processed/v0/pages/",
                        compression: "zstd",
                        columns: [
                            { name: "page", type: "string" },
                            { name: "clicks", type: "bigint" },
                        ],
                    },
                },
            ],
            "processed/v0/pages/": [total("pages")],
        },
        failures: { emails: ["data@example.com"] },
        reconcile: { afterMinutes: 15, lookbackHours: 1_440 },
        alarms: { topicArn },
    },
    "reconciled-by-hand": {
        ingest: { click: { columns } },
        rollups: { "raw/v0/click/": [rollup] },
        reconcile: { hourly: false },
    },
    "adopted-with-its-notifications": {
        bucket: { existing: "lake-of-others", ownNotifications: true },
        ingest: { click: { columns } },
        queries: { "raw/v0/click/": [total("click")] },
    },
    "adopted-through-event-bridge": {
        bucket: { existing: "lake-of-others-too", eventBridge: true },
        ingest: { click: { columns } },
        queries: { "raw/v0/click/": [total("click")] },
    },
    "adopted-with-its-topic": {
        bucket: { existing: "lake-of-yet-others", topicArn },
        ingest: { click: { columns } },
        queries: { "raw/v0/click/": [total("click")] },
    },
    "tables-of-others": {
        databaseName: "exports",
        tables: {
            json: { prefix: "exports/json/", partition: "hive_day", columns },
            csv: {
                prefix: "exports/csv/",
                format: "csv",
                csv: { separator: ";", quote: "'", headerLines: 1 },
                columns: [{ name: "page", type: "string" }],
            },
            parquet: { prefix: "exports/parquet/", format: "parquet", partition: "hive_hour", columns },
            logs: { prefix: "exports/alb/", format: "alb-log", partition: "arrival_day" },
        },
        queries: { "exports/": ["json", "csv", "parquet", "logs"].map((table) => total(table)) },
    },
    "to-be-deleted-with-its-data": {
        bucket: { forceDestroy: true },
        ingest: { click: { columns } },
        rollups: { "raw/v0/click/": [rollup] },
    },
};

for (const [name, args] of Object.entries(variants)) new EventPipeline(name, args);

function archive(file: string, text: string): pulumi.asset.Archive {
    return new pulumi.asset.AssetArchive({ [file]: new pulumi.asset.StringAsset(text) });
}
