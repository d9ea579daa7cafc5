import { expect } from "chai";
import { type ProcessorShape, planPipeline } from "../../plan";
import { columns, ingest, problemsOf, query, untyped } from "./factories";

const withProcessor = (processor: unknown) => ({
    ingest: { pings: ingest() },
    processors: { "raw/v0/pings/": [untyped<ProcessorShape>(processor)] },
});

describe("a processor", () => {
    it("writes under its name, and makes no table", () => {
        const plan = planPipeline(withProcessor({ name: "forecast" }));

        expect(plan.processors).to.deep.equal([
            { name: "forecast", trigger: "raw/v0/pings/", outputPrefix: "processed/v0/forecast/" },
        ]);
        expect(plan.tables.map(({ name }) => name)).to.deep.equal(["pings"]);
    });

    it("with columns makes a table that queries read", () => {
        const output = { prefix: "forecasts/", columns: columns("day date") };
        const sql = "SELECT count(*) AS n FROM forecast WHERE :new_data";

        const plan = planPipeline({
            ...withProcessor({ name: "forecast", output }),
            queries: { "forecasts/": [query("totals", { sql })] },
        });

        const table = {
            name: "forecast",
            prefix: "forecasts/",
            columns: [{ name: "day", type: { kind: "date" }, hiveType: "date" }],
        };
        expect(plan.processors[0]).to.deep.equal({
            name: "forecast",
            trigger: "raw/v0/pings/",
            outputPrefix: "forecasts/",
            table,
        });
        expect(plan.queries[0]!.newData).to.deep.equal(table);
        expect(plan.queries[0]!.tier).to.equal(2);
    });

    const timeout =
        "timeout: must be a whole number from 1 to 870: what calls it needs the rest of Lambda's 900 seconds";
    for (const [title, processor, problems] of [
        ["without a name", {}, ["name: is missing"]],
        ["with an output that is a prefix", { name: "forecast", output: "x/" }, ["output: must be an object"]],
        [
            "with a prefix that is none",
            { name: "forecast", output: { prefix: 1 } },
            ["output.prefix: must be a plain string, known before deployment"],
        ],
        [
            "with no column among its columns",
            { name: "forecast", output: { columns: [] } },
            ["output.columns: is empty: name at least one column"],
        ],
        ["that takes longer than what calls it may wait", { name: "forecast", timeout: 871 }, [timeout]],
        ["that has no time", { name: "forecast", timeout: 0 }, [timeout]],
        ["that takes half a second", { name: "forecast", timeout: 0.5 }, [timeout]],
        ["whose time is a text", { name: "forecast", timeout: "60" }, [timeout]],
    ] as [string, unknown, string[]][]) {
        it(`${title}, is refused`, () => {
            const found = problemsOf(withProcessor(processor));

            expect(found).to.deep.equal(problems.map((problem) => `processors["raw/v0/pings/"][0].${problem}`));
        });
    }

    for (const [title, timeout] of [
        ["a second", 1],
        ["all of Lambda's time but what is needed to call it", 870],
        ["a time that is known at deploy time", Promise.resolve(60)],
    ] as const) {
        it(`may take ${title}`, () => {
            expect(problemsOf(withProcessor({ name: "forecast", timeout }))).to.deep.equal([]);
        });
    }
});
