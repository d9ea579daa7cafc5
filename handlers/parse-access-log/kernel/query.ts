/** Query strings as members of an event. */

import { ampersand, comma, equals, failed, quote, space } from "../../shared/kernel/bytes";
import { dateBytes, upperZ } from "../../shared/kernel/times";
import { Kind, skipKind } from "../../shared/kernel/values";
import { Column, columnBehind, isOfLog, noColumn } from "./columns";
import { writeDecoded } from "./encoded";
import { endOutput, outputEnd, writeText } from "./output";

/** The number of the request that was looked at last. */
let request: u64 = 0;

/** Writes the fields of the query string that begins there, each with a comma behind it; returns where it ends. */
export function writeQuery(start: usize): usize {
    request++;
    let at = start;
    let previous = noColumn();
    while (load<u8>(at) !== space) {
        if (load<u8>(at) === ampersand) {
            at++;
            continue;
        }
        const column = columnBehind(previous, at);
        if (column === null || column.request === request || isOfLog(column)) return failed;
        column.request = request;
        previous = column;
        const nameEnd = at + column.name.length;
        at = writeMember(column, load<u8>(nameEnd) === equals ? nameEnd + 1 : nameEnd);
        if (at === failed) return failed;
    }
    return at;
}

/** Whether the last query string gave the column. */
export function isGiven(column: Column): bool {
    return column.request === request;
}

function writeMember(column: Column, start: usize): usize {
    writeText(column.key);
    const valueStart = outputEnd();
    const stop = writeDecoded(start);
    if (stop === failed) return failed;
    let end = outputEnd();
    switch (column.kind) {
        case Kind.Text:
            store<u8>(end++, quote);
            break;
        case Kind.Date:
        case Kind.Timestamp: {
            store<u8>(end++, quote);
            if (skipKind(column.kind, valueStart - 1, 0, 0) !== end) return failed;
            if (load<u8>(end - 2) === upperZ) {
                // From ISO 8601 to the tables' spelling.
                store<u8>(valueStart + dateBytes, space);
                store<u8>(--end - 1, quote);
            }
            break;
        }
        default:
            // A number ends where something else begins.
            store<u8>(end, comma);
            if (skipKind(column.kind, valueStart, column.limit, column.fractionLimit) !== end) return failed;
    }
    store<u8>(end, comma);
    endOutput(end + 1);
    return stop;
}
