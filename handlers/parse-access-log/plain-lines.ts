import { isUtf8 } from "node:buffer";
import { type Source, viewOf } from "./event-bytes";

const newline = 0x0a;
const backslash = 0x5c;

/** Reads a line that a newline ends; false if it has to be looked at more closely. */
export type ReadPlain = (source: Source, start: number, end: number) => boolean;

/** Finds the lines in chunks of a log that may be plain: of UTF-8, without a backslash, whole and not too long. */
export class PlainLines {
    private source: Source = { bytes: Buffer.alloc(0), view: viewOf(Buffer.alloc(0)) };
    /** Up to where the chunk is whole lines of UTF-8. */
    private end = 0;
    /** Up to where it was read. */
    private next = 0;
    /** The first backslash that was not passed yet. */
    private backslash = 0;

    constructor(
        private readonly longestLine: number,
        private readonly readPlain: ReadPlain,
    ) {}

    /** Reads lines from there on; returns where the first one begins that is not plain. */
    read(chunk: Buffer, start: number): number {
        // A buffer may be filled anew.
        if (chunk !== this.source.bytes || start < this.next) this.look(chunk, start);
        let at = start;
        while (at < this.end) {
            const lineEnd = chunk.indexOf(newline, at);
            if (this.backslash < at) this.backslash = backslashFrom(chunk, at);
            if (lineEnd - at > this.longestLine || this.backslash < lineEnd) break;
            if (!this.readPlain(this.source, at, lineEnd)) break;
            at = lineEnd + 1;
        }
        this.next = at;
        return at;
    }

    private look(chunk: Buffer, start: number): void {
        const end = chunk.lastIndexOf(newline) + 1;
        this.source = { bytes: chunk, view: viewOf(chunk) };
        this.end = isUtf8(chunk.subarray(start, end)) ? end : 0;
        this.backslash = -1;
    }
}

/** The chunk's end if there is none. */
function backslashFrom(chunk: Buffer, start: number): number {
    const found = chunk.indexOf(backslash, start);
    return found < 0 ? chunk.length : found;
}
