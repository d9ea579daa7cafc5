import { Bytes } from "./bytes";
import type { CsvColumn } from "./csv-columns";
import { type CsvKernel, csvKernel } from "./csv-kernel";
import { CsvRows, rowError, unfinished } from "./csv-rows";
import { Refusal } from "./refusal";

export type { CellKind, CsvColumn } from "./csv-columns";

const newline = 0x0a;
/** Behind the input, where they end every text. */
const fourQuotes = 0x22222222;

/** Larger than any row that Athena writes (32 MB): what is longer is no result, and would fill the memory. */
const maxRowBytes = 64 * 1024 * 1024;
/** Input is read in slices of this size, so that what is worked on stays in the processor's cache. */
const sliceBytes = 64 * 1024;

/**
 * Athena's CSV to lines of JSON, one object a row with the columns in order. Bytes in, bytes out, split anywhere: values
 * are never decoded, so UTF-8 passes untouched. In Athena's CSV every value stands in quotes and NULL is nothing at all;
 * a blank line is a row of one NULL. The first row, the header, is checked for its length only.
 *
 * Nothing is remembered of a row that its chunk cuts off: it is read again, from its first byte, when there is more of it.
 * A kernel reads the rows that it has room for; those that are longer or wrong, and all where there is no kernel, are read by
 * `CsvRows`, which says what is wrong with them.
 */
export class CsvToNdjson {
    /** Rows converted, without the header. */
    rows = 0;

    private readonly kernel: CsvKernel | undefined;
    private readonly csvRows: CsvRows;
    /** The unfinished row and what follows it. */
    private readonly input: Bytes;
    /** Complete lines, and the current row's. */
    private readonly output: Bytes;
    private inHeader = true;
    /** Only with so much input is the unfinished row read again: a long one not at every chunk. */
    private worthReading = 0;

    constructor(columns: CsvColumn[], newKernel = csvKernel) {
        this.kernel = newKernel(columns);
        this.input = this.kernel?.input ?? new Bytes(Buffer.allocUnsafe(4 * sliceBytes));
        this.output = this.kernel?.output ?? new Bytes(Buffer.allocUnsafe(4 * sliceBytes));
        this.csvRows = new CsvRows(columns, this.input, this.output);
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
        if (this.input.length > 0)
            throw rowError(this.input.dropped, "its last quote is not closed: the file is cut off");
        if (this.inHeader) throw new Refusal("the CSV is empty: a result has a header");
        return this.output.take();
    }

    /** Reads the rows that end in the input, and moves the one that doesn't to its start. */
    private readRows(): void {
        const { input } = this;
        input.view.setInt32(input.length, fourQuotes, true);
        let start = 0;
        while (start < input.length) {
            if (this.kernel && input.isHome && !this.inHeader) {
                const { rows, next, isCut } = this.kernel.read(start);
                this.rows += rows;
                start = next;
                if (isCut) break;
            }
            const next = this.csvRows.read(start, this.inHeader);
            if (next === unfinished) break;
            if (!this.inHeader) this.rows++;
            this.inHeader = false;
            start = next;
        }
        input.drop(start);
        if (input.length > maxRowBytes) throw rowError(input.dropped, `longer than ${maxRowBytes} bytes`);
        this.worthReading = input.length < sliceBytes ? 0 : Math.min(2 * input.length, maxRowBytes + 1);
    }
}
