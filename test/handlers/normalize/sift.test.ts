import { expect } from "chai";
import fc from "fast-check";
import { sift } from "../../../handlers/normalize/sift";
import { splitLines } from "../../../handlers/shared/json-lines";
import { validator } from "../../../handlers/shared/validate";

const validate = validator([
    { name: "n", type: { kind: "integer", bits: 64 } },
    { name: "s", type: { kind: "string" } },
    { name: "t", type: { kind: "timestamp" } },
]);

const sifted = (content: string | Buffer) => {
    const { good, bad } = sift(Buffer.from(content as string), validate);
    return { good: good.map(String), bad: bad.map(({ reason, bytes }) => [reason, bytes.toString("latin1")]) };
};

describe("sift", () => {
    it("parts good lines from bad ones", () => {
        expect(sifted('{"n":1}\n{"n":"1"}\n\n{"n":2}')).to.deep.equal({
            good: ['{"n":1}', '{"n":2}'],
            bad: [["column n: expected bigint, got a string", '{"n":"1"}']],
        });
    });

    const kept: [string, string][] = [
        ["beyond the exact doubles", '{"n":9007199254740993}'],
        ["with white space", ' { "n" : 1 ,\t"s":null}  '],
        ["with escapes", '{"s":"\\u00fc\\/\\u2028"}'],
        ["with separators that are text in JSON", '{"s":"a\u2028b\u2029c\u0085d"}'],
        ["empty", "{}"],
    ];
    for (const [what, line] of kept) {
        it(`keeps every byte of a line ${what}`, () => {
            expect(sifted(line)).to.deep.equal({ good: [line], bad: [] });
        });
    }

    it("rewrites timestamps only", () => {
        const line = '{ "t":"2026-11-21T04:00:00.5Z", "s":"2026-11-21T04:00:00.5Z" }';

        expect(sifted(line).good).to.deep.equal(['{ "t":"2026-11-21 04:00:00.5", "s":"2026-11-21T04:00:00.5Z" }']);
    });

    it("takes carriage returns as white space, so that no reader ends a line there", () => {
        expect(sifted('{"n":1}\r\n{"n":\r2}\r\n').good).to.deep.equal(['{"n":1} ', '{"n": 2} ']);
    });

    it("takes a byte order mark at the record's start", () => {
        expect(sifted('\ufeff{"n":1}\n{"n":2}').good).to.deep.equal(['{"n":1}', '{"n":2}']);
    });

    const bad: [string, string | Buffer, string][] = [
        ["glued objects", '{"n":1}{"n":2}', "text behind the JSON value: end every event with a newline"],
        ["a byte order mark further on", '{"n":1}\n\ufeff{"n":2}', "not valid JSON"],
        ["a torn character", Buffer.from('{"s":"\xc3"}', "latin1"), "not valid UTF-8"],
        ["a surrogate in UTF-8", Buffer.from('{"s":"\xed\xa0\x80"}', "latin1"), "not valid UTF-8"],
        ["a NUL byte", '{"s":"\0"}', "not valid JSON"],
        ["a root that is an array", "[]", "expected an object, got an array"],
        ["__proto__", '{"__proto__":1}', 'unknown column "__proto__"'],
        ["100,000 levels", `${"[".repeat(100_000)}${"]".repeat(100_000)}`, "expected an object, got an array"],
        ["1e400", '{"n":1e400}', "column n: expected bigint, got a number with a fraction or an exponent"],
        ["a megabyte of a key", `{"${"k".repeat(1_000_000)}":1}`, `unknown column "${"k".repeat(64)}"`],
    ];
    for (const [what, content, reason] of bad) {
        it(`finds ${what} bad`, () => {
            expect(sifted(content).bad.map(([why]) => why)).to.deep.equal([reason]);
        });
    }

    it("has every line of any bytes in one place, in order, bad ones as they came", () => {
        const piece = fc.oneof(
            fc
                .constantFrom('{"n":1}', '{"s":"ü"}', '{"n":"x"}', "\n", "\r\n", "{", "\ufeff")
                .map((text) => Buffer.from(text)),
            fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
        );
        fc.assert(
            fc.property(fc.array(piece), (pieces) => {
                const record = Buffer.concat(pieces);

                const { good, bad: refused } = sift(record, validate);

                const lines = splitLines(record);
                const rest = lines.filter((line) => !refused.some(({ bytes }) => bytes.equals(line)));
                expect(good.length + refused.length).to.equal(lines.length);
                expect(good.map((line) => line.toString().trim())).to.deep.equal(
                    rest.map((line) => line.toString().trim()),
                );
                for (const line of good)
                    expect(validate(line.toString())).to.deep.equal({ ok: true, text: line.toString() });
            }),
            { numRuns: 500 },
        );
    });
});
