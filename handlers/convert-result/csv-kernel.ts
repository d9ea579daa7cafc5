import { booleanStart, numberStart, outcomes, transitions } from "../shared/scalars";
import { kernelModule } from "../shared/web-assembly";
import { Bytes } from "./bytes";
import { type CellKind, type CsvColumn, keyOf } from "./csv-columns";
import wasm from "./csv-kernel-bytes";

/** Why reading stopped; as in `csv-kernel/state.ts`. */
export enum Stop {
    /** The input ends before the row does. */
    End,
    /** The row is wrong. */
    Odd,
    /** There may not be enough room for the row's line. */
    Full,
}

/** As in `csv-kernel/columns.ts`. */
const kinds: Record<CellKind, number> = { string: 0, number: 1, boolean: 2, json: 3 };

interface Constant {
    value: number;
}

/** What the WebAssembly module exports. The numbers are addresses in its memory, but for lengths, kinds and states. */
interface Exports {
    memory: { buffer: ArrayBuffer };
    input: Constant;
    inputBytes: Constant;
    output: Constant;
    outputBytes: Constant;
    transitions: Constant;
    outcomes: Constant;
    setStarts(ofNumber: number, ofBoolean: number): void;
    addColumn(keyLength: number, kind: number): number;
    read(start: number, end: number, out: number): Stop;
    stoppedAt(): number;
    writtenTo(): number;
    rowsRead(): number;
}

const newExports = kernelModule<Exports>(wasm);

/** A kernel for the columns; undefined if it has no room for them. */
export function csvKernel(columns: CsvColumn[]): CsvKernel | undefined {
    const exports = newExports();
    const memory = Buffer.from(exports.memory.buffer);
    memory.set(transitions, exports.transitions.value);
    memory.set(outcomes, exports.outcomes.value);
    exports.setStarts(numberStart, booleanStart);
    for (const [index, column] of columns.entries()) {
        const key = Buffer.from(`${keyOf(column, index)}null`);
        const place = exports.addColumn(key.length - "null".length, kinds[column.kind]);
        if (place === 0) return undefined;
        memory.set(key, place);
    }
    return new CsvKernel(exports, memory);
}

/** What was read. */
export interface ReadRows {
    rows: number;
    /** The first row that was not read. */
    next: number;
    /** Whether that is because the input ends in it; if not, it is for `CsvRows`. */
    isCut: boolean;
}

/** Reads rows in WebAssembly, and writes their lines of JSON. */
export class CsvKernel {
    /** It reads and writes where these have their homes. */
    readonly input: Bytes;
    readonly output: Bytes;

    constructor(
        private readonly exports: Exports,
        memory: Buffer,
    ) {
        const { input, inputBytes, output, outputBytes } = exports;
        this.input = new Bytes(memory.subarray(input.value, input.value + inputBytes.value));
        this.output = new Bytes(memory.subarray(output.value, output.value + outputBytes.value));
    }

    /** Reads rows from there on; the input must be at home. */
    read(start: number): ReadRows {
        const { exports, input, output } = this;
        const inputStart = exports.input.value;
        const outputStart = exports.output.value;
        let rows = 0;
        let next = start;
        while (true) {
            const from = output.isHome ? output.length : 0;
            const stop = exports.read(inputStart + next, inputStart + input.length, outputStart + from);
            const end = exports.writtenTo() - outputStart;
            if (output.isHome) output.length = end;
            else output.append(output.home.subarray(0, end));
            rows += exports.rowsRead();
            next = exports.stoppedAt() - inputStart;
            if (stop !== Stop.Full || end === 0) return { rows, next, isCut: stop === Stop.End };
            // Lines move out, so that there is room for others; for a line that is longer than all the room there is not.
            output.reserve(output.home.length);
        }
    }
}
