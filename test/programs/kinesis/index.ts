import { EventPipeline } from "eventpipeline";

/** An ingest that takes events over HTTP, by direct put and from a Kinesis stream; another from a stream that exists. */
const columns = [{ name: "id", type: "string" }];

const pipeline = new EventPipeline("web", {
    ingest: {
        click: { columns, http: { keys: { web: "a key for tests only" } }, kinesis: { shards: 2 } },
        kinesis: { columns, kinesis: { streamArn: "arn:aws:kinesis:us-east-1:000000000000:stream/orders" } },
    },
    queries: {
        "raw/v0/click/": [
            {
                name: "seen",
                sql: "SELECT count(*) AS events, count(DISTINCT id) AS ids FROM click",
                output: {
                    prefix: "reports/v0/seen/",
                    mode: "replace",
                    columns: [
                        { name: "events", type: "bigint" },
                        { name: "ids", type: "bigint" },
                    ],
                },
            },
        ],
    },
});
export const kinesisStreamNames = pipeline.kinesisStreamNames;
