import { QueryError } from "./errors";
import type { Type } from "./types";

/** The zone as Trino prints it: `UTC`, `+02:00` or `Europe/Paris`. */
export function checkZone(zone: string, at?: number): string {
    if (/^(?:utc|gmt|ut|z|etc\/utc|zulu|[+-]00:?00)$/i.test(zone)) return "UTC";
    const offset = /^([+-])(\d\d):?(\d\d)$/.exec(zone);
    if (offset && Number(offset[2]) < 14 && Number(offset[3]) < 60) return `${offset[1]}${offset[2]}:${offset[3]}`;
    try {
        return new Intl.DateTimeFormat("en", { timeZone: offset ? "" : zone }).resolvedOptions().timeZone && zone;
    } catch {
        throw new QueryError("INVALID_FUNCTION_ARGUMENT", `'${zone}' is not a valid time zone`, at);
    }
}

/** The time on the wall, as a DuckDB TIMESTAMP, of a date, timestamp or timestamp with time zone. */
export function local(sql: string, type: Type): string {
    if (type.kind !== "timestamp with time zone") return type.kind === "timestamp" ? sql : `CAST(${sql} AS TIMESTAMP)`;
    const minutes = offsetMinutes(type.zone);
    if (minutes === undefined) return `timezone('${type.zone}', ${sql})`;
    return minutes === 0 ? `timezone('UTC', ${sql})` : `timezone('UTC', ${sql} + to_minutes(${minutes}))`;
}

/** The instant, as a DuckDB TIMESTAMPTZ, of a time on the wall of `zone`. */
export function instant(sql: string, zone: string): string {
    const minutes = offsetMinutes(zone);
    if (minutes === undefined) return `timezone('${zone}', ${sql})`;
    return minutes === 0 ? `timezone('UTC', ${sql})` : `timezone('UTC', ${sql} - to_minutes(${minutes}))`;
}

function offsetMinutes(zone: string): number | undefined {
    if (zone === "UTC") return 0;
    const offset = /^([+-])(\d\d):(\d\d)$/.exec(zone);
    return offset ? (offset[1] === "-" ? -1 : 1) * (Number(offset[2]) * 60 + Number(offset[3])) : undefined;
}
