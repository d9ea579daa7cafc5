import { EventPipeline, type EventPipelineArgs } from "eventpipeline";

const columns = [
    { name: "device", type: "string" },
    { name: "at", type: "timestamp" },
    { name: "volts", type: "double" },
];
/** The same rows, kept by zstd and by gzip; each is read by a query and counted by a rollup. */
const compressions = ["zstd", "balanced"] as const;
const entries = <Entry>(entryOf: (name: (typeof compressions)[number]) => Entry) =>
    Object.fromEntries(compressions.map((name) => [`processed/v0/${name}/`, [entryOf(name)]]));

const args: EventPipelineArgs = {
    ingest: { ping: { columns } },
    queries: {
        "raw/v0/ping/": compressions.map((compression) => ({
            name: compression,
            sql: "SELECT device, at, volts FROM ping WHERE :new_data",
            output: { prefix: `processed/v0/${compression}/`, compression, columns },
        })),
        ...entries((name) => ({
            name: `${name}_total`,
            sql: `SELECT device, count(*) AS pings, sum(volts) AS volts FROM ${name} GROUP BY device ORDER BY device`,
            output: {
                prefix: `reports/v0/${name}/`,
                mode: "replace" as const,
                columns: [
                    { name: "device", type: "string" },
                    { name: "pings", type: "bigint" },
                    { name: "volts", type: "double" },
                ],
            },
        })),
    },
    rollups: entries((name) => ({ name: `${name}_counts`, by: ["device"], time: "at", sum: ["volts"] })),
};

new EventPipeline("packed", args);
