import { isUtf8 } from "node:buffer";
import type { LineScanner } from "../shared/line-scanner";
import { failed } from "../shared/scan-value";

/** A record whose lines are all events beyond doubt. */
export interface PlainRecord {
    lines: number;
    /** As the table reads it; absent where it came like that. */
    respelled?: Buffer;
}

/** Where a time in ISO 8601 begins and ends, with its quotes. */
interface IsoTime {
    start: number;
    end: number;
}

const newline = 0x0a;
const space = 0x20;
const upperZ = 0x5a;
/** Of `"2026-11-21T`, before the T. */
const dateBytes = 11;

/** Undefined if a line of the record has to be looked at more closely. The record's bytes are worked on in place. */
export function readPlain(record: Buffer, scanner: LineScanner): PlainRecord | undefined {
    if (record.at(-1) !== newline || !isUtf8(record)) return undefined;
    const times: IsoTime[] = [];
    let lines = 0;
    for (let at = 0; at < record.length; lines++) {
        const lineEnd = scanner.scan(record, at);
        if (lineEnd === failed) return undefined;
        for (const column of scanner.timestamps) {
            const [start, end] = [scanner.starts[column]!, scanner.ends[column]!];
            if (start >= 0 && record[end - 2] === upperZ) times.push({ start, end });
        }
        at = lineEnd + 1;
    }
    return times.length === 0 ? { lines } : { lines, respelled: respell(record, times) };
}

/** Puts a space in the place of each T, and nothing in the place of each Z. */
function respell(record: Buffer, times: IsoTime[]): Buffer {
    times.sort((a, b) => a.end - b.end);
    for (const { start } of times) record[start + dateBytes] = space;
    let length = times[0]!.end - 2;
    for (const [index, { end }] of times.entries()) {
        const next = (times[index + 1]?.end ?? record.length + 2) - 2;
        record.copyWithin(length, end - 1, next);
        length += next - end + 1;
    }
    return record.subarray(0, length);
}
