import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { bodyBytes, bodyText, mostBodyBytes } from "../../../handlers/collect/body";
import { request } from "./requests";

const text = (parts: Parameters<typeof request>[0]) => bodyText(bodyBytes(request(parts)));
const gzipped = (content: string | Buffer) => ({ body: gzipSync(content), headers: { "content-encoding": "gzip" } });

describe("body", () => {
    it("is read from text and from base64", () => {
        expect(text({ body: '{"a":"ü"}' })).to.equal('{"a":"ü"}');
        expect(text({ body: Buffer.from('{"a":"ü"}') })).to.equal('{"a":"ü"}');
        expect(text({})).to.equal("");
    });

    it("is read without its byte order mark", () => {
        expect(text({ body: "\ufeff{}" })).to.equal("{}");
        expect(text({ body: Buffer.from("\ufeff{}") })).to.equal("{}");
    });

    for (const encoding of ["gzip", "x-gzip", " GZIP "]) {
        it(`is inflated when its encoding is ${JSON.stringify(encoding)}`, () => {
            expect(text({ body: gzipSync("{}"), headers: { "content-encoding": encoding } })).to.equal("{}");
        });
    }

    it("is taken as it is when its encoding is identity", () => {
        expect(text({ body: "{}", headers: { "content-encoding": "identity" } })).to.equal("{}");
    });

    for (const encoding of ["br", "deflate", "gzip, gzip", "zstd"]) {
        it(`is refused with 415 when its encoding is ${encoding}`, () => {
            expect(() => text({ body: "{}", headers: { "content-encoding": encoding } }))
                .to.throw()
                .that.deep.includes({ statusCode: 415, headers: { "accept-encoding": "gzip" } });
        });
    }

    it("is taken up to its limit, and refused with 413 above", () => {
        const most = "x".repeat(mostBodyBytes);

        expect(text({ body: most })).to.have.length(mostBodyBytes);
        expect(text(gzipped(most))).to.have.length(mostBodyBytes);
        for (const parts of [{ body: `${most}x` }, { body: Buffer.from(`${most}x`) }, gzipped(`${most}x`)]) {
            expect(() => text(parts))
                .to.throw()
                .that.includes({ statusCode: 413 });
        }
    });

    it("is refused with 413 when it is a bomb, without being inflated", () => {
        const bomb = gzipped(Buffer.alloc(500 * 1024 * 1024));
        const before = process.resourceUsage().maxRSS;

        expect(() => text(bomb))
            .to.throw()
            .that.includes({ statusCode: 413 });
        expect(process.resourceUsage().maxRSS - before).to.be.below(100 * 1024);
    });

    const unreadable: [string, Buffer, Record<string, string>, string][] = [
        ["no gzip", Buffer.from("{}"), { "content-encoding": "gzip" }, "the body is not valid gzip"],
        ["empty gzip", Buffer.alloc(0), { "content-encoding": "gzip" }, "the body is not valid gzip"],
        ["torn gzip", gzipSync("{}").subarray(0, 15), { "content-encoding": "gzip" }, "the body is not valid gzip"],
        ["no UTF-8", Buffer.from([0x7b, 0xff, 0x7d]), {}, "the body is not valid UTF-8"],
        ["a torn character", Buffer.from("ü").subarray(0, 1), {}, "the body is not valid UTF-8"],
    ];
    for (const [what, body, headers, message] of unreadable) {
        it(`is refused with 400 when it is ${what}`, () => {
            expect(() => text({ body, headers }))
                .to.throw(message)
                .that.includes({ statusCode: 400 });
        });
    }
});
