import type { Column, ColumnType } from "../shared/columns";
import { fixedPoint, printFixedPoint, unit } from "../shared/fixed-point";
import { isJson, members, skipSpace, stringOf } from "../shared/json-text";
import {
    type CounterValue,
    counterName,
    intervalStart,
    longestCounterName,
    sumAttribute,
    type TimeUnit,
} from "../shared/rollup-contract";
import { validator } from "../shared/validate";
import { isDate, timestamp } from "../shared/values";
import type { Rollup } from "./contract";
import type { Counter, Totals } from "./counts";

/** What a line adds to which counter, or why it can't be counted. */
export type Reading = { counter: Counter; totals: Totals } | { reason: string };

/** Reads a line of what a rollup counts. */
export interface ReadLine {
    (line: string): Reading;
    rollup: Rollup;
}

/** The values of the columns that count, by name: JSON literals; what is missing or null is absent. */
type Literals = Map<string, string>;

type Member = [name: string, literal: string];

/** Makes the reader of a rollup's lines: only the columns that it names are looked at. */
export function lineReader(rollup: Rollup): ReadLine {
    const { by, time, timeUnit, interval, sum } = rollup;
    const types = new Map([...by, time, ...sum].map(({ name, type }) => [name, type]));
    const validate = validator([...types].map(([name, type]) => ({ name, type })));

    return Object.assign(read, { rollup });

    function read(line: string): Reading {
        // A text of these columns alone, so that the check of events can be used; what is no object fails there.
        const isObject = isJson(line) && line[skipSpace(line, 0)] === "{";
        const found = isObject ? membersOf(line) : [];
        if (new Set(found.map(([name]) => name)).size < found.length) return { reason: "a key is given twice" };
        const verdict = validate(isObject ? asColumns(found, types) : line);
        return verdict.ok ? count(literalsOf(verdict.text)) : verdict;
    }

    function count(literals: Literals): Reading {
        const literal = literals.get(time.name);
        if (literal === undefined) return refused("missing or null, and events are counted by it");
        const start = timeUnit ? numberedTime(literal, timeUnit) : writtenTime(stringOf(literal));
        if (start === undefined)
            return refused("expected YYYY-MM-DD HH:MM:SS or an ISO 8601 time with Z, got another string");
        if (!isInCalendar(start)) return refused(`not within the years 1 to 9999, as ${timeUnit} since 1970`);
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

    function refused(reason: string): Reading {
        return { reason: `column ${time.name}: ${reason}` };
    }
}

/** Names, which are read in lower case, and literals. */
function membersOf(line: string): Member[] {
    return members(line).map(({ name, start, end }) => [name.toLowerCase(), line.slice(start, end)]);
}

/**
 * An object of the columns alone, each value as the table's SerDe reads it: a scalar of another type by its text, where
 * that is one of the column's. The pipeline's own events need none of this, but others write JSON, too.
 */
function asColumns(found: Member[], types: Map<string, ColumnType>): string {
    const kept = found.filter(([name]) => types.has(name));
    return `{${kept.map(([name, literal]) => `${JSON.stringify(name)}:${asColumn(literal, types.get(name)!)}`).join(",")}}`;
}

function asColumn(literal: string, { kind }: ColumnType): string {
    const isText = literal.startsWith('"');
    switch (kind) {
        case "string":
            return isText || /^[{[]|^null$/.test(literal) ? literal : `"${literal}"`;
        case "boolean":
            return literal === '"true"' || literal === '"false"' ? stringOf(literal) : literal;
        case "integer":
        case "float":
        case "decimal":
            return isText && number.test(stringOf(literal)) ? stringOf(literal).replace(leadingZeros, "$1") : literal;
        default:
            return literal;
    }
}

const number = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;
const leadingZeros = /^(-?)0+(?=\d)/;

function literalsOf(text: string): Literals {
    const literals = members(text).map(({ name, start, end }) => [name, text.slice(start, end)] as const);
    return new Map(literals.filter(([, literal]) => literal !== "null"));
}

/** A date, or a time in one of the spellings that events may have. */
function writtenTime(text: string): Date | undefined {
    const spelled = isDate(text) ? `${text} 00:00:00` : timestamp(text);
    return spelled === undefined ? undefined : new Date(`${spelled.slice(0, 19).replace(" ", "T")}Z`);
}

/** A time as a number, of which no rollup wants more than the second. */
function numberedTime(literal: string, unit: TimeUnit): Date {
    return new Date(Math.floor(Number(literal) / perSecond[unit]) * 1000);
}

const perSecond: Record<TimeUnit, number> = { seconds: 1, milliseconds: 1000 };

/** Times beyond are no times to DynamoDB's readers, and hardly meant: mostly another unit. */
function isInCalendar(time: Date): boolean {
    const year = time.getUTCFullYear();
    return year >= 1 && year <= 9999;
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
