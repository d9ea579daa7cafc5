import { promisify } from "node:util";
import { gunzip, type Zlib, type ZstdOptions, zstdDecompress } from "node:zlib";

/** Most bytes of an unpacked object that are read into memory here; more is a bomb, or nothing for one machine. */
const mostBytes = 512 * 1024 * 1024;

/** An object's content, unpacked where its key says that it is gzip or zstd; rejects what is none, and a bomb. */
export async function unpack(key: string, bytes: Buffer, most = mostBytes): Promise<Buffer> {
    try {
        if (key.endsWith(".gz")) return await promisify(gunzip)(bytes, { maxOutputLength: most });
        if (key.endsWith(".zst")) return await unzstd(bytes, most);
        return bytes;
    } catch (error) {
        throw (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE" ? tooLarge(most) : error;
    }
}

/** A file may have several frames. Node unpacks the first, and says nothing of the rest. */
async function unzstd(bytes: Buffer, most: number): Promise<Buffer> {
    const frames: Buffer[] = [];
    let length = 0;
    for (let at = 0; at < bytes.length; ) {
        const { buffer, engine } = await unzstdFrame(bytes.subarray(at), { info: true, maxOutputLength: most });
        length += buffer.length;
        if (length > most) throw tooLarge(most);
        frames.push(buffer);
        at += engine.bytesWritten;
    }
    return Buffer.concat(frames);
}

/** Node takes these, and answers so, but its types don't know it. */
const unzstdFrame = promisify(zstdDecompress) as unknown as (
    bytes: Buffer,
    options: ZstdOptions & { info: true },
) => Promise<{ buffer: Buffer; engine: Zlib }>;

function tooLarge(most: number): Error {
    return new Error(`more than ${most} bytes unpacked, the most that is read on this machine`);
}
