import type { Entry } from "./entry";

const space = 0x20;
const quote = 0x22;
const backslash = 0x5c;
/** Fields before the request. */
const headFields = 12;
/** Where the fields before the request end, of the current line. */
const ends = new Int32Array(headFields);
/** No place; stays negative, whatever is added to it. */
const nowhere = -1_000_000;
const createdPattern = /^\d{4}-\d\d-\d\dT.*Z$/;

/**
 * Reads a line that is an entry beyond doubt, as almost all are: of printable ASCII, without a quote or a backslash in its
 * texts. Undefined if it has to be looked at more closely.
 */
export function plainEntry(line: string): Entry | undefined {
    if (!findHead(line)) return undefined;
    const request = ends[headFields - 1]! + 2;
    const requestEnd = textEnd(line, request);
    const userAgent = requestEnd + 3;
    const userAgentEnd = textEnd(line, userAgent);
    // The cipher, the TLS version and the target group.
    const traceId = wordEnd(line, wordEnd(line, wordEnd(line, userAgentEnd + 2) + 1) + 1) + 2;
    const traceIdEnd = textEnd(line, traceId);
    const domainEnd = textEnd(line, traceIdEnd + 3);
    const certificateEnd = textEnd(line, domainEnd + 3);
    const created = wordEnd(line, certificateEnd + 2) + 1;
    const createdEnd = wordEnd(line, created);
    const actionsEnd = textEnd(line, createdEnd + 2);
    // Another time before a quote might be the real one, and all before it the user agent.
    if (actionsEnd < 0 || line.includes('Z "', createdEnd)) return undefined;
    const time = line.slice(created, createdEnd);
    if (!createdPattern.test(time)) return undefined;
    return {
        type: line.slice(0, ends[0]),
        client: line.slice(ends[2]! + 1, ends[3]),
        status: line.slice(ends[7]! + 1, ends[8]),
        request: line.slice(request, requestEnd),
        userAgent: line.slice(userAgent, userAgentEnd),
        traceId: line.slice(traceId, traceIdEnd),
        created: time,
    };
}

/** Finds the fields before the request; false if it is none of twelve words. */
function findHead(line: string): boolean {
    let start = 0;
    for (let field = 0; field < headFields; field++) {
        const end = wordEnd(line, start);
        ends[field] = end;
        start = end + 1;
    }
    return start > 0;
}

/** Where the word ends that starts there, if it is of printable ASCII and a space follows. */
function wordEnd(line: string, start: number): number {
    let at = start;
    while (isPrintable(line.charCodeAt(at))) at++;
    return at > start && line.charCodeAt(at) === space ? at : nowhere;
}

/** Where the text in quotes ends that starts there, if it is plain and a space follows. */
function textEnd(line: string, start: number): number {
    if (line.charCodeAt(start - 1) !== quote) return nowhere;
    let at = start;
    for (let code = line.charCodeAt(at); isPrintable(code) || code === space; code = line.charCodeAt(++at)) {
        if (code === quote) return line.charCodeAt(at + 1) === space ? at : nowhere;
        if (code === backslash) return nowhere;
    }
    return nowhere;
}

function isPrintable(code: number): boolean {
    return code > space && code < 0x7f;
}
