import { readFileSync } from "node:fs";
import { parse as parseCsv } from "csv-parse/sync";

/** A file of events and the ingest it goes to. */
export interface EventSource {
    ingest: string;
    file: string;
}

/** An event as one line of JSON, with the time it carries, if it was asked for and is there. */
export interface TimedEvent {
    ingest: string;
    line: string;
    time?: number;
}

/** Events that are sent together. */
export interface Portion {
    /** Where the clock stands when they are sent: the end of their time. Absent when no event time is followed. */
    at?: number;
    events: TimedEvent[];
    /** Files that arrive as objects by then. */
    objects?: { key: string; file: string }[];
}

/** Types of an ingest's columns by name, in Hive's spelling: CSV has none of its own. */
export type ColumnTypes = Record<string, string>;

/**
 * Reads a file of events: a JSON array, CSV (a file named `.csv`, with a header line), or newline-delimited JSON.
 * Lines of NDJSON are kept as they are, broken ones too: the pipeline judges them.
 */
export function readEvents(source: EventSource, columns: ColumnTypes, timeField?: string): TimedEvent[] {
    const text = read(source);
    return lines(source, text, columns).map((line) => {
        const time = timeField === undefined ? undefined : eventTime(line, timeField);
        return { ingest: source.ingest, line, ...(time !== undefined && { time }) };
    });
}

/**
 * Cuts events into portions of `step` milliseconds of event time, at multiples of the step (UTC). An event without a
 * time goes with the one before it.
 */
export function portions(events: TimedEvent[], step: number): Portion[] {
    const first = events.find((event) => event.time !== undefined)?.time;
    if (first === undefined) return events.length > 0 ? [{ events }] : [];
    let last = first;
    const portions = new Map<number, TimedEvent[]>();
    for (const event of events) {
        last = event.time ?? last;
        const at = (Math.floor(last / step) + 1) * step;
        const portion = portions.get(at);
        if (portion) portion.push(event);
        else portions.set(at, [event]);
    }
    return [...portions].sort(([a], [b]) => a - b).map(([at, events]) => ({ at, events }));
}

/** The fields that events have, in the order in which they appear. */
export function fieldsOf(events: TimedEvent[]): string[] {
    return [...new Set(events.flatMap(({ line }) => Object.keys(parsed(line) ?? {})))];
}

/** `90s`, `30m`, `6h` or `1d` in milliseconds. */
export function parseDuration(text: string): number | undefined {
    const units: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
    const match = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text);
    const milliseconds = match ? Number(match[1]) * units[match[2]!]! : 0;
    return milliseconds > 0 ? milliseconds : undefined;
}

/** A time such as `2026-11-21`, `2026-11-21 04:00:00` or `2026-11-21T04:00:00+01:00`, UTC if it says none; milliseconds. */
export function parseTime(text: string): number | undefined {
    const saysZone = /[zZ]|[+-]\d\d:\d\d$/.test(text) || !text.includes(":");
    const time = Date.parse(saysZone ? text : `${text.replace(" ", "T")}Z`);
    return Number.isNaN(time) ? undefined : time;
}

function read({ ingest, file }: EventSource): string {
    try {
        return readFileSync(file, "utf8").replace(/^\uFEFF/, "");
    } catch (error) {
        throw new Error(
            `--events ${ingest}=${file}: the file can't be read (${(error as NodeJS.ErrnoException).code})`,
        );
    }
}

function lines(source: EventSource, text: string, columns: ColumnTypes): string[] {
    if (source.file.endsWith(".csv")) return csvLines(source, text, columns);
    if (text.trimStart().startsWith("[")) return arrayLines(source, text);
    return text.split("\n").filter((line) => line.trim() !== "");
}

function arrayLines({ ingest, file }: EventSource, text: string): string[] {
    try {
        // Numbers keep their digits: 2^53+1 must not become 2^53 on the way in.
        const events = parseExactly(text) as unknown[];
        return events.map((event) => JSON.stringify(event));
    } catch (error) {
        throw new Error(`--events ${ingest}=${file}: not a JSON array: ${(error as Error).message}`);
    }
}

function csvLines({ ingest, file }: EventSource, text: string, columns: ColumnTypes): string[] {
    try {
        const rows = parseCsv(text, { columns: true, skip_empty_lines: true }) as Record<string, string>[];
        return rows.map((row) => {
            const cells = Object.entries(row).map(
                ([name, cell]) => `${JSON.stringify(name)}:${csvValue(cell, columns[name])}`,
            );
            return `{${cells.join(",")}}`;
        });
    } catch (error) {
        throw new Error(`--events ${ingest}=${file}: not CSV: ${(error as Error).message}`);
    }
}

/** A cell as JSON: empty is null, and what a column's type writes without quotes is written so if it is valid JSON. */
function csvValue(cell: string, type = "string"): string {
    if (cell === "") return "null";
    if (/^(string|date|timestamp)$/.test(type)) return JSON.stringify(cell);
    try {
        JSON.parse(cell);
        return cell;
    } catch {
        return JSON.stringify(cell);
    }
}

/** The event; undefined if the line is none. */
function parsed(line: string): Record<string, unknown> | undefined {
    try {
        const event: unknown = JSON.parse(line);
        return typeof event === "object" && event !== null ? (event as Record<string, unknown>) : undefined;
    } catch {
        return undefined;
    }
}

function eventTime(line: string, field: string): number | undefined {
    const value = parsed(line)?.[field];
    if (typeof value === "number") return value;
    if (typeof value !== "string") return undefined;
    const time = Date.parse(/[zZ]$|[+-]\d\d:?\d\d$/.test(value) ? value : `${value.replace(" ", "T")}Z`);
    return Number.isNaN(time) ? undefined : time;
}

/** JSON.rawJSON and the reviver's `source` are in every supported Node, but not yet in TypeScript's library. */
const exactJson = JSON as unknown as {
    parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
    rawJSON(text: string): unknown;
};

function parseExactly(text: string): unknown {
    return exactJson.parse(text, (_key, value, { source }) =>
        typeof value === "number" && source !== undefined ? exactJson.rawJSON(source) : value,
    );
}
