import { notModelled, QueryError } from "./errors";
import { quote } from "./text";
import { duckType, isFloating, isInteger, isNumeric, sameType, type Type, typeName } from "./types";
import { instant, local } from "./zones";

const number = String.raw`[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?`;
const dates = String.raw`[+-]?\d{4,}-\d{1,2}-\d{1,2}`;
const times = String.raw`\d{1,2}:\d{1,2}(:\d{1,2}(\.\d{1,12})?)?`;
const offsets: Record<string, string> = { UTC: String.raw`( ?UTC| ?Z| ?\+00:00)?` };

/** `CAST(sql AS to)` in DuckDB, with Trino's rounding, parsing and spelling. */
export function castSql(sql: string, from: Type, to: Type, at?: number): string {
    if (from.kind === "unknown") return `CAST(NULL AS ${duckType(to)})`;
    if (sameType(from, to)) return sql;
    const emitted = conversion(sql, from, to, at);
    if (emitted === undefined)
        throw new QueryError("TYPE_MISMATCH", `Cannot cast ${typeName(from)} to ${typeName(to)}`, at);
    return emitted;
}

function conversion(sql: string, from: Type, to: Type, at?: number): string | undefined {
    switch (to.kind) {
        case "varchar":
            return toVarchar(sql, from, to.length);
        case "boolean":
            return toBoolean(sql, from);
        case "tinyint":
        case "smallint":
        case "integer":
        case "bigint":
            return toInteger(sql, from, to);
        case "real":
        case "double":
            return toFloating(sql, from, to);
        case "decimal":
            return toDecimal(sql, from, to);
        case "varbinary":
            return from.kind === "varchar" ? `encode(${sql})` : undefined;
        case "json":
            return toJson(sql, from, 0, at);
        case "array":
        case "map":
        case "row":
            return toNested(sql, from, to, at);
        default:
            return toTime(sql, from, to);
    }
}

function plain(sql: string, to: Type): string {
    return `CAST(${sql} AS ${duckType(to)})`;
}

function toVarchar(sql: string, from: Type, length: number | undefined): string | undefined {
    if (from.kind === "varchar") {
        if (length === undefined || (from.length !== undefined && from.length <= length)) return sql;
        return `left(${sql}, ${length})`;
    }
    const text = asText(sql, from);
    if (text === undefined || length === undefined) return text;
    return `t_fitting(${text}, ${length})`;
}

/** A value as Trino's CAST to varchar spells it. */
export function asText(sql: string, from: Type): string | undefined {
    switch (from.kind) {
        case "varchar":
            return sql;
        case "double":
        case "real":
            return `js_${from.kind}_text(${sql})`;
        case "timestamp":
            return timeText(sql, from.precision);
        case "timestamp with time zone":
            return `(${timeText(local(sql, from), from.precision)} || ' ${from.zone}')`;
        case "time":
            return `${timeText(`(DATE '2000-01-01' + ${sql})`, from.precision)}[12:]`;
        case "json":
            return `js_json_text(${sql})`;
        case "interval day to second":
            return `js_day_second_text(${sql})`;
        case "interval year to month":
            return `js_year_month_text(${sql})`;
        case "decimal":
            return decimalText(sql, from);
        case "date":
            return `t_date_text(${sql})`;
        case "boolean":
            return plain(sql, { kind: "varchar" });
        default:
            return isInteger(from) ? plain(sql, { kind: "varchar" }) : undefined;
    }
}

/** DuckDB leaves out the zero before the point where the type has no place for it. */
function decimalText(sql: string, { precision, scale }: { precision: number; scale: number }): string {
    const text = plain(sql, { kind: "varchar" });
    return precision > scale ? text : `regexp_replace(${text}, '^(-?)\\.', '\\10.')`;
}

function timeText(sql: string, precision: number): string {
    const text = `(t_year_text(year(${sql}), '+') || strftime(${sql}, '-%m-%d %H:%M:%S.%f'))`;
    return precision === 6 ? text : `left(${text}, ${precision === 0 ? -7 : precision - 6})`;
}

function toBoolean(sql: string, from: Type): string | undefined {
    if (from.kind === "varchar") return `t_to_boolean(${sql})`;
    if (from.kind === "json") return `js_json_boolean(${sql})`;
    return isNumeric(from) ? `(${sql} <> 0)` : undefined;
}

function toInteger(sql: string, from: Type, to: Type): string | undefined {
    if (from.kind === "varchar")
        return plain(
            `t_checked(trim(${sql}, ' '), '[+-]?\\d+', ${quote(to.kind === "integer" ? "INT" : to.kind.toUpperCase())})`,
            to,
        );
    if (from.kind === "json") return plain(`js_json_number(${sql})`, to);
    if (isFloating(from)) return plain(`round(${sql})`, to);
    return isNumeric(from) || from.kind === "boolean" ? plain(sql, to) : undefined;
}

function toFloating(sql: string, from: Type, to: Type): string | undefined {
    if (from.kind === "varchar")
        return plain(`t_checked(trim(${sql}), '[+-]?(NaN|Infinity)|${number}', '${to.kind.toUpperCase()}')`, to);
    if (from.kind === "json") return plain(`js_json_number(${sql})`, to);
    if (from.kind === "decimal") return plain(plain(sql, { kind: "varchar" }), to);
    return isNumeric(from) || from.kind === "boolean" ? plain(sql, to) : undefined;
}

function toDecimal(sql: string, from: Type, to: Type): string | undefined {
    const name = typeName(to).toUpperCase();
    if (from.kind === "varchar") return plain(`t_checked(${sql}, '${number}', '${name}')`, to);
    if (from.kind === "json") return plain(`js_json_number(${sql})`, to);
    if (isFloating(from)) return plain(plain(sql, { kind: "varchar" }), to);
    return isNumeric(from) || from.kind === "boolean" ? plain(sql, to) : undefined;
}

function toTime(sql: string, from: Type, to: Type): string | undefined {
    const wall = ["date", "timestamp", "timestamp with time zone"].includes(from.kind);
    switch (to.kind) {
        case "date":
            if (from.kind === "varchar") return plain(`ltrim(t_checked(trim(${sql}), '${dates}', 'DATE'), '+')`, to);
            return wall ? plain(local(sql, from), to) : undefined;
        case "timestamp":
            if (from.kind === "varchar")
                return rounded(
                    plain(`ltrim(t_checked(trim(${sql}), '${dates}( ${times})?', 'TIMESTAMP'), '+')`, to),
                    6,
                    to.precision,
                    "make_timestamp",
                );
            return wall ? rounded(local(sql, from), digits(from), to.precision, "make_timestamp") : undefined;
        case "timestamp with time zone":
            if (from.kind === "varchar")
                return zoned(
                    `regexp_replace(t_checked(trim(${sql}), '${dates}( ${times})?${offsets.UTC}', 'TIMESTAMP WITH TIME ZONE (of another zone than UTC: not modelled locally)'), '${offsets.UTC}$', '')`,
                    to,
                );
            if (from.kind === "timestamp with time zone")
                return rounded(sql, digits(from), to.precision, "make_timestamptz");
            return wall
                ? rounded(instant(local(sql, from), "UTC"), digits(from), to.precision, "make_timestamptz")
                : undefined;
        case "time":
            if (from.kind === "varchar") return plain(`t_checked(${sql}, '${times}', 'TIME')`, to);
            if (from.kind === "time" && from.precision <= to.precision) return sql;
            return wall && from.kind !== "date" ? plain(local(sql, from), to) : undefined;
        default:
            return undefined;
    }
}

function zoned(text: string, to: Type & { precision: number }): string {
    return rounded(instant(`CAST(ltrim(${text}, '+') AS TIMESTAMP)`, "UTC"), 6, to.precision, "make_timestamptz");
}

function digits(type: Type): number {
    return "precision" in type ? type.precision : 0;
}

/** A timestamp rounded from `from` digits of a second to `to`. */
export function rounded(sql: string, from: number, to: number, make: "make_timestamp" | "make_timestamptz"): string {
    return from <= to ? sql : `${make}(t_round_us(epoch_us(${sql}), ${10 ** (6 - to)}))`;
}

function toNested(sql: string, from: Type, to: Type, at?: number): string | undefined {
    if (from.kind === "json") return fromJson(sql, to, 0, at);
    if (from.kind === "array" && to.kind === "array")
        return `list_transform(${sql}, lambda e: ${castSql("e", from.element, to.element, at)})`;
    if (from.kind === "map" && to.kind === "map") {
        const keys = `list_transform(map_keys(${sql}), lambda k: ${castSql("k", from.key, to.key, at)})`;
        const values = `list_transform(map_values(${sql}), lambda v: ${castSql("v", from.value, to.value, at)})`;
        return `CASE WHEN ${sql} IS NOT NULL THEN map(${keys}, ${values}) END`;
    }
    if (from.kind === "row" && to.kind === "row" && from.fields.length === to.fields.length)
        return rowSql(
            sql,
            to.fields.map((field, i) => castSql(fieldSql(sql, i), from.fields[i]!.type, field.type, at)),
        );
    return undefined;
}

/** Field `index` of a row. */
export function fieldSql(sql: string, index: number): string {
    return `struct_extract(${sql}, 'f${index + 1}')`;
}

/** A row of `fields`, NULL where `sql` is. */
function rowSql(sql: string, fields: string[]): string {
    return `CASE WHEN ${sql} IS NOT NULL THEN struct_pack(${fields.map((field, i) => `f${i + 1} := ${field}`).join(", ")}) END`;
}

/** A value as JSON text. */
function toJson(sql: string, from: Type, depth: number, at?: number): string | undefined {
    const nested = (inner: string, type: Type) => {
        const text = toJson(inner, type, depth + 1, at);
        if (text === undefined) throw new QueryError("TYPE_MISMATCH", `Cannot cast ${typeName(type)} to json`, at);
        return `coalesce(${text}, 'null')`;
    };
    switch (from.kind) {
        case "json":
            return sql;
        case "unknown":
            return "CAST(NULL AS VARCHAR)";
        case "array":
            return `('[' || array_to_string(list_transform(${sql}, lambda e${depth}: ${nested(`e${depth}`, from.element)}), ',') || ']')`;
        case "map": {
            const key = `e${depth}.key`;
            const text = from.key.kind === "varchar" ? key : asText(key, from.key);
            const entry = `struct_pack(k := ${text}, v := ${nested(`e${depth}.value`, from.value)})`;
            return `js_object_json(list_transform(map_entries(${sql}), lambda e${depth}: ${entry}))`;
        }
        case "row": {
            const fields = from.fields.map(
                (field, i) =>
                    `${quote(`${JSON.stringify(field.name ?? "")}:`)} || ${nested(fieldSql(sql, i), field.type)}`,
            );
            return `CASE WHEN ${sql} IS NOT NULL THEN '{' || ${fields.join(" || ',' || ")} || '}' END`;
        }
        case "double":
        case "real":
            return `js_${from.kind}_json(${sql})`;
        case "decimal":
            return decimalText(sql, from);
        case "boolean":
            return plain(sql, { kind: "varchar" });
        default: {
            if (isInteger(from)) return plain(sql, { kind: "varchar" });
            const text = from.kind === "varbinary" ? undefined : asText(sql, from);
            return text === undefined ? undefined : `js_string_json(${text})`;
        }
    }
}

/** JSON text as an array, map or row. */
function fromJson(sql: string, to: Type, depth: number, at?: number): string {
    const e = `e${depth}`;
    const nested = (inner: string, type: Type) =>
        ["array", "map", "row"].includes(type.kind)
            ? fromJson(inner, type, depth + 1, at)
            : castSql(inner, { kind: "json" }, type, at);
    switch (to.kind) {
        case "array":
            return `list_transform(js_json_elements(${sql}), lambda ${e}: ${nested(e, to.element)})`;
        case "map": {
            if (to.key.kind !== "varchar") throw notModelled(`CAST of json to ${typeName(to)}`, at);
            const values = `list_transform(js_json_values(${sql}), lambda ${e}: ${nested(e, to.value)})`;
            return `CASE WHEN js_json_keys(${sql}) IS NOT NULL THEN map(js_json_keys(${sql}), ${values}) END`;
        }
        default: {
            const fields = (to as Type & { kind: "row" }).fields.map((field, i) =>
                nested(`js_json_field(${sql}, ${i + 1}, ${quote(field.name ?? "")})`, field.type),
            );
            return `CASE WHEN js_json_fields(${sql}) THEN struct_pack(${fields.map((field, i) => `f${i + 1} := ${field}`).join(", ")}) END`;
        }
    }
}
