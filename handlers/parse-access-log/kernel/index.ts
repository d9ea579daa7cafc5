/** Reads plain lines of a log by their bytes, in AssemblyScript: those of which it knows beyond doubt what the exact path makes of them. */

import { failed } from "../../shared/kernel/bytes";
import { mostBesideValues } from "./columns";
import { readEntry } from "./entry";
import { endOutput, hasRoom, outputEnd } from "./output";
import { Reading } from "./reading";
import { endOfLine } from "./words";

export { addColumn } from "./columns";
export { setKept } from "./entry";
export { clearOutput, output, outputEnd } from "./output";
export { addText } from "./texts";

/** Why reading stopped. */
enum Stop {
    /** Nothing was left. */
    End,
    /** There is a line that is for others to look at. */
    Odd,
    /** There is no room for what might come of the next line. */
    Full,
}

/** Bytes of lines that there is room for. */
export const inputBytes: i32 = 256 * 1024;
/** Where lines are put. Behind them there is room for what is looked at beyond their end. */
export const input = memory.data(inputBytes + 128, 16);
/** Longer lines are for others to look at. */
const longestLine: usize = 64 * 1024;
/** More than what is written twice: a time, and zeros of an address. */
const mostTwice: usize = 64;
/** By what lines are, how many were. */
const counts = memory.data(4 * 7, 16);

let at: usize = 0;

/** Where reading stopped. */
export function stoppedAt(): usize {
    return at;
}

/** How many lines were that since it was asked last. */
export function takeCount(reading: Reading): i32 {
    const count = load<i32>(counts + 4 * reading);
    store<i32>(counts + 4 * reading, 0);
    return count;
}

/** Reads plain lines, counts them, and writes the events among them. The last byte is a newline. */
export function read(start: usize, end: usize): Stop {
    at = start;
    while (at < end) {
        const lineEnd = endOfLine(at);
        if (lineEnd === failed || lineEnd - at > longestLine) return Stop.Odd;
        if (!hasRoom(lineEnd - at + mostBesideValues() + mostTwice)) return Stop.Full;
        const before = outputEnd();
        const reading = readEntry(at, lineEnd);
        if (reading !== Reading.Event) endOutput(before);
        if (reading === Reading.Odd) return Stop.Odd;
        const count = counts + 4 * reading;
        store<u32>(count, load<u32>(count) + 1);
        at = lineEnd + 1;
    }
    return Stop.End;
}
