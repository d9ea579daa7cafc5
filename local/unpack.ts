import { promisify } from "node:util";
import { gunzip } from "node:zlib";

/** Most bytes of an unpacked object that are read into memory here; more is a bomb, or nothing for one machine. */
const mostBytes = 512 * 1024 * 1024;

/** The content of a gzip file; rejects what is none, and a bomb. */
export async function unpack(bytes: Buffer, most = mostBytes): Promise<Buffer> {
    try {
        return await promisify(gunzip)(bytes, { maxOutputLength: most });
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ERR_BUFFER_TOO_LARGE") throw error;
        throw new Error(`more than ${most} bytes unpacked, the most that is read on this machine`);
    }
}
