import * as pulumi from "@pulumi/pulumi";
import { EventPipeline } from "eventpipeline";

const columns = [
    { name: "id", type: "string" },
    { name: "value", type: "bigint" },
    { name: "sent_at", type: "timestamp" },
];

/** Writes an object beside what it was called for. */
const touch = `
const { AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, OUTPUT_PREFIX } = process.env;
const authorization = "AWS4-HMAC-SHA256 Credential=" + AWS_ACCESS_KEY_ID + "/20261121/us-east-1/s3/aws4_request";
exports.handler = async ({ objects }) => {
    for (const { bucket, key } of objects) {
        await fetch(AWS_ENDPOINT_URL + "/" + bucket + "/" + key, { headers: { authorization } });
        const own = OUTPUT_PREFIX + key.replaceAll("/", "-");
        const written = { method: "PUT", body: "done", headers: { authorization } };
        await fetch(AWS_ENDPOINT_URL + "/" + bucket + "/" + own, written);
    }
};`;

/** A pipeline with every component, so that each action that they are allowed can be made use of. */
const one = new EventPipeline("one", {
    ingest: {
        ping: {
            columns,
            http: { keys: { web: "a key for tests only" } },
            iot: { sql: "SELECT * FROM 'pings/#'", batchMode: true },
            kinesis: { shards: 1 },
            loadBalancer: { path: "/pixel" },
            compact: { every: "hour" },
        },
        tick: { columns, format: "parquet", iot: { sql: "SELECT * FROM 'ticks/#'" } },
        tock: { columns, iot: { sql: "SELECT * FROM 'tocks/#'", batchMode: true, deadLetterQueue: true } },
    },
    books: { afterMinutes: 60, hourly: true },
    streamApi: { keys: { app: "another-key-for-tests" } },
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
                sql: "SELECT count(*) AS events FROM ping",
                output: { prefix: "reports/v0/total/", mode: "replace", columns: [{ name: "events", type: "bigint" }] },
                minimumInterval: 60,
            },
            {
                name: "failing",
                sql: "SELECT CAST(id AS bigint) AS id FROM ping WHERE :new_data",
                output: { prefix: "processed/v0/failing/", columns: [{ name: "id", type: "bigint" }] },
            },
            {
                name: "mistyped",
                sql: "SELECT id FROM ping WHERE :new_data",
                output: { prefix: "processed/v0/mistyped/", columns: [{ name: "id", type: "bigint" }] },
            },
        ],
    },
    rollups: { "raw/v0/ping/": [{ name: "pings", by: ["id"], time: "sent_at", interval: "hour", sum: ["value"] }] },
    processors: {
        "processed/v0/seen/": [
            {
                name: "touch",
                runtime: "nodejs24.x",
                handler: "index.handler",
                code: new pulumi.asset.AssetArchive({ "index.js": new pulumi.asset.StringAsset(touch) }),
                output: { prefix: "touched/v0/" },
            },
        ],
    },
});

export const bucket = one.bucketName;
