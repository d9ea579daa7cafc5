import { expect } from "chai";
import { planPipeline } from "../../plan";
import { ingest, problemsIn, problemsOf, query, untyped } from "./factories";

describe("names", () => {
    const pattern = "use lower-case letters, digits and `_`, a letter first";
    for (const [name, problem] of [
        ["Pings", `\`Pings\` cannot name a table: ${pattern}`],
        ["1st", `\`1st\` cannot name a table: ${pattern}`],
        ["battery-week", `\`battery-week\` cannot name a table: ${pattern}`],
        ["_x", `\`_x\` cannot name a table: ${pattern}`],
        ["a".repeat(41), `\`${"a".repeat(41)}\` has 41 characters: use at most 40, since resources are named after it`],
        [undefined, "is missing"],
        [3, "must be a plain string, known before deployment"],
    ] as const) {
        it(`refuse ${name}`, () => {
            const found = problemsOf({
                ingest: { pings: ingest() },
                queries: { "raw/v0/pings/": [{ ...query("totals"), name: untyped(name) }] },
            });

            expect(found).to.deep.equal([`queries["raw/v0/pings/"][0].name: ${problem}`]);
        });
    }

    it("may have 40 characters", () => {
        const found = problemsOf({ ingest: { [`a${"_1".repeat(19)}z`]: ingest() } });

        expect(found).to.deep.equal([]);
    });

    it("of ingests are checked, and no prefix that is made from them", () => {
        const found = problemsOf({ ingest: { "my pings": ingest() } });

        expect(found).to.deep.equal([`ingest["my pings"]: \`my pings\` cannot name a table: ${pattern}`]);
    });

    it("of queries are given once", () => {
        const other = query("totals", { output: { ...query("other").output } });

        const found = problemsOf({
            ingest: { pings: ingest() },
            queries: { "raw/v0/pings/": [query("totals"), query("sums"), other] },
        });

        expect(found).to.deep.equal([
            'queries["raw/v0/pings/"][2].name: `totals` already names the query at queries["raw/v0/pings/"][0].name: ' +
                "its table and resources are called so, rename one",
        ]);
    });

    it("of ingests, queries and processors are of one set", () => {
        const found = problemsOf({
            ingest: { pings: ingest() },
            queries: { "raw/v0/pings/": [query("pings")] },
            processors: { "raw/v0/pings/": [{ name: "pings", output: { prefix: "out/" } }] },
        });

        const message =
            "`pings` already names the ingest at ingest.pings: its table and resources are called so, rename one";
        expect(found).to.deep.equal([
            `queries["raw/v0/pings/"][0].name: ${message}`,
            `processors["raw/v0/pings/"][0].name: ${message}`,
        ]);
    });

    for (const name of ["My pipeline", "web.site", "web_site", "1st", "-web"]) {
        it(`of a pipeline are not ${name}`, () => {
            const found = problemsIn(() => planPipeline({ ingest: { pings: ingest() } }, name));

            expect(found).to.deep.equal([
                `: \`${name}\` cannot name a pipeline's resources: use letters, digits and \`-\`, a letter first`,
            ]);
        });
    }

    it("of a pipeline may have capitals, digits and hyphens", () => {
        expect(problemsIn(() => planPipeline({ ingest: { pings: ingest() } }, "My-fleet-2"))).to.deep.equal([]);
    });

    it("may not be too long together with the pipeline's", () => {
        const args = {
            ingest: { [`p${"i".repeat(9)}`]: ingest({ prefix: "raw/v0/pings/" }) },
            queries: { "raw/v0/pings/": [query("totals")] },
            processors: { "raw/v0/pings/": [{ name: `f${"o".repeat(15)}` }] },
        };

        const fitting = problemsIn(() => planPipeline(args, "a".repeat(30)));
        const long = problemsIn(() => planPipeline(args, "a".repeat(38)));

        const problem = (over: number) =>
            `with the pipeline's name the role of its function is called too long by ${over}: shorten one of the names`;
        expect(fitting).to.deep.equal([]);
        expect(long).to.deep.equal([
            `ingest.piiiiiiiii: ${problem(8)}`,
            `queries["raw/v0/pings/"][0].name: ${problem(2)}`,
            `processors["raw/v0/pings/"][0].name: ${problem(8)}`,
        ]);
    });
});
