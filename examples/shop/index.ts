import * as pulumi from "@pulumi/pulumi";
import { EventPipeline } from "eventpipeline";

const config = new pulumi.Config();
const shop = new EventPipeline("shop", {
    ingest: {
        click: {
            columns: [
                { name: "page", type: "string" },
                { name: "clicked_at", type: "timestamp" },
            ],
            http: { keys: { web: config.requireSecret("webKey") }, allowedOrigins: ["https://shop.example.com"] },
        },
    },
    queries: {
        "raw/v0/click/": [
            {
                name: "pagehour",
                sql: `SELECT page, date_trunc('hour', clicked_at) AS hour, count(*) AS clicks
                      FROM click WHERE :new_data GROUP BY 1, 2`,
                output: {
                    prefix: "processed/v0/pagehour/",
                    columns: [
                        { name: "page", type: "string" },
                        { name: "hour", type: "timestamp" },
                        { name: "clicks", type: "bigint" },
                    ],
                },
            },
        ],
    },
});
export const urls = shop.collectorUrls;
