import { expect } from "chai";
import fc from "fast-check";
import { tokenize } from "../../plan/sql-tokens";

/** Kind and text of the tokens, without spaces. */
const tokensOf = (sql: string) =>
    tokenize(sql)
        .filter(({ kind }) => kind !== "space")
        .map(({ kind, text }) => [kind, text]);

const marks = fc.constantFrom(
    "'",
    '"',
    "/*",
    "*/",
    "--",
    "\n",
    ":",
    "?",
    "`",
    ";",
    "a",
    "1",
    ".",
    "e5",
    " ",
    "ü",
    "😀",
    "\ud800",
);

describe("SQL tokens", () => {
    it("joined are the SQL again, whatever it is", () => {
        fc.assert(
            fc.property(
                fc.oneof(
                    fc.string({ unit: "binary" }),
                    fc.array(marks).map((parts) => parts.join("")),
                ),
                (sql) => {
                    const tokens = tokenize(sql);

                    expect(tokens.map(({ text }) => text).join("")).to.equal(sql);
                    for (const { start, text } of tokens) {
                        expect(sql.slice(start, start + text.length)).to.equal(text);
                    }
                },
            ),
        );
    });

    for (const [title, sql, tokens] of [
        [
            "strings with doubled quotes",
            "'a''b' 'c'",
            [
                ["string", "'a''b'"],
                ["string", "'c'"],
            ],
        ],
        ["strings with comments in them", "'-- /*'", [["string", "'-- /*'"]]],
        [
            "quoted names with doubled quotes",
            '"a""b".c',
            [
                ["quoted", '"a""b"'],
                ["symbol", "."],
                ["word", "c"],
            ],
        ],
        [
            "comments with quotes in them",
            "a -- it's\nb /* isn't */ c",
            [
                ["word", "a"],
                ["comment", "-- it's"],
                ["word", "b"],
                ["comment", "/* isn't */"],
                ["word", "c"],
            ],
        ],
        [
            "comments over lines",
            "/* a\nb */c",
            [
                ["comment", "/* a\nb */"],
                ["word", "c"],
            ],
        ],
        [
            "numbers",
            "1.5e-3 0.1 1_000",
            [
                ["number", "1.5e-3"],
                ["number", "0.1"],
                ["number", "1_000"],
            ],
        ],
        [
            "parameters",
            ":new_data(d)::x",
            [
                ["parameter", ":new_data"],
                ["symbol", "("],
                ["word", "d"],
                ["symbol", ")"],
                ["symbol", ":"],
                ["parameter", ":x"],
            ],
        ],
        [
            "what is not closed",
            "a 'b ",
            [
                ["word", "a"],
                ["unterminated", "'b "],
            ],
        ],
        ["a comment that is not closed", "/* a\n'b'", [["unterminated", "/* a\n'b'"]]],
    ] as [string, string, string[][]][]) {
        it(`are ${title}`, () => {
            expect(tokensOf(sql)).to.deep.equal(tokens);
        });
    }
});
