import { isUtf8 } from "node:buffer";
import type { FailedLines } from "../shared/failed-lines";
import { type LogLine, LogLines } from "../shared/log-lines";
import { withoutAddress } from "./client-address";
import type { Dropped, ReadEvent } from "./event";
import { EventBytes } from "./event-bytes";
import { PlainEvent, type PlainReading } from "./plain-event";
import { PlainLines } from "./plain-lines";

/** Load balancers take request lines of 16 KB and headers of 64 KB. */
const longestLine = 128 * 1024;

/** The events in a log, which comes in chunks. */
export class LogEvents {
    /** Events found. */
    count = 0;
    /** Requests that are none. */
    readonly dropped: Partial<Record<Dropped, number>> = {};
    private readonly events = new EventBytes();
    private readonly lines: LogLines;

    constructor(
        private readonly readEvent: ReadEvent,
        private readonly failed: Pick<FailedLines, "add">,
    ) {
        const plainEvent = new PlainEvent(readEvent, this.events);
        const plain = new PlainLines(longestLine, (source, start, end) =>
            this.tally(plainEvent.read(source, start, end)),
        );
        this.lines = new LogLines(longestLine, (chunk, start) => plain.read(chunk, start));
    }

    /** The events whose lines end in this chunk, as lines of JSON; empty if there are none. */
    push(chunk: Buffer): Buffer {
        for (const line of this.lines.cut(chunk)) this.readLine(line);
        return this.events.take();
    }

    /** The event of the last line, if no newline ended it. */
    end(): Buffer {
        for (const line of this.lines.end()) this.readLine(line);
        return this.events.take();
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
            this.tally(reading.dropped);
        } else {
            this.events.add(reading.event);
            this.tally("event");
        }
    }

    /** Counts a line; false if it was not read. */
    private tally(reading: PlainReading): boolean {
        if (reading === undefined) return false;
        if (reading === "event") this.count++;
        else this.dropped[reading] = (this.dropped[reading] ?? 0) + 1;
        return true;
    }
}
