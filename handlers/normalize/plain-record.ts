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
    /** Where the T of each time in ISO 8601 is, and where the time ends, with its quote. */
    const separators: number[] = [];
    const ends: number[] = [];
    let lines = 0;
    for (let at = start; at < end; lines++) {
        const lineEnd = scanner.scan(records, at);
        if (lineEnd === failed) return undefined;
        for (const column of scanner.timestamps) {
            const timeEnd = scanner.ends[column]!;
            if (scanner.starts[column]! < 0 || records[timeEnd - 2] !== upperZ) continue;
            separators.push(scanner.starts[column]! + dateBytes);
            ends.push(timeEnd);
        }
        at = lineEnd + 1;
    }
    if (ends.length === 0) return { lines, isRespelled: false, end };
    for (const separator of separators) records[separator] = space;
    return { lines, isRespelled: true, end: dropZones(records, ends, end) };
}

/** Moves what follows each Z over it; returns where the record ends now. */
function dropZones(records: Buffer, ends: number[], end: number): number {
    if (ends.length > 1) ends.sort((a, b) => a - b);
    let length = ends[0]! - 2;
    for (let index = 0; index < ends.length; index++) {
        const from = ends[index]! - 1;
        const to = index + 1 < ends.length ? ends[index + 1]! - 2 : end;
        records.copyWithin(length, from, to);
        length += to - from;
    }
    return length;
}
