import type { PipelineShape } from "../../plan/arguments";
import { planPipeline } from "../../plan/pipeline";
import type { Case, Contestant } from "../case";

/** What a preview begins with: the plan of many queries must not take longer for each than that of few. */
export const planning: Case = {
    name: "plan",
    about: "the plan of a pipeline, for each of its queries, the first in its process",
    data: async () => "",
    rounds: 9,
    figure: ({ seconds }) => `${(1_000 * seconds).toFixed(2)} ms a query`,
    contestants: [planOf(1_000), planOf(100), planOf(10)],
};

/** What a user waits for who wants to see what a program would deploy. */
export const capturing: Case = {
    name: "capture",
    about: "what a program would deploy, by a run of it; that is in another process, whose CPU and memory are not counted",
    data: async () => "",
    rounds: 5,
    figure: ({ seconds }) => `${seconds.toFixed(1)} s`,
    contestants: [
        {
            name: "ours",
            async load() {
                const { capture } = await import("eventpipeline/local");
                return () => capture({ program: "examples/fleet" });
            },
        },
        {
            name: "importing Pulumi and its AWS provider alone",
            isLimit: true,
            load: async () => () => Promise.all([import("@pulumi/pulumi"), import("@pulumi/aws")]),
        },
    ],
};

function planOf(queries: number): Contestant {
    return {
        name: `${queries.toLocaleString("en")} queries`,
        things: queries,
        async load() {
            const shape = pipelineOf(queries);
            return () => planPipeline(shape, "fleet");
        },
    };
}

function pipelineOf(queries: number): PipelineShape {
    const columns = [
        { name: "device_id", type: "string" },
        { name: "battery", type: "double" },
        { name: "sent_at", type: "timestamp" },
    ];
    const sql =
        "SELECT device_id, max_by(battery, sent_at) AS battery, max(sent_at) AS sent_at FROM deviceping WHERE :new_data GROUP BY 1";
    return {
        ingest: { deviceping: { columns } },
        queries: {
            "raw/v0/deviceping/": Array.from({ length: queries }, (_, index) => ({
                name: `query${index}`,
                sql,
                output: { prefix: `processed/v0/query${index}/`, columns },
            })),
        },
    };
}
