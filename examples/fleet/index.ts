import * as pulumi from "@pulumi/pulumi";
import { EventPipeline } from "eventpipeline";

const config = new pulumi.Config();

const fleet = new EventPipeline("fleet", {
    ingest: {
        deviceping: {
            columns: [
                { name: "device_id", type: "string" },
                { name: "battery", type: "double" },
                { name: "sent_at", type: "timestamp" },
            ],
            http: { keys: { web: config.requireSecret("webKey") }, allowedOrigins: ["https://app.example.com"] },
            iot: { sql: "SELECT * FROM 'devices/+/ping'" },
        },
    },
    queries: {
        "raw/v0/deviceping/": [
            {
                name: "devicebattery",
                sql: `SELECT device_id, max_by(battery, sent_at) AS battery, max(sent_at) AS sent_at
                      FROM deviceping WHERE :new_data GROUP BY device_id`,
                output: {
                    prefix: "processed/v0/devicebattery/",
                    columns: [
                        { name: "device_id", type: "string" },
                        { name: "battery", type: "double" },
                        { name: "sent_at", type: "timestamp" },
                    ],
                },
            },
        ],
        "processed/v0/devicebattery/": [
            {
                name: "batteryweek",
                sql: `SELECT date_trunc('hour', sent_at) AS hour, avg(battery) AS battery FROM devicebattery
                      WHERE sent_at > current_timestamp - interval '7' day GROUP BY 1 ORDER BY 1`,
                output: {
                    prefix: "reports/v0/batteryweek/",
                    mode: "replace",
                    columns: [
                        { name: "hour", type: "timestamp" },
                        { name: "battery", type: "double" },
                    ],
                },
            },
        ],
    },
    processors: {
        "processed/v0/devicebattery/": [
            {
                name: "forecast",
                runtime: "python3.13",
                handler: "forecast.handler",
                code: new pulumi.asset.FileArchive("./forecast"),
                output: {
                    columns: [
                        { name: "device_id", type: "string" },
                        { name: "battery", type: "double" },
                        { name: "empty_at", type: "timestamp" },
                    ],
                },
            },
        ],
    },
    rollups: {
        // #region rollup
        "raw/v0/deviceping/": [{ name: "pings", by: ["device_id"], time: "sent_at", interval: "hour" }],
        // #endregion
    },
});

export const collectorUrls = fleet.collectorUrls;
export const rollupTableNames = fleet.rollupTableNames;
export const bucket = fleet.bucketName;
export const operations = fleet.operations;
