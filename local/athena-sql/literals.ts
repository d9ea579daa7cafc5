import { castSql } from "./casts";
import { QueryError } from "./errors";
import type { Expression, IntervalField } from "./syntax/ast";
import { quote } from "./text";
import * as types from "./types";
import { scalarType, type Type } from "./types";
import { canonicalJson } from "./udfs";
import { checkZone, instant } from "./zones";

/** A number: an integer, a decimal if it has a point, a double if it has an exponent. */
export function numberLiteral(text: string, at: number): [string, Type] {
    if (/e/i.test(text)) return [`CAST('${text}' AS DOUBLE)`, types.double];
    if (/^\d+$/.test(text)) {
        const value = BigInt(text);
        if (value < 2n ** 31n) return [`CAST(${value} AS INTEGER)`, types.integer];
        if (value < 2n ** 63n) return [`CAST(${value} AS BIGINT)`, types.bigint];
        throw new QueryError("SYNTAX_ERROR", `Invalid numeric literal: ${text}`, at);
    }
    const [whole, fraction = ""] = text.split(".") as [string, string?];
    const digits = whole.replace(/^0+/, "").length + fraction.length;
    if (digits > 38) throw new QueryError("INVALID_LITERAL", `Value too large: ${text}`, at);
    const type = types.decimal(Math.max(1, digits), fraction.length);
    return [`CAST('${text}' AS ${types.duckType(type)})`, type];
}

/** `DATE '2026-11-21'`. */
export function typedLiteral(name: string, value: string, at: number): [string, Type] {
    const invalid = () =>
        new QueryError("INVALID_LITERAL", `'${value}' is not a valid ${name.toUpperCase()} literal`, at);
    switch (name) {
        case "date":
            if (!isDate(value.trim())) throw invalid();
            return [`CAST(${quote(value.trim())} AS DATE)`, types.date];
        case "timestamp":
            return timestampLiteral(value.trim(), invalid);
        case "time": {
            const match = /^\d{1,2}:\d{1,2}(?::\d{1,2}(?:\.(\d{1,6}))?)?$/.exec(value);
            if (!match) throw invalid();
            return [`CAST(${quote(value)} AS TIME)`, { kind: "time", precision: match[1]?.length ?? 0 }];
        }
        case "json":
            return [quote(canonicalJson(value)), types.json];
        case "decimal": {
            const [sign, text] = /^-/.test(value) ? ["-", value.slice(1)] : ["", value];
            if (!/^(\d+\.?\d*|\.\d+)$/.test(text)) throw invalid();
            const [, type] = numberLiteral(text.includes(".") ? text : `${text}.`, at);
            return [`CAST('${sign}${text}' AS ${types.duckType(type)})`, type];
        }
        default: {
            const type = scalarType(name, [], at);
            return [castSql(quote(value), types.varchar, type, at), type];
        }
    }
}

function timestampLiteral(value: string, invalid: () => QueryError): [string, Type] {
    const match =
        /^(\d{4,}-\d{1,2}-\d{1,2})(?: (\d{1,2}:\d{1,2}(?::\d{1,2}(?:\.(\d{1,6}))?)?))?(?: ?([A-Za-z+-].*))?$/.exec(
            value,
        );
    if (!match || !isDate(match[1]!)) throw invalid();
    const [, day, time = "00:00", fraction = "", zone] = match;
    const wall = `CAST('${day} ${/:.*:/.test(time) ? time : `${time}:00`}' AS TIMESTAMP)`;
    if (zone === undefined) return [wall, { kind: "timestamp", precision: fraction.length }];
    const name = checkZone(zone);
    return [instant(wall, name), { kind: "timestamp with time zone", precision: fraction.length, zone: name }];
}

function isDate(text: string): boolean {
    const match = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text);
    if (!match) return false;
    const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
    const date = new Date(Date.UTC(2000, month - 1, day));
    date.setUTCFullYear(year, month - 1, day);
    return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

const milliseconds: Record<string, number> = { DAY: 86_400_000, HOUR: 3_600_000, MINUTE: 60_000, SECOND: 1000 };
const fields: IntervalField[] = ["YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"];

/** `INTERVAL '1 02' DAY TO HOUR`: a number of milliseconds, or of months. */
export function intervalLiteral({
    value,
    negative,
    from,
    to = from,
    at,
}: Expression & { kind: "interval" }): [string, Type] {
    const invalid = new QueryError("INVALID_LITERAL", `'${value}' is not a valid INTERVAL literal`, at);
    const span = fields.slice(fields.indexOf(from), fields.indexOf(to) + 1);
    const months = span[0] === "YEAR" || span[0] === "MONTH";
    if (span.length === 0 || months !== (to === "YEAR" || to === "MONTH")) throw invalid;
    const match = /^\s*(-?)(.*?)\s*$/.exec(value)!;
    const numbers = match[2]!.split(/[-: ]/);
    if (
        numbers.length !== span.length ||
        !numbers.every((text, i) => (span[i] === "SECOND" ? /^\d+(\.\d{1,3})?$/ : /^\d+$/).test(text))
    )
        throw invalid;
    const size = numbers.reduce(
        (sum, text, i) =>
            sum +
            Math.round(Number(text) * (months ? { YEAR: 12, MONTH: 1 }[span[i] as "YEAR"]! : milliseconds[span[i]!]!)),
        0,
    );
    const signed = (match[1] === "-") === negative ? size : -size;
    return months ? [`CAST(${signed} AS INTEGER)`, types.yearMonth] : [`CAST(${signed} AS BIGINT)`, types.daySecond];
}
