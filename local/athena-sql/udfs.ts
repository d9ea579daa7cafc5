import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { DuckDBConnection, DuckDBType, DuckDBValue } from "@duckdb/node-api";
import { Cache } from "./cache";
import { daySecondText, yearMonthText } from "./csv";
import { notModelled, QueryError } from "./errors";
import { javaFormat } from "./java-format";
import { type Json, JsonNumber, parseJson } from "./json";
import { javaPattern, javaReplacement } from "./regexp";
import { castDouble, castFloat, javaDouble, javaFloat } from "./text";
import { combinations, shifted } from "./udfs-of-numbers";
import { dataSize, decoded, duration, humanSeconds, luhn, soundex, truncated } from "./udfs-of-texts";

type Api = typeof import("@duckdb/node-api");
type Value = string | number | bigint | boolean | null | string[];
// biome-ignore lint/suspicious/noExplicitAny: each function declares its own argument types beside it
type Body = (...args: any[]) => Value;

/** Registers the functions that are clearer, or only possible, in JavaScript; a NULL argument makes a NULL result. */
export function registerFunctions(api: Api, connection: DuckDBConnection): void {
    const { VARCHAR, DOUBLE, FLOAT, BOOLEAN, BIGINT, INTEGER, LIST, STRUCT } = api;
    const texts = LIST(VARCHAR);
    const define = (name: string, parameterTypes: DuckDBType[], returnType: DuckDBType, body: Body) =>
        connection.registerScalarFunction(
            api.DuckDBScalarFunction.create({
                name,
                parameterTypes,
                returnType,
                mainFunction: (info, input, output) => {
                    try {
                        const columns = parameterTypes.map((_, index) => input.getColumnVector(index));
                        for (let row = 0; row < input.rowCount; row++) {
                            const args = columns.map((column) => column.getItem(row));
                            const value = args.includes(null) ? null : body(...args);
                            output.setItem(row, Array.isArray(value) ? api.listValue(value) : (value as DuckDBValue));
                        }
                        output.flush();
                    } catch (error) {
                        info.setError(error instanceof QueryError ? error.message : `GENERIC_INTERNAL_ERROR: ${error}`);
                    }
                },
            }),
        );

    define("js_double_text", [DOUBLE], VARCHAR, castDouble);
    define("js_real_text", [FLOAT], VARCHAR, castFloat);
    define("js_cbrt", [DOUBLE], DOUBLE, Math.cbrt);
    define("js_lower", [VARCHAR], VARCHAR, (text: string) => eachCharacter(text, lowerCase));
    define("js_upper", [VARCHAR], VARCHAR, (text: string) => eachCharacter(text, upperCase));
    define("js_reverse", [VARCHAR], VARCHAR, (text: string) => [...text].reverse().join(""));

    define("js_format", [VARCHAR, texts], VARCHAR, (pattern: string, args: { items: (string | null)[] }) =>
        javaFormat(pattern, args.items),
    );
    define("js_java_double", [DOUBLE], VARCHAR, javaDouble);
    define("js_plain", [DOUBLE], VARCHAR, plainDouble);
    define("js_day_second_text", [BIGINT], VARCHAR, daySecondText);
    define("js_year_month_text", [INTEGER], VARCHAR, yearMonthText);
    define("js_normalize", [VARCHAR, VARCHAR], VARCHAR, (text: string, form: string) => text.normalize(form));
    define("js_bit_count", [BIGINT, BIGINT], BIGINT, bitCount);
    define("js_strpos", [VARCHAR, VARCHAR, BIGINT], BIGINT, position);
    define("js_split", [VARCHAR, VARCHAR, BIGINT], texts, splitAtMost);
    define("js_levenshtein", [VARCHAR, VARCHAR], BIGINT, levenshteinDistance);
    define("js_hamming", [VARCHAR, VARCHAR], BIGINT, hammingDistance);
    define("js_sha512", [VARCHAR], VARCHAR, (hex: string) =>
        createHash("sha512").update(Buffer.from(hex, "hex")).digest("hex"),
    );
    define("js_crc32", [VARCHAR], BIGINT, (hex: string) => BigInt(crc32(Buffer.from(hex, "hex"))));
    define("js_shift", [VARCHAR, BIGINT, INTEGER, INTEGER], BIGINT, shifted);
    define("js_combinations", [BIGINT, BIGINT], texts, combinations);
    define("js_soundex", [VARCHAR], VARCHAR, soundex);
    define("js_luhn", [VARCHAR], BOOLEAN, luhn);
    define("js_human_seconds", [DOUBLE], VARCHAR, humanSeconds);
    define("js_data_size", [VARCHAR], VARCHAR, dataSize);
    define("js_duration", [VARCHAR], BIGINT, duration);
    define("js_truncated", [VARCHAR, BIGINT], VARCHAR, truncated);
    define("js_decoded", [VARCHAR, VARCHAR], VARCHAR, decoded);
    define("js_from_base", [VARCHAR, BIGINT], VARCHAR, fromBase);
    define("js_to_base", [BIGINT, BIGINT], VARCHAR, (value: bigint, radix: bigint) =>
        value.toString(checkRadix(radix)),
    );

    define("js_decimal_div", [VARCHAR, VARCHAR, BIGINT], VARCHAR, divideDecimals);
    define("js_decimal_mul", [VARCHAR, VARCHAR], VARCHAR, multiplyDecimals);

    define("js_double_json", [DOUBLE], VARCHAR, (value: number) => jsonDouble(value, javaDouble));
    define("js_real_json", [FLOAT], VARCHAR, (value: number) => jsonDouble(value, javaFloat));
    define("js_string_json", [VARCHAR], VARCHAR, jsonString);
    define("js_object_json", [LIST(STRUCT({ k: VARCHAR, v: VARCHAR }))], VARCHAR, (list) => objectJson(list.items));
    define("js_json_text", [VARCHAR], VARCHAR, (text: string) => scalarText(text, "varchar"));
    define("js_json_boolean", [VARCHAR], BOOLEAN, jsonBoolean);
    define("js_json_number", [VARCHAR], VARCHAR, jsonNumber);
    define(
        "js_json_elements",
        [VARCHAR],
        texts,
        (text: string) => elements(parseJson(text), text)?.map(printJson) ?? null,
    );
    define(
        "js_json_keys",
        [VARCHAR],
        texts,
        (text: string) => members(parseJson(text), text)?.map(([key]) => key) ?? null,
    );
    define(
        "js_json_values",
        [VARCHAR],
        texts,
        (text: string) => members(parseJson(text), text)?.map(([, v]) => printJson(v)) ?? null,
    );
    define("js_json_fields", [VARCHAR], BOOLEAN, (text: string) => isRow(parseJson(text), text) || null);
    define("js_json_field", [VARCHAR, BIGINT, VARCHAR], VARCHAR, (text, index, name) =>
        rowField(parseJson(text), Number(index), name),
    );
    define("js_json_parse", [VARCHAR], VARCHAR, canonicalJson);
    define("js_json_extract", [VARCHAR, VARCHAR], VARCHAR, (text, path) => {
        const found = extract(text, path);
        return found === undefined ? null : printJson(found);
    });
    define("js_json_scalar", [VARCHAR, VARCHAR], VARCHAR, (text, path) => {
        const found = extract(text, path);
        if (found === undefined || found === null || typeof found === "string") return found ?? null;
        if (found instanceof JsonNumber) return found.text;
        return typeof found === "boolean" ? String(found) : null;
    });
    define("js_json_contains", [VARCHAR, VARCHAR], BOOLEAN, (text: string, wanted: string) => {
        const value = tolerant(text);
        return Array.isArray(value) ? value.some((item) => scalarKey(item) === wanted) : null;
    });
    define("js_json_item", [VARCHAR, BIGINT], VARCHAR, (text: string, index: bigint) => {
        const value = tolerant(text);
        const item = Array.isArray(value) ? value.at(Number(index)) : undefined;
        return item === undefined ? null : printJson(item);
    });
    define("js_json_is_scalar", [VARCHAR], BOOLEAN, (text: string) => {
        const value = tolerant(text);
        if (value === undefined) throw invalid(`Invalid JSON value: ${text}`);
        return !Array.isArray(value) && !(value instanceof Map);
    });
    define("js_json_length", [VARCHAR], BIGINT, (text: string) => {
        const value = tolerant(text);
        return Array.isArray(value) ? BigInt(value.length) : null;
    });
    define("js_json_size", [VARCHAR, VARCHAR], BIGINT, (text, path) => {
        const found = extract(text, path);
        if (found === undefined) return null;
        return BigInt(Array.isArray(found) ? found.length : found instanceof Map ? found.size : 0);
    });

    define(
        "js_regexp_like",
        [VARCHAR, VARCHAR],
        BOOLEAN,
        (text, pattern) => matches(text, pattern).next().value !== undefined,
    );
    define("js_regexp_extract", [VARCHAR, VARCHAR, BIGINT], VARCHAR, (text, pattern, group) => {
        checkGroup(pattern, Number(group));
        return matches(text, pattern).next().value?.[Number(group)] ?? null;
    });
    define("js_regexp_extract_all", [VARCHAR, VARCHAR, BIGINT], texts, (text, pattern, group) => {
        checkGroup(pattern, Number(group));
        return [...matches(text, pattern)].map((match) => match[Number(group)] ?? null) as string[];
    });
    define("js_regexp_replace", [VARCHAR, VARCHAR, VARCHAR], VARCHAR, (text, pattern, replacement) =>
        replace(text, pattern, replacement),
    );
    define("js_regexp_split", [VARCHAR, VARCHAR], texts, split);
    define("js_regexp_count", [VARCHAR, VARCHAR], BIGINT, (text, pattern) =>
        BigInt([...matches(text, pattern)].length),
    );
    define("js_regexp_position", [VARCHAR, VARCHAR, BIGINT, BIGINT], BIGINT, regexpPosition);

    define("js_url_encode", [VARCHAR], VARCHAR, (text: string) =>
        encodeURIComponent(text)
            .replace(/[!'()~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
            .replaceAll("%20", "+"),
    );
    define("js_url_decode", [VARCHAR], VARCHAR, (text: string) => decodeUrl(text.replaceAll("+", " ")));
    define("js_url_extract", [VARCHAR, VARCHAR], VARCHAR, (text, part) => urlPart(text, part));
    define("js_url_parameter", [VARCHAR, VARCHAR], VARCHAR, urlParameter);

    define("js_iso_micros", [VARCHAR], BIGINT, isoMicros);
}

function invalid(detail: string): QueryError {
    return new QueryError("INVALID_FUNCTION_ARGUMENT", detail);
}

// Text

const upperCase = (text: string): string => text.toUpperCase();
const lowerCase = (text: string): string => (text === "\u0130" ? "i" : text.toLowerCase());

/** Changes case character by character, as Java's `Character` does: what would become two characters stays. */
function eachCharacter(text: string, change: (text: string) => string): string {
    if (/^[ -~]*$/.test(text)) return change(text);
    return [...text]
        .map((character) => (change(character).length > character.length ? character : change(character)))
        .join("");
}

/** The place of the n-th occurrence, counted from the end if n is negative. */
function position(text: string, part: string, instance: bigint): bigint {
    if (instance === 0n) throw invalid("'instance' must not be a positive or negative number.");
    if (part === "") return 1n;
    let at = instance > 0n ? -1 : text.length;
    for (let left = instance < 0n ? -instance : instance; left > 0n; left--) {
        if (instance < 0n && at <= 0) return 0n;
        at = instance > 0n ? text.indexOf(part, at + 1) : text.lastIndexOf(part, at - 1);
        if (at < 0) return 0n;
    }
    return BigInt([...text.slice(0, at)].length + 1);
}

/** Pieces between delimiters; the last of `limit` is all the rest. */
function splitAtMost(text: string, delimiter: string, limit: bigint): string[] {
    if (delimiter === "") throw invalid("The delimiter may not be the empty string");
    if (limit <= 0n) throw invalid("Limit must be positive");
    const pieces = text.split(delimiter);
    const whole = pieces.slice(0, Number(limit) - 1);
    const rest = pieces.slice(whole.length);
    return rest.length > 0 ? [...whole, rest.join(delimiter)] : whole;
}

/** By characters, which DuckDB's is not. */
function levenshteinDistance(left: string, right: string): bigint {
    const [a, b] = [[...left], [...right]];
    let costs = b.map((_, index) => index + 1);
    for (const [row, character] of a.entries()) {
        let diagonal = row;
        let before = row + 1;
        costs = costs.map((above, column) => {
            const replaced = diagonal + (character === b[column] ? 0 : 1);
            diagonal = above;
            before = Math.min(replaced, above + 1, before + 1);
            return before;
        });
    }
    return BigInt(costs.at(-1) ?? a.length);
}

function hammingDistance(left: string, right: string): bigint {
    const [a, b] = [[...left], [...right]];
    if (a.length !== b.length)
        throw invalid("The input strings to hamming_distance function must have the same length");
    return BigInt(a.filter((character, index) => character !== b[index]).length);
}

// Numbers

/** The shortest digits of a double, without an exponent. */
function plainDouble(value: number): string {
    const [, sign, first, rest = "", exponent] = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(value.toExponential()) ?? [];
    if (first === undefined) return String(value);
    const digits = first + rest;
    const point = Number(exponent) + 1;
    if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
    return `${sign}${digits.slice(0, point).padEnd(point, "0")}.${digits.slice(point) || "0"}`;
}

function checkRadix(radix: bigint): number {
    if (radix < 2n || radix > 36n) throw invalid("Radix must be between 2 and 36");
    return Number(radix);
}

/** The bits that are one, of a number in two's complement of so many bits. */
function bitCount(value: bigint, bits: bigint): bigint {
    if (bits < 2n || bits > 64n) throw invalid("bits must be between 2 and 64");
    if (value < -(2n ** (bits - 1n)) || value >= 2n ** (bits - 1n))
        throw invalid(
            `Number must be representable with the bits specified. ${value} cannot be represented with ${bits} bits`,
        );
    return BigInt(BigInt.asUintN(Number(bits), value).toString(2).replaceAll("0", "").length);
}

function fromBase(text: string, radix: bigint): string {
    const base = checkRadix(radix);
    const digits = /^[+-]?([0-9a-z]+)$/i.exec(text)?.[1];
    const values = [...(digits ?? "?")].map((digit) => Number.parseInt(digit, base));
    if (values.some(Number.isNaN)) throw invalid(`Not a valid base-${base} number: ${text}`);
    const size = values.reduce((sum, value) => sum * BigInt(base) + BigInt(value), 0n);
    return String(text.startsWith("-") ? -size : size);
}

// Decimals

function unscaled(text: string): { value: bigint; scale: number } {
    return {
        value: BigInt(text.replace(".", "")),
        scale: text.includes(".") ? text.length - text.indexOf(".") - 1 : 0,
    };
}

function scaled(value: bigint, scale: number): string {
    const digits = String(value < 0n ? -value : value).padStart(scale + 1, "0");
    const point = digits.length - scale;
    return `${value < 0n ? "-" : ""}${digits.slice(0, point)}${scale > 0 ? `.${digits.slice(point)}` : ""}`;
}

/** The quotient with `digits` decimals, rounded half up. */
function divideDecimals(left: string, right: string, digits: bigint): string {
    const [a, b] = [unscaled(left), unscaled(right)];
    if (b.value === 0n) throw new QueryError("DIVISION_BY_ZERO", "Division by zero");
    const shift = Number(digits) + b.scale - a.scale;
    const dividend = a.value * 10n ** BigInt(Math.max(0, shift));
    const divisor = b.value * 10n ** BigInt(Math.max(0, -shift));
    const rest = dividend % divisor;
    const size = (value: bigint) => (value < 0n ? -value : value);
    const up = 2n * size(rest) >= size(divisor) ? (dividend < 0n === divisor < 0n ? 1n : -1n) : 0n;
    return scaled(dividend / divisor + up, Number(digits));
}

function multiplyDecimals(left: string, right: string): string {
    const [a, b] = [unscaled(left), unscaled(right)];
    const product = a.value * b.value;
    if (product >= 10n ** 38n || product <= -(10n ** 38n))
        throw new QueryError("NUMERIC_VALUE_OUT_OF_RANGE", "Decimal overflow");
    return scaled(product, a.scale + b.scale);
}

// JSON

/** A string as Trino's JSON has it: only what must be is escaped. */
function jsonString(text: string): string {
    return JSON.stringify(text.toWellFormed());
}

function jsonDouble(value: number, text: (value: number) => string): string {
    return Number.isFinite(value) ? text(value) : `"${value}"`;
}

/** JSON text of a value; numbers that are not whole are doubles, as in Trino. */
export function printJson(value: Json): string {
    if (value instanceof JsonNumber)
        return /[.eE]/.test(value.text) ? jsonDouble(Number(value.text), javaDouble) : value.text.replace(/^-0$/, "0");
    if (Array.isArray(value)) return `[${value.map(printJson).join(",")}]`;
    if (value instanceof Map)
        return `{${[...value].map(([key, member]) => `${jsonString(key)}:${printJson(member)}`).join(",")}}`;
    return typeof value === "string" ? jsonString(value) : String(value);
}

/** JSON text with the keys of every object in order, as the JSON type has it. */
export function canonicalJson(text: string): string {
    try {
        return printJson(sorted(parseJson(text)));
    } catch {
        throw invalid(`Cannot convert value to JSON: '${text}'`);
    }
}

function sorted(value: Json): Json {
    if (Array.isArray(value)) return value.map(sorted);
    if (!(value instanceof Map)) return value;
    return new Map(
        [...value]
            .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
            .map(([key, member]) => [key, sorted(member)]),
    );
}

function objectJson(entries: { entries: { k: string; v: string } }[]): string {
    const members = entries.map(({ entries }) => [entries.k, entries.v] as const);
    members.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    return `{${members.map(([key, value]) => `${jsonString(key)}:${value}`).join(",")}}`;
}

/** What scalars are compared by. */
function scalarKey(value: Json): string {
    if (value instanceof JsonNumber) return /[.eE]/.test(value.text) ? `d${Number(value.text)}` : `n${value.text}`;
    return typeof value === "string" ? `s${value}` : `b${value}`;
}

function tolerant(text: string): Json | undefined {
    try {
        return parseJson(text);
    } catch {
        return undefined;
    }
}

const paths = new Cache<(string | number)[]>();

/** The steps of `$.a["b c"][0]`, which is all that Trino's JSON paths are made of. */
function stepsOf(path: string): (string | number)[] {
    const steps: (string | number)[] = [];
    const step = /\.([\w$-]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]/y;
    step.lastIndex = 1;
    let end = 1;
    for (let match = step.exec(path); match; match = step.exec(path)) {
        steps.push(match[1] ?? (match[2] === undefined ? match[3]!.replace(/\\(.)/g, "$1") : Number(match[2])));
        end = step.lastIndex;
    }
    if (path[0] !== "$" || end !== path.length) throw invalid(`Invalid JSON path: '${path}'`);
    return steps;
}

function extract(text: string, path: string): Json | undefined {
    const way = paths.get(path, () => stepsOf(path));
    let value = tolerant(text);
    for (const step of way) {
        if (value instanceof Map) value = value.get(String(step));
        else value = Array.isArray(value) && typeof step === "number" ? value[step] : undefined;
    }
    return value;
}

function cannot(text: string, type: string): QueryError {
    return new QueryError("INVALID_CAST_ARGUMENT", `Cannot cast '${text}' to ${type}`);
}

function scalarText(text: string, type: string): string | null {
    const value = parseJson(text);
    if (value === null || typeof value === "string") return value;
    if (typeof value === "boolean") return String(value);
    if (value instanceof JsonNumber) return /[.eE]/.test(value.text) ? castDouble(Number(value.text)) : value.text;
    throw cannot(text, type);
}

/** The digits of a JSON number, or of a string that holds one, for a cast to a number to read. */
function jsonNumber(text: string): string | null {
    const value = parseJson(text);
    if (value === null) return null;
    if (typeof value === "boolean") return value ? "1" : "0";
    if (value instanceof JsonNumber) return value.text;
    if (typeof value === "string" && /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(value)) return value;
    throw cannot(text, "a number");
}

function jsonBoolean(text: string): boolean | null {
    const value = parseJson(text);
    if (value === null || typeof value === "boolean") return value;
    if (value instanceof JsonNumber) return Number(value.text) !== 0;
    if (value === "true" || value === "false") return value === "true";
    throw cannot(text, "boolean");
}

function elements(value: Json, text: string): Json[] | undefined {
    if (value === null) return undefined;
    if (!Array.isArray(value)) throw cannot(text, "array");
    return value;
}

function members(value: Json, text: string): [string, Json][] | undefined {
    if (value === null) return undefined;
    if (!(value instanceof Map)) throw cannot(text, "map");
    return [...value];
}

function isRow(value: Json, text: string): boolean {
    if (value !== null && !Array.isArray(value) && !(value instanceof Map)) throw cannot(text, "row");
    return value !== null;
}

function rowField(value: Json, index: number, name: string): string | null {
    const field = Array.isArray(value) ? value[index - 1] : value instanceof Map ? fieldOf(value, name) : undefined;
    return field === undefined ? null : printJson(field);
}

function fieldOf(value: Map<string, Json>, name: string): Json | undefined {
    for (const [key, member] of value) if (key.toLowerCase() === name.toLowerCase()) return member;
    return undefined;
}

// Regular expressions

function* matches(text: string, pattern: string): Generator<RegExpExecArray, undefined> {
    yield* text.matchAll(javaPattern(pattern)) as IterableIterator<RegExpExecArray>;
    return undefined;
}

/** The place of the n-th match from a place on; -1 without one. */
function regexpPosition(text: string, pattern: string, start: bigint, occurrence: bigint): bigint {
    if (start < 1n) throw invalid("start position cannot be smaller than 1");
    if (occurrence < 1n) throw invalid("occurrence cannot be smaller than 1");
    const from = [...text].slice(0, Number(start) - 1).join("").length;
    let left = occurrence;
    for (const match of matches(text, pattern)) {
        if (match.index < from || --left > 0n) continue;
        return BigInt([...text.slice(0, match.index)].length + 1);
    }
    return -1n;
}

function checkGroup(pattern: string, group: number): void {
    const groups = new RegExp(`${javaPattern(pattern).source}|`, "u").exec("")!.length - 1;
    if (group < 0 || group > groups) throw invalid(`Pattern has ${groups} groups. Cannot access group ${group}`);
}

function replace(text: string, pattern: string, replacement: string): string {
    let result = "";
    let end = 0;
    for (const match of matches(text, pattern)) {
        result += text.slice(end, match.index) + javaReplacement(replacement, match);
        end = match.index + match[0].length;
    }
    return result + text.slice(end);
}

function split(text: string, pattern: string): string[] {
    const parts: string[] = [];
    let end = 0;
    for (const match of matches(text, pattern)) {
        parts.push(text.slice(end, match.index));
        end = match.index + match[0].length;
    }
    return [...parts, text.slice(end)];
}

// URLs

function decodeUrl(text: string): string {
    try {
        return decodeURIComponent(text);
    } catch {
        throw invalid(`cannot decode the URL '${text}'`);
    }
}

/** The parts of RFC 3986, of what Java takes for a URI. */
function parseUrl(text: string): Record<string, string | undefined> | undefined {
    if (/[\s"<>\\^`{|}]|%(?![0-9A-Fa-f]{2})/.test(text)) return undefined;
    const match =
        /^(?:([A-Za-z][\w+.-]*):)?(?:\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)(?::(\d*))?)?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/.exec(
            text,
        );
    if (!match) return undefined;
    const [, protocol, host, port, path, query, fragment] = match;
    return { protocol, host, port, path, query, fragment };
}

function urlPart(text: string, part: string): string | null {
    const url = parseUrl(text);
    if (!url) return null;
    const value = url[part] ?? "";
    if (part === "port") return value || null;
    return part === "path" || part === "query" || part === "fragment" ? decodeUrl(value) : value;
}

function urlParameter(text: string, name: string): string | null {
    const query = parseUrl(text)?.query;
    for (const pair of query?.split("&") ?? []) {
        const [key, ...value] = pair.split("=");
        if (decodeUrl(key!.replaceAll("+", " ")) === name) return decodeUrl(value.join("=").replaceAll("+", " "));
    }
    return null;
}

// Time

/** Microseconds since 1970 of ISO 8601 text, rounded to the millisecond that the type holds. */
function isoMicros(text: string): bigint {
    const match =
        /^(\d{4}-\d\d-\d\d)(?:T(?:(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/.exec(text);
    const [, day, hour = "00", minute = "00", second = "00", fraction = "", zone = "Z"] = match ?? [];
    const millis = Date.parse(`${day}T${hour}:${minute}:${second}.${fraction.padEnd(3, "0").slice(0, 3)}Z`);
    if (!match || Number.isNaN(millis) || new Date(millis).toISOString().slice(0, 10) !== day)
        throw invalid(`Invalid format: "${text}"`);
    if (!/^(?:Z|[+-]00:?(?:00)?)$/.test(zone))
        throw notModelled(`from_iso8601_timestamp with the offset ${zone} (other than UTC)`);
    return BigInt(millis) * 1000n;
}
