import { EventPipeline } from "eventpipeline";

/** A pipeline of which the books are compared with what there is. */
const pipeline = new EventPipeline("books", {
    ingest: {
        ping: {
            columns: [
                { name: "device", type: "string" },
                { name: "at", type: "timestamp" },
            ],
        },
    },
    queries: {
        "raw/v0/ping/": [
            {
                name: "seen",
                sql: "SELECT device, count(*) AS pings FROM ping WHERE :new_data GROUP BY device",
                output: {
                    prefix: "processed/v0/seen/",
                    columns: [
                        { name: "device", type: "string" },
                        { name: "pings", type: "bigint" },
                    ],
                },
            },
        ],
    },
    rollups: {
        "raw/v0/ping/": [{ name: "pings", by: ["device"], time: "at" }],
    },
    // #region reconcile
    reconcile: {
        afterMinutes: 60,
        lookbackHours: 48,
        hourly: true,
    },
    // #endregion
});
export const { ledgerTableName, reconcileFunctionName } = pipeline;
