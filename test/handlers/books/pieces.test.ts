import { expect } from "chai";
import fc from "fast-check";
import { Pieces } from "../../../handlers/books/pieces";

describe("pieces of a backup", () => {
    for (const [what, text, expected] of [
        ["lines", '{"a":1}\n{"a":2}', ['{"a":1}', '{"a":2}']],
        [
            "records that follow each other without a newline",
            '{"a":1}{"a":2} {"a":3}',
            ['{"a":1}', '{"a":2}', '{"a":3}'],
        ],
        [
            "braces and quotes in texts as what they are",
            '{"a":"}{\\"}{"}{"b":"\\\\"}',
            ['{"a":"}{\\"}{"}', '{"b":"\\\\"}'],
        ],
        ["objects in objects and arrays as one", '{"a":{"b":[{}, {}]}}', ['{"a":{"b":[{}, {}]}}']],
        ["an array as one", '[{"a":1},{"a":2}]', ['[{"a":1},{"a":2}]']],
        ["a line that breaks off by itself", '{"a":"x\n{"b":1}', ['{"a":"x', '{"b":1}']],
        ["what follows a record that broke off", '{"a":{"b":1}{"c":1}{"d":1}', ['{"a":{"b":1}', '{"c":1}', '{"d":1}']],
        ["text with the object that follows it", 'info {"a":1}{"b":1}', ['info {"a":1}', '{"b":1}']],
        ["text after an object", '{"a":1} and }more]\n1', ['{"a":1}', "and }more]", "1"]],
        ["no blank ones, and no byte order mark", '\ufeff{"a":1}\r\n \t\n\r\n', ['{"a":1}']],
    ] as const) {
        it(`has ${what}`, () => {
            expect(cut([Buffer.from(text)])).to.deep.equal(expected);
        });
    }

    it("are cut alike, however the bytes arrive, be there newlines between events or not", () => {
        const event = fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue());
        const records = fc.array(fc.tuple(event, fc.constantFrom("", "\n", "\r\n", " ")));
        const places = fc.array(fc.nat());

        fc.assert(
            fc.property(records, places, (all, cuts) => {
                const bytes = Buffer.from(all.map(([value, end]) => JSON.stringify(value) + end).join(""));

                const pieces = cut(chunksOf(bytes, cuts));

                expect(pieces).to.deep.equal(all.map(([value]) => JSON.stringify(value)));
            }),
        );
    });

    it("take no more memory than a record has, however long they are", () => {
        const pieces = new Pieces();
        const chunk = Buffer.alloc(700 * 1024, "x");

        const all = [...pieces.push(chunk), ...pieces.push(chunk), ...pieces.push(chunk), ...pieces.end()];

        expect(all.map(({ length }) => length)).to.deep.equal([1000 * 1024]);
    });
});

function cut(chunks: Buffer[]): string[] {
    const pieces = new Pieces();
    return [...chunks.flatMap((chunk) => pieces.push(chunk)), ...pieces.end()].map(String);
}

function chunksOf(bytes: Buffer, places: number[]): Buffer[] {
    const cuts = places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b);
    return [...cuts, bytes.length].map((end, index) => bytes.subarray(index === 0 ? 0 : cuts[index - 1], end));
}
