import * as pulumi from "@pulumi/pulumi";
import { EventPipeline } from "eventpipeline";

const config = new pulumi.Config();

const all = new EventPipeline("all", {
    ingest: {
        event: {
            columns: [
                { name: "source", type: "string" },
                { name: "value", type: "bigint" },
                { name: "sent_at", type: "timestamp" },
            ],
            compact: { every: "day" },
            http: { keys: { web: config.requireSecret("webKey") } },
            iot: { sql: "SELECT * FROM 'events/#'", deadLetterQueue: true },
            kinesis: { shards: 1 },
            loadBalancer: { path: "/pixel" },
        },
        row: { columns: [{ name: "cell", type: "string" }], format: "parquet", partitions: "hive" },
    },
    tables: {
        export: {
            prefix: "exports/",
            format: "csv",
            columns: [{ name: "id", type: "string" }],
            csv: { separator: ";" },
            partition: "hive_day",
        },
    },
    streamApi: { keys: { app: config.requireSecret("appKey") } },
    queries: {
        "raw/v0/event/": [
            {
                name: "total",
                sql: "SELECT source, count(*) AS events FROM event WHERE :new_data GROUP BY source",
                output: {
                    prefix: "processed/v0/total/",
                    columns: [
                        { name: "source", type: "string" },
                        { name: "events", type: "bigint" },
                    ],
                },
            },
        ],
        "processed/v0/total/": [
            {
                name: "report",
                sql: "SELECT source, sum(events) AS events FROM total GROUP BY source",
                output: {
                    prefix: "reports/v0/report/",
                    mode: "replace",
                    columns: [
                        { name: "source", type: "string" },
                        { name: "events", type: "bigint" },
                    ],
                },
            },
        ],
    },
    processors: {
        "processed/v0/total/": [
            {
                name: "forecast",
                runtime: "python3.13",
                handler: "forecast.handler",
                code: new pulumi.asset.AssetArchive({
                    "forecast.py": new pulumi.asset.StringAsset("def handler(event, context): pass\n"),
                }),
                output: { columns: [{ name: "source", type: "string" }] },
            },
        ],
    },
    rollups: { "raw/v0/event/": [{ name: "counts", by: ["source"], time: "sent_at" }] },
    failures: { emails: ["data@example.com"] },
});

export const { bucketName, collectorUrls, streamApiUrl, kinesisStreamNames, rollupTableNames } = all;
