import { EventPipeline } from "eventpipeline";

/** Two mistakes that the plan finds. */
new EventPipeline("wrong", {
    ingest: { ping: { columns: [{ name: "id", type: "text" }], http: { open: true } } },
    queries: {
        "raw/v0/ping/": [
            {
                name: "seen",
                sql: "SELECT count(*) AS seen FROM pong",
                output: { prefix: "processed/v0/seen/", columns: [{ name: "seen", type: "bigint" }] },
            },
        ],
    },
});
