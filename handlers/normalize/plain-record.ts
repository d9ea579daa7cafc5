import type { LineScanner } from "../shared/line-scanner";
import { failed } from "../shared/scan-value";

/** A record whose lines are all events beyond doubt. */
export interface PlainRecord {
    lines: number;
    /** Whether its times were in ISO 8601's spelling, which tables do not read. */
    isRespelled: boolean;
    /** Where it ends now. */
    end: number;
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

/**
 * Reads a record among others, all of them UTF-8, and respells its times in place. Undefined if a line of it has to be
 * looked at more closely; then it is as it was.
 */
export function readPlain(records: Buffer, start: number, end: number, scanner: LineScanner): PlainRecord | undefined {
    if (start === end || records[end - 1] !== newline) return undefined;
    const times: IsoTime[] = [];
    let lines = 0;
    for (let at = start; at < end; lines++) {
        const lineEnd = scanner.scan(records, at);
        if (lineEnd === failed) return undefined;
        for (const column of scanner.timestamps) {
            const time = { start: scanner.starts[column]!, end: scanner.ends[column]! };
            if (time.start >= 0 && records[time.end - 2] === upperZ) times.push(time);
        }
        at = lineEnd + 1;
    }
    if (times.length === 0) return { lines, isRespelled: false, end };
    return { lines, isRespelled: true, end: respell(records, end, times) };
}

/** Puts a space in the place of each T, and nothing in the place of each Z; returns where the record ends now. */
function respell(records: Buffer, end: number, times: IsoTime[]): number {
    times.sort((a, b) => a.end - b.end);
    for (const { start } of times) records[start + dateBytes] = space;
    let length = times[0]!.end - 2;
    for (const [index, time] of times.entries()) {
        const next = (times[index + 1]?.end ?? end + 2) - 2;
        records.copyWithin(length, time.end - 1, next);
        length += next - time.end + 1;
    }
    return length;
}
