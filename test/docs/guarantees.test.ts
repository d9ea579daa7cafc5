import { readFileSync } from "node:fs";
import { expect } from "chai";
import { isThere, namedTests } from "./named-tests";

const page = "docs/guarantees.md";
const sections = namedTests(page, readFileSync(page, "utf8"));
const afterPromises = ["What is not guaranteed", "What you do for it"];

describe("the page of guarantees", () => {
    for (const [section, tests] of sections) {
        if (afterPromises.includes(section)) continue;
        it(`has tests for "${section}", each where it says`, () => {
            expect(tests).to.not.deep.equal([]);
            expect(tests.filter((test) => !isThere(test))).to.deep.equal([]);
        });
    }

    it("says what is not guaranteed, and what its readers do", () => {
        expect([...sections.keys()].slice(-2)).to.deep.equal(afterPromises);
        expect(sections.size).to.be.greaterThan(8);
    });

    it("would not name a test that is gone, skipped, or in another file", () => {
        const file = "test/docs/guarantees.test.ts";
        const named = namedTests(page, "## A promise\n\n- [the page of guarantees](../test/docs/guarantees.test.ts)\n");

        expect(named.get("A promise")).to.deep.equal([{ title: "the page of guarantees", file }]);
        expect(isThere({ title: "the page of guarantees", file })).to.equal(true);
        expect(isThere({ title: 'has tests for "…", each where it says', file })).to.equal(true);
        for (const other of [
            { title: "the page", file },
            { title: "the page of guarantees", file: "test/docs/named-tests.ts" },
            { title: "the page of guarantees", file: "test/docs/none.test.ts" },
        ])
            expect(isThere(other), JSON.stringify(other)).to.equal(false);
    });
});
