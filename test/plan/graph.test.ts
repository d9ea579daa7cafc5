import { expect } from "chai";
import fc from "fast-check";
import { type PipelineShape, planPipeline, type QueryShape } from "../../plan";
import { columns, ingest, problemsOf, query } from "./factories";

/** A pipeline of the ingest `pings` and one query for each `trigger name output`. */
function pipelineOf(...steps: string[]): PipelineShape {
    const queries: Record<string, QueryShape[]> = {};
    for (const [trigger, name, prefix] of steps.map((step) => step.split(" ") as [string, string, string])) {
        const step = query(name, { output: { prefix, columns: columns("n int") } });
        queries[trigger] = [...(queries[trigger] ?? []), step];
    }
    return { ingest: { pings: ingest() }, queries };
}

const loop = (way: string) =>
    `makes a loop, ${way}: let one of them write under a prefix that starts none of the others`;

describe("the graph of queries", () => {
    it("gives each query its tier by the longest way", () => {
        const plan = planPipeline(
            pipelineOf("raw/v0/pings/ a a/", "a/ b b/", "raw/ c c/", "b/ d d/", "a/ e e/deep/", "e/ f f/"),
        );

        const tiers = Object.fromEntries(plan.queries.map(({ name, tier }) => [name, tier]));
        expect(tiers).to.deep.equal({ a: 1, c: 1, b: 2, e: 2, d: 3, f: 3 });
    });

    it("counts processors in between", () => {
        const plan = planPipeline({
            ...pipelineOf("forecasts/ a a/"),
            processors: { "raw/v0/pings/": [{ name: "forecast", output: { prefix: "forecasts/" } }] },
        });

        expect(plan.queries[0]!.tier).to.equal(2);
    });

    it("starts at tier 1 with what others write into an adopted bucket", () => {
        const plan = planPipeline({
            bucket: { existing: "lake", eventBridge: true },
            ...pipelineOf("exports/ a a/"),
        });

        expect(plan.queries[0]!.tier).to.equal(1);
    });

    it("announces the folders of all triggers", () => {
        const plan = planPipeline({
            ...pipelineOf("raw/v0/pings/ a processed/a/", "processed/a/ b reports/b/", "raw/ c processed/c/"),
            processors: { "reports/b/": [{ name: "mail", output: { prefix: "mails/" } }] },
        });

        expect(plan.notifiedFolders).to.deep.equal(["processed/", "raw/", "reports/"]);
    });

    it("refuses a loop of one step", () => {
        const found = problemsOf(pipelineOf("raw/v0/pings/ a a/", "a/ b b/", "b/ c b/"));

        expect(found).to.deep.equal([
            'queries["b/"][0].output.prefix: `b/` overlaps `b/` of query `b`: a table reads everything under its prefix, so give each its own',
            `queries["b/"][0].output.prefix: ${loop('"b/" → query c → "b/"')}`,
        ]);
    });

    it("refuses a loop of three steps", () => {
        const found = problemsOf({
            ...pipelineOf("x/c/ a x/a/", "x/a/ b x/b/", "x/b/ c x/c/"),
            bucket: { existing: "lake", ownNotifications: true },
        });

        expect(found).to.deep.equal([
            `queries["x/c/"][0].output.prefix: ${loop('"x/c/" → query a → "x/a/" → query b → "x/b/" → query c → "x/c/"')}`,
        ]);
    });

    it("refuses an output under its own trigger", () => {
        const found = problemsOf(pipelineOf("raw/v0/pings/ a a/", "processed/ b processed/b/"));

        expect(found).to.deep.equal([
            `queries["processed/"][0].output.prefix: ${loop('"processed/" → query b → "processed/b/" (trigger "processed/")')}`,
        ]);
    });

    it("refuses a trigger under its own output", () => {
        const found = problemsOf(pipelineOf("raw/v0/pings/ a a/", "b/deep/ b b/"));

        expect(found).to.deep.equal([
            `queries["b/deep/"][0].output.prefix: ${loop('"b/deep/" → query b → "b/" (trigger "b/deep/")')}`,
        ]);
    });

    it("refuses a loop through a processor", () => {
        const found = problemsOf({
            ...pipelineOf("raw/v0/pings/ a a/", "forecasts/ b b/"),
            processors: { "b/": [{ name: "forecast", output: { prefix: "forecasts/" } }] },
        });

        expect(found).to.deep.equal([
            `queries["forecasts/"][0].output.prefix: ${loop('"forecasts/" → query b → "b/" → processor forecast → "forecasts/"')}`,
        ]);
    });

    it("refuses each of two loops, and not what only follows them", () => {
        const found = problemsOf(pipelineOf("d/ a a/", "a/ b b/", "b/ c a/c/", "d/ e d/e/", "b/ f f/"));

        expect(found.filter((problem) => problem.includes("loop"))).to.deep.equal([
            `queries["d/"][1].output.prefix: ${loop('"d/" → query e → "d/e/" (trigger "d/")')}`,
            `queries["a/"][0].output.prefix: ${loop('"a/" → query b → "b/" → query c → "a/c/" (trigger "a/")')}`,
        ]);
    });

    /** For each query but the first, which starts from the ingest, an earlier one that starts it. */
    const tree = fc.array(fc.nat(), { maxLength: 12 }).map((picks) => picks.map((pick, index) => pick % (index + 1)));
    const steps = (parents: number[], triggerOfFirst: string) => [
        `${triggerOfFirst} q0 out/q0/`,
        ...parents.map((parent, index) => `out/q${parent}/ q${index + 1} out/q${index + 1}/`),
    ];

    it("accepts any graph without loops, each tier one behind the tier before", () => {
        fc.assert(
            fc.property(tree, (parents) => {
                const plan = planPipeline(pipelineOf(...steps(parents, "raw/v0/pings/")));

                const tiers = new Map(plan.queries.map(({ name, tier }) => [name, tier]));
                parents.forEach((parent, index) => {
                    expect(tiers.get(`q${index + 1}`)).to.equal(tiers.get(`q${parent}`)! + 1);
                });
            }),
        );
    });

    it("refuses any graph with a way back", () => {
        fc.assert(
            fc.property(tree, fc.nat(), (parents, pick) => {
                const last = pick % (parents.length + 1);

                const found = problemsOf(pipelineOf(...steps(parents, `out/q${last}/`)));

                expect(found).to.have.length(1);
                expect(found[0]).to.include(`query q${last} → "out/q${last}/"`).and.to.include("makes a loop");
            }),
        );
    });
});
