import type { DuckDBConnection } from "@duckdb/node-api";
import { QueryError } from "./errors";
import type { Translation } from "./relations";
import type { Unload } from "./syntax/ast";
import { withFieldNames } from "./tables/parquet-files";
import { quote } from "./text";
import { type Type, typeName } from "./types";

/** What UNLOAD shows as its result. */
export const unloadColumns: { name: string; type: Type }[] = [{ name: "rows", type: { kind: "bigint" } }];

/** Types of Hive's that Parquet is written of here. */
const storable = new Set<Type["kind"]>([
    ...(["boolean", "tinyint", "smallint", "integer", "bigint", "real", "double", "decimal", "varchar"] as const),
    ...(["varbinary", "date", "timestamp", "array", "map", "row"] as const),
]);

/** Refuses columns that a file can't have. */
export function checkUnload({ columns }: Translation, { at }: Unload): void {
    const names = columns.map(({ name }) => name.toLowerCase());
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined)
        throw new QueryError("DUPLICATE_COLUMN_NAME", `Column name '${twice}' specified more than once`, at);
    for (const { type } of columns) checkType(type, at);
}

function checkType(type: Type, at: number): void {
    if (!storable.has(type.kind)) throw new QueryError("NOT_SUPPORTED", `Unsupported Hive type: ${typeName(type)}`, at);
    if (type.kind === "array") checkType(type.element, at);
    if (type.kind === "map") [type.key, type.value].forEach((inner) => void checkType(inner, at));
    if (type.kind !== "row") return;
    if (type.fields.some(({ name }) => name === undefined))
        throw new QueryError(
            "NOT_SUPPORTED",
            `Anonymous row type is not supported in Hive. Please give each field a name: ${typeName(type)}`,
            at,
        );
    for (const field of type.fields) checkType(field.type, at);
}

/** Writes the rows of a translated query, whose scans are loaded, as one Parquet file. Returns how many there are. */
export async function writeParquet(
    connection: DuckDBConnection,
    { sql, columns }: Translation,
    { compression }: Unload,
    file: string,
): Promise<number> {
    const values = columns.map(
        ({ name, type }, index) => `${withFieldNames(`c${index + 1}`, type)} AS "${name.replaceAll('"', '""')}"`,
    );
    const result = await connection.runAndReadAll(
        `COPY (SELECT ${values.join(", ")} FROM (${sql})) TO ${quote(file)} (FORMAT parquet, COMPRESSION ${compression})`,
    );
    return Number(result.getRows()[0]![0]);
}
