import { finished } from "node:stream/promises";
import { constants, createZstdCompress } from "node:zlib";

/** Of 22. Results come out larger at 2 and 3, in no less time. Its window of 512 KB is what readers need of memory, too. */
const compressionLevel = 1;

/**
 * Compresses by zstd, on a thread of libuv's pool, to one frame with a checksum: readers are known that stop silently after
 * the first of several. A chunk is done with when the next one is asked for.
 */
export async function* zstd(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
    const { ZSTD_c_compressionLevel, ZSTD_c_checksumFlag } = constants;
    const params = { [ZSTD_c_compressionLevel]: compressionLevel, [ZSTD_c_checksumFlag]: 1 };
    const compressor = createZstdCompress({ params });
    let compressed: Buffer[] = [];
    compressor.on("data", (part: Buffer) => compressed.push(part));
    let failed = (_error: Error) => {};
    compressor.on("error", (error) => failed(error));
    try {
        for await (const chunk of chunks) {
            await new Promise((resolve, reject) => {
                failed = reject; // where zstd fails, the write is never called back
                compressor.write(chunk, resolve);
            });
            yield* take();
        }
        await finished(compressor.end());
        yield* take();
    } finally {
        compressor.destroy();
    }

    function take(): Buffer[] {
        const parts = compressed;
        compressed = [];
        return parts;
    }
}
