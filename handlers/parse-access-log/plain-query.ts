import { isUtf8 } from "node:buffer";
import type { Column } from "../shared/columns";
import { failed, type Scan, scanOf } from "../shared/scan-value";
import { isAt } from "./byte-texts";
import { type EventBytes, viewOf } from "./event-bytes";

const space = 0x20;
const quote = 0x22;
const percent = 0x25;
const ampersand = 0x26;
const plus = 0x2b;
const comma = 0x2c;
const equals = 0x3d;
const upperZ = 0x5a;
const backslash = 0x5c;
const firstBeyondAscii = 0x80;
/** Of `2026-11-21T`, before the T. */
const dateBytes = 10;
/** By byte, whether it stands for itself in a query string and in JSON. */
const isItself = Uint8Array.from({ length: 256 }, (_, byte) =>
    byte > space && ![quote, percent, ampersand, plus, backslash].includes(byte) ? 1 : 0,
);
/** By byte, what it is as a hexadecimal digit; negative if it is none. */
const hexadecimal = Int8Array.from({ length: 256 }, (_, byte) => {
    const digit = Number.parseInt(String.fromCharCode(byte), 16);
    return Number.isNaN(digit) ? -1 : digit;
});

/** A column that a query string may give. */
export interface Given {
    name: Buffer;
    /** The name as JSON, with its colon, and with the quote that opens a text. */
    key: DataView;
    isText: boolean;
    isTime: boolean;
    /** Recognizes a value as JSON. Absent where every text will do. */
    scan?: Scan;
    /** The query string that gave it last. */
    query: number;
}

/** Writes the fields of plain query strings as members of an event, by their bytes. */
export class PlainQuery {
    private readonly columns: Given[];
    /** By place of a field the column that was there before; most query strings are alike. */
    private readonly likely: Given[] = [];
    private query = 0;
    private isAscii = true;

    /** The columns' names are spelled in query strings as they are. */
    constructor(
        columns: Column[],
        private readonly events: EventBytes,
    ) {
        this.columns = columns.map(({ name, type }) => {
            const isText = type.kind === "string" || type.kind === "date" || type.kind === "timestamp";
            return {
                name: Buffer.from(name),
                key: viewOf(Buffer.from(`${JSON.stringify(name)}:${isText ? '"' : ""}`)),
                isText,
                isTime: type.kind === "timestamp",
                scan: type.kind === "string" ? undefined : scanOf(type),
                query: 0,
            };
        });
    }

    /**
     * Writes the fields of the query string that begins there, each with a comma behind it; for four times as many bytes
     * there must be room. Returns where the query string ends, or `failed`: then it has to be looked at more closely.
     */
    write(bytes: Buffer, start: number): number {
        this.query++;
        this.isAscii = true;
        const first = this.events.end;
        let at = start;
        let field = 0;
        while (bytes[at] !== space) {
            if (bytes[at] === ampersand) {
                at++;
                continue;
            }
            const column = this.columnAt(bytes, at, field++);
            if (!column || column.query === this.query) return failed;
            column.query = this.query;
            const nameEnd = at + column.name.length;
            at = this.writeMember(column, bytes, bytes[nameEnd] === equals ? nameEnd + 1 : nameEnd);
            if (at === failed) return failed;
        }
        return this.isAscii || isUtf8(this.events.bytes.subarray(first, this.events.end)) ? at : failed;
    }

    /** The columns of that name, for `gives`. */
    column(name: string): Given | undefined {
        return this.columns.find((column) => column.name.toString() === name);
    }

    /** Whether the last query string gave the column. */
    gives(column: Given | undefined): boolean {
        return column?.query === this.query;
    }

    private columnAt(bytes: Buffer, start: number, field: number): Given | undefined {
        const likely = this.likely[field];
        if (likely && isNamed(bytes, start, likely)) return likely;
        const column = this.columns.find((column) => isNamed(bytes, start, column));
        if (column) this.likely[field] = column;
        return column;
    }

    /** Writes a column with the value that begins there; returns where that ends. */
    private writeMember({ key, isText, isTime, scan }: Given, bytes: Buffer, start: number): number {
        const { events } = this;
        events.copy(key);
        const out = events.bytes;
        const valueStart = isText ? events.end - 1 : events.end;
        const end = this.writeValue(bytes, start);
        if (end === failed) return failed;
        if (isText) out[events.end++] = quote;
        // A number ends where something else begins.
        out[events.end] = comma;
        if (scan && scan(out, valueStart) !== events.end) return failed;
        if (isTime && out[events.end - 2] === upperZ) this.respell(valueStart + 1);
        events.end++;
        return end;
    }

    /** Writes the value that begins there, decoded, as in a JSON text; returns where it ends. */
    private writeValue(bytes: Buffer, start: number): number {
        const { events } = this;
        const out = events.bytes;
        let { end } = events;
        let at = start;
        for (;;) {
            let byte = bytes[at]!;
            while (isItself[byte] === 1) {
                out[end++] = byte;
                byte = bytes[++at]!;
            }
            if (byte === ampersand || byte === space) break;
            if (byte === plus) byte = space;
            else if (byte === percent) {
                byte = (hexadecimal[bytes[at + 1]!]! << 4) | hexadecimal[bytes[at + 2]!]!;
                at += 2;
            } else return failed;
            if (byte < space) return failed;
            if (byte === quote || byte === backslash) out[end++] = backslash;
            if (byte >= firstBeyondAscii) this.isAscii = false;
            out[end++] = byte;
            at++;
        }
        events.end = end;
        return at;
    }

    /** Brings the time in ISO 8601 that was written last into the tables' spelling. */
    private respell(start: number): void {
        const { events } = this;
        events.bytes[start + dateBytes] = space;
        events.end--;
        events.bytes[events.end - 1] = quote;
        events.bytes[events.end] = comma;
    }
}

function isNamed(bytes: Buffer, start: number, { name }: Given): boolean {
    if (!isAt(bytes, start, name)) return false;
    const next = bytes[start + name.length];
    return next === equals || next === ampersand || next === space;
}
