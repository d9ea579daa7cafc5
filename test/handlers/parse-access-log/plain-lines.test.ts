import { expect } from "chai";
import { PlainLines } from "../../../handlers/parse-access-log/plain-lines";

const longestLine = 10;

/** The lines that are handed on from a place on, and where the first one begins that is not. */
function linesOf(chunk: Buffer, start = 0, isPlain: (line: string) => boolean = () => true) {
    const lines: string[] = [];
    const plain = new PlainLines(longestLine, ({ bytes }, start, end) => {
        const line = bytes.toString("utf8", start, end);
        if (isPlain(line)) lines.push(line);
        return isPlain(line);
    });
    return { lines, next: plain.read(chunk, start) };
}

describe("PlainLines", () => {
    it("hands on whole lines", () => {
        expect(linesOf(Buffer.from("one\ntwø\nthree"))).to.deep.equal({ lines: ["one", "twø"], next: 9 });
    });

    it("hands on lines from a place on, whatever is before it", () => {
        const chunk = Buffer.concat([Buffer.from([0xff, 0x5c, 0x0a]), Buffer.from("one\n")]);

        expect(linesOf(chunk, 3)).to.deep.equal({ lines: ["one"], next: 7 });
    });

    for (const [what, chunk] of [
        ["a backslash", "one\nt\\o\nthree\n"],
        ["more than is looked at", "one\n12345678901\nthree\n"],
        ["what is not plain", "one\nodd\nthree\n"],
    ] as const) {
        it(`stops before a line with ${what}, and goes on behind it`, () => {
            const read = linesOf(Buffer.from(chunk), 0, (line) => line !== "odd");

            expect(read).to.deep.equal({ lines: ["one"], next: 4 });
            const behind = chunk.indexOf("three");
            expect(linesOf(Buffer.from(chunk), behind).lines).to.deep.equal(["three"]);
        });
    }

    it("knows a backslash again that is passed later", () => {
        const chunk = Buffer.from("one\nt\\o\nthree\nf\\ur\n");
        const lines: number[] = [];
        const plain = new PlainLines(longestLine, (_, start) => lines.push(start) > 0);

        expect([plain.read(chunk, 0), plain.read(chunk, 8)]).to.deep.equal([4, 14]);
        expect(lines).to.deep.equal([0, 8]);
    });

    it("looks anew at a buffer that is filled anew", () => {
        const chunk = Buffer.from("one\ntwo\n");
        const plain = new PlainLines(longestLine, () => true);

        expect(plain.read(chunk, 0)).to.equal(8);
        chunk.write("t\\o\nfour");
        expect(plain.read(chunk, 0)).to.equal(0);
    });

    it("hands on nothing of a chunk that is not UTF-8", () => {
        expect(linesOf(Buffer.from("one\n\xff\n", "latin1"))).to.deep.equal({ lines: [], next: 0 });
    });
});
