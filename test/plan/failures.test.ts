import { expect } from "chai";
import type { PipelineShape } from "../../plan";
import { ingest, pipelineWith, problemsOf, untyped } from "./factories";

describe("who hears of failures", () => {
    for (const [title, failures, problems] of [
        ["is left open", undefined, []],
        ["may be nobody in particular", {}, []],
        ["may be addresses, known now or later", { emails: ["data@example.com", Promise.resolve("x")] }, []],
        ["is no text", "data@example.com", ["failures: must be an object"]],
        ["is no single address", { emails: "data@example.com" }, ["failures.emails: must be a list"]],
        [
            "is nothing that is no address",
            { emails: ["data", "a@example.com", "a b@c", 1] },
            [0, 2, 3].map((index) => `failures.emails[${index}]: must be an address such as \`data@example.com\``),
        ],
    ] as const) {
        it(title, () => {
            const found = problemsOf(pipelineWith("SELECT 1 AS n", untyped<PipelineShape>({ failures })));

            expect(found).to.deep.equal(problems);
        });
    }

    it("is nobody where there are no queries", () => {
        expect(problemsOf({ ingest: { pings: ingest() }, failures: {} })).to.deep.equal([
            "failures: is for query runs that failed, and there are no queries: leave it out",
        ]);
    });
});
