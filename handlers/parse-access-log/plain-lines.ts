import { endOfText } from "../shared/whole-lines";
import type { Dropped } from "./event";
import { type Kernel, Reading, Stop } from "./kernel";

/** Takes what lines are. */
export interface Found {
    /** Events as lines, one behind the other. */
    keep(events: Buffer): void;
    tally(what: "event" | Dropped, count: number): void;
}

const newline = 0x0a;
const readings: [reading: Reading, what: "event" | Dropped][] = [
    [Reading.Event, "event"],
    [Reading.Connections, "connections"],
    [Reading.HealthChecks, "healthChecks"],
    [Reading.OtherMethods, "otherMethods"],
    [Reading.OtherPaths, "otherPaths"],
    [Reading.Refused, "refused"],
];

/** Reads plain lines of a log in WebAssembly. */
export class PlainLines {
    private readonly memory: Buffer;
    private readonly input: number;
    private readonly inputBytes: number;
    private readonly output: number;
    /** What was looked at last, and up to where that is whole lines of UTF-8. */
    private chunk: Buffer | undefined;
    private end = 0;
    /** The piece of it that the kernel has. */
    private pieceStart = 0;
    private pieceEnd = 0;

    constructor(
        private readonly kernel: Kernel,
        private readonly found: Found,
    ) {
        this.memory = Buffer.from(kernel.memory.buffer);
        this.input = kernel.input.value;
        this.inputBytes = kernel.inputBytes.value;
        this.output = kernel.output.value;
    }

    /** Reads lines from there on; returns where the first one begins that is not plain. */
    read(chunk: Buffer, start: number): number {
        if (chunk !== this.chunk) this.look(chunk, start);
        let at = start;
        while (at < this.end) {
            if (at >= this.pieceEnd && !this.take(chunk, at)) break;
            const toMemory = this.input - this.pieceStart;
            const stop = this.kernel.read(at + toMemory, this.pieceEnd + toMemory);
            at = this.kernel.stoppedAt() - toMemory;
            if (stop === Stop.Odd) break;
            if (stop === Stop.Full) this.handOver();
        }
        return at;
    }

    /** Hands over the events of the lines that were read so far. */
    handOver(): void {
        const end = this.kernel.outputEnd();
        if (end === this.output) return;
        this.found.keep(Buffer.from(this.memory.subarray(this.output, end)));
        this.kernel.clearOutput();
    }

    /** Hands over all that was found. The chunk is not looked at any more: it may be filled anew. */
    finish(): void {
        this.handOver();
        for (const [reading, what] of readings) this.found.tally(what, this.kernel.takeCount(reading));
        this.chunk = undefined;
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
}
