import type { Compaction } from "./contract";

/** An hour or a day in UTC, written `2026-11-21T04` or `2026-11-21`. */
export type Interval = string;

const hour = 3_600_000;
const lengths = { hour, day: 24 * hour };
const spellings = { hour: /^\d{4}-\d\d-\d\dT\d\d$/, day: /^\d{4}-\d\d-\d\d$/ };

/** Folders of an hour, below an ingest's prefix. */
const arrivalHour = /^(\d{4})\/(\d\d)\/(\d\d)\/(\d\d)\//;
const hiveHour = /^year=(\d{4})\/month=(\d\d)\/day=(\d\d)\/hour=(\d\d)\//;

/** Year, month, day and hour that an object lies in; undefined where it lies in no such folder. */
export function folderOf({ prefix, partition }: Compaction, key: string): string[] | undefined {
    if (!key.startsWith(prefix)) return undefined;
    const match = (isHive(partition) ? hiveHour : arrivalHour).exec(key.slice(prefix.length));
    const parts = match?.slice(1);
    return parts && isTime(spelled(parts)) ? parts : undefined;
}

/** The interval that an object lies in; undefined where it lies in no folder of an hour. */
export function intervalOf(compaction: Compaction, key: string): Interval | undefined {
    const folder = folderOf(compaction, key);
    return folder && spelled(folder.slice(0, compaction.every === "hour" ? 4 : 3));
}

/** Whether a text names an interval of this compaction; after a change of `every`, messages may name others. */
export function isInterval({ every }: Compaction, text: string): boolean {
    return spellings[every].test(text) && isTime(text);
}

/** When an interval is over, in milliseconds since 1970. */
export function endOf({ every }: Compaction, interval: Interval): number {
    return begin(interval) + lengths[every];
}

/** Start of the keys of an interval's JSON. */
export function sourceOf({ prefix, partition }: Compaction, interval: Interval): string {
    const parts = interval.split(/[-T]/);
    return prefix + (isHive(partition) ? hiveFolders(parts) : parts.map((part) => `${part}/`).join(""));
}

/** Folder of an interval's Parquet. */
export function targetOf({ output }: Compaction, interval: Interval): string {
    return output + hiveFolders(interval.split(/[-T]/));
}

function hiveFolders(parts: string[]): string {
    const names = ["year", "month", "day", "hour"];
    return parts.map((part, index) => `${names[index]}=${part}/`).join("");
}

function isHive(partition: Compaction["partition"]): boolean {
    return partition.length > 1;
}

function spelled(parts: string[]): Interval {
    return (
        parts.slice(0, 3).join("-") +
        parts
            .slice(3)
            .map((part) => `T${part}`)
            .join("")
    );
}

/** Of the calendar and the clock: other folders are in no partition, so no query sees them. */
function isTime(interval: Interval): boolean {
    const time = begin(interval);
    return !Number.isNaN(time) && new Date(time).toISOString().startsWith(interval);
}

function begin(interval: Interval): number {
    return Date.parse(`${interval.includes("T") ? interval : `${interval}T00`}:00:00Z`);
}
