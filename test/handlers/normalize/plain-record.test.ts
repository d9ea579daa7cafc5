import { expect } from "chai";
import fc from "fast-check";
import { readPlain } from "../../../handlers/normalize/plain-record";
import { sift } from "../../../handlers/normalize/sift";
import { joinLines } from "../../../handlers/shared/json-lines";
import { validator } from "../../../handlers/shared/validate";

const validate = validator([
    { name: "n", type: { kind: "integer", bits: 64 } },
    { name: "s", type: { kind: "string" } },
    { name: "t", type: { kind: "timestamp" } },
    { name: "u", type: { kind: "timestamp" } },
]);

/** Reads it among others. */
const read = (content: string | Buffer) => {
    const records = Buffer.concat([Buffer.from("{}\n"), Buffer.from(content as string), Buffer.from("{}\n")]);
    const plain = readPlain(records, 3, records.length - 3, validate.scanner);
    return (
        plain && { lines: plain.lines, text: plain.isRespelled ? records.toString("utf8", 3, plain.end) : undefined }
    );
};

describe("a plain record", () => {
    it("is one whose lines are all events beyond doubt, and is left as it is", () => {
        expect(read('{"n":1}\n{"s":"ü"}\n')).to.deep.equal({ lines: 2, text: undefined });
    });

    it("has its times in ISO 8601 respelled, and its texts not", () => {
        const record =
            '{"u":"2026-11-21T04:00:00Z","s":"2026-11-21T04:00:00Z" , "t":"2026-11-21T04:00:00.5Z"}\n' +
            '{"t":"2026-11-21 04:00:00"}\n{"t":"2026-11-21T05:00:00Z"}\n';

        expect(read(record)).to.deep.equal({
            lines: 3,
            text:
                '{"u":"2026-11-21 04:00:00","s":"2026-11-21T04:00:00Z" , "t":"2026-11-21 04:00:00.5"}\n' +
                '{"t":"2026-11-21 04:00:00"}\n{"t":"2026-11-21 05:00:00"}\n',
        });
    });

    for (const [what, content] of [
        ["that is empty", ""],
        ["with a line that is bad", '{"n":1}\n{"n":"x"}\n'],
        ["with a line that is written otherwise", '{"n":1}\n{"n":1}\r\n'],
        ["with a line that nothing ends", '{"n":1}\n{"n":2}'],
    ] as const) {
        it(`is none ${what}`, () => {
            expect(read(content)).to.equal(undefined);
        });
    }

    it("is left as it came where it turns out to be none", () => {
        const record = Buffer.from('{"t":"2026-11-21T04:00:00Z"}\n{"n":"x"}\n');
        const before = record.toString();

        readPlain(record, 0, record.length, validate.scanner);

        expect(record.toString()).to.equal(before);
    });

    it("is what reading its lines in full makes of it", () => {
        const time = fc.constantFrom("2026-11-21T04:00:00Z", "2026-11-21T04:00:00.123456789Z", "2026-11-21 04:00:00");
        const member = fc.oneof(
            fc.tuple(
                fc.constantFrom("t", "u"),
                time.map((text) => JSON.stringify(text)),
            ),
            fc.tuple(
                fc.constant("s"),
                fc.oneof(time, fc.string()).map((text) => JSON.stringify(text)),
            ),
            fc.tuple(fc.constant("n"), fc.maxSafeInteger().map(String)),
        );
        const line = fc.array(member, { maxLength: 3 }).map((members) => {
            const unlike = new Map(members);
            return `{${[...unlike].map(([name, value]) => `"${name}":${value}`).join(",")}}\n`;
        });
        let respelled = 0;
        fc.assert(
            fc.property(fc.array(line, { minLength: 1 }), (lines) => {
                const record = Buffer.from(lines.join(""));
                const { good, bad } = sift(record, validate);

                const plain = read(record);

                if (!plain) return;
                if (plain.text !== undefined) respelled++;
                expect(bad).to.deep.equal([]);
                expect(plain.lines).to.equal(good.length);
                expect(plain.text ?? record.toString()).to.equal(joinLines(good).toString());
            }),
            { numRuns: 500 },
        );
        expect(respelled).to.be.greaterThan(100);
    });
});
