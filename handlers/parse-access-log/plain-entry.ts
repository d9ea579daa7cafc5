import { afterLongText, afterText, afterWords } from "./byte-texts";

const space = 0x20;
const quote = 0x22;
const upperZ = 0x5a;

/**
 * Where the fields of an entry are among bytes of UTF-8. Only what is an entry beyond doubt is found, as almost all are:
 * without quotes in its texts. In the line there must be no backslash, and a newline must end it.
 */
export class PlainEntry {
    client = 0;
    clientEnd = 0;
    status = 0;
    request = 0;
    userAgent = 0;
    userAgentEnd = 0;
    traceId = 0;
    traceIdEnd = 0;
    created = 0;
    createdEnd = 0;

    /** Finds the fields before the request, and where that begins; false if the line has to be looked at more closely. */
    findHead(bytes: Buffer, start: number, end: number): boolean {
        const client = afterWords(bytes, start, end, 3);
        const target = afterWords(bytes, client, end, 1);
        const status = afterWords(bytes, target, end, 4);
        const request = afterWords(bytes, status, end, 4);
        this.client = client;
        this.clientEnd = target - 1;
        this.status = status;
        this.request = request + 1;
        return bytes[request] === quote;
    }

    /** Finds the fields behind the request, which ends there; false if the line has to be looked at more closely. */
    findTail(bytes: Buffer, requestEnd: number, end: number): boolean {
        if (bytes[requestEnd + 1] !== space) return false;
        const userAgent = requestEnd + 2;
        const cipher = afterLongText(bytes, userAgent, end);
        const traceId = afterWords(bytes, cipher, end, 3);
        const domain = afterText(bytes, traceId, end);
        const certificate = afterText(bytes, domain, end);
        const priority = afterText(bytes, certificate, end);
        const created = afterWords(bytes, priority, end, 1);
        const actions = afterWords(bytes, created, end, 1);
        this.userAgent = userAgent + 1;
        this.userAgentEnd = cipher - 2;
        this.traceId = traceId + 1;
        this.traceIdEnd = domain - 2;
        this.created = created;
        this.createdEnd = actions - 1;
        return afterText(bytes, actions, end) !== end && !hasTime(bytes, actions, end);
    }
}

/** Whether another time stands there before a quote: it might be the real one, and all before it the user agent. */
function hasTime(bytes: Buffer, start: number, end: number): boolean {
    for (let at = bytes.indexOf(upperZ, start); at >= 0 && at < end; at = bytes.indexOf(upperZ, at + 1)) {
        if (bytes[at + 1] === space && bytes[at + 2] === quote) return true;
    }
    return false;
}
