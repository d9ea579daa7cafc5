import { randomBytes } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { createDeflateRaw, gunzipSync, gzipSync } from "node:zlib";
import { expect } from "chai";
import fc from "fast-check";
import type { Compression } from "../../../handlers/convert-result/contract";
import { gzip } from "../../../handlers/convert-result/gzip";
import { rows, sample } from "./content";

const compressions: Compression[] = ["small", "balanced", "fast"];
const megabyte = 1024 * 1024;

describe("gzip", () => {
    it("is read back as what it was, however it came, as one member", async () => {
        const sizes = fc.array(fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 3 * megabyte })));

        await fc.assert(
            fc.asyncProperty(
                sizes,
                fc.constantFrom(...compressions),
                fc.integer({ min: 1, max: 5 }),
                async (...all) => {
                    const [sizes, compression, lanes] = all;
                    const chunks = sizes.map((size, index) => sample(size, index));

                    const packed = await pack(chunks, compression, lanes);

                    const bytes = Buffer.concat(chunks);
                    expect(gunzipSync(packed).equals(bytes)).to.equal(true);
                    // A member ends with the length of its own content.
                    expect(packed.readUInt32LE(packed.length - 4)).to.equal(bytes.length);
                },
            ),
            { numRuns: 25 },
        );
    });

    it("takes what can't be made smaller", async () => {
        const bytes = randomBytes(2 * megabyte + 1);

        const packed = await pack([bytes], "small");

        expect(gunzipSync(packed).equals(bytes)).to.equal(true);
        expect(packed.length).to.be.lessThan(bytes.length * 1.001);
    });

    it("makes the same bytes of the same rows with any number of lanes, however they come", async () => {
        const bytes = rows(40_000);
        const parts = Array.from({ length: 41 }, (_, index) => bytes.subarray(index * 77_777, (index + 1) * 77_777));

        for (const compression of ["balanced", "fast"] as const) {
            const packed = await pack([bytes], compression, 2);

            expect((await pack([bytes], compression, 5)).equals(packed)).to.equal(true);
            expect((await pack(parts, compression, 3)).equals(packed)).to.equal(true);
        }
    });

    it("makes rows hardly larger than zlib does at once, at its default and at its smallest", async () => {
        const bytes = rows(40_000);

        for (const [compression, level] of [
            ["balanced", 6],
            ["small", 9],
        ] as const) {
            const whole = gzipSync(bytes, { level }).length;
            expect((await pack([bytes], compression)).length).to.be.lessThan(1.01 * whole);
        }
    });

    it("makes them smaller than zlib's fastest does, and the smaller the more time it has", async () => {
        const bytes = rows(40_000);

        const [small, balanced, fast] = await Promise.all(compressions.map((each) => pack([bytes], each)));

        expect(fast!.length).to.be.lessThan(gzipSync(bytes, { level: 1 }).length);
        expect(balanced!.length).to.be.lessThan(fast!.length);
        expect(small!.length).to.be.lessThan(balanced!.length);
    });

    it("is done with a chunk when it asks for the next", async () => {
        const chunk = Buffer.alloc(300_000);
        async function* overwritten() {
            for (let turn = 1; turn <= 12; turn++) yield chunk.fill(turn);
        }

        const packed = await buffer(gzip(overwritten(), "balanced"));

        const expected = Array.from({ length: 12 }, (_, turn) => Buffer.alloc(300_000, turn + 1));
        expect(gunzipSync(packed).equals(Buffer.concat(expected))).to.equal(true);
    });

    it("fails as its source does, whatever is being compressed", async () => {
        for (const pieces of [0, 1, 4]) {
            async function* dying() {
                yield rows(10_000).subarray(0, pieces * megabyte + 1);
                throw new Error("connection lost");
            }

            const error = await buffer(gzip(dying(), "balanced")).catch((error: Error) => error);

            expect(error).to.have.property("message", "connection lost");
        }
    });

    it("lets go of its source when its reader stops", async () => {
        let isOpen = true;
        async function* endless() {
            try {
                for (;;) yield sample(500_000, 1);
            } finally {
                isOpen = false;
            }
        }
        let bytes = 0;

        for await (const part of gzip(endless(), "fast")) {
            bytes += part.length;
            if (bytes > 1_000) break;
        }

        expect(isOpen).to.equal(false);
    });

    it("lets go of its deflaters, each of which has a quarter of a megabyte that no garbage collector sees", async () => {
        const deflaters = Object.getPrototypeOf(createDeflateRaw());
        const destroyed = new Set<unknown>();
        deflaters.destroy = function (...args: unknown[]) {
            destroyed.add(this);
            return Object.getPrototypeOf(deflaters).destroy.apply(this, args);
        };

        await pack([rows(1_000)], "balanced", 3).finally(() => {
            delete deflaters.destroy;
        });

        expect(destroyed.size).to.equal(3);
    });
});

function pack(chunks: Buffer[], compression: Compression, lanes?: number): Promise<Buffer> {
    return buffer(gzip(from(chunks), compression, lanes));
}

async function* from(chunks: Buffer[]): AsyncGenerator<Buffer> {
    yield* chunks;
}
