import type { HttpShape } from "./arguments";
import { inside, type Report } from "./problems";
import { checkEntries, checkObject, checkSwitch, isDeferred } from "./shapes";

/** The keys' hashes travel in the function's environment, which holds 4 KB. */
const mostKeys = 20;

/** Hosts that a browser also treats as secure without TLS. */
const localHosts = ["localhost", "127.0.0.1", "[::1]"];

/** Checks an HTTP source: who may write, and from which sites. */
export function checkHttp(http: HttpShape, path: string, report: Report): void {
    if (!checkObject(http, path, report)) {
        return;
    }
    const open = checkSwitch(http.open, inside(path, "open"), report);
    checkKeys(http.keys, open, path, report);
    checkOrigins(http.allowedOrigins, inside(path, "allowedOrigins"), report);
}

function checkKeys(keys: HttpShape["keys"], open: boolean, path: string, report: Report): void {
    const keysPath = inside(path, "keys");
    const entries = checkEntries(keys, keysPath, report);
    if (entries.length === 0 && !open) {
        report(keysPath, "has no key: name at least one, or say `open: true` if anybody may write");
    }
    if (entries.length > 0 && open) {
        report(inside(path, "open"), "is true, but there are keys: leave out one of them");
    }
    if (entries.length > mostKeys) {
        report(keysPath, `has ${entries.length} keys: use at most ${mostKeys}, a function's environment holds 4 KB`);
    }
    checkKeyEntries(entries, report);
}

/** Checks that each key has a name that a log can hold, and a value. */
export function checkKeyEntries(entries: { key: string; value: unknown; path: string }[], report: Report): void {
    for (const { key, value, path: keyPath } of entries) {
        if (!/^[A-Za-z0-9_-]{1,64}$/.test(key)) {
            report(keyPath, "cannot name a key: use up to 64 letters, digits, `_` and `-`");
        }
        if (!isDeferred(value) && (typeof value !== "string" || value === "")) {
            report(keyPath, "has no value: give a string, best a Pulumi secret");
        }
    }
}

/** Checks the origins whose pages may send, and reports those that no browser has or that are not safe. */
export function checkOrigins(origins: unknown, path: string, report: Report): void {
    if (origins === undefined || isDeferred(origins)) {
        return;
    }
    if (!Array.isArray(origins)) {
        report(path, "must be a list");
        return;
    }
    origins.forEach((origin: unknown, index) => {
        const problem = isDeferred(origin) ? undefined : originProblem(origin);
        if (problem !== undefined) {
            report(inside(path, index), problem);
        }
    });
}

/** What makes an origin one that no browser sends, or an unsafe one, and what to do. */
export function originProblem(origin: unknown): string | undefined {
    if (typeof origin !== "string") {
        return "must be a string such as `https://app.example.com`";
    }
    if (origin.includes("*")) {
        return `\`${origin}\` lets any site write: name each origin, such as \`https://app.example.com\``;
    }
    const url = URL.canParse(origin) ? new URL(origin) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol)) {
        return `\`${origin}\` is no origin: write scheme and host, such as \`https://app.example.com\``;
    }
    if (url.origin !== origin) {
        return `\`${origin}\` is not as browsers send it: write \`${url.origin}\``;
    }
    if (url.protocol === "http:" && !localHosts.includes(url.hostname)) {
        return `\`${origin}\` is not encrypted: use https, \`http\` is for localhost only`;
    }
    return undefined;
}
