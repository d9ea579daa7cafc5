import * as pulumi from "@pulumi/pulumi";
import { EventPipeline } from "eventpipeline";

/** One of each that reacts to new objects, and everything that a replay has to know of them. */
const columns = [
    { name: "id", type: "string" },
    { name: "value", type: "bigint" },
    { name: "sent_at", type: "timestamp" },
];

const pipeline = new EventPipeline("replayed", {
    ingest: {
        ping: { columns, http: { open: true }, iot: { sql: "SELECT * FROM 'pings/#'" } },
    },
    reconcile: { hourly: false }, // what is lost stays lost until somebody replays it
    queries: {
        "raw/v0/ping/": [
            {
                name: "seen",
                sql: "SELECT id, sum(value) AS value FROM ping WHERE :new_data GROUP BY id",
                output: {
                    prefix: "processed/v0/seen/",
                    columns: [
                        { name: "id", type: "string" },
                        { name: "value", type: "bigint" },
                    ],
                },
            },
            {
                name: "total",
                sql: "SELECT count(*) AS pings FROM ping",
                output: {
                    prefix: "reports/v0/total/",
                    mode: "replace",
                    columns: [{ name: "pings", type: "bigint" }],
                },
            },
        ],
    },
    rollups: {
        "raw/v0/ping/": [{ name: "pings", by: ["id"], time: "sent_at", interval: "hour", sum: ["value"] }],
    },
    processors: {
        "raw/v0/ping/": [
            {
                name: "touch",
                runtime: "nodejs24.x",
                handler: "index.handler",
                code: new pulumi.asset.AssetArchive({
                    "index.js": new pulumi.asset.StringAsset("exports.handler = async () => ({});"),
                }),
            },
        ],
    },
});
export const operations = pipeline.operations;
