import * as pulumi from "@pulumi/pulumi";
import { EventPipeline } from "eventpipeline";

/** One of each that reads objects or is called for them, over files that nobody checked. */
const columns = [
    { name: "id", type: "string" },
    { name: "value", type: "bigint" },
    { name: "sent_at", type: "timestamp" },
];

export const { ledgerTableName } = new EventPipeline("badfiles", {
    ingest: { ping: { columns } },
    reconcile: { hourly: false },
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
        ],
    },
    rollups: {
        "raw/v0/ping/": [{ name: "pings", by: ["id"], time: "sent_at", sum: ["value"], maximumMegabytes: 1 }],
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
