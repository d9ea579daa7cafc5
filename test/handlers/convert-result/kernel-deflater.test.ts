import { execFileSync } from "node:child_process";
import { deflateRawSync, gzipSync, inflateRawSync } from "node:zlib";
import { expect } from "chai";
import fc from "fast-check";
import { pieceBytes } from "../../../handlers/convert-result/deflater";
import { KernelDeflater } from "../../../handlers/convert-result/kernel-deflater";

/** An empty last block. */
const lastBlock = Buffer.from([3, 0]);
const window = 32 * 1024;

describe("KernelDeflater", () => {
    const deflater = new KernelDeflater();

    after(() => deflater.close());

    it("is read back as what it was: bytes of every kind", async () => {
        await expectAllReadBack(bytes, 1_000);
    });

    it("is read back as what it was: matches of all lengths and distances, up to several windows", async () => {
        const steps = fc.array(step, { minLength: 1, maxLength: 60 });
        await expectAllReadBack(steps.map(written), 500);
    });

    it("is read back as what it was: symbols as often as makes their codes as long as they may be", async () => {
        const often = fc.record({
            count: fc.integer({ min: 2, max: 24 }),
            first: fc.nat({ max: 255 }),
            seed: fc.nat(),
        });
        const bytes = often.map(({ count, first, seed }) => {
            const symbols = fibonacci(count).map((times, index) => Buffer.alloc(times, (first + index) & 255));
            return shuffled(Buffer.concat(symbols), seed);
        });
        await expectAllReadBack(bytes, 100);
    });

    it("is read back as what it was: codes of all numbers of bits", async () => {
        const powers = fc.array(fc.integer({ min: 0, max: 13 }), { minLength: 1, maxLength: 256 });
        const bytes = fc.record({ powers, seed: fc.nat() }).map(({ powers, seed }) => {
            const symbols = powers.map((power, symbol) => Buffer.alloc(power === 0 ? 0 : 2 ** (power - 1), symbol));
            return shuffled(Buffer.concat(symbols), seed);
        });
        await expectAllReadBack(bytes, 100);
    });

    it("is read back as what it was: pieces that are full, or nearly", async () => {
        for (const length of [pieceBytes, pieceBytes - 1, pieceBytes - 31, pieceBytes - 32, pieceBytes - 33]) {
            await expectReadBack(Buffer.alloc(length));
            await expectReadBack(rows(length));
            await expectReadBack(noise(length, length));
            await expectReadBack(mixed(length));
        }
    });

    it("goes on in a new block after so many matches", async () => {
        const numbers = Array.from({ length: 60_000 }, (_, row) => `key:${(row * 7_919) % 10_000},another:`);

        const blocks = await expectReadBack(Buffer.from(numbers.join("")));

        expect(blocks.length).to.be.lessThan(60_000 * 5);
    });

    it("finds what was there as far back as a reader remembers, and nothing farther", async () => {
        const phrase = noise(400, 1);
        const twice = (distance: number) => Buffer.concat([phrase, noise(distance - phrase.length, 2), phrase]);
        const [near, far] = [twice(window), twice(window + 4)];

        expect((await expectReadBack(near)).length).to.be.lessThan(near.length - 300);
        expect((await expectReadBack(far)).length).to.be.greaterThan(far.length);
    });

    it("makes bytes that nothing can be saved of larger by a thousandth at most", async () => {
        for (const length of [1, 2, 30, 1_000, 65_535, 65_536, pieceBytes]) {
            expect((await expectReadBack(noise(length, 3))).length).to.be.at.most(length * 1.001 + 10);
        }
    });

    it("has the shortest spelling of the longest matches, which zlib can do without", async () => {
        // Of two bits each.
        const matches = pieceBytes / 258;
        expect((await expectReadBack(Buffer.alloc(pieceBytes))).length).to.be.lessThan(matches / 4 + 50);
    });

    it("knows nothing of the piece before", async () => {
        const phrase = noise(100, 6);
        // Out of step with where matches are looked for, so that the second one does not find the first.
        const piece = Buffer.concat([noise(402, 7), phrase, noise(1_498, 8), phrase, noise(100, 9)]);
        const blocks = await deflated(piece);

        // Behind a run, it is in step at the same place.
        await deflated(Buffer.concat([Buffer.alloc(401), noise(1, 10), phrase, noise(100, 11)]));

        expect((await deflated(piece)).equals(blocks)).to.equal(true);
    });

    it("has a kernel to itself, until it is closed", async () => {
        new KernelDeflater().close();
        const [one, other] = [new KernelDeflater(), new KernelDeflater()];
        one.piece.fill("one");
        other.piece.fill("other");

        const blocks = Buffer.concat(await one.deflate(300));

        expect(inflateRawSync(Buffer.concat([blocks, lastBlock])).toString()).to.equal("one".repeat(100));
        one.close();
        const next = new KernelDeflater();
        expect(next.piece.buffer).to.equal(one.piece.buffer);
        next.close();
        other.close();
    });

    it("makes rows as small as zlib's fastest does, and a few of them hardly larger", async () => {
        for (const [length, most] of [
            [1_000, 1.55],
            [10_000, 1.1],
            [100_000, 1.03],
            [pieceBytes, 1.02],
        ] as const) {
            const bytes = rows(length);
            const [ours, zlib] = [await deflated(bytes), deflateRawSync(bytes, { level: 1 })];
            expect(ours.length).to.be.lessThan(most * zlib.length);
        }
    });

    it("is read by others than zlib", async () => {
        const bytes = Buffer.concat([rows(400_000), noise(100_000, 5), mixed(400_000)]);
        const gzip = gzipSync(bytes);
        const packed = Buffer.concat([gzip.subarray(0, 10), await deflated(bytes), lastBlock, gzip.subarray(-8)]);

        const unpacked = execFileSync("gzip", ["-dc"], { input: packed, maxBuffer: 2 * bytes.length });

        expect(unpacked.equals(bytes)).to.equal(true);
    });

    async function deflated(bytes: Uint8Array): Promise<Buffer> {
        deflater.piece.set(bytes);
        return Buffer.concat(await deflater.deflate(bytes.length));
    }

    async function expectAllReadBack(all: fc.Arbitrary<Uint8Array>, numRuns: number): Promise<void> {
        const property = fc.asyncProperty(all, async (bytes) => {
            await expectReadBack(bytes);
        });
        await fc.assert(property, { numRuns });
    }

    /** The blocks, without the last one. */
    async function expectReadBack(bytes: Uint8Array): Promise<Buffer> {
        const blocks = await deflated(bytes);
        expect(inflateRawSync(Buffer.concat([blocks, lastBlock])).equals(bytes), "is read back").to.equal(true);
        // They end with a byte, so that the next piece's can follow.
        expect(blocks.subarray(-4).toString("hex")).to.equal("0000ffff");
        return blocks;
    }
});

const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    fc.uint8Array({ maxLength: 3_000, max: 3 }),
    fc.tuple(fc.nat({ max: 255 }), fc.nat({ max: 70_000 })).map(([byte, length]) => Buffer.alloc(length, byte)),
    fc.array(fc.json(), { maxLength: 50 }).map((values) => Buffer.from(values.join("\n"))),
    fc
        .array(fc.constantFrom("id", ":", "null,", '"device"', "0.25"), { maxLength: 500 })
        .map((words) => Buffer.from(words.join(""))),
    fc.tuple(fc.nat({ max: 200_000 }), fc.nat()).map(([length, seed]) => noise(length, seed)),
);

/** New bytes, or those at that distance before again, so many times. */
type Step = { fresh: Uint8Array } | { distance: number; length: number };

const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({ fresh: fc.uint8Array({ maxLength: 70 }) }),
    fc.record({ fresh: fc.tuple(fc.nat({ max: 40_000 }), fc.nat()).map(([length, seed]) => noise(length, seed)) }),
    fc.record({
        distance: fc.oneof(
            fc.integer({ min: 1, max: 40 }),
            fc.integer({ min: window - 20, max: window + 20 }),
            fc.integer({ min: 1, max: 3 * window }),
        ),
        length: fc.oneof(
            fc.integer({ min: 1, max: 40 }),
            fc.integer({ min: 250, max: 270 }),
            fc.integer({ min: 510, max: 525 }),
            fc.nat({ max: 5_000 }),
        ),
    }),
);

function written(steps: Step[]): Buffer {
    const all = Buffer.alloc(pieceBytes);
    let end = 0;
    for (const step of steps) {
        if ("fresh" in step) {
            const fresh = step.fresh.subarray(0, pieceBytes - end);
            all.set(fresh, end);
            end += fresh.length;
        } else if (step.distance <= end) {
            const stop = Math.min(end + step.length, pieceBytes);
            for (; end < stop; end++) all[end] = all[end - step.distance]!;
        }
    }
    return all.subarray(0, end);
}

/** Each as often as the two before it together: of all counts, those whose codes differ most in length. */
function fibonacci(count: number): number[] {
    const counts = [1, 1];
    while (counts.length < count) counts.push(counts.at(-1)! + counts.at(-2)!);
    return counts;
}

function shuffled(bytes: Buffer, seed: number): Buffer {
    const random = randomNumbers(seed);
    for (let index = bytes.length - 1; index > 0; index--) {
        const other = random() % (index + 1);
        [bytes[index], bytes[other]] = [bytes[other]!, bytes[index]!];
    }
    return bytes.subarray(0, pieceBytes);
}

/** Nothing can be saved of them. */
function noise(length: number, seed: number): Buffer {
    const random = randomNumbers(seed);
    const bytes = Buffer.allocUnsafe(length);
    for (let at = 0; at < length; at++) bytes[at] = random() >>> 4;
    return bytes;
}

/** As results have them. */
function rows(length: number): Buffer {
    const random = randomNumbers(length);
    let text = "";
    for (let row = 0; text.length < length; row++) {
        const battery = (random() % 1_000) / 10;
        const values = {
            device: `device-${random() % 1_000}`,
            battery,
            page: `/p/${random() % 57}`,
            country: null,
            row,
        };
        text += `${JSON.stringify(values)}\n`;
    }
    return Buffer.from(text.slice(0, length));
}

/** Rows, and between them what can't be made smaller. */
function mixed(length: number): Buffer {
    const parts = Array.from({ length: Math.ceil(length / 80_000) }, (_, part) => [rows(50_000), noise(30_000, part)]);
    return Buffer.concat(parts.flat()).subarray(0, length);
}

function randomNumbers(seed: number): () => number {
    let state = seed >>> 0;
    return () => {
        state += 0x6d2b79f5;
        let mixed = Math.imul(state ^ (state >>> 15), state | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return (mixed ^ (mixed >>> 14)) >>> 0;
    };
}
