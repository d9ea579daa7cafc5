import { expect } from "chai";
import { planSubscription } from "../../plan";
import { ingest, problemsIn, problemsOf } from "./factories";

const window =
    "batchSize: more than 10 messages need a `batchWindow` of a second or more, in which Lambda collects them";
const concurrency = "maximumConcurrency: must be a whole number from 2 to 1000";

describe("a subscription", () => {
    for (const batch of [
        {},
        { batchSize: 1, maximumConcurrency: 2 },
        { batchSize: 10, batchWindow: 0 },
        { batchSize: 11, batchWindow: 1 },
        { batchSize: 10_000, batchWindow: 300, maximumConcurrency: 1000 },
        { batchSize: {}, batchWindow: {}, maximumConcurrency: {} },
        { batchSize: {} },
        { batchSize: 100, batchWindow: {} },
    ]) {
        it(`takes ${JSON.stringify(batch)}`, () => {
            expect(() => planSubscription(batch)).to.not.throw();
        });
    }

    for (const [batch, problems] of [
        [{ batchSize: 11 }, [window]],
        [{ batchSize: 11, batchWindow: 0 }, [window]],
        [{ batchSize: 0 }, ["batchSize: must be a whole number from 1 to 10000"]],
        [{ batchSize: 10_001, batchWindow: 1 }, ["batchSize: must be a whole number from 1 to 10000"]],
        [{ batchWindow: 301 }, ["batchWindow: must be a whole number of seconds from 0 to 300"]],
        [{ maximumConcurrency: 1 }, [concurrency]],
        [{ maximumConcurrency: 1001 }, [concurrency]],
    ] as const) {
        it(`refuses ${JSON.stringify(batch)}`, () => {
            expect(problemsIn(() => planSubscription(batch))).to.deep.equal(problems);
        });
    }
});

describe("the batches of a processor", () => {
    const problems = (batch: object) =>
        problemsOf({
            ingest: { pings: ingest() },
            processors: { "raw/v0/pings/": [{ name: "forecast", ...batch }] },
        });
    const at = 'processors["raw/v0/pings/"][0].';

    it("are small, since Lambda waits for none of them", () => {
        expect(problems({ batchSize: 10, maximumConcurrency: 2 })).to.deep.equal([]);
        expect(problems({ batchSize: {}, maximumConcurrency: {} })).to.deep.equal([]);
        expect(problems({ batchSize: 11, maximumConcurrency: 1 })).to.deep.equal([
            `${at}batchSize: must be a whole number from 1 to 10: Lambda would have to wait for more`,
            `${at}${concurrency}`,
        ]);
    });
});
