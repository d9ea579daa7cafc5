import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Line } from "./faults";

/** Writes the lines to a file, gzipped if its name ends in `.gz`. */
export async function writeFile(batches: AsyncIterable<Line[]>, file: string): Promise<void> {
    try {
        await mkdir(dirname(file), { recursive: true });
        const target = createWriteStream(file);
        await (file.endsWith(".gz") ? pipeline(text(batches), createGzip(), target) : pipeline(text(batches), target));
    } catch (error) {
        throw new Error(`--out ${file}: the file can't be written (${(error as NodeJS.ErrnoException).code})`);
    }
}

/** Writes the lines to a stream that stays open. A reader that has enough, such as `head`, is no error. */
export async function writeStream(batches: AsyncIterable<Line[]>, out: NodeJS.WritableStream): Promise<void> {
    try {
        await pipeline(text(batches), out, { end: false });
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error;
    }
}

function text(batches: AsyncIterable<Line[]>): Readable {
    return Readable.from(
        (async function* () {
            for await (const lines of batches) yield lines.map((line) => `${line.text}\n`).join("");
        })(),
    );
}
