import { notModelled, QueryError } from "./errors";

/** A type as Trino has it. JSON and the intervals have no DuckDB counterpart of equal behaviour: see `duckType`. */
export type Type =
    | { kind: Simple }
    | { kind: "varchar"; length?: number }
    | { kind: "decimal"; precision: number; scale: number }
    | { kind: "time"; precision: number }
    | { kind: "timestamp"; precision: number }
    /** Trino keeps the zone in each value; here an expression has one zone, known before it runs. */
    | { kind: "timestamp with time zone"; precision: number; zone: string }
    | { kind: "array"; element: Type }
    | { kind: "map"; key: Type; value: Type }
    | { kind: "row"; fields: RowField[] }
    | { kind: "function"; parameters: Type[]; result: Type };

type Simple =
    | "unknown"
    | "boolean"
    | "tinyint"
    | "smallint"
    | "integer"
    | "bigint"
    | "real"
    | "double"
    | "varbinary"
    | "date"
    | "json"
    | "interval day to second"
    | "interval year to month";

export interface RowField {
    name?: string;
    type: Type;
}

export const boolean: Type = { kind: "boolean" };
export const integer: Type = { kind: "integer" };
export const bigint: Type = { kind: "bigint" };
export const double: Type = { kind: "double" };
export const varchar: Type = { kind: "varchar" };
export const date: Type = { kind: "date" };
export const json: Type = { kind: "json" };
export const unknown: Type = { kind: "unknown" };
export const daySecond: Type = { kind: "interval day to second" };
export const yearMonth: Type = { kind: "interval year to month" };
export const timestamp: Type = { kind: "timestamp", precision: 3 };
export const utc: Type = { kind: "timestamp with time zone", precision: 3, zone: "UTC" };
export const decimal = (precision: number, scale: number): Type => ({ kind: "decimal", precision, scale });
export const array = (element: Type): Type => ({ kind: "array", element });

/** Digits of the integer types, widest last. */
export const integers: Record<string, number> = { tinyint: 3, smallint: 5, integer: 10, bigint: 19 };

const simple = new Set<string>([
    ...[
        "unknown",
        "boolean",
        "tinyint",
        "smallint",
        "integer",
        "bigint",
        "real",
        "double",
        "varbinary",
        "date",
        "json",
    ],
    ...["interval day to second", "interval year to month"],
]);

/** The type that a name and its numbers mean: `decimal` with [10, 2]. */
export function scalarType(name: string, numbers: number[], at?: number): Type {
    const [first, second] = numbers;
    switch (name) {
        case "int":
            return integer;
        case "float":
            return { kind: "real" };
        case "double precision":
            return double;
        case "string":
            return varchar;
        case "varchar":
            return first === undefined ? varchar : { kind: "varchar", length: first };
        case "decimal":
            return decimalType(first ?? 38, second ?? 0, at);
        case "time":
            return { kind: "time", precision: precision(name, first, at) };
        case "timestamp":
            return { kind: "timestamp", precision: precision(name, first, at) };
        case "timestamp with time zone":
            return { kind: "timestamp with time zone", precision: precision(name, first, at), zone: "UTC" };
        case "char":
        case "time with time zone":
        case "uuid":
        case "ipaddress":
            throw notModelled(`type ${name}`, at);
        default:
            if (simple.has(name)) return { kind: name as Simple };
            throw new QueryError("TYPE_NOT_FOUND", `Unknown type: ${name}`, at);
    }
}

function decimalType(precision: number, scale: number, at?: number): Type {
    if (precision < 1 || precision > 38 || scale > precision)
        throw new QueryError("INVALID_ARGUMENTS", `Invalid DECIMAL type: decimal(${precision}, ${scale})`, at);
    return decimal(precision, scale);
}

function precision(name: string, given: number | undefined, at?: number): number {
    if ((given ?? 3) > 6) throw notModelled(`type ${name}(${given}): more than 6 digits of a second`, at);
    return given ?? 3;
}

/** As Trino writes it: `decimal(10,2)`, `array(varchar)`. */
export function typeName(type: Type): string {
    switch (type.kind) {
        case "varchar":
            return type.length === undefined ? "varchar" : `varchar(${type.length})`;
        case "decimal":
            return `decimal(${type.precision},${type.scale})`;
        case "time":
        case "timestamp":
            return `${type.kind}(${type.precision})`;
        case "timestamp with time zone":
            return `timestamp(${type.precision}) with time zone`;
        case "array":
            return `array(${typeName(type.element)})`;
        case "map":
            return `map(${typeName(type.key)}, ${typeName(type.value)})`;
        case "row":
            return `row(${type.fields.map((field) => (field.name ? `"${field.name}" ` : "") + typeName(field.type)).join(", ")})`;
        case "function":
            return `function(${[...type.parameters, type.result].map(typeName).join(",")})`;
        default:
            return type.kind;
    }
}

/**
 * The DuckDB type that holds a value. JSON is its text, so that no digit is lost; intervals are counts of milliseconds
 * and of months, which is what they are in Trino; fields of rows are numbered, since Trino's need no names.
 */
export function duckType(type: Type): string {
    switch (type.kind) {
        case "unknown":
            return "BOOLEAN";
        case "real":
            return "FLOAT";
        case "varchar":
        case "json":
            return "VARCHAR";
        case "varbinary":
            return "BLOB";
        case "decimal":
            return `DECIMAL(${type.precision},${type.scale})`;
        case "timestamp with time zone":
            return "TIMESTAMPTZ";
        case "interval day to second":
            return "BIGINT";
        case "interval year to month":
            return "INTEGER";
        case "array":
            return `${duckType(type.element)}[]`;
        case "map":
            return `MAP(${duckType(type.key)}, ${duckType(type.value)})`;
        case "row":
            return `STRUCT(${type.fields.map((field, index) => `f${index + 1} ${duckType(field.type)}`).join(", ")})`;
        default:
            return type.kind.toUpperCase();
    }
}

export const isInteger = (type: Type): boolean => type.kind in integers;
export const isFloating = (type: Type): boolean => type.kind === "double" || type.kind === "real";
export const isNumeric = (type: Type): boolean => isInteger(type) || isFloating(type) || type.kind === "decimal";

/** Whether values of the type have an order in Trino. */
export function isOrderable(type: Type): boolean {
    if (type.kind === "array") return isOrderable(type.element);
    if (type.kind === "row") return type.fields.every((field) => isOrderable(field.type));
    return !["map", "json", "function"].includes(type.kind);
}

export function sameType(left: Type, right: Type): boolean {
    return typeName(left) === typeName(right) && zoneOf(left) === zoneOf(right);
}

function zoneOf(type: Type): string | undefined {
    return type.kind === "timestamp with time zone" ? type.zone : undefined;
}

/** The type that both are silently coerced to, if Trino has one. */
export function commonType(left: Type, right: Type): Type | undefined {
    if (left.kind === "unknown") return right;
    if (right.kind === "unknown") return left;
    if (left.kind === "varchar" && right.kind === "varchar")
        return left.length === undefined || right.length === undefined
            ? varchar
            : { kind: "varchar", length: Math.max(left.length, right.length) };
    if (isNumeric(left) && isNumeric(right)) return commonNumber(left, right);
    if (isTemporal(left) && isTemporal(right)) return commonTime(left, right);
    if (left.kind === "time" && right.kind === "time") return left.precision > right.precision ? left : right;
    if (left.kind === "array" && right.kind === "array") {
        const element = commonType(left.element, right.element);
        return element && array(element);
    }
    if (left.kind === "map" && right.kind === "map") {
        const key = commonType(left.key, right.key);
        const value = commonType(left.value, right.value);
        return key && value && { kind: "map", key, value };
    }
    if (left.kind === "row" && right.kind === "row") return commonRow(left.fields, right.fields);
    return left.kind === right.kind ? left : undefined;
}

function commonNumber(left: Type, right: Type): Type {
    if (left.kind === "double" || right.kind === "double") return double;
    if (left.kind === "real" || right.kind === "real") return { kind: "real" };
    if (isInteger(left) && isInteger(right)) return integers[left.kind]! > integers[right.kind]! ? left : right;
    const [a, b] = [asDecimal(left), asDecimal(right)];
    const scale = Math.max(a.scale, b.scale);
    return decimal(Math.min(38, Math.max(a.precision - a.scale, b.precision - b.scale) + scale), scale);
}

/** Precision and scale of a decimal, or of the decimal that an integer becomes beside one. */
export function asDecimal(type: Type): { precision: number; scale: number } {
    return type.kind === "decimal" ? type : { precision: integers[type.kind]!, scale: 0 };
}

const temporal = ["date", "timestamp", "timestamp with time zone"];

function isTemporal(type: Type): boolean {
    return temporal.includes(type.kind);
}

function commonTime(left: Type, right: Type): Type {
    const wider = temporal.indexOf(left.kind) >= temporal.indexOf(right.kind) ? left : right;
    const digits = (type: Type) => ("precision" in type ? type.precision : 0);
    const [zone, other] = [zoneOf(left) ?? "UTC", zoneOf(right) ?? "UTC"];
    if (zone !== other) throw notModelled(`mixing the time zones ${zone} and ${other} in one expression`);
    if (wider.kind === "date") return wider;
    return { ...wider, precision: Math.max(digits(left), digits(right)) } as Type;
}

function commonRow(left: RowField[], right: RowField[]): Type | undefined {
    if (left.length !== right.length) return undefined;
    const fields: RowField[] = [];
    for (const [index, field] of left.entries()) {
        const other = right[index]!;
        const type = commonType(field.type, other.type);
        if (!type) return undefined;
        fields.push(field.name === other.name && field.name !== undefined ? { name: field.name, type } : { type });
    }
    return { kind: "row", fields };
}

/** Whether Trino coerces silently from one type to the other. */
export function coercible(from: Type, to: Type): boolean {
    if (to.kind === "varchar" && from.kind === "varchar") return true;
    const common = commonType(inUtc(from), inUtc(to));
    return common !== undefined && sameType(common, inUtc(to));
}

/** The type of the same instants seen in UTC. */
export function inUtc(type: Type): Type {
    return type.kind === "timestamp with time zone" ? { ...type, zone: "UTC" } : type;
}
