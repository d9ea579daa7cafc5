import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { unzstd } from "../handlers/shared/unzstd";

/** Most bytes of an unpacked object that are read into memory here; more is a bomb, or nothing for one machine. */
const mostBytes = 512 * 1024 * 1024;

/** An object's content, unpacked where its key says that it is gzip or zstd; rejects what is none, and a bomb. */
export async function unpack(key: string, bytes: Buffer, most = mostBytes): Promise<Buffer> {
    if (key.endsWith(".gz")) return gunzipped(bytes, most);
    if (key.endsWith(".zst")) return unzstdded(bytes, most);
    return bytes;
}

async function gunzipped(bytes: Buffer, maxOutputLength: number): Promise<Buffer> {
    try {
        return await promisify(gunzip)(bytes, { maxOutputLength });
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ERR_BUFFER_TOO_LARGE") throw error;
        throw tooLarge(maxOutputLength);
    }
}

async function unzstdded(bytes: Buffer, most: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    let length = 0;
    for await (const part of unzstd(once(bytes))) {
        length += part.length;
        if (length > most) throw tooLarge(most);
        parts.push(part);
    }
    return Buffer.concat(parts);
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
    yield bytes;
}

function tooLarge(most: number): Error {
    return new Error(`more than ${most} bytes unpacked, the most that is read on this machine`);
}
