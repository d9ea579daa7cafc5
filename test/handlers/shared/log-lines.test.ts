import { expect } from "chai";
import fc from "fast-check";
import { LogLines } from "../../../handlers/shared/log-lines";

function linesOf(chunks: Buffer[]) {
    const lines = new LogLines(longestLine);
    return [...chunks.flatMap((chunk) => lines.push(chunk)), ...lines.end()];
}

const longestLine = 128 * 1024;

describe("LogLines", () => {
    it("cuts lines and says where they begin; empty ones are left out", () => {
        const lines = linesOf([Buffer.from("one\n\ntwo"), Buffer.from(" parts\nthree")]);

        expect(lines.map(({ offset, bytes }) => [offset, bytes.toString()])).to.deep.equal([
            [0, "one"],
            [5, "two parts"],
            [15, "three"],
        ]);
    });

    it("cuts the same lines, however they come", () => {
        fc.assert(
            fc.property(fc.array(fc.string({ unit: fc.constantFrom("a", "ø", "\n", " ") })), (texts) => {
                const whole = Buffer.from(texts.join(""));

                const lines = linesOf(texts.map((text) => Buffer.from(text)));

                for (const { offset, bytes } of lines) {
                    expect(whole.subarray(offset, offset + bytes.length).equals(bytes)).to.equal(true);
                }
                expect(lines.map(({ bytes }) => bytes.toString())).to.deep.equal(
                    whole
                        .toString()
                        .split("\n")
                        .filter((line) => line !== ""),
                );
            }),
        );
    });

    it("keeps no more of a line than the longest, and reads on behind it", () => {
        const long = Buffer.alloc(longestLine, "x");

        const lines = linesOf([long, long, Buffer.from("x\nnext\n")]);

        expect(lines.map(({ offset, isTooLong }) => [offset, isTooLong])).to.deep.equal([
            [0, true],
            [2 * longestLine + 2, false],
        ]);
        expect(lines[0]!.bytes.length).to.equal(longestLine);
        expect(lines[1]!.bytes.toString()).to.equal("next");
    });

    it("looks at what lies behind a line when the next one is asked for", () => {
        const looked: number[] = [];
        const lines = new LogLines(longestLine, (_, start) => {
            looked.push(start);
            return start;
        });

        const seen = [...lines.cut(Buffer.from("a\nb\n"))].map(({ offset }) => offset);
        const first = lines.cut(Buffer.from("c\nd\n")).next();

        expect(seen).to.deep.equal([0, 2]);
        expect(first.value?.offset).to.equal(4);
        expect(looked).to.deep.equal([0, 2, 4, 0]);
    });

    it("takes a line of just that length", () => {
        expect(linesOf([Buffer.alloc(longestLine, "x")])[0]!.isTooLong).to.equal(false);
    });
});
