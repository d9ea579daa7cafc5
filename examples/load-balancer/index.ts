import { EventPipeline } from "eventpipeline";

const site = new EventPipeline("site", {
    ingest: {
        pageview: {
            columns: [
                { name: "path", type: "string" },
                { name: "visitor", type: "bigint" },
                { name: "load_ms", type: "int" },
            ],
            loadBalancer: { path: "/p", clientAddress: "truncate", beacons: true },
        },
    },
    queries: {
        "raw/v0/pageview/": [
            {
                name: "pathday",
                sql: `SELECT date_trunc('day', request_time) AS day, path, count(*) AS views, max(load_ms) AS slowest_ms
                      FROM pageview WHERE :new_data GROUP BY 1, 2`,
                output: {
                    prefix: "processed/v0/pathday/",
                    columns: [
                        { name: "day", type: "timestamp" },
                        { name: "path", type: "string" },
                        { name: "views", type: "bigint" },
                        { name: "slowest_ms", type: "int" },
                    ],
                },
            },
        ],
        "processed/v0/pathday/": [
            {
                name: "pathtotal",
                sql: `SELECT day, path, sum(views) AS views, max(slowest_ms) AS slowest_ms
                      FROM pathday GROUP BY 1, 2 ORDER BY 1, 2`,
                output: {
                    prefix: "reports/v0/pathtotal/",
                    mode: "replace",
                    columns: [
                        { name: "day", type: "timestamp" },
                        { name: "path", type: "string" },
                        { name: "views", type: "bigint" },
                        { name: "slowest_ms", type: "int" },
                    ],
                },
            },
        ],
    },
});

export const pixelUrls = site.pixelUrls;
export const bucket = site.bucketName;
