import { QuotaPeriod, type StreamApiShape, type UsageShape } from "./arguments";
import { checkKeyEntries, checkOrigins } from "./http";
import { inside, type Report } from "./problems";
import { checkEntries, checkInteger, checkObject, checkSwitch, isDeferred } from "./shapes";
import { quoted } from "./suggestion";

const positive = { from: 1, to: Number.MAX_SAFE_INTEGER, why: "must be a whole number, 1 or more" };

/** Checks a stream API: who may put, from which sites and how much, on which of the ingests' streams. */
export function checkStreamApi(api: StreamApiShape, streams: string[], path: string, report: Report): void {
    if (!checkObject(api, path, report)) {
        return;
    }
    if (streams.length === 0) {
        report(path, "has no stream to put on: give an ingest `kinesis`, such as `kinesis: {}`");
    }
    checkKeys(api.keys, inside(path, "keys"), report);
    checkOrigins(api.allowedOrigins, inside(path, "allowedOrigins"), report);
    checkInteger(api.requestsPerSecond, positive, inside(path, "requestsPerSecond"), report);
    checkInteger(api.burst, positive, inside(path, "burst"), report);
    checkSwitch(api.ownAccountLogRole, inside(path, "ownAccountLogRole"), report);
    if (api.usage !== undefined) {
        checkUsage(api.usage, inside(path, "usage"), report);
    }
}

function checkKeys(keys: StreamApiShape["keys"], path: string, report: Report): void {
    const entries = checkEntries(keys, path, report);
    if (entries.length === 0) {
        report(path, 'has no key: name at least one, such as `{ web: config.requireSecret("webKey") }`');
    }
    checkKeyEntries(entries, report);
    for (const { value, path: keyPath } of entries) {
        const problem = isDeferred(value) || value === "" ? undefined : apiKeyProblem(value);
        if (problem !== undefined) {
            report(keyPath, problem);
        }
    }
}

/** What makes a text none that API Gateway takes as the value of a key, and what to do; never the text itself. */
export function apiKeyProblem(value: unknown): string | undefined {
    return typeof value !== "string" || /^[A-Za-z0-9_-]{20,128}$/.test(value)
        ? undefined
        : "is no value of an API key: use 20 to 128 letters and digits; make one with `openssl rand -hex 24`";
}

function checkUsage(usage: UsageShape, path: string, report: Report): void {
    if (!checkObject(usage, path, report)) {
        return;
    }
    for (const limit of ["requestsPerSecond", "burst", "quota"] as const) {
        checkInteger(usage[limit], positive, inside(path, limit), report);
    }
    const periods: unknown[] = Object.values(QuotaPeriod);
    if (usage.period !== undefined && !periods.includes(usage.period)) {
        report(inside(path, "period"), `must be one of ${quoted(Object.values(QuotaPeriod))}`);
    }
    if (usage.period !== undefined && usage.quota === undefined) {
        report(inside(path, "period"), "is what `quota` counts in: say how many requests, or leave this out");
    }
}
