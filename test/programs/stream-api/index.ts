import { EventPipeline } from "eventpipeline";

/** Two ingests behind a stream API: one whose key has a small quota is enough to use it up. */
const pipeline = new EventPipeline("web", {
    ingest: {
        click: {
            columns: [
                { name: "id", type: "string" },
                { name: "size", type: "bigint" },
                { name: "clicked_on", type: "date" },
            ],
            kinesis: { shards: 2 },
        },
        page_view: { columns: [{ name: "id", type: "string" }], kinesis: {} },
        direct: { columns: [{ name: "id", type: "string" }] },
    },
    streamApi: {
        keys: { web: "a-key-for-tests-only", app: "another-key-for-tests" },
        allowedOrigins: ["https://app.example.com", "https://admin.example.com"],
        burst: 30,
        requestsPerSecond: 10,
        usage: { quota: 40, burst: 20, requestsPerSecond: 5 },
    },
});
export const url = pipeline.streamApiUrl;
