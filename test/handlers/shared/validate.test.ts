import { expect } from "chai";
import fc from "fast-check";
import type { Column, ColumnType } from "../../../handlers/shared/columns";
import { validator } from "../../../handlers/shared/validate";
import { readJson } from "../../read-json";

const string: ColumnType = { kind: "string" };
const boolean: ColumnType = { kind: "boolean" };
const int: ColumnType = { kind: "integer", bits: 32 };
const bigint: ColumnType = { kind: "integer", bits: 64 };
const double: ColumnType = { kind: "float", bits: 64 };
const date: ColumnType = { kind: "date" };
const timestamp: ColumnType = { kind: "timestamp" };
const array = (element: ColumnType): ColumnType => ({ kind: "array", element });
const map = (value: ColumnType): ColumnType => ({ kind: "map", value });
const struct = (...fields: Column[]): ColumnType => ({ kind: "struct", fields });

/** Reason why the table with the one column `c` refuses a text; undefined if it takes it. */
function refusal(type: ColumnType, text: string): string | undefined {
    const verdict = validator([{ name: "c", type }])(text);
    return verdict.ok ? undefined : verdict.reason;
}

describe("validator", () => {
    describe("takes", () => {
        const good: [string, ColumnType, string][] = [
            ["an event without columns", int, "{}"],
            ["null in any column", int, '{"c":null}'],
            ["white space anywhere", int, ' {\t"c" : 1\r} '],
            ["an escaped name", int, '{"\\u0063":1}'],
            ["a string of any text", string, '{"c":"\\u0000\\ud83d\\ude00 \u2028 {}[]\\""}'],
            ["an empty string", string, '{"c":""}'],
            ["a boolean", boolean, '{"c":false}'],
            ["an integer", int, '{"c":-2147483648}'],
            ["an integer beyond the exact doubles", bigint, '{"c":9007199254740993}'],
            ["a float", { kind: "float", bits: 32 }, '{"c":1e-3}'],
            ["an integer as a double", double, '{"c":1}'],
            [
                "a decimal",
                { kind: "decimal", precision: 38, scale: 2 },
                '{"c":123456789012345678901234567890123456.78}',
            ],
            ["a date", date, '{"c":"2024-02-29"}'],
            ["a timestamp", timestamp, '{"c":"2026-11-21 04:00:00.123456789"}'],
            ["an array", array(int), '{"c":[1, null ,2]}'],
            ["an empty array", array(int), '{"c":[ ]}'],
            ["a map with any names", map(int), '{"c":{"":1,"__proto__":2,"x y":null}}'],
            ["a struct", struct({ name: "x", type: double }, { name: "y", type: double }), '{"c":{"y":1.5}}'],
            ["nested types", array(map(struct({ name: "x", type: int }))), '{"c":[{"k":{"x":1}},{}]}'],
        ];
        for (const [what, type, text] of good) {
            it(what, () => {
                expect(validator([{ name: "c", type }])(text)).to.deep.equal({ ok: true, text });
            });
        }
    });

    describe("refuses", () => {
        const halfPair = "half of a surrogate pair, which is no text";
        const timestampForms = "YYYY-MM-DD HH:MM:SS[.fraction] or YYYY-MM-DDTHH:MM:SS[.fraction]Z";
        const bad: [string, ColumnType, string, string][] = [
            ["broken JSON", int, '{"c":1', "not valid JSON"],
            ["nothing", int, "", "not valid JSON"],
            ["a closing bracket", int, "}", "not valid JSON"],
            ["a byte order mark", int, '\ufeff{"c":1}', "not valid JSON"],
            ["NaN", double, '{"c":NaN}', "not valid JSON"],
            ["a NUL byte", string, '{"c":"\u0000"}', "not valid JSON"],
            ["glued objects", int, '{"c":1}{"c":2}', "text behind the JSON value: end every event with a newline"],
            ["a comma behind", int, '{"c":1},', "text behind the JSON value: end every event with a newline"],
            ["an array", int, "[]", "expected an object, got an array"],
            ["a string", int, '"x"', "expected an object, got a string"],
            ["a number", int, " 1", "expected an object, got a number"],
            ["null", int, "null", "expected an object, got null"],
            ["true", int, "true", "expected an object, got a boolean"],
            ["a key that is no column", int, '{"d":1}', 'unknown column "d"'],
            ["__proto__", int, '{"__proto__":{}}', 'unknown column "__proto__"'],
            ["a key in other case", int, '{"C":1}', 'unknown column "C": did you mean "c"?'],
            ["a column given twice", int, '{"c":1,"\\u0063":1}', "column c: given twice"],
            ["a number in quotes", double, '{"c":"1"}', "column c: expected double, got a string"],
            ["a number as a string", string, '{"c":1}', "column c: expected string, got a number"],
            ["a boolean in quotes", boolean, '{"c":"true"}', "column c: expected boolean, got a string"],
            ["0 as a boolean", boolean, '{"c":0}', "column c: expected boolean, got a number"],
            ["a date as a number", date, '{"c":20260101}', "column c: expected date, got a number"],
            [
                "a day that is none",
                date,
                '{"c":"2026-02-30"}',
                "column c: expected date as YYYY-MM-DD, got another string",
            ],
            [
                "a timestamp in another zone",
                timestamp,
                '{"c":"2026-11-21T04:00:00+01:00"}',
                `column c: expected timestamp as ${timestampForms}, got another string`,
            ],
            ["seconds since 1970", timestamp, '{"c":1763697600}', "column c: expected timestamp, got a number"],
            ["1.0 as int", int, '{"c":1.0}', "column c: expected int, got a number with a fraction or an exponent"],
            ["1e3 as int", int, '{"c":1e3}', "column c: expected int, got a number with a fraction or an exponent"],
            ["a large int", int, '{"c":2147483648}', "column c: out of range for int"],
            ["a large tinyint", { kind: "integer", bits: 8 }, '{"c":128}', "column c: out of range for tinyint"],
            ["a large smallint", { kind: "integer", bits: 16 }, '{"c":32768}', "column c: out of range for smallint"],
            ["2^63 as bigint", bigint, '{"c":9223372036854775808}', "column c: out of range for bigint"],
            ["1e400 as double", double, '{"c":1e400}', "column c: out of range for double"],
            ["1e39 as float", { kind: "float", bits: 32 }, '{"c":1e39}', "column c: out of range for float"],
            [
                "more digits than a decimal has",
                { kind: "decimal", precision: 5, scale: 2 },
                '{"c":1.234}',
                "column c: does not fit decimal(5,2)",
            ],
            ["a lone surrogate", string, '{"c":"\\ud800"}', `column c: ${halfPair}`],
            ["a lone surrogate in a name", map(int), '{"c":{"\\udc00":1}}', `column c: a key with ${halfPair}`],
            ["an object for an array", array(int), '{"c":{}}', "column c: expected array, got an object"],
            ["an array for a map", map(int), '{"c":[]}', "column c: expected map, got an array"],
            ["an array for a struct", struct(), '{"c":[]}', "column c: expected struct, got an array"],
            ["a wrong element", array(int), '{"c":[1,"2"]}', "column c[*]: expected int, got a string"],
            ["a wrong value of a map", map(int), '{"c":{"k":true}}', "column c[*]: expected int, got a boolean"],
            ["a map's key given twice", map(int), '{"c":{"k":1,"k":1}}', "column c: a key is given twice"],
            [
                "a wrong field",
                array(struct({ name: "x", type: int })),
                '{"c":[{"x":"1"}]}',
                "column c[*].x: expected int, got a string",
            ],
            [
                "an unknown field",
                struct({ name: "latitude", type: double }),
                '{"c":{"lat":1}}',
                'column c: unknown field "lat": did you mean "latitude"?',
            ],
            [
                "a field given twice",
                struct({ name: "x", type: double }),
                '{"c":{"x":1,"x":2}}',
                "column c.x: given twice",
            ],
        ];
        for (const [what, type, text, reason] of bad) {
            it(what, () => {
                expect(refusal(type, text)).to.equal(reason);
            });
        }
    });

    it("spells all timestamps in one way and leaves all else as it was given", () => {
        const columns: Column[] = [
            { name: "sent_at", type: timestamp },
            { name: "seen", type: array(timestamp) },
            { name: "n", type: bigint },
        ];
        const text =
            '{ "seen":["2026-11-21T04:00:00Z" ,"2026-11-21 05:00:00"],"n":9007199254740993, "sent_at":"2026-11-21T\\u0030\\u0034:00:00.5Z" }';

        const verdict = validator(columns)(text);

        expect(verdict).to.deep.equal({
            ok: true,
            text: '{ "seen":["2026-11-21 04:00:00" ,"2026-11-21 05:00:00"],"n":9007199254740993, "sent_at":"2026-11-21 04:00:00.5" }',
        });
    });

    it("names no more than 64 characters of a key", () => {
        const reason = refusal(int, `{"${"x".repeat(1_000_000)}":1}`);

        expect(reason).to.equal(`unknown column "${"x".repeat(64)}"`);
    });

    it("refuses a hundred thousand levels for their reason, without running out of stack", () => {
        const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
        const deepObject = `${'{"c":'.repeat(100_000)}1${"}".repeat(100_000)}`;

        expect(refusal(int, deep)).to.equal("expected an object, got an array");
        expect(refusal(array(int), `{"c":${deep}}`)).to.equal("column c[*]: expected int, got an array");
        expect(refusal(int, deepObject)).to.equal("column c: expected int, got an object");
    });

    it("never tells a value", () => {
        const types = fc.constantFrom(string, boolean, int, double, date, timestamp, array(int), map(int));
        const wrong = fc.constantFrom(
            '"secret"',
            "[9876]",
            '{"secret":9876}',
            '["secret"]',
            '{"k":"secret"}',
            "9876.5",
        );
        fc.assert(
            fc.property(types, wrong, (type, value) => {
                expect(refusal(type, `{"c":${value}}`) ?? "").to.not.match(/secret|9876/);
            }),
        );
    });

    it("takes every event that JSON.stringify makes of the columns' types", () => {
        const columns: Column[] = [
            { name: "s", type: string },
            { name: "b", type: boolean },
            { name: "i", type: int },
            { name: "d", type: double },
            { name: "t", type: timestamp },
            { name: "a", type: array(map(struct({ name: "s", type: string }))) },
        ];
        const text = fc.string({ unit: "binary" });
        const event = fc.record(
            {
                s: fc.option(text),
                b: fc.boolean(),
                i: fc.integer(),
                d: fc.double({ noNaN: true, noDefaultInfinity: true }),
                t: fc.date({ min: new Date(0), max: new Date("9999-01-01"), noInvalidDate: true }),
                a: fc.array(fc.dictionary(text, fc.record({ s: text }, { requiredKeys: [] }))),
            },
            { requiredKeys: [] },
        );
        const validate = validator(columns);
        fc.assert(
            fc.property(event, fc.constantFrom(0, 2), (value, indent) => {
                const verdict = validate(JSON.stringify(value, null, indent));

                const spelled = value.t?.toISOString().replace("T", " ").replace("Z", "");
                const wanted = readJson(JSON.stringify({ ...value, ...(spelled && { t: spelled }) }));
                expect(verdict.ok && readJson(verdict.text)).to.deep.equal(wanted);
            }),
        );
    });

    it("answers for any text, and takes only JSON objects", () => {
        const validate = validator([{ name: "c", type: array(map(int)) }]);
        const text = fc.string({
            unit: fc.constantFrom('{"c":', "[", "]", "{", "}", '"', ",", ":", "1", "\\", " ", "null"),
        });
        fc.assert(
            fc.property(text, (given) => {
                const verdict = validate(given);

                if (verdict.ok) expect(JSON.parse(given)).to.be.an("object");
                else expect(verdict.reason).to.not.equal("");
            }),
            { numRuns: 1000 },
        );
    });
});
