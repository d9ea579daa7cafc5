/** The columns that events have. */

import { ampersand, equals, space } from "../../shared/kernel/bytes";
import { Kind } from "../../shared/kernel/values";
import { isAt, keepText, Text } from "./texts";

/** An address, as all of these are. */
@unmanaged
export class Column {
    /** The number of the request that gave it last. */
    request: u64;
    name: Text;
    /** What comes before its value: `"name":`, and the quote that opens a text. */
    key: Text;
    kind: Kind;
    limit: i32;
    fractionLimit: i32;
    /** The one that followed it last in a query string: most are alike. */
    next: Column;
}

/** The columns that the log fills, which come first. */
export enum Filled {
    RequestTime,
    ClientAddress,
    UserAgent,
    EventId,
    ReceivedAt,
}

const mostColumns: i32 = 128;
const columnBytes: i32 = 32;
/** Before the first one, there is what comes before all others in a query string. */
const columns = memory.data(columnBytes * (1 + mostColumns), 16);
const first: usize = columns + columnBytes;
let end: usize = first;
/** Bytes of all keys. */
let keyBytes: usize = 0;

/** Adds a column, of which the name stands there and then the key; false if there is no room for it. */
export function addColumn(
    name: usize,
    nameLength: usize,
    keyLength: usize,
    kind: Kind,
    limit: i32,
    fractionLimit: i32,
): bool {
    const nameText = keepText(name, nameLength);
    const key = keepText(name + nameLength, keyLength);
    if (nameText === null || key === null || end === first + mostColumns * columnBytes) return false;
    const column = changetype<Column>(end);
    column.name = nameText;
    column.key = key;
    column.kind = kind;
    column.limit = limit;
    column.fractionLimit = fractionLimit;
    column.next = column;
    changetype<Column>(end - columnBytes).next = column;
    end += columnBytes;
    keyBytes += keyLength;
    return true;
}

/** More than all columns take beside their values: keys, quotes and commas. */
export function mostBesideValues(): usize {
    return keyBytes + 2 * (end - first);
}

export function filledColumn(filled: Filled): Column {
    return changetype<Column>(first + <usize>filled * columnBytes);
}

/** Whether only the log may say what is in it. */
export function isOfLog(column: Column): bool {
    return changetype<usize>(column) <= first + <usize>Filled.UserAgent * columnBytes;
}

/** What comes before the first column. */
export function noColumn(): Column {
    return changetype<Column>(columns);
}

/** The column whose name stands there, behind that one; null if there is none. */
export function columnBehind(previous: Column, at: usize): Column | null {
    if (isNamed(at, previous.next)) return previous.next;
    for (let place = first; place < end; place += columnBytes) {
        const column = changetype<Column>(place);
        if (isNamed(at, column)) {
            previous.next = column;
            return column;
        }
    }
    return null;
}

function isNamed(at: usize, column: Column): bool {
    const name = column.name;
    if (!isAt(at, name)) return false;
    const next = load<u8>(at + name.length);
    return next === equals || next === ampersand || next === space;
}
