import { isUtf8 } from "node:buffer";

const newline = 0x0a;

/** Where the chunk's last whole line ends, if the lines from `start` up to there are UTF-8; else 0. */
export function endOfText(chunk: Buffer, start: number): number {
    const end = chunk.lastIndexOf(newline) + 1;
    return isUtf8(chunk.subarray(start, end)) ? end : 0;
}
