import { gzipSync } from "node:zlib";

/** What an entry says; the rest is as a listener with a fixed answer logs it. */
export interface EntryParts {
    type?: string;
    client?: string;
    status?: number;
    request?: string;
    /** Path and query string of a GET request. */
    url?: string;
    userAgent?: string;
    traceId?: string;
    created?: string;
    /** Fields that AWS may add. */
    more?: string;
}

/** An entry of an Application Load Balancer's access log, as of 2026. */
export function entry(parts: EntryParts = {}): string {
    const { type = "http", client = "203.0.113.7:2817", status = 204, url = "/view", more = "" } = parts;
    const { request = `GET http://lb.example.com:80${url} HTTP/1.1`, userAgent = "curl/7.46.0" } = parts;
    const { traceId = "Root=1-58337262-36d228ad5d99923122bbe354", created = "2026-11-21T04:00:00.364000Z" } = parts;
    return (
        `${type} 2026-11-21T04:00:00.365000Z app/views/50dc6c495c0c9188 ${client} - -1 -1 -1 ${status} - 34 366 ` +
        `"${request}" "${userAgent}" - - - "${traceId}" "-" "-" 0 ${created} "fixed-response" ` +
        `"-" "-" "-" "-" "-" "-" TID_d7917035eabacb42bea251b01fb60ab4 "-" "-" "-"${more}`
    );
}

/** A log of these lines, packed. */
export function packed(...lines: (string | Buffer)[]): Buffer {
    return gzipSync(Buffer.concat(lines.flatMap((line) => [Buffer.from(line as string), Buffer.from("\n")])));
}
