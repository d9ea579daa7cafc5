import { expect } from "chai";
import { type Outcome, run } from "../chaos/million/run";

describe("the books, with every fault switched on, in short (npm run test:million has a million events)", function () {
    this.timeout(120_000);
    let first: Outcome;
    let second: Outcome;
    before(async () => {
        const size = { events: 2_000, seed: 7 };
        [first, second] = await Promise.all([run(size), run(size)]);
    });

    it("balance: nothing is lost, nothing is counted twice, everybody has accounted for everything", () => {
        const { books, checks } = first;

        expect(checks.filter(({ differences }) => differences > 0)).to.deep.equal([]);
        expect(checks.filter(({ of }) => of === 0)).to.deep.equal([]);
        expect(books.unaccounted).to.equal(0);
        expect(books.accepted).to.equal(books.sent + books.repeatedBySenders);
        expect(books.accepted + books.repeatedByFirehose).to.equal(
            books.delivered + books.duplicates + books.broken + books.untransformed,
        );
    });

    it("hold what was sent: duplicates, late events and broken lines", () => {
        const { tally } = first.sent;

        expect(tally).to.include({ events: 2_000 });
        expect(tally.duplicates / tally.events).to.be.within(0.03, 0.07);
        expect(tally.late / tally.events).to.be.within(0.03, 0.07);
        expect(tally.broken / tally.events).to.be.within(0.005, 0.015);
        expect(first.books.broken).to.be.at.least(tally.broken);
    });

    it("were under every kind of fault", () => {
        const kinds = new Set(first.faults.injected.map(({ rule }) => rule.replace(/\[.*/, "")));

        expect([...kinds].sort()).to.deep.equal(
            ["notifications", "calls", "crashes", "invocations", "visibility", "queries", "deliveryStreams"].sort(),
        );
        expect(first.repair.republished + first.repair.deadLetters).to.be.above(0);
    });

    it("are the same again from the same seed: each fault, each call, each line's fate, each counter and report", () => {
        expect(second.sent).to.deep.equal(first.sent);
        expect(second.faults).to.deep.equal(first.faults);
        expect(second.digests).to.deep.equal(first.digests);
        expect(second.repair).to.deep.equal(first.repair);
        expect(second.checks.filter(({ differences }) => differences > 0)).to.deep.equal([]);
        expect(second.books).to.deep.equal(first.books);
    });
});
