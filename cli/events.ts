import { readFileSync, statSync } from "node:fs";
import { parse as parseCsv } from "csv-parse/sync";
import { beginOf, isNotBlank, type Lines, linesInMemory, linesOfFile } from "./event-lines";

/** A file of events and the ingest it goes to. */
export interface EventSource {
    ingest: string;
    file: string;
}

/** An event as one line of JSON. */
export interface SentEvent {
    ingest: string;
    line: string;
}

/** Events that are sent together. */
export interface Portion {
    /** Where the clock stands when they are sent: the end of their time. Absent when no event time is followed. */
    at?: number;
    /** Those of files can be large; they are read when they are gone through. */
    events: Iterable<SentEvent>;
    /** Files that arrive as objects by then. */
    objects?: { key: string; file: string }[];
}

/** The lines of an ingest. */
export interface EventLines {
    ingest: string;
    lines: Lines;
}

/** What event files hold. */
export interface Survey {
    count: number;
    /** Whether an event has a time. */
    isTimed: boolean;
    portions: Portion[];
}

/** Types of an ingest's columns by name, in Hive's spelling: CSV has none of its own. */
export type ColumnTypes = Record<string, string>;

/**
 * The lines of a file of events: a JSON array, CSV (a file named `.csv`, with a header line), or newline-delimited JSON.
 * Lines of NDJSON are kept as they are, broken ones too: the pipeline judges them. Only NDJSON in a file, not in a pipe,
 * may be larger than memory.
 */
export function readLines(source: EventSource, columns: ColumnTypes): Lines {
    const { file } = source;
    if (file.endsWith(".csv")) return linesInMemory(csvLines(source, read(source), columns));
    const isFile = reading(source, () => statSync(file).isFile());
    if (isFile && reading(source, () => beginOf(file)) !== "[") return linesOfFile(file);
    const text = read(source);
    return linesInMemory(
        text.trimStart().startsWith("[") ? arrayLines(source, text) : text.split("\n").filter(isNotBlank),
    );
}

/** Lines of a source that follow each other. */
interface Stretch {
    source: EventLines;
    from: number;
    to: number;
}

/**
 * Cuts events into portions of `step` milliseconds of event time, at multiples of the step (UTC), if a field has that. An
 * event without a time goes with the one before it. Of the events only the places are kept.
 */
export function survey(sources: EventLines[], step: number, timeField?: string): Survey {
    const stretches = new Map<number, Stretch[]>();
    const withoutTime: Stretch[] = [];
    let count = 0;
    let last: number | undefined;
    for (const source of sources) {
        let from = 0;
        for (const [line, to] of source.lines.between(0, Number.POSITIVE_INFINITY)) {
            count++;
            if (timeField !== undefined) last = eventTime(line, timeField) ?? last;
            extend(
                last === undefined ? withoutTime : portionAt((Math.floor(last / step) + 1) * step),
                source,
                from,
                to,
            );
            from = to;
        }
    }
    const timed = [...stretches].sort(([a], [b]) => a - b).map(([at, own]) => ({ at, events: eventsOf(own) }));
    const untimed = withoutTime.length > 0 ? [{ events: eventsOf(withoutTime) }] : [];
    return { count, isTimed: stretches.size > 0, portions: stretches.size > 0 ? timed : untimed };

    /** The first portion begins with the events before the first time. */
    function portionAt(at: number): Stretch[] {
        const own = stretches.get(at) ?? (stretches.size === 0 ? withoutTime : []);
        stretches.set(at, own);
        return own;
    }
}

function extend(own: Stretch[], source: EventLines, from: number, to: number): void {
    const previous = own.at(-1);
    if (previous?.source === source && previous.to === from) previous.to = to;
    else own.push({ source, from, to });
}

function* eventsOf(stretches: Stretch[]): Generator<SentEvent> {
    for (const { source, from, to } of stretches) {
        for (const [line] of source.lines.between(from, to)) yield { ingest: source.ingest, line };
    }
}

/** The fields that events have, in the order in which they appear. */
export function fieldsOf(sources: EventLines[]): string[] {
    const fields = new Set<string>();
    for (const { lines } of sources) {
        for (const [line] of lines.between(0, Number.POSITIVE_INFINITY)) {
            for (const name of Object.keys(parsed(line) ?? {})) fields.add(name);
        }
    }
    return [...fields];
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

function read(source: EventSource): string {
    return reading(source, () => readFileSync(source.file, "utf8").replace(/^\uFEFF/, ""));
}

function reading<T>({ ingest, file }: EventSource, read: () => T): T {
    try {
        return read();
    } catch (error) {
        const why = (error as NodeJS.ErrnoException).code;
        throw new Error(`--events ${ingest}=${file}: the file can't be read (${why})`);
    }
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
