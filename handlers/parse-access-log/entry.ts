/** What is read of an entry of an Application Load Balancer's access log. */
export interface Entry {
    /** `http`, `https`, `h2`, `grpcs`, `ws` or `wss`. */
    type: string;
    /** Address and port. */
    client: string;
    status: string;
    /** Method, URL and protocol. */
    request: string;
    userAgent: string;
    traceId: string;
    /** When the load balancer received the request, ISO 8601. */
    created: string;
}

/** Up to the quote that opens the request: …, time, …, target, three durations, …, target's status, bytes. */
const head = /^(?<type>\S+) \S+ \S+ (?<client>\S+) \S+ \S+ \S+ \S+ (?<status>\S+) \S+ \S+ \S+ "/;
/**
 * From the user agent to the actions; AWS adds new fields at the end. Nothing promises that a quote in the user agent is
 * escaped, so it ends where that begins which must follow: cipher, TLS version and target group, then trace, domain and
 * certificate in quotes, the rule's priority, a time, and the actions in quotes.
 */
const tail =
    /^(?<userAgent>.*)" \S+ \S+ \S+ "(?<traceId>[^"]*)" "[^"]*" "[^"]*" \S+ (?<created>\d{4}-\d\d-\d\dT\S+Z) "[^"]*"(?: |$)/s;
const between = '" "';

/** Reads a line; undefined if it is no entry, or a part of one. */
export function parseEntry(line: string): Entry | undefined {
    const start = head.exec(line);
    if (!start) return undefined;
    const from = start[0].length;
    const to = line.indexOf(between, from); // no request holds that: a URL has no spaces
    const rest = to < 0 ? null : tail.exec(line.slice(to + between.length));
    if (!rest) return undefined;
    const entry = { ...start.groups, request: line.slice(from, to), ...rest.groups } as unknown as Entry;
    return { ...entry, userAgent: unescaped(entry.userAgent) };
}

/** A text in quotes as it was sent: `\"` and `\x22` stand for a quote. */
function unescaped(text: string): string {
    return text.replace(/\\(?:x([0-9A-Fa-f]{2})|(["\\]))/g, (_, code?: string, character?: string) =>
        code === undefined ? character! : String.fromCharCode(Number.parseInt(code, 16)),
    );
}
