import { type Kind, kernelType } from "../shared/kernel-types";
import { type Constant, kernelModule } from "../shared/web-assembly";
import type { Rollup } from "./contract";
import { type CountedColumns, countedColumns } from "./counted-columns";
import bytes from "./kernel-bytes";

/** Why counting stopped; as in `kernel/index.ts`. */
export enum Stop {
    End,
    Odd,
    New,
    Full,
}

/** What the WebAssembly module exports. The numbers are addresses in its memory, but for columns and lengths. */
export interface Kernel {
    memory: { buffer: ArrayBuffer };
    /** Where lines are put, and how many bytes there is room for. */
    input: Constant;
    inputBytes: Constant;
    /** In a counter: where the parts of its sums begin, and how many each has. */
    partsStart: Constant;
    partsOfSum: Constant;
    mostColumns: Constant;
    longestKey: Constant;
    addColumn(name: number, length: number, kind: Kind, limit: number, fractionLimit: number): void;
    addBy(column: number): void;
    addSum(column: number): void;
    setTime(column: number, bytes: number): void;
    count(start: number, end: number): Stop;
    stoppedAt(): number;
    addCounter(): number;
    clear(): void;
    forgetOthers(): void;
}

const newKernel = kernelModule<Kernel>(bytes);

/** Kernels that nobody counts with: to make another one, and to take its memory away, costs more than a small object. */
const idle = new WeakMap<Rollup, Kernel>();

/** A kernel that counts for the rollup; undefined if it has no room for the columns, or can't tell their time. */
export function takeKernel(rollup: Rollup): Kernel | undefined {
    const kernel = idle.get(rollup);
    idle.delete(rollup);
    return kernel ?? makeKernel(countedColumns(rollup));
}

/** Gives back a kernel that all was taken from. */
export function giveBack(rollup: Rollup, kernel: Kernel): void {
    kernel.forgetOthers();
    idle.set(rollup, kernel);
}

function makeKernel({ columns, by, sums, time, timeBytes }: CountedColumns): Kernel | undefined {
    if (timeBytes === 0) return undefined;
    const kernel = newKernel();
    const { memory, input, longestKey, mostColumns } = kernel;
    const names = columns.map(({ name }) => Buffer.from(name));
    if (columns.length > mostColumns.value || names.some(({ length }) => length > longestKey.value)) return undefined;
    const given = Buffer.from(memory.buffer, input.value);
    for (const [column, name] of names.entries()) {
        name.copy(given);
        kernel.addColumn(input.value, name.length, ...kernelType(columns[column]!.type));
    }
    by.forEach(kernel.addBy);
    sums.forEach(kernel.addSum);
    kernel.setTime(time, timeBytes);
    return kernel;
}
