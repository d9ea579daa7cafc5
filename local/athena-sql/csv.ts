import type {
    DuckDBBlobValue,
    DuckDBDateValue,
    DuckDBDecimalValue,
    DuckDBListValue,
    DuckDBMapValue,
    DuckDBStructValue,
    DuckDBTimestampValue,
    DuckDBTimeValue,
    DuckDBValue,
} from "@duckdb/node-api";
import { javaDouble, javaFloat } from "./text";
import type { Type } from "./types";

/** A line of Athena's result CSV: every value in quotes, NULL as an empty field without. */
export function csvLine(cells: (string | undefined)[]): string {
    return `${cells.map((cell) => (cell === undefined ? "" : `"${cell.replaceAll('"', '""')}"`)).join(",")}\n`;
}

/** The lines of Athena's result CSV: the reverse of `csvLine`. */
export function* parseCsv(text: string): Generator<(string | undefined)[]> {
    const field = /(?:"((?:[^"]|"")*)")?([,\n])/y;
    for (let cells: (string | undefined)[] = [], at = 0; at < text.length; ) {
        field.lastIndex = at;
        const match = field.exec(text);
        if (!match) throw new Error(`not a result of Athena: unexpected character at ${at}`);
        cells.push(match[1]?.replaceAll('""', '"'));
        at = field.lastIndex;
        if (match[2] === ",") continue;
        yield cells;
        cells = [];
    }
}

/** A value as Athena writes it into its results; undefined for NULL. */
export function resultText(value: DuckDBValue, type: Type): string | undefined {
    if (value === null || value === undefined) return undefined;
    switch (type.kind) {
        case "double":
            return javaDouble(value as number);
        case "real":
            return javaFloat(value as number);
        case "decimal":
            return decimalText(value as DuckDBDecimalValue);
        case "varbinary":
            return (
                Buffer.from((value as DuckDBBlobValue).bytes)
                    .toString("hex")
                    .match(/../g) ?? []
            ).join(" ");
        case "date":
            return dateText((value as DuckDBDateValue).days);
        case "time":
            return stamp((value as DuckDBTimeValue).micros, type.precision).slice(11);
        case "timestamp":
            return stamp((value as DuckDBTimestampValue).micros, type.precision);
        case "timestamp with time zone":
            return `${stamp(wallClock((value as DuckDBTimestampValue).micros, type.zone), type.precision)} ${type.zone}`;
        case "interval day to second":
            return daySecondText(value as bigint);
        case "interval year to month":
            return yearMonthText(value as number);
        case "array":
            return `[${(value as DuckDBListValue).items.map((item) => resultText(item, type.element) ?? "null").join(", ")}]`;
        case "map": {
            const entries = (value as DuckDBMapValue).entries.map(
                (entry) => `${resultText(entry.key, type.key)}=${resultText(entry.value, type.value) ?? "null"}`,
            );
            return `{${entries.join(", ")}}`;
        }
        case "row": {
            const { entries } = value as DuckDBStructValue;
            return `{${type.fields.map((field, i) => `${field.name ?? `field${i}`}=${resultText(entries[`f${i + 1}`] ?? null, field.type) ?? "null"}`).join(", ")}}`;
        }
        default:
            return String(value);
    }
}

function decimalText({ value, scale }: DuckDBDecimalValue): string {
    const digits = String(value < 0n ? -value : value).padStart(scale + 1, "0");
    const point = digits.length - scale;
    return `${value < 0n ? "-" : ""}${digits.slice(0, point)}${scale > 0 ? `.${digits.slice(point)}` : ""}`;
}

function dateText(days: number): string {
    const date = new Date(days * 86_400_000);
    const year = date.getUTCFullYear();
    const sign = year < 0 ? "-" : year > 9999 ? "+" : "";
    return `${sign}${String(Math.abs(year)).padStart(4, "0")}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
}

/** `2026-11-21 04:00:00.123`; never fewer than three digits of a second, as seen in Athena's files. */
function stamp(micros: bigint, precision: number): string {
    const millis = Number(micros / 1000n) - (micros % 1000n < 0n ? 1 : 0);
    const rest = Number(micros - BigInt(millis) * 1000n);
    const date = new Date(millis);
    const fraction = String(date.getUTCMilliseconds() * 1000 + rest)
        .padStart(6, "0")
        .slice(0, Math.max(3, precision));
    return `${dateText(Math.floor(millis / 86_400_000))} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}.${fraction}`;
}

/** `-1-2` of months. */
export function yearMonthText(value: number): string {
    const months = Math.abs(value);
    return `${value < 0 ? "-" : ""}${Math.trunc(months / 12)}-${months % 12}`;
}

/** `1 02:03:04.005` of milliseconds. */
export function daySecondText(value: bigint): string {
    const size = value < 0n ? -value : value;
    const [days, rest] = [size / 86_400_000n, Number(size % 86_400_000n)];
    return `${value < 0n ? "-" : ""}${days} ${new Date(rest).toISOString().slice(11, 23)}`;
}

const two = (number: number): string => String(number).padStart(2, "0");
const clocks = new Map<string, Intl.DateTimeFormat>();

/** Microseconds of the time that the wall clock of `zone` shows, as if it were UTC. */
function wallClock(micros: bigint, zone: string): bigint {
    if (zone === "UTC") return micros;
    const clock = clocks.get(zone) ?? new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
    clocks.set(zone, clock);
    const name = clock.formatToParts(Number(micros / 1000n)).find(({ type }) => type === "timeZoneName")!.value;
    const [, sign = "+", hours = 0, minutes = 0, seconds = 0] = /GMT([+-])(\d+):(\d+)(?::(\d+))?/.exec(name) ?? [];
    const offset = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1_000_000;
    return micros + BigInt(sign === "-" ? -offset : offset);
}
