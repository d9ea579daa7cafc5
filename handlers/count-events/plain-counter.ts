import type { Counts } from "./counts";
import { takeKernel } from "./kernel";
import { KernelCounter } from "./kernel-counter";
import { LineCounter } from "./line-counter";
import type { ReadLine } from "./read-line";

/** Counts plain lines, and leaves others to others. */
export interface PlainCounter {
    /** Counts the plain lines from there on; returns where the first one begins that is not. */
    count(chunk: Buffer, start: number): number;
    /** Adds what was counted to the counts; from then on it does not count any more. */
    finish(): void;
}

/** The fastest way to count plain lines: by the kernel, where it has room for what they are counted by. */
export function plainCounter(readLine: ReadLine, counts: Counts): PlainCounter {
    const kernel = takeKernel(readLine.rollup);
    return kernel ? new KernelCounter(kernel, readLine, counts) : new LineCounter(readLine, counts);
}
