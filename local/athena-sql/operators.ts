import { castSql, fieldSql } from "./casts";
import { QueryError } from "./errors";
import type { Arithmetic, Comparison } from "./syntax/ast";
import * as types from "./types";
import { type Type, typeName } from "./types";
import { instant, local } from "./zones";

/** An operand: SQL and type. */
interface Operand {
    sql: string;
    type: Type;
    /** Text of a literal. */
    constant?: string;
}

const doubleOperators: Record<Comparison, string> = {
    "=": "t_eq",
    "<>": "t_ne",
    "<": "t_lt",
    "<=": "t_le",
    ">": "t_gt",
    ">=": "t_ge",
};

/** `left operator right`, of one type after Trino's coercions; NaN is unequal to everything, as in Java. */
export function comparison(operator: Comparison, left: Operand, right: Operand, at: number): Operand {
    const [a, b, type] = unified(left, right, operator, at);
    const ordering = operator !== "=" && operator !== "<>";
    if (ordering && !types.isOrderable(type)) throw cannotApply(operator, left.type, right.type, at);
    if (type.kind === "row" && !ordering) return { sql: rowEquality(a, b, type, at, operator), type: types.boolean };
    if (type.kind === "array" && !ordering) {
        const equal = arrayEquality(a, b, type.element, at);
        return { sql: operator === "=" ? equal : `(NOT ${equal})`, type: types.boolean };
    }
    if (type.kind === "map") {
        const equal = mapEquality(a, b, type, at);
        return { sql: operator === "=" ? equal : `(NOT ${equal})`, type: types.boolean };
    }
    if (type.kind === "row") return { sql: rowOrder(a, b, type, at, operator), type: types.boolean };
    if (type.kind === "array") return { sql: arrayOrder(a, b, type.element, at, operator), type: types.boolean };
    return {
        sql: types.isFloating(type) ? floatComparison(operator, left, right, a, b) : `(${a} ${operator} ${b})`,
        type: types.boolean,
    };
}

/** DuckDB takes NaN for the greatest number, equal to itself. Beside a literal only the other side can be NaN. */
function floatComparison(operator: Comparison, left: Operand, right: Operand, a: string, b: string): string {
    const plain = `(${a} ${operator} ${b})`;
    if (left.constant === undefined && right.constant === undefined) return `${doubleOperators[operator]}(${a}, ${b})`;
    if (right.constant === undefined)
        return operator.startsWith("<") && operator !== "<>" ? `(${plain} AND NOT isnan(${b}))` : plain;
    return operator.startsWith(">") && left.constant === undefined ? `(${plain} AND NOT isnan(${a}))` : plain;
}

/** `left = right` as SQL. */
export function equality(left: Operand, right: Operand, at: number): string {
    return comparison("=", left, right, at).sql;
}

/** `IS [NOT] DISTINCT FROM`. */
export function distinct(negated: boolean, left: Operand, right: Operand, at: number): Operand {
    const [a, b] = unified(left, right, "IS DISTINCT FROM", at);
    return { sql: `(${a} IS ${negated ? "NOT " : ""}DISTINCT FROM ${b})`, type: types.boolean };
}

function rowEquality(a: string, b: string, type: Type & { kind: "row" }, at: number, operator: Comparison): string {
    const fields = type.fields.map(
        ({ type }, i) => comparison("=", { sql: fieldSql(a, i), type }, { sql: fieldSql(b, i), type }, at).sql,
    );
    return operator === "=" ? `(${fields.join(" AND ")})` : `(NOT (${fields.join(" AND ")}))`;
}

/** NULL where only elements that are NULL could tell arrays of one length apart. */
function arrayEquality(a: string, b: string, element: Type, at: number): string {
    const index = `i${depthOf(element)}`;
    const each = comparison(
        "=",
        { sql: `${a}[${index}]`, type: element },
        { sql: `${b}[${index}]`, type: element },
        at,
    );
    const equal = `t_all(list_transform(generate_series(1, len(${a})), lambda ${index}: ${each.sql}))`;
    return `CASE WHEN ${a} IS NULL OR ${b} IS NULL THEN NULL WHEN len(${a}) <> len(${b}) THEN false ELSE ${equal} END`;
}

function mapEquality(a: string, b: string, type: Type & { kind: "map" }, at: number): string {
    const entry = `m${depthOf(type)}`;
    const other = `map_extract_value(${b}, (${entry}).key)`;
    const value = { sql: `(${entry}).value`, type: type.value };
    const equal = comparison("=", value, { sql: other, type: type.value }, at).sql;
    const each = `CASE WHEN map_contains(${b}, (${entry}).key) THEN ${equal} ELSE false END`;
    const all = `t_all(list_transform(map_entries(${a}), lambda ${entry}: ${each}))`;
    return `CASE WHEN ${a} IS NULL OR ${b} IS NULL THEN NULL WHEN cardinality(${a}) <> cardinality(${b}) THEN false ELSE ${all} END`;
}

/** Arrays are ordered by their first elements that differ, else by their length; Trino fails where one of these is NULL. */
function arrayOrder(a: string, b: string, type: Type, at: number, operator: Comparison): string {
    const i = `o${depthOf(type)}`;
    const [x, y] = [a, b].map((list) => ({ sql: `${list}[${i}]`, type })) as [Operand, Operand];
    const differing = `${x.sql} IS NULL OR ${y.sql} IS NULL OR ${comparison("<>", x, y, at).sql}`;
    const first = `list_filter(generate_series(1, least(len(${a}), len(${b}))), lambda ${i}: ${differing})[1:1]`;
    const order = comparison(operator[0] as Comparison, x, y, at).sql;
    const fail = "t_fail('NOT_SUPPORTED: ARRAY comparison not supported for arrays with null elements')";
    const each = `list_transform(${first}, lambda ${i}: CASE WHEN ${x.sql} IS NULL OR ${y.sql} IS NULL THEN ${fail} ELSE ${order} END)`;
    return `CASE WHEN ${a} IS NULL OR ${b} IS NULL THEN NULL ELSE coalesce(${each}[1], len(${a}) ${operator} len(${b})) END`;
}

/** Rows are ordered by their first field that differs; Trino refuses to order those with NULL in them. */
function rowOrder(a: string, b: string, type: Type & { kind: "row" }, at: number, operator: Comparison): string {
    const sides = type.fields.map(
        (field, i) => [fieldSql(a, i), fieldSql(b, i)].map((sql) => ({ sql, type: field.type })) as [Operand, Operand],
    );
    const nulls = sides.flat().map(({ sql }) => `${sql} IS NULL`);
    const strict = operator[0] as Comparison;
    const ordered = sides.reduceRight(
        (rest, [x, y]) => `(${comparison(strict, x, y, at).sql} OR (${comparison("=", x, y, at).sql} AND ${rest}))`,
        String(operator.endsWith("=")),
    );
    return `CASE WHEN ${a} IS NULL OR ${b} IS NULL THEN NULL WHEN ${nulls.join(" OR ")} THEN t_fail('NOT_SUPPORTED: ROW comparison not supported for fields with null elements') ELSE ${ordered} END`;
}

function depthOf(type: Type): number {
    if (type.kind === "array") return 1 + depthOf(type.element);
    if (type.kind === "map") return 1 + Math.max(depthOf(type.key), depthOf(type.value));
    return type.kind === "row" ? 1 + Math.max(...type.fields.map((field) => depthOf(field.type))) : 0;
}

function unified(left: Operand, right: Operand, operator: string, at: number): [string, string, Type] {
    // Instants compare whatever zones they are seen in.
    const [a, b] = [types.inUtc(left.type), types.inUtc(right.type)];
    const type = types.commonType(a, b);
    if (!type || type.kind === "function") throw cannotApply(operator, left.type, right.type, at);
    return [castSql(left.sql, a, type, at), castSql(right.sql, b, type, at), type];
}

function cannotApply(operator: string, left: Type, right: Type, at: number): QueryError {
    return new QueryError(
        "TYPE_MISMATCH",
        `Cannot apply operator: ${typeName(left)} ${operator} ${typeName(right)}`,
        at,
    );
}

/** `+ - * / %` of numbers, times and intervals. */
export function sumOrProduct(operator: Arithmetic, left: Operand, right: Operand, at: number): Operand {
    const [a, b] = [left.type, right.type];
    if (isNumberOrNull(a) && isNumberOrNull(b)) return numeric(operator, left, right, at);
    return withTime(operator, left, right, at) ?? raise(cannotApply(operator, a, b, at));
}

function raise(error: Error): never {
    throw error;
}

function isNumberOrNull(type: Type): boolean {
    return types.isNumeric(type) || type.kind === "unknown";
}

function numeric(operator: Arithmetic, left: Operand, right: Operand, at: number): Operand {
    const type = types.commonType(left.type, right.type)!;
    if (type.kind === "unknown") throw cannotApply(operator, left.type, right.type, at);
    if (type.kind === "decimal") return decimalArithmetic(operator, left, right);
    const [a, b] = [castSql(left.sql, left.type, type), castSql(right.sql, right.type, type)];
    if (types.isFloating(type))
        return {
            sql: operator === "%" ? `CAST(t_fmod(${a}, ${b}) AS ${types.duckType(type)})` : `(${a} ${operator} ${b})`,
            type,
        };
    const macro = { "/": "t_div", "%": "t_mod" }[operator as string];
    return { sql: macro ? `${macro}(${a}, ${b})` : `(${a} ${operator} ${b})`, type };
}

function decimalArithmetic(operator: Arithmetic, left: Operand, right: Operand): Operand {
    const [a, b] = [asDecimalOperand(left, right), asDecimalOperand(right, left)];
    const [p, s, q, t] = [a.precision, a.scale, b.precision, b.scale];
    const scale = Math.max(s, t);
    const result = (precision: number, digits = scale): Type =>
        types.decimal(Math.min(38, precision), Math.min(38, digits));
    const cast = (sql: string, type: Type): Operand => ({ sql: `CAST(${sql} AS ${types.duckType(type)})`, type });
    switch (operator) {
        case "+":
        case "-":
            return cast(`(${a.sql} ${operator} ${b.sql})`, result(Math.max(p - s, q - t) + scale + 1));
        case "*":
            if (s + t > 38)
                throw new QueryError("INVALID_CAST_ARGUMENT", `DECIMAL scale must be in range [0, 38]: ${s + t}`);
            if (p + q > 38)
                return cast(
                    `js_decimal_mul(CAST(${a.sql} AS VARCHAR), CAST(${b.sql} AS VARCHAR))`,
                    result(p + q, s + t),
                );
            return cast(`(${a.sql} * ${b.sql})`, result(p + q, s + t));
        case "/":
            return cast(
                `js_decimal_div(CAST(${a.sql} AS VARCHAR), CAST(${b.sql} AS VARCHAR), ${scale})`,
                result(p + t + Math.max(0, t - s)),
            );
        case "%":
            return cast(`t_mod(${a.sql}, ${b.sql})`, result(Math.min(p - s, q - t) + scale));
    }
}

function asDecimalOperand({ sql, type }: Operand, other: Operand): { sql: string; precision: number; scale: number } {
    const { precision, scale } = types.asDecimal(type.kind === "unknown" ? other.type : type);
    return { sql: castSql(sql, type, types.decimal(precision, scale)), precision, scale };
}

function withTime(operator: Arithmetic, left: Operand, right: Operand, at: number): Operand | undefined {
    const [a, b] = [left.type.kind, right.type.kind];
    const sum = operator === "+" || operator === "-";
    if (sum && b.startsWith("interval") && !a.startsWith("interval")) return moved(operator, left, right);
    if (operator === "+" && a.startsWith("interval") && !b.startsWith("interval")) return moved("+", right, left);
    if (sum && a === b && a.startsWith("interval"))
        return { sql: `(${left.sql} ${operator} ${right.sql})`, type: left.type };
    if (operator === "-" && isInstant(left.type) && isInstant(right.type)) return difference(left, right, at);
    if (a.startsWith("interval") && types.isNumeric(right.type) && (operator === "*" || operator === "/"))
        return scaled(operator, left, right);
    if (operator === "*" && b.startsWith("interval") && types.isNumeric(left.type)) return scaled("*", right, left);
    return undefined;
}

function isInstant(type: Type): boolean {
    return ["date", "timestamp", "timestamp with time zone"].includes(type.kind);
}

/** A time and an interval. */
function moved(operator: "+" | "-", time: Operand, interval: Operand): Operand | undefined {
    const months = interval.type.kind === "interval year to month";
    const step = months ? `to_months(${interval.sql})` : `to_milliseconds(${interval.sql})`;
    const { type } = time;
    const sql = `(${time.sql} ${operator} ${step})`;
    switch (type.kind) {
        case "date":
            if (months) return { sql: `CAST(${sql} AS DATE)`, type };
            return {
                sql: `CAST((${time.sql} ${operator} to_milliseconds(t_whole_days(${interval.sql}))) AS DATE)`,
                type,
            };
        case "timestamp":
            return { sql, type: atLeastMillis(type, months) };
        case "timestamp with time zone":
            return {
                sql: months ? instant(`(${local(time.sql, type)} ${operator} ${step})`, type.zone) : sql,
                type: atLeastMillis(type, months),
            };
        case "time":
            if (months) return undefined;
            return { sql, type: { ...type, precision: Math.max(3, type.precision) } };
        default:
            return undefined;
    }
}

/** Adding milliseconds to whole seconds makes them visible. */
function atLeastMillis(type: Type & { precision: number }, months: boolean): Type {
    return months ? type : ({ ...type, precision: Math.max(3, type.precision) } as Type);
}

function difference(left: Operand, right: Operand, at: number): Operand {
    const [a, b] = unified(left, right, "-", at);
    const millis = (sql: string) => `t_floor_ms(epoch_us(${sql}))`;
    return { sql: `(${millis(a)} - ${millis(b)})`, type: types.daySecond };
}

function scaled(operator: "*" | "/", interval: Operand, factor: Operand): Operand {
    const whole = interval.type.kind === "interval year to month" ? "INTEGER" : "BIGINT";
    const by = castSql(factor.sql, factor.type, types.double);
    return { sql: `CAST(trunc(${interval.sql} ${operator} ${by}) AS ${whole})`, type: interval.type };
}
