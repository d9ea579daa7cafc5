import { expect } from "chai";
import type { QueryOutputArgs } from "../../plan";
import { ingest, problemsOf, query } from "./factories";

const path = 'queries["raw/v0/pings/"][0].output.compression';

/** A query `totals` that keeps its results so, and what else there is. */
const pipeline = (output: Partial<QueryOutputArgs>, others: object = {}) => ({
    ingest: { pings: ingest() },
    queries: { "raw/v0/pings/": [query("totals", { output: { ...query("totals").output, ...output } })] },
    ...others,
});

describe("results that are kept by zstd", () => {
    it("are all kept: the newest alone has a name that programs know", () => {
        const problem = `${path}: is \`zstd\`, but the result of the mode \`replace\` is \`latest.json.gz\`, which programs name: take \`fast\`, or the mode \`append\``;

        expect(problemsOf(pipeline({ compression: "zstd" }))).to.deep.equal([]);
        expect(problemsOf(pipeline({ compression: "zstd", mode: "append" }))).to.deep.equal([]);
        expect(problemsOf(pipeline({ compression: "zstd", mode: "replace" }))).to.deep.equal([problem]);
        expect(problemsOf(pipeline({ compression: "fast", mode: "replace" }))).to.deep.equal([]);
    });

    for (const trigger of ["processed/v0/totals/", "processed/", "processed/v0/totals/deeper/"]) {
        it(`are refused where a processor gets them: ${trigger}`, () => {
            const output = { prefix: "touched/" };
            const processors = { "raw/v0/pings/": [{ name: "other" }], [trigger]: [{ name: "touch", output }] };
            const problem = `${path}: is \`zstd\`, but the processor \`touch\` gets the results of \`totals\`, and most runtimes can't unpack them: take \`fast\``;

            expect(problemsOf(pipeline({ compression: "zstd" }, { processors }))).to.deep.equal([problem]);
            expect(problemsOf(pipeline({ compression: "small" }, { processors }))).to.deep.equal([]);
            expect(problemsOf(pipeline({}, { processors }))).to.deep.equal([]);
        });
    }

    it("may be where a processor gets others", () => {
        const processors = { "raw/v0/pings/": [{ name: "touch" }] };

        expect(problemsOf(pipeline({ compression: "zstd" }, { processors }))).to.deep.equal([]);
    });
});
