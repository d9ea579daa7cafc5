import { isUtf8 } from "node:buffer";
import type { FailedLines } from "../shared/failed-lines";
import { type LogLine, LogLines } from "../shared/log-lines";
import { withoutAddress } from "./client-address";
import type { Dropped, ReadEvent } from "./event";
import { giveBack, type Kernel, takeKernel } from "./kernel";
import { PlainLines } from "./plain-lines";

/** Load balancers take request lines of 16 KB and headers of 64 KB. */
const longestLine = 128 * 1024;

/** The events in a log, which comes in chunks. */
export class LogEvents {
    /** Events found. */
    count = 0;
    /** Requests that are none. */
    readonly dropped: Partial<Record<Dropped, number>> = {};
    private readonly lines: LogLines;
    /** Absent where all lines are looked at closely. */
    private readonly kernel: Kernel | undefined;
    private readonly plain: PlainLines | undefined;
    /** Events that were found since they were taken last. */
    private events: Buffer[] = [];

    constructor(
        private readonly readEvent: ReadEvent,
        private readonly failed: Pick<FailedLines, "add">,
    ) {
        const kernel = takeKernel(readEvent);
        const plain = kernel && new PlainLines(kernel, this);
        this.kernel = kernel;
        this.plain = plain;
        this.lines = new LogLines(longestLine, plain && ((chunk, start) => plain.read(chunk, start)));
    }

    /** The events whose lines end in this chunk, as lines of JSON; empty if there are none. */
    push(chunk: Buffer): Buffer {
        for (const line of this.lines.cut(chunk)) this.readLine(line);
        this.plain?.finish();
        return this.take();
    }

    /** The event of the last line, if no newline ended it. From then on no lines are read any more. */
    end(): Buffer {
        for (const line of this.lines.end()) this.readLine(line);
        if (this.kernel) giveBack(this.readEvent, this.kernel);
        return this.take();
    }

    keep(events: Buffer): void {
        this.events.push(events);
    }

    tally(what: "event" | Dropped, count: number): void {
        if (what === "event") this.count += count;
        else if (count > 0) this.dropped[what] = (this.dropped[what] ?? 0) + count;
    }

    private readLine(line: LogLine): void {
        const reading = line.isTooLong
            ? { reason: `longer than ${longestLine} bytes` }
            : isUtf8(line.bytes)
              ? this.readEvent(line.bytes.toString())
              : { reason: "not valid UTF-8" };
        if ("reason" in reading) {
            const bytes = withoutAddress(line.bytes, this.readEvent.settings.clientAddress);
            this.failed.add(reading.reason, { ...line, bytes });
        } else if ("dropped" in reading) {
            this.tally(reading.dropped, 1);
        } else {
            this.plain?.handOver();
            this.keep(Buffer.from(`${reading.event}\n`));
            this.tally("event", 1);
        }
    }

    private take(): Buffer {
        const { events } = this;
        this.events = [];
        return events.length === 1 ? events[0]! : Buffer.concat(events);
    }
}
