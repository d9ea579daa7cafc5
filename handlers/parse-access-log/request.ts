/** The request line of an entry. */
export interface Request {
    method: string;
    /** Undefined if there is no URL. */
    path?: string;
    /** Without the question mark; empty if there is none. */
    query: string;
}

/** Method, URL and protocol. A URL may have spaces in it, if its sender does not know better. */
const pattern = /^\S+ \w+:\/\/[^/?]*(?<path>[^?]*?)(?:\?(?<query>.*))? \S+$/s;
const word = /^[!-~]+$/;
export const schemes = ["http://", "https://"];

/** Reads a request line. */
export function parseRequest(line: string): Request {
    const methodEnd = line.indexOf(" ");
    if (methodEnd < 0) return { method: line, query: "" };
    const method = line.slice(0, methodEnd);
    const end = line.indexOf(" ", methodEnd + 1);
    const scheme = schemes.find((scheme) => line.startsWith(scheme, methodEnd + 1));
    // Almost all are like this; for the others, the expression costs ten times as much.
    if (!scheme || !word.test(method) || end < 0 || !word.test(line.slice(end + 1))) {
        const { path, query = "" } = pattern.exec(line)?.groups ?? {};
        return { method, path, query };
    }
    const host = methodEnd + 1 + scheme.length;
    const url = line.slice(host, end);
    const mark = url.indexOf("?");
    const slash = url.indexOf("/");
    const pathEnd = mark < 0 ? url.length : mark;
    const pathStart = slash < 0 || slash > pathEnd ? pathEnd : slash;
    return { method, path: url.slice(pathStart, pathEnd), query: url.slice(pathEnd + 1) };
}
