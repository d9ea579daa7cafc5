import { readFile } from "node:fs/promises";
import type { DuckDBConnection, DuckDBType, DuckDBValue } from "@duckdb/node-api";
import { unpack } from "../unpack";
import { castSql } from "./casts";
import type { Engine } from "./engine";
import { notModelled, QueryError } from "./errors";
import { columnName, type Reference } from "./relations";
import { CsvLines } from "./tables/csv-lines";
import type { LineReader, WantedColumn } from "./tables/formats";
import { JsonLines } from "./tables/json-lines";
import { parquetRelation } from "./tables/parquet";
import { scannedBytes } from "./tables/parquet-files";
import { RegexLines } from "./tables/regex-lines";
import { SimpleLines } from "./tables/simple-lines";
import { type DataFile, filesOf, type LakeTable, type ObjectList } from "./tables/tables";
import { quote } from "./text";
import { duckType, type Type, varchar } from "./types";

// Which files

/** The files that a reference to a table reads: those that its conditions leave. */
export async function prunedFiles(
    reference: Reference,
    now: number,
    lake: { engine: Engine; objects: ObjectList },
    connection: DuckDBConnection,
): Promise<DataFile[]> {
    const table = reference.table as LakeTable;
    const files = filesOf(table, lake.objects, now);
    checkInjected(reference, table);
    if (reference.conditions.length === 0 || files.length === 0) return files;
    const columns = table.columns.filter(({ partition }) => partition);
    await load(
        lake.engine,
        connection,
        reference.relation,
        [
            ...columns.map((column) => ({ name: columnName(table, column.name), type: varchar })),
            { name: "path", type: varchar },
            { name: "file", type: { kind: "integer" } },
        ],
        (add) => {
            for (const [index, file] of files.entries())
                add([...columns.map(({ name }) => file.partition[name] ?? null), pathOf(file), index]);
        },
    );
    const typed = columns.map(
        ({ name, type }) => `${castSql(columnName(table, name), varchar, type)} AS ${columnName(table, name)}`,
    );
    const view = `(SELECT ${[...typed, "path", "file"].join(", ")} FROM ${reference.relation}) AS ${reference.relation}`;
    const kept = await connection.runAndReadAll(
        `SELECT file FROM ${view} WHERE ${reference.conditions.join(" AND ")} ORDER BY file`,
    );
    await connection.run(`DROP TABLE ${reference.relation}`);
    return kept.getRows().map(([index]) => files[index as number]!);
}

/** An injected column has no values of its own: each query must give them. */
function checkInjected({ conditions, relation }: Reference, table: LakeTable): void {
    for (const [column, projection] of table.partitions?.projections ?? []) {
        const sql = `${relation}.${columnName(table, column)} `;
        if (
            projection.type === "injected" &&
            !conditions.some((condition) => condition.includes(`${sql}=`) || condition.includes(`${sql}IN`))
        )
            throw new QueryError(
                "CONSTRAINT_VIOLATION",
                `For the injected projected partition column ${column}, the WHERE clause must contain only static equality conditions, and at least one such condition must be present`,
            );
    }
}

/** What a scan of a file reads: all of it, or of Parquet the columns that the statement uses. */
export async function bytesOf(
    file: DataFile,
    { table, columns }: Reference,
    connection: DuckDBConnection,
): Promise<number> {
    if ((table as LakeTable).format.kind !== "parquet") return file.size;
    return await scannedBytes(connection, file.file, pathOf(file), [...columns]);
}

function pathOf({ bucket, key }: DataFile): string {
    return `s3://${bucket}/${key}`;
}

// Reading

interface TableColumn {
    name: string;
    type: Type;
}

/** Reads the columns that a statement uses, of the files that it needs, into a temporary table. */
export async function scan(
    reference: Reference,
    files: DataFile[],
    engine: Engine,
    connection: DuckDBConnection,
    signal?: AbortSignal,
): Promise<void> {
    const table = reference.table as LakeTable;
    const used = table.columns.filter(({ name }) => reference.columns.has(name.toLowerCase()));
    const stored = used.filter(({ partition }) => !partition);
    const fromKey = used.filter(({ partition }) => partition);
    const columns: TableColumn[] = [...stored, ...fromKey.map(({ name }) => ({ name, type: varchar }))].map(
        ({ name, type }) => ({ name: columnName(table, name), type }),
    );
    if (reference.columns.has("$path")) columns.push({ name: "path", type: varchar });
    // A table needs a column even if only its rows are counted.
    if (columns.length === 0) columns.push({ name: "present", type: { kind: "boolean" } });
    const wanted = stored.map(({ name, type }) => ({
        name,
        type,
        ordinal: table.columns.findIndex((own) => own.name === name),
    }));
    const constantsOf = (file: DataFile): (string | true | null)[] => {
        const constants: (string | true | null)[] = fromKey.map(({ name }) => file.partition[name] ?? null);
        if (reference.columns.has("$path")) constants.push(pathOf(file));
        return stored.length + constants.length === 0 ? [true] : constants;
    };
    const lines = lineReader(engine, table, wanted);
    await load(engine, connection, reference.relation, columns, async (add) => {
        for (const file of lines ? files : []) {
            signal?.throwIfAborted();
            const content = await contentOf(file);
            const constants = constantsOf(file);
            lines!.read(content, pathOf(file), (row) => add(constants.length > 0 ? row.concat(constants) : row));
        }
    });
    for (const file of lines ? [] : files) {
        signal?.throwIfAborted();
        const { from, values } = await parquetRelation(connection, file.file, pathOf(file), wanted);
        const constants = constantsOf(file).map((value) => (typeof value === "string" ? quote(value) : String(value)));
        await connection.run(
            `INSERT INTO ${reference.relation} SELECT ${[...values, ...constants].join(", ")} FROM ${from}`,
        );
    }
    for (const { name, type } of fromKey)
        if (type.kind !== "varchar")
            await connection.run(
                `ALTER TABLE ${reference.relation} ALTER ${columnName(table, name)} TYPE ${duckType(type)} USING ${castSql(columnName(table, name), varchar, type)}`,
            );
}

/** Reads a table's objects line by line; undefined where they hold no lines. */
function lineReader({ api }: Engine, { format }: LakeTable, columns: WantedColumn[]): LineReader | undefined {
    switch (format.kind) {
        case "json":
            return new JsonLines(api, format, columns);
        case "csv":
            return new CsvLines(format, columns);
        case "regex":
            return new RegexLines(format.pattern, columns);
        case "text":
            return new SimpleLines(format.separator, columns);
        case "parquet":
            return undefined;
    }
}

async function contentOf({ key, file, bucket }: DataFile): Promise<Buffer> {
    const bytes = await readFile(file);
    if (/\.(?:bz2|lz4|snappy|deflate|zlib|lzo)$/i.test(key))
        throw notModelled(`reading the compressed object s3://${bucket}/${key}`);
    try {
        return await unpack(key, bytes);
    } catch (error) {
        throw new QueryError(
            "HIVE_CURSOR_ERROR",
            `Failed to read file: s3://${bucket}/${key}: ${(error as Error).message}`,
        );
    }
}

const chunkSize = 2048;

/** Makes a temporary table of the rows that `fill` hands over. */
export async function load(
    { api }: Pick<Engine, "api">,
    connection: DuckDBConnection,
    name: string,
    columns: TableColumn[],
    fill: (add: (row: DuckDBValue[]) => void) => void | Promise<void>,
): Promise<void> {
    const definitions = columns.map((column) => `${column.name} ${duckType(column.type)}`);
    await connection.run(`CREATE TEMP TABLE ${name} (${definitions.join(", ")})`);
    const appender = await connection.createAppender(name, "main", "temp");
    const types: DuckDBType[] = columns.map((_, index) => appender.columnType(index));
    let pending: DuckDBValue[][] = [];
    const flush = () => {
        if (pending.length === 0) return;
        const chunk = api.DuckDBDataChunk.create(types, pending.length);
        chunk.setColumns(columns.map((_, index) => pending.map((row) => row[index]!)));
        appender.appendDataChunk(chunk);
        pending = [];
    };
    try {
        await fill((row) => {
            pending.push(row);
            if (pending.length === chunkSize) flush();
        });
        flush();
    } finally {
        appender.closeSync();
    }
}
