import type { CsvColumn } from "../../../handlers/convert-result/csv-to-ndjson";

const newline = 0x0a;
const space = 0x20;
const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;

/** Where in the CSV the next byte stands. */
enum Place {
    /** Before a cell: a quote opens it, a comma or newline says that it is NULL. */
    CellStart,
    /** Between a cell's quotes. */
    Text,
    /** After a quote in a cell's text: a second one makes it a character, anything else closes the cell. */
    Quote,
}

/** Larger than any row that Athena writes (32 MB): what is longer is no result, and would fill the memory. */
const maxRowBytes = 64 * 1024 * 1024;
/** Input is taken in slices of this size, so that room for a slice's output is little. */
const sliceBytes = 64 * 1024;
/** One byte of text becomes at most `\u001f`. */
const longestEscape = 6;

/** What `CsvToNdjson` does, byte for byte, with a state between any two bytes and a regular expression a cell. */
export class ReferenceCsvToNdjson {
    /** Rows converted, without the header. */
    rows = 0;

    private readonly keys: Buffer[];
    private place = Place.CellStart;
    private column = 0;
    private inHeader = true;
    /** Bytes of input before the current slice, and before the current row. */
    private offset = 0;
    private rowOffset = 0;
    /** Output: complete lines up to `lineEnd`, then the current row up to `length`; its current cell's text at `cellStart`. */
    private out: Buffer = Buffer.allocUnsafe(sliceBytes);
    private lineEnd = 0;
    private cellStart = 0;
    private length = 0;

    constructor(private readonly columns: CsvColumn[]) {
        this.keys = columns.map(({ name }, index) => Buffer.from(`${index === 0 ? "{" : ","}${JSON.stringify(name)}:`));
    }

    /** The lines of the rows that end in this chunk. */
    push(chunk: Uint8Array): Buffer {
        for (let start = 0; start < chunk.length; start += sliceBytes) {
            this.read(chunk.subarray(start, start + sliceBytes));
        }
        return this.takeLines();
    }

    /** The line of the last row, if no newline ended it. */
    end(): Buffer {
        if (this.place === Place.Text) throw this.error("its last quote is not closed: the file is cut off");
        if (this.offset > this.rowOffset) this.read(Uint8Array.of(newline));
        if (this.inHeader) throw new Error("the CSV is empty: a result has a header");
        return this.takeLines();
    }

    private read(slice: Uint8Array): void {
        for (let i = 0; i < slice.length; ) {
            if (this.place === Place.Text) i = this.copyText(slice, i);
            else this.structure(slice[i]!, ++i);
        }
        this.offset += slice.length;
        if (this.offset - this.rowOffset > maxRowBytes) throw this.error(`longer than ${maxRowBytes} bytes`);
    }

    /** Copies text up to and including the next quote; returns where it stopped. */
    private copyText(slice: Uint8Array, start: number): number {
        const isString = this.isString();
        const out = this.reserve((slice.length - start) * longestEscape);
        let length = this.length;
        let i = start;
        while (i < slice.length) {
            const byte = slice[i++]!;
            if (byte === quote) {
                this.place = Place.Quote;
                break;
            }
            if (byte >= space && (byte !== backslash || !isString)) out[length++] = byte;
            else if (isString) length += escapes[byte]!.copy(out, length);
            else out[length++] = space; // a control character in JSON is whitespace between its parts
        }
        this.length = length;
        return i;
    }

    /** A byte that is not text; `next` is where in the slice the one after it stands. */
    private structure(byte: number, next: number): void {
        if (byte === quote) {
            if (this.place === Place.CellStart) this.openCell();
            else this.write(this.isString() ? escapedQuote : plainQuote);
            this.place = Place.Text;
        } else if (byte === comma) {
            this.closeCell();
            if (++this.column === this.columns.length) throw this.error(`more than ${this.columns.length} cells`);
        } else if (byte === newline) {
            this.closeCell();
            this.closeRow(this.offset + next);
        } else {
            throw this.error(`byte 0x${byte.toString(16).padStart(2, "0")} stands outside quotes`);
        }
    }

    private openCell(): void {
        this.write(this.keys[this.column]!);
        this.cellStart = this.length;
        if (this.isString()) this.write(plainQuote);
    }

    private closeCell(): void {
        if (this.place === Place.CellStart) {
            this.write(this.keys[this.column]!);
            this.write(nullText);
        } else if (this.isString()) this.write(plainQuote);
        else this.checkCell();
        this.place = Place.CellStart;
    }

    /** Cells that are written without quotes must be JSON by themselves. */
    private checkCell(): void {
        const { name, kind } = this.columns[this.column]!;
        const text = this.out.toString("latin1", this.cellStart, this.length);
        if (kind === "number" && notANumber.test(text)) {
            this.length = this.cellStart;
            this.write(nullText);
        } else if (!validText[kind as keyof typeof validText].test(text)) {
            throw this.error(`column "${name}" holds no ${kind}`);
        }
    }

    private closeRow(end: number): void {
        if (++this.column < this.columns.length) {
            throw this.error(`${this.column} cells instead of ${this.columns.length}`);
        }
        this.write(lineEnding);
        if (this.inHeader) this.length = this.lineEnd;
        else this.rows++;
        this.inHeader = false;
        this.lineEnd = this.length;
        this.column = 0;
        this.rowOffset = end;
    }

    private isString(): boolean {
        return this.inHeader || this.columns[this.column]!.kind === "string";
    }

    private write(bytes: Buffer): void {
        const out = this.reserve(bytes.length);
        // A loop: for a few bytes, calling Buffer.copy costs more than copying.
        for (let i = 0; i < bytes.length; i++) out[this.length++] = bytes[i]!;
    }

    /** The output buffer, with room for so many bytes more. */
    private reserve(bytes: number): Buffer {
        if (this.length + bytes > this.out.length) {
            const larger = Buffer.allocUnsafe(2 * (this.length + bytes));
            this.out.copy(larger, 0, 0, this.length);
            this.out = larger;
        }
        return this.out;
    }

    /** Hands over the complete lines; the current row moves to the buffer's start. */
    private takeLines(): Buffer {
        const lines = Buffer.from(this.out.subarray(0, this.lineEnd));
        this.out.copyWithin(0, this.lineEnd, this.length);
        this.length -= this.lineEnd;
        this.cellStart -= this.lineEnd;
        this.lineEnd = 0;
        return lines;
    }

    private error(what: string): Error {
        return new Error(`the CSV's row at byte ${this.rowOffset}: ${what}`);
    }
}

const nullText = Buffer.from("null");
const plainQuote = Buffer.from('"');
const escapedQuote = Buffer.from('\\"');
const lineEnding = Buffer.from("}\n");
/** How the bytes that JSON strings may not hold are written in them. */
const escapes: Partial<Record<number, Buffer>> = Object.fromEntries(
    [...Array(space).keys(), backslash].map((byte) => [
        byte,
        Buffer.from(JSON.stringify(String.fromCharCode(byte)).slice(1, -1)),
    ]),
);
const notANumber = /^(?:NaN|-?Infinity)$/;
const validText = {
    number: /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/,
    boolean: /^(?:true|false)$/,
    json: /\S/,
};
