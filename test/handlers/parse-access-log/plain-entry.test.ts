import { expect } from "chai";
import fc from "fast-check";
import { documentedExpression } from "../../../bench/contestants/documented-expression";
import { type Entry, parseEntry } from "../../../handlers/parse-access-log/entry";
import { PlainEntry } from "../../../handlers/parse-access-log/plain-entry";
import { type EntryParts, entry } from "./entries";

const word = fc.string({ unit: fc.constantFrom(..."abcxyz0189-_.:/=;~!"), minLength: 1, maxLength: 12 });
const text = fc.string({ unit: fc.constantFrom(..."abc 019()/.;,'é"), maxLength: 80 });
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

/** The line's fields; undefined if it has to be looked at more closely. */
function plainEntry(line: string): Entry | undefined {
    const bytes = Buffer.from(`${line}\n`);
    const end = bytes.length - 1;
    const found = new PlainEntry();
    if (!found.findHead(bytes, 0, end)) return undefined;
    const requestEnd = bytes.indexOf('"', found.request);
    if (!found.findTail(bytes, requestEnd, end)) return undefined;
    const textOf = (start: number, end: number) => bytes.toString("utf8", start, end);
    return {
        type: textOf(0, bytes.indexOf(" ")),
        client: textOf(found.client, found.clientEnd),
        status: textOf(found.status, bytes.indexOf(" ", found.status)),
        request: textOf(found.request, requestEnd),
        userAgent: textOf(found.userAgent, found.userAgentEnd),
        traceId: textOf(found.traceId, found.traceIdEnd),
        created: textOf(found.created, found.createdEnd),
    };
}

describe("PlainEntry", () => {
    it("finds what the documented expression finds", () => {
        fc.assert(
            fc.property(parts.map(entry), (line) => {
                const match = documentedExpression.exec(line)!;

                expect(plainEntry(line)).to.deep.equal({
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

    it("finds what the exact expressions find, whatever becomes of a line", () => {
        // What follows a backslash is another's business.
        const piece = fc.oneof(fc.constantFrom('"', '" "', " ", "  ", "\t", "é", "\u00a0", "", 'Z "', "-"), text);
        const edit = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat({ max: 3 }), piece);
        let found = 0;
        fc.assert(
            fc.property(parts.map(entry), fc.array(edit, { maxLength: 2 }), (line, edits) => {
                const changed = edits.reduce((line, [place, length, text]) => {
                    const at = Math.floor(place * line.length);
                    return line.slice(0, at) + text + line.slice(at + length);
                }, line);

                const plain = plainEntry(changed);

                // Whether it is a time is looked at later.
                if (!plain || !/^\d{4}-\d\d-\d\dT.+Z$/.test(plain.created)) return;
                found++;
                expect(plain).to.deep.equal(parseEntry(changed));
            }),
            { numRuns: 3_000 },
        );
        expect(found).to.be.greaterThan(300);
    });

    const arn = "arn:aws:acm:us-east-2:123456789012:certificate/12345678-1234-1234-1234-123456789012";
    it("finds the fields of an entry with long texts, and a Z behind them", () => {
        const line = entry({ more: ' "TZ" Z' }).replace('"-" "-" 0', `"www.example.com" "${arn}" 0`);

        expect(plainEntry(line)).to.deep.equal(parseEntry(line));
    });

    for (const [what, line] of [
        ["a quote in its user agent", entry({ userAgent: 'Bot "best"' })],
        ["a quote at the end of its user agent", entry({ userAgent: 'Bot "best" ' })],
        ["another time behind its actions", entry({ more: ' 2026-11-21T04:00:00Z "a"' })],
        ["a request with a quote in it", entry({ url: '/view?a="' })],
        ["a request with a quote and no space behind it", entry({ url: '/view?a="b' })],
        ["two spaces between fields", entry({ client: " 203.0.113.7:1" })],
        ["a tab between fields", entry({ client: "203.0.113.7:1\t" })],
        ["a space beyond ASCII in a field", entry({ client: "203.0.113.7:1\u00a0" })],
        ["no request in quotes", entry().replace('"GET', "GET")],
        ["no trace in quotes", entry().replace('"Root=1-58337262-36d228ad5d99923122bbe354"', "-")],
        ["no user agent", entry().slice(0, entry().indexOf('"curl'))],
        ["an end within its user agent", entry().slice(0, entry().indexOf("curl") + 2)],
        ["an end behind its user agent", entry().slice(0, entry().indexOf("curl") + 12)],
        ["an end within its actions", entry().slice(0, entry().indexOf("fixed") + 2)],
        ["an end behind its actions", entry().slice(0, entry().indexOf('fixed-response"') + 15)],
    ] as const) {
        it(`leaves a line with ${what} to others`, () => {
            expect(plainEntry(line)).to.equal(undefined);
        });
    }
});
