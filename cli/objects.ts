import { readdirSync } from "node:fs";
import { join } from "node:path";
import { nearest, quoted } from "../plan/suggestion";
import type { Portion } from "./events";

/** A folder of files, and the prefix below which they arrive. */
export interface ObjectSource {
    prefix: string;
    folder: string;
}

/** A file that arrives as an object. */
export interface ArrivingObject {
    key: string;
    file: string;
    /** End of the hour or day that its folders name, in milliseconds. */
    time?: number;
}

/** The files of a folder, those of its folders too, as the objects that they become. */
export function readObjects({ prefix, folder }: ObjectSource): ArrivingObject[] {
    const names = filesIn(folder, `--objects ${prefix}=${folder}`);
    return names.sort().map((name) => ({ key: `${prefix}${name}`, file: join(folder, name), ...timeOf(name) }));
}

/** What arrives where nobody reads would change nothing: a slip, more likely. */
export function refuseUnread({ prefix, folder }: ObjectSource, read: string[] | undefined): void {
    if (!read || read.some((each) => each.startsWith(prefix) || prefix.startsWith(each))) return;
    const near = nearest(prefix, read.flatMap(withFoldersAbove));
    const known = read.length > 0 ? `it reads ${quoted(read)}` : "it reads no objects";
    const hint = near === undefined ? "" : `: did you mean \`${near}\`?`;
    throw new Error(`--objects ${prefix}=${folder}: the program reads nothing below \`${prefix}\`; ${known}${hint}`);
}

/** `a/b/` and `a/`. */
function withFoldersAbove(prefix: string): string[] {
    return [...prefix.matchAll(/\//g)].map(({ index }) => prefix.slice(0, index + 1));
}

/** Objects of one time arrive together. */
export function arrivals(objects: ArrivingObject[]): Portion[] {
    const arrivals = new Map<number | undefined, ArrivingObject[]>();
    for (const object of objects) arrivals.set(object.time, [...(arrivals.get(object.time) ?? []), object]);
    return [...arrivals].map(([at, objects]) => ({ ...(at !== undefined && { at }), events: [], objects }));
}

function filesIn(folder: string, option: string): string[] {
    try {
        const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
        return entries
            .filter((entry) => entry.isFile())
            .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, "x").length - 1));
    } catch (error) {
        throw new Error(`${option}: the folder can't be read (${(error as NodeJS.ErrnoException).code})`);
    }
}

const times = [
    /(?:^|\/)(\d{4})\/(\d\d)\/(\d\d)\/(?:(\d\d)\/)?/,
    /(?:^|\/)year=(\d{4})\/month=(\d\d)\/day=(\d\d)\/(?:hour=(\d\d)\/)?/,
];

/** A file of an hour or day arrives when that is over. */
function timeOf(name: string): { time?: number } {
    const [, year, month, day, hour] = times.map((pattern) => pattern.exec(name)).find((match) => match) ?? [];
    if (year === undefined) return {};
    const start = Date.UTC(+year, +month! - 1, +day!, Number(hour ?? 0));
    return { time: start + (hour === undefined ? 86_400_000 : 3_600_000) };
}
