import type { Column } from "../shared/columns";
import { fixedPoint, printFixedPoint, unit } from "../shared/fixed-point";
import { isJson, members, skipSpace, stringOf } from "../shared/json-text";
import {
    type CounterValue,
    counterName,
    intervalStart,
    longestCounterName,
    sumAttribute,
} from "../shared/rollup-contract";
import { validator } from "../shared/validate";
import { isDate, timestamp } from "../shared/values";
import type { Rollup } from "./contract";
import type { Counter, Totals } from "./counts";

/** What a line adds to which counter, or why it can't be counted. */
export type Reading = { counter: Counter; totals: Totals } | { reason: string };

/** Reads a line. */
export type ReadLine = (line: string) => Reading;

/** The values of the columns that count, by name: JSON literals; what is missing or null is absent. */
type Literals = Map<string, string>;

/** Makes the reader of a rollup's lines: only the columns that it names are looked at. */
export function lineReader({ by, time, interval, sum }: Rollup): ReadLine {
    const columns = [...new Map([...by, time, ...sum].map((column) => [column.name, column])).values()];
    const names = new Set(columns.map(({ name }) => name));
    const validate = validator(columns);

    return (line) => {
        // A text of these columns alone, so that the check of events can be used; what is no object fails there.
        const isObject = isJson(line) && line[skipSpace(line, 0)] === "{";
        const verdict = validate(isObject ? withOnly(line, names) : line);
        return verdict.ok ? count(literalsOf(verdict.text)) : verdict;
    };

    function count(literals: Literals): Reading {
        const start = timeOf(literals.get(time.name));
        if (start === undefined) return { reason: `column ${time.name}: ${timeProblem(literals.has(time.name))}` };
        const name = counterName(by.map((column) => valueIn(column, literals.get(column.name))));
        if (Buffer.byteLength(name) > longestCounterName) {
            return { reason: `the counter's name is longer than ${longestCounterName} bytes` };
        }
        const totals: Totals = { count: unit };
        for (const column of sum) {
            const summand = fixedPoint(literals.get(column.name) ?? "0");
            if (summand === undefined) return { reason: `column ${column.name}: too large for a sum` };
            totals[sumAttribute(column.name)] = summand;
        }
        return { counter: [name, intervalStart(start, interval)], totals };
    }
}

function withOnly(line: string, names: Set<string>): string {
    const kept = members(line).filter(({ name }) => names.has(name));
    return `{${kept.map(({ name, start, end }) => `${JSON.stringify(name)}:${line.slice(start, end)}`).join(",")}}`;
}

function literalsOf(text: string): Literals {
    const literals = members(text).map(({ name, start, end }) => [name, text.slice(start, end)] as const);
    return new Map(literals.filter(([, literal]) => literal !== "null"));
}

/** A date, or a time in one of the spellings that events may have. */
function timeOf(literal: string | undefined): Date | undefined {
    if (literal === undefined) return undefined;
    const text = stringOf(literal);
    const spelled = isDate(text) ? `${text} 00:00:00` : timestamp(text);
    return spelled === undefined ? undefined : new Date(`${spelled.slice(0, 19).replace(" ", "T")}Z`);
}

function timeProblem(isThere: boolean): string {
    return isThere
        ? "expected YYYY-MM-DD HH:MM:SS or an ISO 8601 time with Z, got another string"
        : "missing or null, and events are counted by it";
}

/** A value in the one spelling that equal values share. */
function valueIn({ type }: Column, literal: string | undefined): CounterValue {
    if (literal === undefined) return null;
    switch (type.kind) {
        case "integer":
            return BigInt(literal);
        case "decimal":
            return printFixedPoint(fixedPoint(literal)!);
        case "boolean":
            return literal === "true";
        case "timestamp":
            return stringOf(literal).replace(/\.?0+$/, (zeros) => (stringOf(literal).includes(".") ? "" : zeros));
        default:
            return stringOf(literal);
    }
}
