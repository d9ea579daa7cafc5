import { expect } from "chai";
import { type BooksShape, planBooks } from "../../plan";
import { columns, ingest, problemsOf, untyped } from "./factories";

const counted = { ingest: { ping: ingest({ columns: columns("device string") }) } };
const problems = (books: unknown) => problemsOf({ ...counted, books: untyped<BooksShape>(books) });

describe("books", () => {
    it("are hourly unless switched off", () => {
        expect([planBooks({}), planBooks({ hourly: true }), planBooks({ hourly: false })]).to.deep.equal([
            true,
            true,
            false,
        ]);
    });

    it("take minutes, and what is known at deploy time only", () => {
        expect(problems(undefined)).to.deep.equal([]);
        expect(problems({})).to.deep.equal([]);
        expect(problems({ hourly: false, afterMinutes: 30 })).to.deep.equal([]);
        expect(problems({ afterMinutes: {} })).to.deep.equal([]);
    });

    for (const [what, books, expected] of [
        ["no object", 1, ["books: must be an object"]],
        ["another switch", { hourly: "no" }, ["books.hourly: must be true or false"]],
        [
            "too few minutes",
            { afterMinutes: 29 },
            ["books.afterMinutes: must be a whole number of minutes from 30 to 1440 (a day)"],
        ],
    ] as const) {
        it(`refuse ${what}`, () => {
            expect(problems(books)).to.deep.equal(expected);
        });
    }

    it("are of ingests", () => {
        const tables = { t: { prefix: "t/", columns: columns("a string") } };
        const processors = { "t/": [untyped<never>({ name: "p", runtime: "nodejs24.x", code: "." })] };

        expect(problemsOf({ bucket: { existing: "b", topicArn: "t" }, tables, processors, books: {} })).to.include(
            "books: is for the events of ingests, and there are none: name one, or leave it out",
        );
    });
});
