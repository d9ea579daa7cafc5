import type { Column, ColumnType } from "./columns";
import { nearest } from "./did-you-mean";
import { type Edit, edited, elements, isJson, members, skipSpace, skipValue, stringOf } from "./json-text";
import { LineScanner } from "./line-scanner";
import { fitsDecimal, fitsFloat, fitsInteger, isDate, isInteger, timestamp } from "./values";

/**
 * What was found about an event's text. The text of an accepted event is as tables read it: every timestamp in one
 * spelling, all else as given. A reason names columns and types, never values; of unknown keys at most 64 characters.
 */
export type Verdict = { ok: true; text: string } | { ok: false; reason: string };

/** Checks an event's text. */
export type Validate = (text: string) => Verdict;

/** A table's check of events. */
export interface Validator extends Validate {
    /** Recognizes most of the texts that are accepted as they are, by their bytes and much faster. */
    scanner: LineScanner;
}

/**
 * Checks the value from `start` to `end`. Answers why it is refused; or nothing, having added the edits that bring the
 * value into the tables' spelling.
 */
type Check = (text: string, start: number, end: number, edits: Edit[]) => string | undefined;

/** Kinds of JSON values, as reasons call them. */
type Kind = "an object" | "an array" | "a string" | "a boolean" | "a number" | "null";

const kindByFirst: Record<string, Kind> = {
    "{": "an object",
    "[": "an array",
    '"': "a string",
    t: "a boolean",
    f: "a boolean",
    n: "null",
};

const kindOf: Record<ColumnType["kind"], Kind> = {
    string: "a string",
    boolean: "a boolean",
    integer: "a number",
    float: "a number",
    decimal: "a number",
    date: "a string",
    timestamp: "a string",
    array: "an array",
    map: "an object",
    struct: "an object",
};

const timestampForms = "YYYY-MM-DD HH:MM:SS[.fraction] or YYYY-MM-DDTHH:MM:SS[.fraction]Z";
/** Such a string has no UTF-8 form: some readers replace it, others refuse the whole file. */
const loneSurrogate = /\p{Surrogate}/u;
const halfPair = "half of a surrogate pair, which is no text";
const longestNamedKey = 64;

/**
 * Makes the check of events against a table's columns. An event is one JSON object; each of its keys is a column, given
 * once, and each value is null or of the column's type. Nothing is coerced: a number in quotes is a string, `1.0` is no
 * integer, and integers and decimals are judged by their digits.
 */
export function validator(columns: Column[]): Validator {
    const check = rowCheck(columns, "column ", "unknown column");

    return Object.assign(judge, { scanner: new LineScanner(columns, "refused") });

    function judge(text: string): Verdict {
        if (!isJson(text)) return { ok: false, reason: whyNotJson(text) };
        const start = skipSpace(text, 0);
        const kind = kindAt(text, start);
        if (kind !== "an object") return { ok: false, reason: `expected an object, got ${kind}` };
        const edits: Edit[] = [];
        const reason = check(text, start, text.length, edits);
        return reason === undefined ? { ok: true, text: edited(text, edits) } : { ok: false, reason };
    }
}

/** Check of an object that has the given columns: an event, or a struct's value. */
function rowCheck(columns: Column[], prefix: string, unknown: string): Check {
    const checks = new Map(columns.map(({ name, type }) => [name, valueCheck(type, prefix + name)]));

    return (text, start, _end, edits) => {
        const seen = new Set<string>();
        for (const member of members(text, start)) {
            const check = checks.get(member.name);
            if (!check) return `${unknown} ${named(member.name, checks.keys())}`;
            if (seen.has(member.name)) return `${prefix}${member.name}: given twice`;
            seen.add(member.name);
            const reason = check(text, member.start, member.end, edits);
            if (reason !== undefined) return reason;
        }
        return undefined;
    };
}

/** A key that is none of the names, and the name that was probably meant. */
function named(key: string, names: Iterable<string>): string {
    const start = key.slice(0, longestNamedKey);
    const meant = nearest(start, names);
    return JSON.stringify(start) + (meant === undefined ? "" : `: did you mean "${meant}"?`);
}

function valueCheck(type: ColumnType, path: string): Check {
    const check = contentCheck(type, path);
    return (text, start, end, edits) => {
        const kind = kindAt(text, start);
        if (kind === "null") return undefined;
        if (kind !== kindOf[type.kind]) return `${path}: expected ${typeName(type)}, got ${kind}`;
        return check(text, start, end, edits);
    };
}

/** Check of a value that is of the right kind. */
function contentCheck(type: ColumnType, path: string): Check {
    switch (type.kind) {
        case "array":
            return arrayCheck(type.element, path);
        case "map":
            return mapCheck(type.value, path);
        case "struct":
            return rowCheck(type.fields, `${path}.`, `${path}: unknown field`);
        case "timestamp":
            return timestampCheck(path);
        default:
            return (text, start, end) => {
                const problem = scalarProblem(type, text.slice(start, end));
                return problem && `${path}: ${problem}`;
            };
    }
}

function arrayCheck(element: ColumnType, path: string): Check {
    const check = valueCheck(element, `${path}[*]`);
    return (text, start, _end, edits) => {
        for (const item of elements(text, start)) {
            const reason = check(text, item.start, item.end, edits);
            if (reason !== undefined) return reason;
        }
        return undefined;
    };
}

function mapCheck(value: ColumnType, path: string): Check {
    const check = valueCheck(value, `${path}[*]`);
    return (text, start, _end, edits) => {
        const seen = new Set<string>();
        for (const member of members(text, start)) {
            if (loneSurrogate.test(member.name)) return `${path}: a key with ${halfPair}`;
            if (seen.has(member.name)) return `${path}: a key is given twice`;
            seen.add(member.name);
            const reason = check(text, member.start, member.end, edits);
            if (reason !== undefined) return reason;
        }
        return undefined;
    };
}

function timestampCheck(path: string): Check {
    return (text, start, end, edits) => {
        const given = stringOf(text.slice(start, end));
        const spelled = timestamp(given);
        if (spelled === undefined) return `${path}: expected timestamp as ${timestampForms}, got another string`;
        if (spelled !== given) edits.push({ start, end, text: `"${spelled}"` });
        return undefined;
    };
}

function scalarProblem(type: ColumnType, literal: string): string | undefined {
    switch (type.kind) {
        case "string":
            return loneSurrogate.test(stringOf(literal)) ? halfPair : undefined;
        case "integer":
            if (!isInteger(literal)) return `expected ${typeName(type)}, got a number with a fraction or an exponent`;
            return fitsInteger(literal, type.bits) ? undefined : `out of range for ${typeName(type)}`;
        case "float":
            return fitsFloat(literal, type.bits) ? undefined : `out of range for ${typeName(type)}`;
        case "decimal":
            return fitsDecimal(literal, type.precision, type.scale) ? undefined : `does not fit ${typeName(type)}`;
        case "date":
            return isDate(stringOf(literal)) ? undefined : "expected date as YYYY-MM-DD, got another string";
        default:
            return undefined;
    }
}

/** The type's name as users declare it; of nested types the outermost. */
function typeName(type: ColumnType): string {
    switch (type.kind) {
        case "integer":
            return { 8: "tinyint", 16: "smallint", 32: "int", 64: "bigint" }[type.bits];
        case "float":
            return type.bits === 32 ? "float" : "double";
        case "decimal":
            return `decimal(${type.precision},${type.scale})`;
        default:
            return type.kind;
    }
}

function kindAt(text: string, at: number): Kind {
    return kindByFirst[text[at]!] ?? "a number";
}

function whyNotJson(text: string): string {
    const first = text.slice(0, skipValue(text, skipSpace(text, 0)));
    return isJson(first) ? "text behind the JSON value: end every event with a newline" : "not valid JSON";
}
