import { randomUUID } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { DuckDBConnection } from "@duckdb/node-api";
import { resultText } from "./csv";
import { notModelled, QueryError } from "./errors";
import { jsonLine } from "./json-line";
import type { Translation } from "./relations";
import type { FileFormat } from "./syntax/statements";
import { textTypes } from "./tables/formats";
import { withFieldNames } from "./tables/parquet-files";
import { quote } from "./text";
import { type Type, typeName } from "./types";

/** Rows as a file of one partition. */
export interface WrittenFile {
    body: Buffer;
    rows: number;
    /** Values of the partition columns, in their order. */
    partition: (string | null)[];
}

type Column = Translation["columns"][number];

/** Partitions that one statement may write. */
const mostPartitions = 100;

/** Types of Hive's that files are written of here. */
const storable = new Set<Type["kind"]>([
    ...(["boolean", "tinyint", "smallint", "integer", "bigint", "real", "double", "decimal", "varchar"] as const),
    ...(["varbinary", "date", "timestamp", "array", "map", "row"] as const),
]);
const folderTypes = ["boolean", "tinyint", "smallint", "integer", "bigint", "varchar", "date"];

/** Refuses columns that files can't have. */
export function checkFiles(columns: Column[], { kind, partitionedBy }: FileFormat, at: number): void {
    const names = columns.map(({ name }) => name.toLowerCase());
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined)
        throw new QueryError("DUPLICATE_COLUMN_NAME", `Column name '${twice}' specified more than once`, at);
    for (const { type } of columns) checkType(type, at);
    checkFolders(columns, partitionedBy, at);
    const stored = columns.slice(0, columns.length - partitionedBy.length);
    const other = stored.find(({ type }) => kind === "textfile" && !textTypes.includes(type.kind));
    if (other) throw notModelled(`a column of type ${typeName(other.type)} in a text file`, at);
}

function checkFolders(columns: Column[], partitionedBy: string[], at: number): void {
    if (partitionedBy.length === 0) return;
    const names = columns.map(({ name }) => name.toLowerCase());
    const missing = partitionedBy.filter((name) => !names.includes(name));
    if (missing.length > 0)
        throw new QueryError(
            "INVALID_TABLE_PROPERTY",
            `Partition columns [${missing.join(", ")}] not present in schema`,
            at,
        );
    if (partitionedBy.length === columns.length)
        throw new QueryError("INVALID_TABLE_PROPERTY", "Table contains only partition columns", at);
    const last = columns.slice(-partitionedBy.length);
    if (names.slice(-partitionedBy.length).join() !== partitionedBy.join())
        throw new QueryError(
            "HIVE_COLUMN_ORDER_MISMATCH",
            `Partition keys must be the last columns in the table and in the same order as the table properties: [${partitionedBy.join(", ")}]`,
            at,
        );
    const other = last.find(({ type }) => !folderTypes.includes(type.kind));
    if (other) throw notModelled(`a partition column of type ${typeName(other.type)}`, at);
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

/** Makes files of the rows of a translated query, whose scans are loaded: one for each partition that has rows. */
export async function writeFiles(
    connection: DuckDBConnection,
    { sql, columns }: Translation,
    format: FileFormat,
    folder: string,
): Promise<WrittenFile[]> {
    const stored = columns.slice(0, columns.length - format.partitionedBy.length);
    const folders = columns.slice(stored.length);
    const keys = folders.map((_, index) => `c${stored.length + index + 1}`);
    const numbered = keys.length > 0 ? `dense_rank() OVER (ORDER BY ${keys.join(", ")})` : "1";
    await connection.run(
        `CREATE TEMP TABLE written AS SELECT *, ${numbered} AS part FROM (SELECT *, row_number() OVER () AS place FROM (${sql}))`,
    );
    const parts = await connection.runAndReadAll(
        `SELECT part, count(*), ${["1", ...keys].join(", ")} FROM written GROUP BY ALL ORDER BY part`,
    );
    if (parts.currentRowCount > mostPartitions)
        throw new QueryError(
            "HIVE_TOO_MANY_OPEN_PARTITIONS",
            `Exceeded limit of ${mostPartitions} open writers for partitions/buckets`,
        );
    const files: WrittenFile[] = [];
    for (const [part, rows, , ...values] of parts.getRows()) {
        const from = `FROM written WHERE part = ${part} ORDER BY place`;
        const partition = values.map((value, index) => resultText(value, folders[index]!.type) ?? null);
        const body = await (format.kind === "parquet"
            ? parquet(connection, stored, from, format, folder)
            : lines(connection, stored, from, format));
        files.push({ body, rows: Number(rows), partition });
    }
    return files;
}

async function parquet(
    connection: DuckDBConnection,
    columns: Column[],
    from: string,
    { compression }: FileFormat,
    folder: string,
): Promise<Buffer> {
    const values = columns.map(
        ({ name, type }, index) => `${withFieldNames(`c${index + 1}`, type)} AS "${name.replaceAll('"', '""')}"`,
    );
    const file = join(folder, `${randomUUID()}.parquet`);
    try {
        await connection.run(
            `COPY (SELECT ${values.join(", ")} ${from}) TO ${quote(file)} (FORMAT parquet, COMPRESSION ${compression})`,
        );
        return await readFile(file);
    } finally {
        await rm(file, { force: true });
    }
}

async function lines(
    connection: DuckDBConnection,
    columns: Column[],
    from: string,
    { kind, compression, delimiter }: FileFormat,
): Promise<Buffer> {
    const result = await connection.runAndReadAll(`SELECT ${columns.map((_, i) => `c${i + 1}`).join(", ")} ${from}`);
    const text = result.getRows().map((row) => {
        if (kind === "json") return jsonLine(row, columns);
        // LazySimpleSerDe's word for NULL.
        return `${row.map((value, i) => resultText(value, columns[i]!.type) ?? "\\N").join(delimiter)}\n`;
    });
    const body = Buffer.from(text.join(""));
    return compression === "gzip" ? gzipSync(body) : body;
}
