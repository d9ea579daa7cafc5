import { createZstdDecompress, type ZstdDecompress } from "node:zlib";

/** Of the stream that unpacks, in bytes: what it unpacks at once, and how far it is ahead of who reads it. */
export interface UnzstdOptions {
    chunkSize?: number;
    highWaterMark?: number;
}

/**
 * Unpacks zstd. A file may consist of several frames, some of them to be skipped: Node's stream ends behind one of them, and
 * says nothing of the bytes that are left. Another one goes on there.
 */
export async function* unzstd(packed: AsyncIterable<Buffer>, options: UnzstdOptions = {}): AsyncGenerator<Buffer> {
    const chunks = packed[Symbol.asyncIterator]();
    let chunk = await next();
    try {
        while (chunk) {
            const stream = createZstdDecompress(options);
            const written = write(stream).catch((error) => void stream.destroy(error));
            yield* stream;
            await written;
        }
    } finally {
        await chunks.return?.();
    }

    async function next(): Promise<Buffer | undefined> {
        return (await chunks.next()).value;
    }

    /** Writes chunk by chunk, up to where the stream ends. */
    async function write(stream: ZstdDecompress): Promise<void> {
        for (; chunk; chunk = await next()) {
            const before = stream.bytesWritten;
            await new Promise((resolve) => stream.write(chunk, resolve));
            const rest: Buffer = chunk.subarray(stream.bytesWritten - before);
            if (rest.length > 0) {
                chunk = rest;
                return;
            }
        }
        stream.end();
    }
}
