/** Converts rows of CSV to lines of JSON, in AssemblyScript: those that `CsvRows` would, and that are not too long. */

import { comma, newline, quote } from "../../shared/kernel/bytes";
import { copyLong, copyShortScalar, copyShortText } from "./cells";
import { columns, columnsEnd, copyKey, Kind, kindOf, nextColumn, nullBytes, roomOfLine } from "./columns";
import { endOfLine } from "./spellings";
import { begin, cause, endCell, inputEnd, limit, Stop, stop, stopped, written } from "./state";

export { addColumn } from "./columns";
export { outcomes, setStarts, transitions } from "./scalars";

/** Behind input and output there is room for what is looked at or copied beyond their ends. */
const slack: i32 = 128;
export const inputBytes: i32 = 256 * 1024;
export const input = memory.data(inputBytes + slack, 16);
export const outputBytes: i32 = 1024 * 1024;
export const output = memory.data(outputBytes + slack, 16);

/** Behind the last row that was read, and behind its line; how many there were. */
let rowsEnd: usize = 0;
let linesEnd: usize = 0;
let rows: i32 = 0;

export function stoppedAt(): usize {
    return rowsEnd;
}

export function writtenTo(): usize {
    return linesEnd;
}

export function rowsRead(): i32 {
    return rows;
}

/** Reads rows from there on, up to one that it leaves, and writes their lines. Four quotes stand behind the end. */
export function read(start: usize, end: usize, out: usize): Stop {
    begin(end, output + outputBytes - roomOfLine());
    rows = 0;
    rowsEnd = start;
    linesEnd = out;
    while (rowsEnd < end) {
        if (linesEnd > limit) return Stop.Full;
        const next = readRow(rowsEnd, linesEnd);
        if (next === stopped) return cause;
        rowsEnd = next;
        linesEnd = written;
        rows++;
    }
    return Stop.End;
}

function readRow(start: usize, out: usize): usize {
    let at = start;
    let to = out;
    let column = columns;
    while (true) {
        to = copyKey(column, to);
        if (load<u8>(at) !== quote) {
            to += nullBytes;
        } else {
            const kind = kindOf(column);
            const isText = kind === Kind.Text;
            const length = isText ? copyShortText(at, to) : copyShortScalar(kind, at, to);
            if (length !== 0) {
                at += length;
                to += isText ? length : length - 2;
            } else {
                at = copyLong(kind, at, to);
                if (at === stopped) return stopped;
                to = written;
            }
        }
        const separator = load<u8>(at++);
        column = nextColumn(column);
        if (separator === comma && column !== columnsEnd) continue;
        if (separator !== newline || column !== columnsEnd) return stop(at > inputEnd ? Stop.End : Stop.Odd);
        store<u16>(to, endOfLine);
        return endCell(at, to + 2);
    }
}
