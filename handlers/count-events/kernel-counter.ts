import { unit } from "../shared/fixed-point";
import { sumAttribute } from "../shared/rollup-contract";
import { endOfText } from "../shared/whole-lines";
import type { Counter, Counts, Totals } from "./counts";
import { giveBack, type Kernel, Stop } from "./kernel";
import type { ReadLine } from "./read-line";

const newline = 0x0a;

/** Counts lines as `LineCounter` does, in WebAssembly. */
export class KernelCounter {
    private readonly memory: Buffer;
    private readonly numbers: DataView;
    private readonly input: number;
    private readonly inputBytes: number;
    /** Where counters are in the kernel's memory. */
    private readonly slots = new Map<number, Counter>();
    /** What was looked at last, and up to where that is whole lines of UTF-8. */
    private chunk: Buffer | undefined;
    private end = 0;
    /** The piece of it that the kernel has. */
    private pieceStart = 0;
    private pieceEnd = 0;

    constructor(
        private readonly kernel: Kernel,
        private readonly readLine: ReadLine,
        private readonly counts: Counts,
    ) {
        this.memory = Buffer.from(kernel.memory.buffer);
        this.numbers = new DataView(kernel.memory.buffer);
        this.input = kernel.input.value;
        this.inputBytes = kernel.inputBytes.value;
    }

    /** Counts the plain lines from there on; returns where the first one begins that is not. */
    count(chunk: Buffer, start: number): number {
        if (chunk !== this.chunk) this.look(chunk, start);
        let at = start;
        while (at < this.end) {
            if (at >= this.pieceEnd && !this.take(chunk, at)) break;
            const toMemory = this.input - this.pieceStart;
            const stop = this.kernel.count(at + toMemory, this.pieceEnd + toMemory);
            at = this.kernel.stoppedAt() - toMemory;
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

    private look(chunk: Buffer, start: number): void {
        this.chunk = chunk;
        this.end = endOfText(chunk, start);
        this.pieceEnd = 0;
    }

    /** Gives the kernel as many lines as it has room for; false if that is none. */
    private take(chunk: Buffer, start: number): boolean {
        const most = start + this.inputBytes;
        this.pieceStart = start;
        this.pieceEnd = this.end <= most ? this.end : chunk.lastIndexOf(newline, most - 1) + 1;
        chunk.copy(this.memory, this.input, start, this.pieceEnd);
        return this.pieceEnd > start;
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
