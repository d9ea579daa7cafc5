import { expect } from "chai";
import fc from "fast-check";
import { CsvLines } from "../../../local/athena-sql/tables/csv-lines";
import type { CsvFormat } from "../../../local/athena-sql/tables/formats";
import { bigint, boolean, integer, type Type, varchar } from "../../../local/athena-sql/types";

function read(text: string, types: Type[] = [varchar, varchar, varchar], format: Partial<CsvFormat> = {}) {
    const columns = types.map((type, ordinal) => ({ name: `c${ordinal}`, type, ordinal }));
    const csv = { kind: "csv", separator: ",", quote: '"', escape: "\\", headerLines: 0, ...format } as const;
    const rows: unknown[][] = [];
    new CsvLines(csv, columns).read(Buffer.from(text), "s3://lake/a.csv", (row) => rows.push(row));
    return rows;
}

describe("CSV as OpenCSVSerde reads it", () => {
    const cases: [string, string, unknown[][]][] = [
        [
            "fields",
            "a,b,c\nd,e,f\n",
            [
                ["a", "b", "c"],
                ["d", "e", "f"],
            ],
        ],
        ["a last line without an end", "a,b,c", [["a", "b", "c"]]],
        ["carriage returns", "a,b,c\r\n", [["a", "b", "c"]]],
        ["empty fields as empty text", ",,\n", [["", "", ""]]],
        ["empty quotes as empty text", '"","",""', [["", "", ""]]],
        [
            "an empty line as nulls",
            "\na,b,c",
            [
                [null, null, null],
                ["a", "b", "c"],
            ],
        ],
        ["too few fields", "a\n", [["a", null, null]]],
        ["too many fields", "a,b,c,d\n", [["a", "b", "c"]]],
        ["separators and doubled quotes within quotes", '"a,""b""",""",",""""', [['a,"b"', '",', '"']]],
        ["escaped quotes and escapes within quotes", String.raw`"a\"b","c\\",d`, [['a"b', "c\\", "d"]]],
        ["an escape of nothing, which is left out", String.raw`a\b,"c\d",e`, [["ab", "cd", "e"]]],
        ["escapes within a field", String.raw`a\"b,c\\d,e`, [['a"b', "c\\d", "e"]]],
        ["a field in quotes that is cut, as null", 'a,"b', [["a", null, null]]],
    ];
    for (const [what, text, rows] of cases)
        it(`reads ${what}`, () => {
            expect(read(text)).to.deep.equal(rows);
        });

    it("skips header lines of each object", () => {
        expect(read("x\ny\na,b,c\n", undefined, { headerLines: 2 })).to.deep.equal([["a", "b", "c"]]);
    });

    it("reads booleans and integers, and only those in range", () => {
        const row = (text: string) => read(text, [boolean, integer, bigint])[0];

        expect(row("TRUE,-2147483648,9223372036854775807")).to.deep.equal([true, -2147483648, 9223372036854775807n]);
        expect(row("false,+1,2")).to.deep.equal([false, 1, 2n]);
        expect(() => row("yes,1,1")).to.throw("Error parsing field value 'yes' as boolean (column c0");
        expect(() => row("true,2147483648,1")).to.throw("Error parsing field value '2147483648' as integer (column c1");
        expect(() => row("true,1.5,1")).to.throw("as integer");
        expect(() => row(`true,1,${"x".repeat(200)}`)).to.throw(
            `Error parsing field value '${"x".repeat(100)}…' as bigint`,
        );
    });

    for (const strange of ['a"b,c', 'line break",d', '"a"b,c', ' "a",b', String.raw`\"a,b`])
        it(`refuses to guess what ${strange} is`, () => {
            expect(() => read(strange)).to.throw(
                "a quote elsewhere than around a whole field of CSV (s3 object s3://lake/a.csv, line 1) is not modelled",
            );
        });

    it("reads back whatever was written within quotes", () => {
        const field = fc.string({ unit: fc.constantFrom("a", '"', "\\", ",", " ", "é"), maxLength: 12 });
        fc.assert(
            fc.property(fc.tuple(field, field, field), (fields) => {
                const quoted = fields.map((text) => `"${text.replaceAll("\\", "\\\\").replaceAll('"', '""')}"`);

                expect(read(quoted.join(","))).to.deep.equal([fields]);
            }),
        );
    });
});
