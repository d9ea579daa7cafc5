import { EventPipeline } from "eventpipeline";

const earthquakes = new EventPipeline("earthquakes", {
    ingest: {
        earthquake: {
            columns: [
                { name: "id", type: "string" },
                { name: "occurred_at", type: "timestamp" },
                { name: "network", type: "string" },
                { name: "magnitude", type: "double" },
                { name: "magnitude_type", type: "string" },
                { name: "place", type: "string" },
                { name: "longitude", type: "double" },
                { name: "latitude", type: "double" },
                { name: "depth_km", type: "double" },
                { name: "felt", type: "int" },
                { name: "alert", type: "string" },
                { name: "tsunami", type: "boolean" },
                { name: "sources", type: "array<string>" },
            ],
        },
    },
    queries: {
        "raw/v0/earthquake/": [
            {
                name: "networkday",
                sql: `SELECT date_trunc('day', occurred_at) AS day, network, count(*) AS earthquakes,
                             max(magnitude) AS strongest, max_by(place, magnitude) AS strongest_place, sum(felt) AS felt
                      FROM earthquake WHERE :new_data GROUP BY 1, 2`,
                output: {
                    prefix: "processed/v0/networkday/",
                    columns: [
                        { name: "day", type: "timestamp" },
                        { name: "network", type: "string" },
                        { name: "earthquakes", type: "bigint" },
                        { name: "strongest", type: "double" },
                        { name: "strongest_place", type: "string" },
                        { name: "felt", type: "bigint" },
                    ],
                },
            },
        ],
        "processed/v0/networkday/": [
            {
                name: "networkweek",
                sql: `SELECT network, sum(earthquakes) AS earthquakes, count(DISTINCT day) AS days,
                             max(strongest) AS strongest, max_by(strongest_place, strongest) AS strongest_place,
                             sum(felt) AS felt
                      FROM networkday GROUP BY network ORDER BY 2 DESC, 1`,
                output: {
                    prefix: "reports/v0/networkweek/",
                    mode: "replace",
                    columns: [
                        { name: "network", type: "string" },
                        { name: "earthquakes", type: "bigint" },
                        { name: "days", type: "bigint" },
                        { name: "strongest", type: "double" },
                        { name: "strongest_place", type: "string" },
                        { name: "felt", type: "bigint" },
                    ],
                },
            },
        ],
    },
});

export const bucket = earthquakes.bucketName;
