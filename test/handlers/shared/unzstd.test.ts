import { randomBytes } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { zstdCompressSync } from "node:zlib";
import { expect } from "chai";
import fc from "fast-check";
import { unzstd } from "../../../handlers/shared/unzstd";

/** RFC 8878, 3.1.2: a frame that is to be skipped. */
const skipped = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]);
const text = Buffer.from("hello\n".repeat(5_000));
const random = randomBytes(30_000);
const frame = zstdCompressSync(text);

describe("unzstd", () => {
    it("unpacks all frames, and skips what is to be skipped, however they come", async () => {
        const content = fc.constantFrom(undefined, Buffer.alloc(0), Buffer.from("a\n"), text, random);

        await fc.assert(
            fc.asyncProperty(
                fc.array(content, { maxLength: 6 }),
                fc.integer({ min: 1, max: 70_000 }),
                async (all, step) => {
                    const packed = Buffer.concat(all.map((each) => (each ? zstdCompressSync(each) : skipped)));

                    const bytes = await unpack(packed, step);

                    expect(bytes.equals(Buffer.concat(all.map((each) => each ?? Buffer.alloc(0))))).to.equal(true);
                },
            ),
            { numRuns: 60 },
        );
    });

    it("goes on where a frame ends with a chunk", async () => {
        const bytes = await unpack(Buffer.concat([frame, frame, skipped, frame]), frame.length);

        expect(bytes.equals(Buffer.concat([text, text, text]))).to.equal(true);
    });

    for (const [what, bytes, reason] of [
        ["is no zstd", Buffer.from("{}\n{}\n"), "Unknown frame descriptor"],
        ["is cut in its first frame", frame.subarray(0, -1), "unexpected end of file"],
        ["is cut in its second frame", Buffer.concat([frame, frame.subarray(0, 3)]), "unexpected end of file"],
        ["has something else behind its frame", Buffer.concat([frame, Buffer.from("x")]), "Unknown frame descriptor"],
        ["has zeros behind its frame", Buffer.concat([frame, Buffer.alloc(8)]), "Unknown frame descriptor"],
    ] as const) {
        it(`rejects what ${what}, however it comes`, async () => {
            for (const step of [1, 7, frame.length, 1_000_000]) {
                const error = await unpack(bytes, step).catch((error) => error);

                expect(error).to.be.instanceOf(Error);
                expect(error.message).to.equal(reason);
                expect(error.code).to.match(/^(Z|ZSTD)_/);
            }
        });
    }

    it("is no further ahead of its reader than it is told: a bomb does no harm", async () => {
        const bomb = zstdCompressSync(Buffer.alloc(500_000_000));
        let bytes = 0;
        const before = process.memoryUsage().arrayBuffers;

        for await (const part of unzstd(from(bomb, bomb.length), { chunkSize: 65_536, highWaterMark: 65_536 })) {
            bytes += part.length;
            if (bytes > 10_000_000) break;
        }

        expect(process.memoryUsage().arrayBuffers - before).to.be.lessThan(50_000_000);
    });

    it("fails as its source does", async () => {
        async function* dying() {
            yield frame.subarray(0, 5);
            throw new Error("connection lost");
        }

        const error = await buffer(unzstd(dying())).catch((error: Error) => error);

        expect(error).to.have.property("message", "connection lost");
    });

    it("lets go of its source when its reader stops, or can't read on", async () => {
        const closed: string[] = [];
        async function* endless(what: string, chunk: Buffer) {
            try {
                for (;;) yield chunk;
            } finally {
                closed.push(what);
            }
        }

        for await (const _ of unzstd(endless("stopped", frame))) break;
        await buffer(unzstd(endless("broken", Buffer.from("x")))).catch(() => {});

        expect(closed).to.deep.equal(["stopped", "broken"]);
    });
});

function unpack(packed: Buffer, step: number): Promise<Buffer> {
    return buffer(unzstd(from(packed, step)));
}

async function* from(bytes: Buffer, step: number): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
}
