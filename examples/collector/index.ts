import * as pulumi from "@pulumi/pulumi";
import { CompactionInterval, EventPipeline, type IngestArgs } from "eventpipeline";

const config = new pulumi.Config();

// #region ingest
const track: IngestArgs = {
    columns: [
        { name: "event", type: "string" },
        { name: "user_name", type: "string" },
        { name: "occurred_at", type: "timestamp" },
    ],
    partitions: "hive",
    compact: { every: CompactionInterval.Day },
    bufferMegabytes: 128,
    bufferSeconds: 900,
    http: { keys: { stage: config.requireSecret("apiKey") }, allowedOrigins: ["https://app.example.com"] },
};
// #endregion

const usersOfMonth = (table: string) =>
    `SELECT year, month, count(DISTINCT user_name) AS users, count(*) AS logins FROM ${table}
     WHERE event = 'LOGIN' GROUP BY 1, 2 ORDER BY 1, 2`;

const monthColumns = [
    { name: "year", type: "string" },
    { name: "month", type: "string" },
    { name: "users", type: "bigint" },
    { name: "logins", type: "bigint" },
];

// #region pipeline
const collector = new EventPipeline("collector", {
    ingest: { track },
    queries: {
        "raw/v0/track/": [
            {
                name: "loginhour",
                sql: `SELECT year, month, day, hour, count(*) AS logins FROM track
                      WHERE :new_data AND event = 'LOGIN' GROUP BY 1, 2, 3, 4`,
                output: {
                    prefix: "processed/v0/loginhour/",
                    columns: [
                        { name: "year", type: "string" },
                        { name: "month", type: "string" },
                        { name: "day", type: "string" },
                        { name: "hour", type: "string" },
                        { name: "logins", type: "bigint" },
                    ],
                },
            },
            {
                name: "usersmonth",
                sql: usersOfMonth("track"),
                output: { prefix: "reports/v0/usersmonth/", mode: "replace", columns: monthColumns },
            },
        ],
        "parquet/v0/track/": [
            {
                name: "usersmonth_parquet",
                sql: usersOfMonth("track_parquet"),
                output: { prefix: "reports/v0/usersmonth_parquet/", mode: "replace", columns: monthColumns },
            },
        ],
    },
});
// #endregion

export const urls = collector.collectorUrls;
export const bucket = collector.bucketName;
