import { expect } from "chai";
import fc from "fast-check";
import { documentedExpression } from "../../../bench/contestants/documented-expression";
import { parseEntry } from "../../../handlers/parse-access-log/entry";
import { plainEntry } from "../../../handlers/parse-access-log/plain-entry";
import { type EntryParts, entry } from "./entries";

const word = fc.string({ unit: fc.constantFrom(..."abcxyz0189-_.:/=;~!"), minLength: 1, maxLength: 12 });
const text = fc.string({ unit: fc.constantFrom(..."abc 019()/.;,'"), maxLength: 20 });
const parts: fc.Arbitrary<EntryParts> = fc.record(
    {
        type: fc.constantFrom("http", "https", "h2"),
        client: fc.tuple(fc.ipV4(), fc.nat({ max: 65_535 })).map(([address, port]) => `${address}:${port}`),
        status: fc.constantFrom(200, 204, 404),
        url: word.map((path) => `/${path}`),
        userAgent: text,
        traceId: word.map((id) => `Root=${id}`),
        created: fc
            .date({ noInvalidDate: true, min: new Date("2026-01-01"), max: new Date("2027-01-01") })
            .map((at) => at.toISOString()),
    },
    { requiredKeys: [] },
);

describe("plainEntry", () => {
    it("reads what the documented expression reads", () => {
        fc.assert(
            fc.property(parts.map(entry), (line) => {
                const match = documentedExpression.exec(line)!;

                const read = plainEntry(line)!;

                expect(read).to.deep.equal({
                    type: match[1],
                    client: `${match[4]}:${match[5]}`,
                    status: match[11],
                    request: `${match[15]} ${match[16]} ${match[17]}`,
                    userAgent: match[18],
                    traceId: match[22],
                    created: match[26],
                });
            }),
        );
    });

    it("reads nothing but what the exact expressions read, whatever becomes of a line", () => {
        const piece = fc.oneof(fc.constantFrom('"', '" "', " ", "  ", "\\", "\t", "é", "", 'Z "', "-"), text);
        const edit = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat({ max: 3 }), piece);
        let read = 0;
        fc.assert(
            fc.property(parts.map(entry), fc.array(edit, { maxLength: 2 }), (line, edits) => {
                const changed = edits.reduce((line, [place, length, text]) => {
                    const at = Math.floor(place * line.length);
                    return line.slice(0, at) + text + line.slice(at + length);
                }, line);

                const plain = plainEntry(changed);

                if (!plain) return;
                read++;
                expect(plain).to.deep.equal(parseEntry(changed));
            }),
            { numRuns: 3_000 },
        );
        expect(read).to.be.greaterThan(300);
    });

    for (const [what, line] of [
        ["a quote in its user agent", entry({ userAgent: 'Bot "best"' })],
        ["an escape in its user agent", entry({ userAgent: "Bot \\x22best\\x22" })],
        ["another time behind its actions", entry({ more: ' 2026-11-21T04:00:00Z "a"' })],
        ["a request with a quote in it", entry({ url: '/view?a="' })],
        ["a time that is none", entry({ created: "yesterday" })],
        ["two spaces between fields", entry({ client: " 203.0.113.7:1" })],
        ["a tab between fields", entry({ client: "203.0.113.7:1\t" })],
        ["an end within its request", entry().slice(0, 150)],
        ["no request in quotes", entry().replace('"GET', "GET")],
    ] as const) {
        it(`leaves a line with ${what} to others`, () => {
            expect(plainEntry(line)).to.equal(undefined);
        });
    }
});
