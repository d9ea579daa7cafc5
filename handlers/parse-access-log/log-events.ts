import { isUtf8 } from "node:buffer";
import type { FailedLines } from "../shared/failed-lines";
import { type LogLine, LogLines } from "../shared/log-lines";
import { withoutAddress } from "./client-address";
import type { Dropped, ReadEvent } from "./event";

/** Load balancers take request lines of 16 KB and headers of 64 KB. */
const longestLine = 128 * 1024;

/** The events in a log, which comes in chunks. */
export class LogEvents {
    /** Events found. */
    count = 0;
    /** Requests that are none. */
    readonly dropped: Partial<Record<Dropped, number>> = {};
    private readonly lines = new LogLines(longestLine);

    constructor(
        private readonly readEvent: ReadEvent,
        private readonly failed: Pick<FailedLines, "add">,
        /** `keep`, `truncate` or `drop`. */
        private readonly clientAddress: string,
    ) {}

    /** The events whose lines end in this chunk, as lines of JSON; empty if there are none. */
    push(chunk: Buffer): Buffer {
        return this.read(this.lines.push(chunk));
    }

    /** The event of the last line, if no newline ended it. */
    end(): Buffer {
        return this.read(this.lines.end());
    }

    private read(lines: LogLine[]): Buffer {
        let events = "";
        for (const line of lines) events += this.readLine(line);
        return Buffer.from(events);
    }

    private readLine(line: LogLine): string {
        const reading = line.isTooLong
            ? { reason: `longer than ${longestLine} bytes` }
            : isUtf8(line.bytes)
              ? this.readEvent(line.bytes.toString())
              : { reason: "not valid UTF-8" };
        if ("event" in reading) {
            this.count++;
            return `${reading.event}\n`;
        }
        if ("dropped" in reading) this.dropped[reading.dropped] = (this.dropped[reading.dropped] ?? 0) + 1;
        else this.failed.add(reading.reason, { ...line, bytes: withoutAddress(line.bytes, this.clientAddress) });
        return "";
    }
}
