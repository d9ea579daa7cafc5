import type { DuckDBConnection, DuckDBListType, DuckDBMapType, DuckDBStructType, DuckDBType } from "@duckdb/node-api";
import { QueryError } from "../errors";
import { duckType, type RowField, type Type, typeName } from "../types";
import type { WantedColumn } from "./formats";

/** A relation over a Parquet file's columns as a table declares them; `values` in its order, ready for a SELECT. */
export interface ParquetRelation {
    from: string;
    values: string[];
}

/**
 * Reads the schema of a Parquet file and finds the wanted columns in it, by name. One that the file lacks is NULL; one
 * whose type does not fit the declared one fails, as in Athena.
 */
export async function parquetRelation(
    connection: DuckDBConnection,
    file: string,
    path: string,
    columns: WantedColumn[],
): Promise<ParquetRelation> {
    const from = `read_parquet('${file.replaceAll("'", "''")}', binary_as_string = true)`;
    const schema = await connection.runAndReadAll(`SELECT * FROM ${from} LIMIT 0`).catch(() => {
        throw new QueryError("HIVE_BAD_DATA", `Not valid Parquet file: ${path}`);
    });
    const names = schema.columnNames();
    const types = schema.columnTypes();
    const values = columns.map(({ name, type }) => {
        const index = names.findIndex((own) => own.toLowerCase() === name);
        if (index < 0) return `NULL::${duckType(type)}`;
        const value = converted(identifier(names[index]!), types[index]!, type);
        if (value !== undefined) return value;
        throw new QueryError(
            "HIVE_BAD_DATA",
            `Field ${name}'s type ${types[index]} in parquet file ${path} is incompatible with type ${typeName(type)} defined in table schema`,
        );
    });
    return { from, values };
}

const integers = ["TINYINT", "SMALLINT", "INTEGER", "BIGINT"];
const widths = ["tinyint", "smallint", "integer", "bigint"];

/** A value of the file's type as one of the declared type; undefined where Athena would not read it so. */
function converted(value: string, from: DuckDBType, to: Type): string | undefined {
    const own = String(from);
    switch (to.kind) {
        case "tinyint":
        case "smallint":
        case "integer":
        case "bigint": {
            const width = integers.indexOf(own);
            return width >= 0 && width <= widths.indexOf(to.kind) ? `CAST(${value} AS ${duckType(to)})` : undefined;
        }
        case "double":
            return own === "DOUBLE" || own === "FLOAT" ? `CAST(${value} AS DOUBLE)` : undefined;
        case "timestamp":
            return timestamp(value, own);
        case "array":
            return own.endsWith("[]") ? list(value, (from as DuckDBListType).valueType, to.element) : undefined;
        case "map":
            return own.startsWith("MAP(") ? map(value, from as DuckDBMapType, to) : undefined;
        case "row":
            return own.startsWith("STRUCT(") && !own.endsWith("[]")
                ? struct(value, from as DuckDBStructType, to.fields)
                : undefined;
        default:
            return own === duckType(to) ? value : undefined;
    }
}

/** Athena's timestamps hold milliseconds, rounded. */
function timestamp(value: string, own: string): string | undefined {
    if (!own.startsWith("TIMESTAMP")) return undefined;
    const utc = own === "TIMESTAMP WITH TIME ZONE" ? `timezone('UTC', ${value})` : `CAST(${value} AS TIMESTAMP)`;
    return `make_timestamp((CAST(floor(epoch_us(${utc}) / 1000.0 + 0.5) AS BIGINT) * 1000))`;
}

function list(value: string, from: DuckDBType, to: Type): string | undefined {
    const element = converted("e", from, to);
    return element && `list_transform(${value}, lambda e: ${element})`;
}

function map(value: string, from: DuckDBMapType, to: Type & { kind: "map" }): string | undefined {
    const keys = list(`map_keys(${value})`, from.keyType, to.key);
    const values = list(`map_values(${value})`, from.valueType, to.value);
    return keys && values && `CASE WHEN ${value} IS NOT NULL THEN map(${keys}, ${values}) END`;
}

function struct(value: string, from: DuckDBStructType, fields: RowField[]): string | undefined {
    const members = fields.map(({ name, type }, index) => {
        const at = from.entryNames.findIndex((own) => own.toLowerCase() === name);
        const member =
            at < 0
                ? `NULL::${duckType(type)}`
                : converted(`(${value}).${identifier(from.entryNames[at]!)}`, from.entryTypes[at]!, type);
        return member && `f${index + 1} := ${member}`;
    });
    if (members.includes(undefined)) return undefined;
    return `CASE WHEN ${value} IS NOT NULL THEN struct_pack(${members.join(", ")}) END`;
}

function identifier(name: string): string {
    return `"${name.replaceAll('"', '""')}"`;
}
