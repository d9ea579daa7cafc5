import type { DuckDBConnection } from "@duckdb/node-api";
import { loadDuckDb } from "../engine";
import { QueryError } from "../errors";
import { quote } from "../text";
import type { Type } from "../types";

/** The bytes that reading these columns of a file scans: those of their chunks, which Athena reads alone. */
export async function scannedBytes(
    connection: DuckDBConnection,
    file: string,
    path: string,
    columns: string[],
): Promise<number> {
    const names = ["", ...columns].map((name) => quote(name.toLowerCase()));
    const sql = `SELECT coalesce(sum(total_compressed_size), 0)::DOUBLE FROM parquet_metadata(${quote(file)})
        WHERE lower(split_part(path_in_schema, ', ', 1)) IN (${names.join(", ")})`;
    const result = await connection.runAndReadAll(sql).catch(() => {
        throw new QueryError("HIVE_BAD_DATA", `Not valid Parquet file: ${path}`);
    });
    return result.getRows()[0]![0] as number;
}

/** The rows of a file as JSON. */
export async function parquetLines(file: string): Promise<string[]> {
    const api = await loadDuckDb("Parquet is read by DuckDB here");
    const instance = await api.DuckDBInstance.create(":memory:");
    try {
        const connection = await instance.connect();
        const source = `read_parquet(${quote(file)}, binary_as_string = true)`;
        const result = await connection.runAndReadAll(`SELECT to_json(t)::VARCHAR FROM ${source} t`);
        connection.disconnectSync();
        return result.getRows().map(([line]) => String(line));
    } finally {
        instance.closeSync();
    }
}

/** The DuckDB expression for a value as a file has it: there, the fields of rows have their names. */
export function withFieldNames(value: string, type: Type): string {
    switch (type.kind) {
        case "row": {
            const members = type.fields.map(
                (field, index) => `"${field.name}" := ${withFieldNames(`(${value}).f${index + 1}`, field.type)}`,
            );
            return `CASE WHEN ${value} IS NOT NULL THEN struct_pack(${members.join(", ")}) END`;
        }
        case "array":
            return `list_transform(${value}, lambda e: ${withFieldNames("e", type.element)})`;
        case "map": {
            const values = `list_transform(map_values(${value}), lambda e: ${withFieldNames("e", type.value)})`;
            return `CASE WHEN ${value} IS NOT NULL THEN map(map_keys(${value}), ${values}) END`;
        }
        default:
            return value;
    }
}
