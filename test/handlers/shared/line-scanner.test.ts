import { expect } from "chai";
import fc from "fast-check";
import type { Column, ColumnType } from "../../../handlers/shared/columns";
import { isJson } from "../../../handlers/shared/json-text";
import { LineScanner, type OtherKeys } from "../../../handlers/shared/line-scanner";
import { validator } from "../../../handlers/shared/validate";

const types: Record<string, ColumnType> = {
    text: { kind: "string" },
    flag: { kind: "boolean" },
    tiny: { kind: "integer", bits: 8 },
    small: { kind: "integer", bits: 16 },
    int: { kind: "integer", bits: 32 },
    big: { kind: "integer", bits: 64 },
    real: { kind: "float", bits: 32 },
    double: { kind: "float", bits: 64 },
    price: { kind: "decimal", precision: 6, scale: 2 },
    part: { kind: "decimal", precision: 3, scale: 3 },
    day: { kind: "date" },
    at: { kind: "timestamp" },
    list: { kind: "array", element: { kind: "string" } },
};
const columns: Column[] = Object.entries(types).map(([name, type]) => ({ name, type }));

describe("LineScanner", () => {
    describe("takes", () => {
        const taken: Record<string, string> = {
            "an event":
                '{"text":"a","flag":true,"int":-12,"price":12.50,"day":"2026-11-21","at":"2026-11-21 04:05:06.789"}',
            "blanks between the parts": ' { "text" :\t"a" , "flag" : false } ',
            "an empty object": "{}",
            nulls: '{"text":null,"at":null}',
            "text with ordinary escapes and beyond ASCII": '{"text":"\\"a\\"\\n\\/\\\\ é 𝄞"}',
            "numbers with an end that is nowhere near the limit":
                '{"tiny":99,"small":-9999,"int":999999999,"real":0.25}',
            "a time without a fraction": '{"at":"2026-02-28 23:59:59"}',
            "the last day of a long month": '{"day":"2026-12-31"}',
            "a time in ISO 8601": '{"at":"2026-11-21T04:05:06.789Z"}',
        };
        for (const [what, line] of Object.entries(taken)) {
            it(what, () => expect(scans(line)).to.equal(true));
        }
    });

    describe("leaves to others", () => {
        const left: Record<string, string> = {
            "what is no JSON": '{"text":"a"',
            "two values": '{"text":"a"}{"text":"b"}',
            "a value that is no object": '["a"]',
            "an unknown column": '{"text":"a","other":1}',
            "a column that is given twice": '{"text":"a","text":"a"}',
            "a column that is given twice, once as null": '{"text":null,"text":"a"}',
            "a key without quotes": '{text:"a"}',
            "a key without a value": '{"text"}',
            "a key that is as long as a column's": '{"texT":"a"}',
            "a key beyond ASCII": '{"é":"a"}',
            "a value of another type": '{"int":"1"}',
            "text with a code": '{"text":"\\u0041"}',
            "an escape that JSON does not have": '{"text":"\\x"}',
            "a control character": '{"text":"\u0001"}',
            "a number with a leading zero": '{"int":01}',
            "a number that might be too large": '{"tiny":128}',
            "an exponent": '{"double":1e3}',
            "more digits than the decimal has": '{"price":1.234}',
            "a digit before the point where there is room for none": '{"part":1.5}',
            "a day that not every month has": '{"day":"2026-02-29"}',
            "a day that the month never has": '{"day":"2026-11-31"}',
            "a day that is none": '{"day":"2026-11-0x"}',
            "a month that there is not": '{"day":"2026-13-01"}',
            "an hour that there is not": '{"at":"2026-11-21 24:00:00"}',
            "a time in another spelling": '{"at":"2026-11-21T04:00:00+01:00"}',
            "a time in ISO 8601 without its Z": '{"at":"2026-11-21T04:00:00.5"}',
            "a time with a Z that is not in ISO 8601": '{"at":"2026-11-21 04:00:00Z"}',
            "ten digits of a second": '{"at":"2026-11-21 04:00:00.0123456789"}',
            "a value that is no scalar": '{"list":["a"]}',
            "a carriage return": '{"text":"a"}\r',
            "a key with an escape": '{"te\\u0078t":"a"}',
        };
        for (const [what, line] of Object.entries(left)) {
            it(what, () => expect(scans(line)).to.equal(false));
        }
    });

    it("knows lines whose keys stand in another order than in those before", () => {
        const scanner = new LineScanner(columns, "refused");
        const lines = ['{"text":"a","int":1,"big":2}', '{"int":1,"text":"a"}', '{"texting":1}', '{"big":1,"int":2}'];

        expect(lines.map((line) => scan(scanner, line))).to.deep.equal([true, true, false, true]);
    });

    it("knows thousands of columns apart", () => {
        const many = Array.from(
            { length: 5_000 },
            (_, index): Column => ({ name: `c${index}`, type: { kind: "string" } }),
        );
        const scanner = new LineScanner(many, "refused");
        const members = many.map(({ name }) => `"${name}":"x"`);

        expect(scan(scanner, `{${members.join(",")}}`)).to.equal(true);
        expect(scan(scanner, `{${[...members, members[4_999]].join(",")}}`)).to.equal(false);
    });

    it("says where the columns' values are", () => {
        const scanner = new LineScanner(columns, "refused");
        const line = Buffer.from('{"int":12,"text":"é","flag":null}\n');

        scanner.scan(line, 0);

        const found = columns.flatMap(({ name }, index) =>
            scanner.starts[index]! < 0
                ? []
                : [[name, line.toString("utf8", scanner.starts[index], scanner.ends[index])]],
        );
        expect(found).to.deep.equal([
            ["text", '"é"'],
            ["int", "12"],
        ]);
    });

    describe("where other keys are skipped", () => {
        it("takes them, whatever they hold", () => {
            const other = '{"a":[1,-2.5e+3,[],{}],"b":{"c":[true,null],"text":7}}';

            expect(scans(`{"other":${other},"TEXT":"a"}`, "skipped")).to.equal(true);
        });

        for (const other of [
            "[1,]",
            "{,}",
            '{"a"}',
            '{"a":}',
            "[1 2]",
            "{1:2}",
            "tru",
            "nul",
            "-",
            "1.",
            "1e",
            '{"a:1}',
            '{"a":1]',
        ]) {
            it(`leaves ${other} to others`, () => {
                expect(scans(`{"other":${other}}`, "skipped")).to.equal(false);
            });
        }

        it("leaves what is nested deeply to others", () => {
            expect(scans(`{"other":${"[".repeat(30)}${"]".repeat(30)}}`, "skipped")).to.equal(true);
            expect(scans(`{"other":${"[".repeat(100_000)}${"]".repeat(100_000)}}`, "skipped")).to.equal(false);
        });

        it("leaves a key that is given twice to others, in whichever case", () => {
            expect(scans('{"other":1,"OTHER":2}', "skipped")).to.equal(false);
            expect(scans('{"text":"a","Text":"b"}', "skipped")).to.equal(false);
        });

        it("leaves lines with a long key to others, which it would have to remember", () => {
            expect(scans(`{"${"a".repeat(256)}":1}`, "skipped")).to.equal(true);
            expect(scans(`{"${"a".repeat(257)}":1}`, "skipped")).to.equal(false);
        });

        it("leaves lines to others when it has seen too many keys", () => {
            const scanner = new LineScanner([], "skipped");
            const keys = Array.from({ length: 300 }, (_, index) => scan(scanner, `{"key${index}":1}`));

            expect(keys.filter(Boolean)).to.have.length(256);
            expect(scan(scanner, '{"key0":1}')).to.equal(true);
        });
    });

    it("takes no line that the columns' check refuses, or spells otherwise but for times in ISO 8601", () => {
        const validate = validator(columns);
        const scanner = new LineScanner(columns, "refused");
        let taken = 0;
        fc.assert(
            fc.property(line, (line) => {
                if (!scan(scanner, line)) return;
                taken++;
                const text = line.replace(/("at":"\d{4}-\d\d-\d\d)T([\d:.]+)Z"/, '$1 $2"');
                expect(validate(line)).to.deep.equal({ ok: true, text });
            }),
            { numRuns: 3_000 },
        );
        expect(taken).to.be.greaterThan(300);
    });

    it("takes no line that is no JSON or has a key twice, where other keys are skipped", () => {
        let taken = 0;
        fc.assert(
            fc.property(
                fc.oneof(
                    line,
                    fc.json(),
                    fc.json().map((value) => `{"a":${value}}`),
                ),
                (line) => {
                    if (!scans(line, "skipped")) return;
                    taken++;
                    expect(isJson(line)).to.equal(true);
                    const keys = line.match(/"\w+"(?=\s*:)/g) ?? [];
                    const nested = /[{[]/.test(line.slice(line.indexOf("{") + 1));
                    if (!nested) expect(new Set(keys.map((key) => key.toLowerCase())).size).to.equal(keys.length);
                },
            ),
            { numRuns: 3_000 },
        );
        expect(taken).to.be.greaterThan(300);
    });
});

function scans(line: string, otherKeys: OtherKeys = "refused"): boolean {
    return scan(new LineScanner(columns, otherKeys), line);
}

/** Among other lines, as it stands in a file. */
function scan(scanner: LineScanner, line: string): boolean {
    const bytes = Buffer.from(`{}\n${line}\n{}`);
    return scanner.scan(bytes, 3) === bytes.length - 3;
}

const digits = fc.string({ unit: fc.constantFrom(..."0123456789"), maxLength: 22 });
const number = fc.tuple(
    fc.constantFrom("", "-"),
    digits,
    fc.constantFrom("", ".", ".5", ".125", "e3", "E-400"),
    digits,
);
const time = fc.tuple(
    fc.date({ noInvalidDate: true }),
    fc.constantFrom("", ".1", ".123456789", "Z"),
    fc.constantFrom(" ", "T"),
);
const value = fc.oneof(
    fc.constantFrom(
        "null",
        "true",
        "false",
        '""',
        '"a"',
        '"é"',
        '"\\n"',
        '"\\u00e9"',
        '"\\ud800"',
        "[]",
        '["a"]',
        "{}",
        "0",
        "127",
    ),
    number.map((parts) => parts.join("")),
    fc.json({ maxDepth: 1 }),
    fc.string().map((text) => JSON.stringify(text)),
    time.map(([time, end, between]) =>
        JSON.stringify(`${time.toISOString().slice(0, 19).replace("T", between)}${end}`),
    ),
    time.map(([time]) => JSON.stringify(time.toISOString().slice(0, 10))),
);
/** A value that fits, mostly. */
const fitting: Record<string, fc.Arbitrary<string>> = {
    string: fc.string().map((text) => JSON.stringify(text)),
    boolean: fc.constantFrom("true", "false"),
    integer: fc.integer({ min: -99, max: 99 }).map(String),
    float: fc.double({ noNaN: true, min: -1e6, max: 1e6 }).map(String),
    decimal: fc.integer({ min: 0, max: 999 }).map((value) => `0.${value}`),
    date: time.map(([time]) => JSON.stringify(time.toISOString().slice(0, 10))),
    timestamp: time.map(([time]) => JSON.stringify(time.toISOString().slice(0, 19).replace("T", " "))),
    array: fc.constant("null"),
};
const member = fc
    .constantFrom(...columns)
    .chain(({ name, type }) =>
        fc
            .oneof({ weight: 4, arbitrary: fitting[type.kind]! }, { weight: 1, arbitrary: value })
            .map((value) => `"${name}":${value}`),
    );
const line = fc
    .tuple(
        fc.array(member, { maxLength: 3 }),
        fc.constantFrom(",", ", ", " ,"),
        fc.constantFrom("", "", "", " ", "\r", "}", ","),
    )
    .map(([members, between, end]) => `{${members.join(between)}}${end}`);
