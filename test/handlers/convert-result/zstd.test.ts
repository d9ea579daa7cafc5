import { execFile, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import type { Transform } from "node:stream";
import { buffer } from "node:stream/consumers";
import { createZstdCompress, gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { expect } from "chai";
import fc from "fast-check";
import { zstd } from "../../../handlers/convert-result/zstd";
import { rows, sample } from "./content";

const megabyte = 1024 * 1024;

describe("zstd", () => {
    const chunks = fc.array(
        fc
            .tuple(fc.oneof(fc.integer({ max: 100, min: 0 }), fc.integer({ max: megabyte, min: 0 })), fc.nat())
            .map(([size, seed]) => sample(size, seed)),
    );

    it("is read back as what it was, however it came, as one frame", async () => {
        await fc.assert(
            fc.asyncProperty(chunks, async (chunks) => {
                const packed = await pack(chunks);

                // Reads one frame, and leaves what lies behind it.
                expect(zstdDecompressSync(packed).equals(Buffer.concat(chunks))).to.equal(true);
            }),
            { numRuns: 25 },
        );
    });

    for (const [reader, ...args] of [
        ["zstd", "-d", "-c"],
        [
            "python3",
            "-c",
            "import sys, compression.zstd as z; sys.stdout.buffer.write(z.decompress(sys.stdin.buffer.read()))",
        ],
    ] as [string, ...string[]][]) {
        it(`is read back by ${reader}`, async function () {
            if (!reads(reader, args)) this.skip();
            await fc.assert(
                fc.asyncProperty(chunks, async (chunks) => {
                    const packed = await pack(chunks);

                    expect((await piped(packed, reader, args)).equals(Buffer.concat(chunks))).to.equal(true);
                }),
                { numRuns: 10 },
            );
        });
    }

    it("has a checksum", async () => {
        const packed = await pack([rows(1_000)]);
        packed[packed.length - 1]! ^= 1;

        expect(() => zstdDecompressSync(packed)).to.throw("doesn't match checksum");
    });

    it("needs no more than 512 KB of a reader's memory for its window", async () => {
        const packed = await pack([randomBytes(3 * megabyte)]);

        // RFC 8878, 3.1.1.1.2: the window is 2 to the power of the upper five bits and ten.
        expect(packed[4]! & 0x20, "single segment").to.equal(0);
        expect(packed[5]! >> 3).to.be.at.most(9);
    });

    it("takes what can't be made smaller", async () => {
        const bytes = randomBytes(2 * megabyte + 1);

        expect((await pack([bytes])).length).to.be.lessThan(bytes.length * 1.001);
    });

    it("makes rows smaller than gzip does", async () => {
        const bytes = rows(40_000);

        expect((await pack([bytes])).length).to.be.lessThan(gzipSync(bytes).length);
    });

    it("is done with a chunk when it asks for the next", async () => {
        const chunk = Buffer.alloc(300_000);
        async function* overwritten() {
            for (let turn = 1; turn <= 12; turn++) yield chunk.fill(turn);
        }

        const packed = await buffer(zstd(overwritten()));

        const expected = Array.from({ length: 12 }, (_, turn) => Buffer.alloc(300_000, turn + 1));
        expect(zstdDecompressSync(packed).equals(Buffer.concat(expected))).to.equal(true);
    });

    it("hands out what it has while more comes", async () => {
        let taken = 0;
        async function* counted() {
            for (; taken < 100; taken++) yield randomBytes(megabyte);
        }

        for await (const _ of zstd(counted())) break;

        expect(taken).to.be.lessThan(3);
    });

    it("fails as its source does, whatever is being compressed", async () => {
        for (const size of [0, 1, 4 * megabyte]) {
            async function* dying() {
                yield sample(size, 1);
                throw new Error("connection lost");
            }

            const error = await buffer(zstd(dying())).catch((error: Error) => error);

            expect(error).to.have.property("message", "connection lost");
        }
    });

    for (const [when, bytes] of [
        ["in the middle", 10],
        ["at the end", 0],
    ] as const) {
        it(`fails as its compressor does, ${when}`, async () => {
            const method = bytes ? "_transform" : "_flush";
            const compressors = Object.getPrototypeOf(Object.getPrototypeOf(createZstdCompress()));
            const original = compressors[method];
            // As zlib's streams do where the library fails: who waits for the write is not called.
            compressors[method] = function (this: Transform) {
                this.destroy(new Error("no memory"));
            };

            const error = await pack([sample(bytes, 1)])
                .catch((error: Error) => error)
                .finally(() => {
                    compressors[method] = original;
                });

            expect(error).to.have.property("message", "no memory");
        });
    }

    it("lets go of its source and its compressor when its reader stops", async () => {
        let isOpen = true;
        async function* endless() {
            try {
                for (;;) yield randomBytes(500_000);
            } finally {
                isOpen = false;
            }
        }
        const compressors = Object.getPrototypeOf(createZstdCompress());
        let destroyed = 0;
        compressors.destroy = function (...args: unknown[]) {
            destroyed++;
            return Object.getPrototypeOf(compressors).destroy.apply(this, args);
        };

        for await (const _ of zstd(endless())) break;

        delete compressors.destroy;
        expect([isOpen, destroyed]).to.deep.equal([false, 1]);
    });
});

function pack(chunks: Buffer[]): Promise<Buffer> {
    return buffer(zstd(from(chunks)));
}

async function* from(chunks: Buffer[]): AsyncGenerator<Buffer> {
    yield* chunks;
}

/** Whether the program is there and knows zstd. */
function reads(program: string, args: string[]): boolean {
    const { status, stdout } = spawnSync(program, args, { input: zstdCompressSync("a") });
    return status === 0 && String(stdout) === "a";
}

function piped(bytes: Buffer, program: string, args: string[]): Promise<Buffer> {
    return new Promise((resolve, reject) => {
        const options = { encoding: "buffer" as const, maxBuffer: 64 * megabyte };
        const child = execFile(program, args, options, (error, stdout) => (error ? reject(error) : resolve(stdout)));
        child.stdin!.end(bytes);
    });
}
