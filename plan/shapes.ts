import { inside, type Report } from "./problems";

/*
 * Programs in JavaScript or YAML can hand over anything: these guards report what has not the declared shape and give
 * the other checks something harmless, so that these still run and all problems appear at once.
 */

/** Whether a value is an object with named values; lists are not. */
export function isRecord(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a value is known at deploy time only: an output or a promise. */
export function isDeferred(value: unknown): boolean {
    return isRecord(value);
}

/** The text, or `""` after reporting that it is none. */
export function checkText(value: string, path: string, report: Report): string {
    if (typeof value === "string" && value !== "") {
        return value;
    }
    report(path, isAbsent(value) || value === "" ? "is missing" : "must be a plain string, known before deployment");
    return "";
}

/** Whether the value is an object; reports that it is none. */
export function checkObject(value: object, path: string, report: Report): boolean {
    if (!isRecord(value)) {
        report(path, isAbsent(value) ? "is missing" : "must be an object");
    }
    return isRecord(value);
}

/** The object's entries, each with its path; none where it is absent. */
export function checkEntries<T>(
    value: Record<string, T> | undefined,
    path: string,
    report: Report,
): { key: string; value: T; path: string }[] {
    if (value === undefined || !checkObject(value, path, report)) {
        return [];
    }
    return Object.entries(value).map(([key, entry]) => ({ key, value: entry, path: inside(path, key) }));
}

/** The list's objects, each with its path. */
export function checkItems<T extends object>(value: T[], path: string, report: Report): { value: T; path: string }[] {
    if (!Array.isArray(value)) {
        report(path, isAbsent(value) ? "is missing" : "must be a list");
        return [];
    }
    const items = value.map((item, index) => ({ value: item, path: inside(path, index) }));
    return items.filter((item) => checkObject(item.value, item.path, report));
}

/** Reports a plain value that is no integer of the range, and says so; values known at deploy time only are left to the service. */
export function checkInteger(
    value: unknown,
    range: { from: number; to: number; why: string },
    path: string,
    report: Report,
): boolean {
    const inRange = Number.isInteger(value) && Number(value) >= range.from && Number(value) <= range.to;
    if (value === undefined || isDeferred(value) || inRange) {
        return true;
    }
    report(path, range.why);
    return false;
}

/** Whether the switch is on; reports what is neither `true` nor `false`. */
export function checkSwitch(value: boolean | undefined, path: string, report: Report): boolean {
    if (value !== undefined && typeof value !== "boolean") {
        report(path, "must be true or false");
    }
    return value === true;
}

function isAbsent(value: unknown): boolean {
    return value === undefined || value === null;
}
