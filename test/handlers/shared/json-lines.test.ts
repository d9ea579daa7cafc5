import { expect } from "chai";
import fc from "fast-check";
import { joinLines, splitLines } from "../../../handlers/shared/json-lines";

const texts = (bytes: string | Buffer) => splitLines(Buffer.from(bytes)).map(String);

describe("json-lines", () => {
    it("splits what it joined, for any bytes", () => {
        const line = fc
            .uint8Array({ minLength: 1 })
            .map((bytes) => Buffer.from([0x7b, ...bytes.filter((byte) => byte !== 0x0a)]));
        fc.assert(
            fc.property(fc.array(line), (lines) => {
                expect(splitLines(joinLines(lines))).to.deep.equal(lines);
            }),
        );
    });

    it("loses no byte but newlines, blank lines and the mark at the start", () => {
        fc.assert(
            fc.property(fc.array(fc.constantFrom("a", "\n", "\r", " ", "\u2028", "\ufeff")), (parts) => {
                const wanted = parts
                    .join("")
                    .replace(/^\ufeff/, "")
                    .split("\n");

                expect(texts(parts.join(""))).to.deep.equal(wanted.filter((line) => !/^[ \r]*$/.test(line)));
            }),
        );
    });

    it("ends lines at newlines only", () => {
        expect(texts("a\r\nb\u2028c\u2029d\re\x00f")).to.deep.equal(["a\r", "b\u2028c\u2029d\re\x00f"]);
    });

    it("takes a last line without newline, and no lines", () => {
        expect(texts("a\nb")).to.deep.equal(["a", "b"]);
        expect(texts("a\nb\n")).to.deep.equal(["a", "b"]);
        expect(texts("")).to.deep.equal([]);
        expect(texts("\ufeff")).to.deep.equal([]);
    });

    it("ends every joined line", () => {
        expect(joinLines([Buffer.from("a"), Buffer.from("b")]).toString()).to.equal("a\nb\n");
        expect(joinLines([])).to.have.length(0);
    });
});
