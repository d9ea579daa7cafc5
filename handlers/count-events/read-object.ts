import { isUtf8 } from "node:buffer";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import type { S3Client } from "@aws-sdk/client-s3";
import type { FailedLines } from "../shared/failed-lines";
import { type LogLine, LogLines } from "../shared/log-lines";
import { openObject } from "../shared/open-object";
import { unzstd } from "../shared/unzstd";
import { Counts } from "./counts";
import { plainCounter } from "./plain-counter";
import type { ReadLine } from "./read-line";

/** An object, as it is when it is read. */
export interface ObjectPlace {
    s3: Pick<S3Client, "send">;
    bucket: string;
    key: string;
    /** Version id or ETag that was announced. */
    announced: string;
    /** Bytes of the unpacked object after which it is refused. */
    maximumBytes: number;
}

/** What an object holds. */
export interface ObjectContent {
    counts: Counts;
    /** Lines that can't be counted. */
    failed: FailedLines;
    /** Version id, or ETag where the bucket keeps no versions. */
    version: string;
}

/** An object that can't be read today nor tomorrow, unless somebody does something about it. */
export class UnreadableObject extends Error {
    override readonly name = "UnreadableObject";

    constructor(
        reason: string,
        readonly version: string,
    ) {
        super(reason);
    }
}

/** Longest line that is looked at. */
const longestLine = 8 * 1024 * 1024;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);
/** What is unpacked at once, at least and at most: with less, calls cost more than lines; with more, the memory does. */
const smallestChunk = 64 * 1024;
const largestChunk = 1024 * 1024;

/**
 * Counts an object's lines as it comes. Lines that can't be counted go where `failedOf` says for this version of the
 * object. Undefined if there is no such object any more.
 */
export async function readObject(
    { s3, bucket, key, announced, maximumBytes }: ObjectPlace,
    readLine: ReadLine,
    failedOf: (version: string) => FailedLines,
): Promise<ObjectContent | undefined> {
    const found = await openObject({ s3, bucket, key }).catch((error) => {
        if (error.name === "NoSuchKey") return undefined;
        if (error.name !== "InvalidObjectState") throw error;
        throw new UnreadableObject("archived: restore it, then replay it", announced);
    });
    if (!found) return undefined;
    const { version, length, bytes: packed } = found;
    const failed = failedOf(version);
    const counts = new Counts();
    let bytes = 0;

    try {
        // An empty object is an empty table, to Athena too.
        if (length !== 0 && key.endsWith(".gz")) await pipeline(packed, createGunzip(ahead(length)), read);
        else if (length !== 0 && key.endsWith(".zst")) await read(unzstd(packed, ahead(length)));
        else await pipeline(packed, read);
    } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        if (!/^(Z|ZSTD)_/.test(code ?? "")) throw error;
        const form = key.endsWith(".gz") ? "gzip" : "zstd";
        throw new UnreadableObject(`not a whole ${form} file: ${message}`, version);
    }
    return { counts, failed, version };

    async function read(chunks: AsyncIterable<Buffer>): Promise<void> {
        const plain = plainCounter(readLine, counts);
        const lines = new LogLines(longestLine, (chunk, start) => plain.count(chunk, start));
        for await (const chunk of chunks) {
            // The limit of zlib's own option is not kept by its streams.
            bytes += chunk.length;
            if (bytes > maximumBytes) throw new UnreadableObject(`more than ${maximumBytes} bytes unpacked`, version);
            lines.push(chunk).forEach(count);
            await failed.flushIfLarge();
        }
        lines.end().forEach(count);
        plain.finish();
        await failed.flush();
    }

    function count(line: LogLine): void {
        const bytes = withoutMark(line);
        if (bytes.every(isSpace)) return;
        const reading = line.isTooLong
            ? { reason: `longer than ${longestLine} bytes` }
            : isUtf8(bytes)
              ? readLine(bytes.toString())
              : { reason: "not valid UTF-8" };
        if ("reason" in reading) failed.add(reading.reason, line);
        else counts.add(reading.counter, reading.totals);
    }
}

/** An object of so many bytes is unpacked on another thread; that may be several chunks ahead, or it would wait for the lines. */
function ahead(length = largestChunk) {
    const chunkSize = Math.min(Math.max(smallestChunk, length), largestChunk);
    return { chunkSize, highWaterMark: 4 * chunkSize };
}

/** A line without the byte order mark that a file may begin with. */
function withoutMark({ offset, bytes }: LogLine): Buffer {
    const isMarked = offset === 0 && bytes.subarray(0, byteOrderMark.length).equals(byteOrderMark);
    return isMarked ? bytes.subarray(byteOrderMark.length) : bytes;
}

/** What JSON calls white space, but for the newline. */
function isSpace(byte: number): boolean {
    return byte === 0x20 || byte === 0x09 || byte === 0x0d;
}
