import { failed, skipTime } from "../shared/scan-value";
import { isAt, textAt } from "./byte-texts";
import { columnsOfLog, type Dropped, healthCheck, methodsOf, type ReadEvent, requestTypes } from "./event";
import { type EventBytes, type Source, viewOf } from "./event-bytes";
import { writeAddress } from "./plain-address";
import { PlainEntry } from "./plain-entry";
import { type Given, PlainQuery } from "./plain-query";
import { PlainRequest } from "./plain-request";

/** What a plain line is; undefined if it has to be looked at more closely. */
export type PlainReading = "event" | Dropped | undefined;

const space = 0x20;
const minus = 0x2d;
const four = 0x34;
const five = 0x35;
const semicolon = 0x3b;
const openBrace = 0x7b;
/** What names of health checks begin with. */
const upperA = 0x41;
const upperE = 0x45;
/** Of `2026-11-21T`, before the T. */
const dateBytes = 10;
/** What a byte of a line can come to, and what stands between the bytes that come from it. */
const [mostOfByte, mostBetween] = [4, 256];

/** Columns that the log fills; every ingest's table has them. */
const filled = [
    ["request_time", "timestamp"],
    ["client_address", "string"],
    ["user_agent", "string"],
    ["event_id", "string"],
    ["received_at", "timestamp"],
];
const types = requestTypes.map((type) => Buffer.from(`${type} `));
const root = Buffer.from("Root=");
const requestTime = viewOf(Buffer.from('"request_time":"'));
const address = viewOf(Buffer.from('","client_address":"'));
const userAgent = viewOf(Buffer.from('","user_agent":"'));
const eventId = viewOf(Buffer.from('","event_id":"'));
const receivedAt = viewOf(Buffer.from('","received_at":"'));
const eventEnd = viewOf(Buffer.from('"}\n'));

/** Reads plain lines of a log by their bytes, and makes of them what the exact reader makes. */
export class PlainEvent {
    private readonly entry = new PlainEntry();
    private readonly request: PlainRequest;
    private readonly query: PlainQuery;
    private readonly kept: string;
    private readonly id: Given | undefined;
    private readonly received: Given | undefined;
    private readonly isFilled: boolean;

    constructor(
        { columns, settings }: ReadEvent,
        private readonly events: EventBytes,
    ) {
        this.query = new PlainQuery(
            columns.filter(({ name }) => !columnsOfLog.has(name)),
            events,
        );
        this.request = new PlainRequest(methodsOf(settings), settings.path, this.query);
        this.kept = settings.clientAddress;
        this.id = this.query.column("event_id");
        this.received = this.query.column("received_at");
        this.isFilled = filled.every(([name, kind]) =>
            columns.some((column) => column.name === name && column.type.kind === kind),
        );
    }

    /** Reads a line of UTF-8 without a backslash, which a newline must end; if it is an event, writes that. */
    read(source: Source, start: number, end: number): PlainReading {
        const { events } = this;
        const before = events.end;
        events.reserve(mostOfByte * (end - start) + mostBetween);
        const reading = this.isFilled ? this.readEntry(source, start, end) : undefined;
        if (reading !== "event") events.end = before;
        return reading;
    }

    private readEntry(source: Source, start: number, end: number): PlainReading {
        const { entry, request, events } = this;
        const { bytes } = source;
        if (!entry.findHead(bytes, start, end)) return undefined;
        events.bytes[events.end++] = openBrace;
        const requestEnd = request.read(bytes, entry.request);
        if (requestEnd === failed || !entry.findTail(bytes, requestEnd, end)) return undefined;
        if (skipTime(bytes, entry.created) !== entry.createdEnd) return undefined;
        if (!textAt(bytes, start, types)) return "connections";
        if (isHealthCheck(bytes, entry.userAgent, entry.userAgentEnd)) return "healthChecks";
        if (request.asked !== "event") return request.asked;
        if (bytes[entry.status] === four || bytes[entry.status] === five) return "refused";
        return this.writeRest(source) ? "event" : undefined;
    }

    /** Writes what the log says of a request, behind what its query string says. */
    private writeRest(source: Source): boolean {
        const { entry, query, events } = this;
        events.copy(requestTime);
        this.writeTime(source);
        if (this.kept !== "drop") events.copy(address);
        if (!writeAddress(source, entry.client, entry.clientEnd, this.kept, events)) return false;
        if (!this.writeUserAgent(source) || !this.writeId(source)) return false;
        if (!query.gives(this.received)) {
            events.copy(receivedAt);
            this.writeTime(source);
        }
        events.copy(eventEnd);
        return true;
    }

    /** In the tables' spelling. */
    private writeTime({ view }: Source): void {
        const { entry, events } = this;
        const start = events.end;
        events.copy(view, entry.created, entry.createdEnd - 1);
        events.bytes[start + dateBytes] = space;
    }

    private writeUserAgent({ bytes, view }: Source): boolean {
        const { userAgent: start, userAgentEnd: end } = this.entry;
        if (end === start + 1 && bytes[start] === minus) return true;
        this.events.copy(userAgent);
        return this.events.copyText(view, start, end);
    }

    /** Most load balancers' trace is of one part, which tells the request from all others. */
    private writeId({ bytes, view }: Source): boolean {
        const { traceId, traceIdEnd: end } = this.entry;
        if (this.query.gives(this.id)) return true;
        const start = traceId + root.length;
        if (!isAt(bytes, traceId, root) || start === end) return false;
        for (let at = start; at < end; at++) if (bytes[at] === semicolon) return false;
        this.events.copy(eventId);
        return this.events.copyText(view, start, end);
    }
}

function isHealthCheck(bytes: Buffer, start: number, end: number): boolean {
    const first = bytes[start];
    return (first === upperA || first === upperE) && healthCheck.test(bytes.toString("latin1", start, end));
}
