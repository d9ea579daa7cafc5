import { skipDigits } from "../shared/scan-value";
import { clientAddress } from "./client-address";
import type { EventBytes, Source } from "./event-bytes";

const point = 0x2e;
const zero = 0x30;
const colon = 0x3a;

/** Writes what is kept of a client (`address:port`) to an event; false if it is no address. */
export function writeAddress(
    { bytes, view }: Source,
    start: number,
    end: number,
    kept: string,
    events: EventBytes,
): boolean {
    const port = portOf(bytes, start, end);
    if (port < 0) return writeOther(bytes.toString("latin1", start, end), kept, events);
    if (kept === "keep") events.copy(view, start, port);
    if (kept === "truncate") {
        events.copy(view, start, bytes.lastIndexOf(point, port) + 1);
        events.bytes[events.end++] = zero;
    }
    return true;
}

/** One of IPv6, mostly. */
function writeOther(client: string, kept: string, events: EventBytes): boolean {
    const address = clientAddress(client, kept);
    if (address === undefined) return false;
    events.end += events.bytes.write(address, events.end, "latin1");
    return true;
}

/** Where an address of IPv4 ends and a colon and its port begin; -1 if there is none. */
function portOf(bytes: Buffer, start: number, end: number): number {
    let at = start;
    for (let part = 0; part < 4; part++) {
        const partEnd = skipDigits(bytes, at);
        if (!isPart(bytes, at, partEnd) || bytes[partEnd] !== (part < 3 ? point : colon)) return -1;
        at = partEnd + 1;
    }
    return at < end && skipDigits(bytes, at) === end ? at - 1 : -1;
}

/** Whether digits are a number up to 255, without leading zeros. */
function isPart(bytes: Buffer, start: number, end: number): boolean {
    const first = bytes[start]! - zero;
    switch (end - start) {
        case 1:
            return true;
        case 2:
            return first > 0;
        case 3:
            return first > 0 && 100 * first + 10 * (bytes[start + 1]! - zero) + bytes[start + 2]! - zero < 256;
        default:
            return false;
    }
}
