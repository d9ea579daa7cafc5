import { booleanStart, numberStart, Outcome, outcomes, transitions } from "../shared/scalars";
import { type Bytes, toWords, type Words } from "./bytes";
import { type CsvColumn, keyOf } from "./csv-columns";
import { Refusal } from "./refusal";

const newline = 0x0a;
const space = 0x20;
const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;

/** For `null`, or for two quotes, and for what follows the last cell. */
const roomOfCell = 8;
/** Where a row would end that has no end yet. */
export const unfinished = -1;
/** Where a cell would end that is not of its column's kind. */
const refused = -2;

/** Reads rows one by one, and writes their lines of JSON. */
export class CsvRows {
    private readonly keys: Words[];
    /** For the keys of a row and its NULLs and quotes. */
    private readonly rowRoom: number;

    constructor(
        private readonly columns: CsvColumn[],
        private readonly input: Bytes,
        private readonly output: Bytes,
    ) {
        this.keys = columns.map((column, index) => toWords(keyOf(column, index)));
        this.rowRoom = this.keys.reduce((room, { length }) => room + length + roomOfCell, roomOfCell);
    }

    /** Writes the line of the row that starts there, of a header none; returns where the next row does. */
    read(start: number, isHeader: boolean): number {
        const { output } = this;
        const lineStart = output.length;
        const next = this.readRow(start, isHeader);
        if (next === unfinished || isHeader) output.length = lineStart;
        return next;
    }

    private readRow(start: number, isHeader: boolean): number {
        const { input, output, columns, keys } = this;
        const { bytes, length: end } = input;
        output.reserve(this.rowRoom);
        let next = start;
        for (let column = 0; column < columns.length; ) {
            output.write(keys[column]!);
            if (bytes[next] !== quote) output.write(nullWords);
            else if (next < end) next = this.readCell(start, next + 1, column, isHeader);
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
    private readCell(row: number, start: number, column: number, isHeader: boolean): number {
        const { kind } = this.columns[column]!;
        if (kind === "string" || isHeader) return this.readString(start);
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
        return rowError(this.input.dropped + row, what);
    }
}

/** Says what is wrong with the row that starts at that byte. */
export function rowError(offset: number, what: string): Refusal {
    return new Refusal(`the CSV's row at byte ${offset}: ${what}`);
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
