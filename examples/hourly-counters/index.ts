import * as pulumi from "@pulumi/pulumi";
import { EventPipeline } from "eventpipeline";

const config = new pulumi.Config();

// #region tables
const counters = new EventPipeline("counters", {
    bucket: { existing: config.get("bucket") ?? "exports-of-a-service", eventBridge: true },
    tables: {
        event: {
            prefix: "exports/",
            partition: "hive_hour", // exports/year=2026/month=11/day=21/hour=04/….json.gz
            columns: [
                { name: "name", type: "string" },
                { name: "timestamp", type: "bigint" }, // seconds since 1970
            ],
        },
    },
    rollups: {
        "exports/": [
            {
                name: "hourly",
                by: ["name"],
                time: "timestamp",
                timeUnit: "seconds",
                interval: "hour",
                tableName: "Events",
                nameAttribute: "Name",
                timestampAttribute: "Timestamp",
                countAttribute: "Count",
            },
        ],
    },
    queries: {
        "exports/": [
            {
                name: "eventhour",
                // All files, not those alone that are new: events come late, in files of later hours, and files come again.
                sql: `SELECT name, CAST(date_trunc('hour', from_unixtime("timestamp")) AS timestamp) AS hour, count(*) AS events
                      FROM event GROUP BY 1, 2 ORDER BY 2, 1`,
                output: {
                    prefix: "reports/v0/eventhour/",
                    mode: "replace",
                    columns: [
                        { name: "name", type: "string" },
                        { name: "hour", type: "timestamp" },
                        { name: "events", type: "bigint" },
                    ],
                },
            },
        ],
    },
});
// #endregion
export const bucket = counters.bucketName;
export const table = counters.rollupTableNames.hourly;
export const needs = counters.bucketNotification;
export const operations = counters.operations;
