import { booleanStart, numberStart, Outcome, outcomes, transitions } from "../shared/scalars";
import { Bytes, toWords, type Words } from "./bytes";
import { Refusal } from "./refusal";

/** How a cell's text becomes JSON. */
export type CellKind =
    /** A string, escaped. */
    | "string"
    /** A number, digit for digit; `NaN`, `Infinity` and `-Infinity`, which JSON can't write, become null. */
    | "number"
    /** `true` or `false`. */
    | "boolean"
    /** The text is JSON and stands as it is, on one line. */
    | "json";

/** A column of the result: its key in the JSON objects, and how its cells are written. */
export interface CsvColumn {
    name: string;
    kind: CellKind;
}

const newline = 0x0a;
const space = 0x20;
const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;

/** Larger than any row that Athena writes (32 MB): what is longer is no result, and would fill the memory. */
const maxRowBytes = 64 * 1024 * 1024;
/** Input is read in slices of this size, so that what is worked on stays in the processor's cache. */
const sliceBytes = 64 * 1024;
/** For `null`, or for two quotes, and for what follows the last cell. */
const roomOfCell = 8;
/** Where a row would end that has no end yet. */
const unfinished = -1;
/** Where a cell would end that is not of its column's kind. */
const refused = -2;

/**
 * Athena's CSV to lines of JSON, one object a row with the columns in order. Bytes in, bytes out, split anywhere: values
 * are never decoded, so UTF-8 passes untouched. In Athena's CSV every value stands in quotes and NULL is nothing at all;
 * a blank line is a row of one NULL. The first row, the header, is checked for its length only.
 *
 * Nothing is remembered of a row that its chunk cuts off: it is read again, from its first byte, when there is more of it.
 */
export class CsvToNdjson {
    /** Rows converted, without the header. */
    rows = 0;

    private readonly keys: Words[];
    /** For the keys of a row and its NULLs and quotes. */
    private readonly rowRoom: number;
    private inHeader = true;
    /** Bytes of input that are done with. */
    private offset = 0;
    /** The unfinished row and what follows it. Behind its end stands a quote, which ends every text. */
    private input = new Bytes(2 * sliceBytes);
    /** Only with so much input is the unfinished row read again: a long one not at every chunk. */
    private worthReading = 0;
    /** Complete lines, and the current row's. */
    private output = new Bytes(4 * sliceBytes);

    constructor(private readonly columns: CsvColumn[]) {
        this.keys = columns.map(({ name }, index) => toWords(`${index === 0 ? "{" : ","}${JSON.stringify(name)}:`));
        this.rowRoom = this.keys.reduce((room, { length }) => room + length + roomOfCell, roomOfCell);
    }

    /** The lines of the rows that end in this chunk. */
    push(chunk: Uint8Array): Buffer {
        return Buffer.from(this.convert(chunk));
    }

    /** The same for who is done with them before the next chunk, which is written over them. */
    convert(chunk: Uint8Array): Buffer {
        for (let start = 0; start < chunk.length; start += sliceBytes) {
            this.input.append(chunk.subarray(start, start + sliceBytes));
            if (this.input.length >= this.worthReading) this.readRows();
        }
        return this.output.take();
    }

    /** The line of the last row, if no newline ended it. */
    end(): Buffer {
        this.readRows();
        if (this.input.length > 0) {
            this.input.append(Uint8Array.of(newline));
            this.readRows();
        }
        if (this.input.length > 0) throw this.error(0, "its last quote is not closed: the file is cut off");
        if (this.inHeader) throw new Refusal("the CSV is empty: a result has a header");
        return this.output.take();
    }

    /** Reads the rows that end in the input, and moves the one that doesn't to its start. */
    private readRows(): void {
        const { input, output } = this;
        input.bytes[input.length] = quote;
        let start = 0;
        while (start < input.length) {
            const lineStart = output.length;
            const next = this.readRow(start);
            if (next === unfinished || this.inHeader) output.length = lineStart;
            if (next === unfinished) break;
            if (!this.inHeader) this.rows++;
            this.inHeader = false;
            start = next;
        }
        input.drop(start);
        this.offset += start;
        if (input.length > maxRowBytes) throw this.error(0, `longer than ${maxRowBytes} bytes`);
        this.worthReading = input.length < sliceBytes ? 0 : Math.min(2 * input.length, maxRowBytes + 1);
    }

    /** Writes the line of the row that starts there; returns where the next one does. */
    private readRow(start: number): number {
        const { input, output, columns, keys } = this;
        const { bytes, length: end } = input;
        output.reserve(this.rowRoom);
        let next = start;
        for (let column = 0; column < columns.length; ) {
            output.write(keys[column]!);
            if (bytes[next] !== quote) output.write(nullWords);
            else if (next < end) next = this.readCell(start, next + 1, column);
            if (next === unfinished || next >= end) return unfinished;
            const separator = bytes[next++]!;
            column++;
            if (separator === comma) {
                if (column === columns.length) throw this.error(start, `more than ${columns.length} cells`);
            } else if (separator !== newline) {
                throw this.error(start, `byte 0x${separator.toString(16).padStart(2, "0")} stands outside quotes`);
            } else if (column < columns.length) {
                throw this.error(start, `${column} cells instead of ${columns.length}`);
            }
        }
        output.write(lineEnding);
        return next;
    }

    /** Writes the cell whose text starts there; returns where what follows its closing quote stands. */
    private readCell(row: number, start: number, column: number): number {
        const { kind } = this.columns[column]!;
        if (kind === "string" || this.inHeader) return this.readString(start);
        this.output.reserve(this.input.length - start + this.rowRoom);
        const next =
            kind === "json"
                ? this.readJson(start)
                : this.readScalar(start, kind === "number" ? numberStart : booleanStart);
        if (next !== refused) return next;
        throw this.error(row, `column "${this.columns[column]!.name}" holds no ${kind}`);
    }

    private readString(start: number): number {
        const { input, output } = this;
        const { bytes, view, length: end } = input;
        let { bytes: out, view: outView, length, room } = output;
        out[length++] = quote;
        let i = start;
        for (let isOpen = true; isOpen; ) {
            if (length > room) {
                output.length = length;
                output.reserve(length);
                ({ bytes: out, view: outView, room } = output);
            }
            const word = view.getInt32(i, true);
            outView.setInt32(length, word, true);
            const special = specialBytes(word);
            if (special === 0) {
                i += 4;
                length += 4;
                continue;
            }
            const plain = (31 - Math.clz32(special & -special)) >> 3;
            i += plain;
            length += plain;
            const byte = bytes[i++]!;
            if (byte !== quote) length += escapes[byte]!.copy(out, length);
            else if (i >= end) return unfinished;
            else if (bytes[i] === quote) {
                out[length++] = backslash;
                out[length++] = quote;
                i++;
            } else isOpen = false;
        }
        out[length++] = quote;
        output.length = length;
        return i;
    }

    private readScalar(start: number, startState: number): number {
        const { input, output } = this;
        const { bytes, length: end } = input;
        const { bytes: out } = output;
        let { length } = output;
        let state = startState;
        let i = start;
        for (let byte = bytes[i++]!; byte !== quote; byte = bytes[i++]!) {
            out[length++] = byte;
            state = transitions[(state << 8) | byte]!;
        }
        if (i >= end) return unfinished;
        const outcome = outcomes[state]!;
        if (outcome === Outcome.Refused || bytes[i] === quote) return refused;
        if (outcome === Outcome.Kept) output.length = length;
        else output.write(nullWords);
        return i;
    }

    private readJson(start: number): number {
        const { input, output } = this;
        const { bytes, length: end } = input;
        const { bytes: out } = output;
        let { length } = output;
        let isBlank = true;
        let i = start;
        for (let byte = bytes[i++]!; byte !== quote || (bytes[i] === quote && i < end); byte = bytes[i++]!) {
            if (byte > space) isBlank = false;
            if (byte === quote) i++;
            out[length++] = Math.max(byte, space); // a control character in JSON is whitespace between its parts
        }
        if (i >= end) return unfinished;
        if (isBlank) return refused;
        output.length = length;
        return i;
    }

    private error(row: number, what: string): Refusal {
        return new Refusal(`the CSV's row at byte ${this.offset + row}: ${what}`);
    }
}

/** Marks the lowest of the word's bytes that JSON's strings can't hold as it is, in its highest bit. */
function specialBytes(word: number): number {
    const quotes = word ^ 0x22222222;
    const backslashes = word ^ 0x5c5c5c5c;
    const marks =
        ((quotes - 0x01010101) & ~quotes) | ((backslashes - 0x01010101) & ~backslashes) | ((word - 0x20202020) & ~word);
    return marks & 0x80808080;
}

const nullWords = toWords("null");
const lineEnding = toWords("}\n");
/** How the bytes that JSON strings may not hold are written in them. */
const escapes: Partial<Record<number, Buffer>> = Object.fromEntries(
    [...Array(space).keys(), backslash].map((byte) => [
        byte,
        Buffer.from(JSON.stringify(String.fromCharCode(byte)).slice(1, -1)),
    ]),
);
