import { EventPipeline } from "eventpipeline";

/** One ingest that takes events in every way there is, and a report that says how often each event is there. */
const all = new EventPipeline("all", {
    ingest: {
        event: {
            columns: [
                { name: "source", type: "string" },
                { name: "value", type: "bigint" },
            ],
            http: { keys: { web: "a key for tests only" } },
            iot: { sql: "SELECT * FROM 'events/#'", deadLetterQueue: true },
            kinesis: { shards: 2 },
            loadBalancer: { path: "/pixel", beacons: true },
        },
    },
    streamApi: { keys: { app: "another-key-for-tests" } },
    queries: {
        "raw/v0/event/": [
            {
                name: "total",
                sql: "SELECT count(*) AS events, count(DISTINCT event_id) AS ids, sum(value) AS value FROM event",
                output: {
                    prefix: "reports/v0/total/",
                    mode: "replace",
                    columns: [
                        { name: "events", type: "bigint" },
                        { name: "ids", type: "bigint" },
                        { name: "value", type: "bigint" },
                    ],
                },
            },
            {
                name: "bysource",
                sql: `SELECT source, count(*) AS events, count(DISTINCT event_id) AS ids, sum(value) AS value
                      FROM event WHERE :new_data GROUP BY source`,
                output: {
                    prefix: "processed/v0/bysource/",
                    columns: [
                        { name: "source", type: "string" },
                        { name: "events", type: "bigint" },
                        { name: "ids", type: "bigint" },
                        { name: "value", type: "bigint" },
                    ],
                },
            },
        ],
        "processed/v0/bysource/": [
            {
                name: "sums",
                sql: `SELECT source, sum(events) AS events, sum(ids) AS ids, sum(value) AS value
                      FROM bysource GROUP BY source ORDER BY source`,
                output: {
                    prefix: "reports/v0/sums/",
                    mode: "replace",
                    columns: [
                        { name: "source", type: "string" },
                        { name: "events", type: "bigint" },
                        { name: "ids", type: "bigint" },
                        { name: "value", type: "bigint" },
                    ],
                },
            },
        ],
    },
});
export const deadLetterQueueUrls = all.deadLetterQueueUrls;
