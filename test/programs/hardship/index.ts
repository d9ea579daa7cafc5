import * as pulumi from "@pulumi/pulumi";
import { EventPipeline } from "eventpipeline";

/** A pipeline in which something goes wrong at every place where it can. */
const columns = [
    { name: "id", type: "string" },
    { name: "value", type: "double" },
];

new EventPipeline("hardship", {
    ingest: {
        ping: {
            columns,
            http: { keys: { web: "a key for tests only" } },
            iot: { sql: "SELECT * FROM 'pings/#'", batchMode: true },
        },
    },
    queries: {
        "raw/v0/ping/": [
            {
                name: "seen",
                sql: "SELECT id, max(value) AS value FROM ping WHERE :new_data GROUP BY id",
                output: { prefix: "processed/v0/seen/", columns },
            },
            {
                name: "failing",
                sql: "SELECT CAST(id AS bigint) AS id FROM ping WHERE :new_data",
                output: { prefix: "processed/v0/failing/", columns: [{ name: "id", type: "bigint" }] },
            },
            {
                name: "nested",
                sql: "SELECT array_agg(id) AS ids FROM ping WHERE :new_data",
                output: { prefix: "processed/v0/nested/", columns: [{ name: "ids", type: "array<string>" }] },
            },
        ],
    },
    processors: {
        "processed/v0/seen/": [
            {
                name: "thrower",
                runtime: "nodejs24.x",
                handler: "index.handler",
                code: new pulumi.asset.AssetArchive({
                    "index.js": new pulumi.asset.StringAsset(
                        "exports.handler = async () => { throw new Error('no luck'); };",
                    ),
                }),
            },
        ],
    },
});
