import { KernelInput } from "../shared/kernel-input";
import type { Dropped } from "./event";
import { type Kernel, Reading, Stop } from "./kernel";

/** Takes what lines are. */
export interface Found {
    /** Events as lines, one behind the other. */
    keep(events: Buffer): void;
    tally(what: "event" | Dropped, count: number): void;
}

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
    private readonly input: KernelInput;
    private readonly output: number;

    constructor(
        private readonly kernel: Kernel,
        private readonly found: Found,
    ) {
        this.memory = Buffer.from(kernel.memory.buffer);
        this.input = new KernelInput(kernel);
        this.output = kernel.output.value;
    }

    /** Reads lines from there on; returns where the first one begins that is not plain. */
    read(chunk: Buffer, start: number): number {
        const { input, kernel } = this;
        let at = start;
        while (input.has(chunk, at)) {
            const stop = kernel.read(input.toMemory(at), input.end);
            at = input.toChunk(kernel.stoppedAt());
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

    /** Hands over all that was found. The chunk may be filled anew. */
    finish(): void {
        this.handOver();
        for (const [reading, what] of readings) this.found.tally(what, this.kernel.takeCount(reading));
        this.input.forget();
    }
}
