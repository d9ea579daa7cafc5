import { availableParallelism } from "node:os";
import { crc32 } from "node:zlib";
import type { Compression } from "./contract";
import { type Deflater, pieceBytes } from "./deflater";
import { KernelDeflater } from "./kernel-deflater";
import { ZlibDeflater } from "./zlib-deflater";

/** zlib's: 9 takes longer than 8 for the same. What it would do at 1 and 2, the kernel does in less than half the time. */
const levels = { small: 8, balanced: 6 };
/** Of libuv's pool. */
const poolThreads = 4;
/** Deflated, no name, no time, made on an unknown system. */
const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
/** An empty last block. */
const lastBlock = Buffer.from([3, 0]);

/** As many pieces at once as there are processors; meanwhile one more is filled. */
const lanesHere = Math.min(availableParallelism(), poolThreads) + 1;

/**
 * Gzips in pieces, each in its turn by one of a few deflaters: zlib's compress at the same time, on threads of their own. No
 * piece knows of another and all end with a byte, so together they are one stream, and one member: readers are known that
 * stop silently after the first of several. The bytes are the same whatever the number of lanes. A chunk is done with when
 * the next one is asked for.
 */
export async function* gzip(
    chunks: AsyncIterable<Uint8Array>,
    compression: Compression,
    laneCount = lanesHere,
): AsyncGenerator<Buffer> {
    const lanes = deflaters(compression, laneCount).map((deflater) => new Lane(deflater));
    let turn = 0;
    let checksum = 0;
    let length = 0;
    try {
        yield header;
        for await (const chunk of chunks) {
            checksum = crc32(chunk, checksum);
            length += chunk.length;
            for (let taken = 0; taken < chunk.length; ) {
                taken += lanes[turn]!.fill(chunk.subarray(taken));
                if (lanes[turn]!.isFull) yield* await next();
            }
        }
        for (let left = lanes.length; left > 0; left--) yield* await next();
        yield lastBlock;
        yield trailer(checksum, length);
    } finally {
        for (const lane of lanes) lane.close();
    }

    /** Lets the lane compress what it has; the next one's turn comes when its last piece is compressed: hands out that. */
    function next(): Promise<Buffer[]> {
        lanes[turn]!.compress();
        turn = (turn + 1) % lanes.length;
        return lanes[turn]!.take();
    }
}

function deflaters(compression: Compression, count: number): Deflater[] {
    if (compression === "fast") return [new KernelDeflater()];
    return Array.from({ length: count }, () => new ZlibDeflater(levels[compression]));
}

/** A piece, which is filled, compressed and handed out. */
class Lane {
    private length = 0;
    private compressed = nothing;

    constructor(private readonly deflater: Deflater) {}

    get isFull(): boolean {
        return this.length === pieceBytes;
    }

    /** Copies what there is room for; says how many bytes. */
    fill(bytes: Uint8Array): number {
        const part = bytes.subarray(0, pieceBytes - this.length);
        this.deflater.piece.set(part, this.length);
        this.length += part.length;
        return part.length;
    }

    compress(): void {
        if (this.length === 0) return;
        this.compressed = this.deflater.deflate(this.length);
        this.length = 0;
    }

    /** Waits for the compressed piece. */
    take(): Promise<Buffer[]> {
        const { compressed } = this;
        this.compressed = nothing;
        return compressed;
    }

    close(): void {
        this.deflater.close();
    }
}

const nothing: Promise<Buffer[]> = Promise.resolve([]);

function trailer(checksum: number, length: number): Buffer {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32LE(checksum, 0);
    bytes.writeUInt32LE(length % 2 ** 32, 4);
    return bytes;
}
