import * as pulumi from "@pulumi/pulumi";
import { EventPipeline } from "eventpipeline";

const config = new pulumi.Config();
const orders = new EventPipeline("orders", {
    ingest: {
        // Two versions of one event, side by side: each has its stream, its model and its table.
        order_v1: {
            prefix: "raw/orders/v1/",
            columns: [
                { name: "order_id", type: "string" },
                { name: "item", type: "string" },
                { name: "price", type: "double" },
            ],
            kinesis: { shards: 1 },
        },
        order_v2: {
            prefix: "raw/orders/v2/",
            columns: [
                { name: "order_id", type: "bigint" },
                { name: "item", type: "string" },
                { name: "cents", type: "bigint" },
                { name: "buyer", type: "struct<country:string,since:date>" },
                { name: "tags", type: "array<string>" },
            ],
            kinesis: { shards: 2 },
        },
    },
    streamApi: {
        keys: { shop: config.requireSecret("shopKey") },
        allowedOrigins: ["https://shop.example.com", "https://admin.example.com"],
        usage: { requestsPerSecond: 500, burst: 1000, quota: 5_000_000 },
    },
    queries: {
        "raw/orders/": [
            {
                name: "itemtotal",
                sql: `SELECT item, count(*) AS orders, sum(cents) AS cents
                      FROM (SELECT item, CAST(round(price * 100) AS bigint) AS cents FROM order_v1
                            UNION ALL
                            SELECT item, cents FROM order_v2) AS every_version
                      GROUP BY item ORDER BY item`,
                output: {
                    prefix: "reports/v0/itemtotal/",
                    mode: "replace",
                    columns: [
                        { name: "item", type: "string" },
                        { name: "orders", type: "bigint" },
                        { name: "cents", type: "bigint" },
                    ],
                },
            },
        ],
    },
});

export const url = orders.streamApiUrl;
export const bucket = orders.bucketName;
