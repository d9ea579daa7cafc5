import { failed } from "../shared/scan-value";
import { isAt, textAt } from "./byte-texts";
import type { PlainQuery } from "./plain-query";

const space = 0x20;
const quote = 0x22;
const slash = 0x2f;
const mark = 0x3f;
const del = 0x7f;
const schemes = [Buffer.from("http://"), Buffer.from("https://")];

/** Reads request lines of plain entries by their bytes. */
export class PlainRequest {
    /** What the last request was for. */
    asked: "event" | "otherMethods" | "otherPaths" = "event";
    /** With the space behind them. */
    private readonly methods: Buffer[];
    private readonly path: Buffer;

    constructor(
        methods: string[],
        path: string,
        private readonly query: PlainQuery,
    ) {
        this.methods = methods.map((method) => Buffer.from(`${method} `));
        this.path = Buffer.from(path);
    }

    /**
     * Reads the request line that begins there, and writes the fields of its query string if it asks for an event. Returns
     * where its quote is, or `failed`: then it has to be looked at more closely.
     */
    read(bytes: Buffer, start: number): number {
        const method = textAt(bytes, start, this.methods);
        if (!method) return this.readOther(bytes, start);
        const url = start + method.length;
        const scheme = textAt(bytes, url, schemes);
        if (!scheme) return failed;
        const urlEnd = this.readPath(bytes, skipHost(bytes, url + scheme.length));
        if (urlEnd === failed || bytes[urlEnd] !== space) return failed;
        const end = skipWord(bytes, urlEnd + 1);
        return end > urlEnd + 1 && bytes[end] === quote ? end : failed;
    }

    /** A request by another method: it does not matter what for. */
    private readOther(bytes: Buffer, start: number): number {
        this.asked = "otherMethods";
        const end = bytes.indexOf(quote, start);
        return bytes.indexOf(space, start) < end ? end : failed;
    }

    /** Reads the path that begins there, and a query string behind it; returns where the URL ends. */
    private readPath(bytes: Buffer, start: number): number {
        const end = start + this.path.length;
        const next = isAt(bytes, start, this.path) ? bytes[end] : undefined;
        this.asked = next === mark || next === space ? "event" : "otherPaths";
        if (this.asked === "otherPaths") return skipWord(bytes, start);
        return this.query.write(bytes, next === mark ? end + 1 : end);
    }
}

function skipHost(bytes: Buffer, start: number): number {
    let at = start;
    while (isInWord(bytes[at]!) && bytes[at] !== slash && bytes[at] !== mark) at++;
    return at;
}

function skipWord(bytes: Buffer, start: number): number {
    let at = start;
    while (isInWord(bytes[at]!)) at++;
    return at;
}

/** Printable ASCII, but for a quote. */
function isInWord(byte: number): boolean {
    return byte > space && byte < del && byte !== quote;
}
