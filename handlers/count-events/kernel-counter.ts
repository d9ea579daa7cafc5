import { unit } from "../shared/fixed-point";
import { KernelInput } from "../shared/kernel-input";
import { sumAttribute } from "../shared/rollup-contract";
import type { Counter, Counts, Totals } from "./counts";
import { giveBack, type Kernel, Stop } from "./kernel";
import type { ReadLine } from "./read-line";

const newline = 0x0a;

/** Counts lines as `LineCounter` does, in WebAssembly. */
export class KernelCounter {
    private readonly input: KernelInput;
    private readonly numbers: DataView;
    /** Where counters are in the kernel's memory. */
    private readonly slots = new Map<number, Counter>();

    constructor(
        private readonly kernel: Kernel,
        private readonly readLine: ReadLine,
        private readonly counts: Counts,
    ) {
        this.input = new KernelInput(kernel);
        this.numbers = new DataView(kernel.memory.buffer);
    }

    /** Counts the plain lines from there on; returns where the first one begins that is not. */
    count(chunk: Buffer, start: number): number {
        const { input, kernel } = this;
        let at = start;
        while (input.has(chunk, at)) {
            const stop = kernel.count(input.toMemory(at), input.end);
            at = input.toChunk(kernel.stoppedAt());
            if (stop === Stop.Full) this.handOver();
            if (stop === Stop.Odd || (stop === Stop.New && !this.addCounter(chunk, at))) break;
        }
        return at;
    }

    /** Adds what was counted to the counts; from then on it does not count any more. */
    finish(): void {
        this.handOver();
        giveBack(this.readLine.rollup, this.kernel);
    }

    private handOver(): void {
        for (const [slot, counter] of this.slots) this.counts.add(counter, this.totals(slot));
        this.slots.clear();
        this.kernel.clear();
    }

    private addCounter(chunk: Buffer, start: number): boolean {
        const reading = this.readLine(chunk.toString("utf8", start, chunk.indexOf(newline, start)));
        if ("reason" in reading) return false;
        this.slots.set(this.kernel.addCounter(), reading.counter);
        return true;
    }

    private totals(slot: number): Totals {
        const { partsStart, partsOfSum } = this.kernel;
        const totals: Totals = { count: this.numbers.getBigInt64(slot, true) * unit };
        for (const [index, { name }] of this.readLine.rollup.sum.entries()) {
            let total = 0n;
            for (let places = 0; places < partsOfSum.value; places++) {
                const part = slot + partsStart.value + 8 * (index * partsOfSum.value + places);
                total += (this.numbers.getBigInt64(part, true) * unit) / 10n ** BigInt(places);
            }
            totals[sumAttribute(name)] = total;
        }
        return totals;
    }
}
