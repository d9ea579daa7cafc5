import { readFile } from "node:fs/promises";
import type { DuckDBConnection, DuckDBType, DuckDBValue } from "@duckdb/node-api";
import { unpack } from "../unpack";
import { castSql } from "./casts";
import { resultText } from "./csv";
import type { Engine } from "./engine";
import { notModelled, QueryError } from "./errors";
import { translateQuery } from "./queries";
import { columnName, type Reference, type Translation } from "./relations";
import type * as ast from "./syntax/ast";
import { parseLiteral, parseQuery } from "./syntax/parser";
import { CsvLines } from "./tables/csv-lines";
import type { LineReader, WantedColumn } from "./tables/formats";
import { JsonLines } from "./tables/json-lines";
import { parquetRelation } from "./tables/parquet";
import { scannedBytes } from "./tables/parquet-files";
import { RegexLines } from "./tables/regex-lines";
import { type DataFile, filesOf, type LakeTable, type ObjectList } from "./tables/tables";
import { duckType, type Type, varchar } from "./types";
import { checkUnload, writeParquet } from "./unload";

/** What statements are run against. */
export interface Lake {
    engine: Engine;
    objects: ObjectList;
    /** Finds a table by database and name, both in lower case. */
    table(database: string, name: string): LakeTable | undefined;
}

/** A statement whose syntax is right; names and types are checked when it is planned. */
export interface Statement {
    query: ast.Query;
    /** Present where its rows are to be written as files. */
    unload?: ast.Unload;
    /** Number of its `?`. */
    expected: number;
}

/** A statement with a literal for each `?`. */
export interface BoundStatement extends Statement {
    parameters: ast.Expression[];
}

/** Parses a statement. */
export function parseStatement(text: string): Statement {
    const { parameters, ...parsed } = parseQuery(text);
    return { ...parsed, expected: parameters };
}

/** Puts literals, given as SQL text such as `'it''s'` or `-1.5`, in the places of the `?`. */
export function bindParameters(statement: Statement, parameters: string[]): BoundStatement {
    const { expected } = statement;
    if (expected !== parameters.length)
        throw new QueryError(
            "INVALID_PARAMETER_USAGE",
            `Incorrect number of parameters: expected ${expected} but found ${parameters.length}`,
        );
    const literals = parameters.map((parameter, index) => {
        const literal = parseLiteral(parameter);
        if (!literal)
            throw new QueryError(
                "INVALID_PARAMETER_USAGE",
                `Execution parameter ${index + 1} is not a literal: ${parameter}`,
            );
        return literal;
    });
    return { ...statement, parameters: literals };
}

/** A statement ready to run: which files it reads is known, and nothing is read yet. */
export interface Plan {
    columns: { name: string; type: Type }[];
    bytesScanned: number;
    /** Runs it; `rows` are as Athena writes them. Stops between files when `signal` is aborted. */
    run(signal?: AbortSignal): AsyncGenerator<(string | undefined)[]>;
    /** Runs an UNLOAD into a file; returns the number of its rows. */
    write(file: string, signal?: AbortSignal): Promise<number>;
    /** Ends what the plan holds; call it whether it ran or not. */
    close(): void;
}

/** Checks and translates a statement, and finds the files that it will read. */
export async function plan(statement: BoundStatement, database: string, now: number, lake: Lake): Promise<Plan> {
    const translation = translateQuery(statement.query, {
        now,
        parameters: statement.parameters,
        table: (name, at) => findTable(name, database, lake, at),
    });
    if (statement.unload) checkUnload(translation, statement.unload);
    const connection = await lake.engine.connect();
    try {
        const scans = new Map<Reference, DataFile[]>();
        for (const reference of translation.references)
            scans.set(reference, await prunedFiles(reference, now, lake, connection));
        let bytesScanned = 0;
        for (const [reference, files] of scans)
            for (const file of files) bytesScanned += await bytesOf(file, reference, connection);
        return {
            columns: translation.columns,
            bytesScanned,
            run: (signal) => run(translation, scans, lake.engine, connection, signal),
            write: (file, signal) =>
                interruptible(connection, signal, async () => {
                    for (const [reference, files] of scans)
                        await scan(reference, files, lake.engine, connection, signal);
                    return await writeParquet(connection, translation, statement.unload!, file);
                }),
            close: () => connection.disconnectSync(),
        };
    } catch (error) {
        connection.disconnectSync();
        throw error;
    }
}

function findTable(name: string[], database: string, { table }: Lake, at: number): LakeTable {
    const [own, schema = database, catalog = "awsdatacatalog", ...more] = name
        .map((part) => part.toLowerCase())
        .reverse();
    if (schema === "information_schema") throw notModelled("information_schema", at);
    const found = catalog === "awsdatacatalog" && more.length === 0 ? table(schema, own!) : undefined;
    if (!found) throw new QueryError("TABLE_NOT_FOUND", `Table '${catalog}.${schema}.${own}' does not exist`, at);
    return found;
}

// Which files

async function prunedFiles(
    reference: Reference,
    now: number,
    lake: Lake,
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
async function bytesOf(file: DataFile, { table, columns }: Reference, connection: DuckDBConnection): Promise<number> {
    if ((table as LakeTable).format.kind !== "parquet") return file.size;
    return await scannedBytes(connection, file.file, pathOf(file), [...columns]);
}

function pathOf({ bucket, key }: DataFile): string {
    return `s3://${bucket}/${key}`;
}

// Reading and running

async function* run(
    translation: Translation,
    scans: Map<Reference, DataFile[]>,
    engine: Engine,
    connection: DuckDBConnection,
    signal?: AbortSignal,
): AsyncGenerator<(string | undefined)[]> {
    const interrupt = () => connection.interrupt();
    signal?.addEventListener("abort", interrupt);
    try {
        for (const [reference, files] of scans) await scan(reference, files, engine, connection, signal);
        const result = await connection.stream(translation.sql);
        for (;;) {
            const chunk = await result.fetchChunk();
            if (!chunk || chunk.rowCount === 0) return;
            for (const row of chunk.getRows())
                yield row.map((value, index) => resultText(value, translation.columns[index]!.type));
        }
    } catch (error) {
        throw explained(error);
    } finally {
        signal?.removeEventListener("abort", interrupt);
    }
}

async function interruptible<T>(
    connection: DuckDBConnection,
    signal: AbortSignal | undefined,
    work: () => Promise<T>,
): Promise<T> {
    const interrupt = () => connection.interrupt();
    signal?.addEventListener("abort", interrupt);
    try {
        return await work();
    } catch (error) {
        throw explained(error);
    } finally {
        signal?.removeEventListener("abort", interrupt);
    }
}

interface TableColumn {
    name: string;
    type: Type;
}

/** Reads the columns that a statement uses, of the files that it needs, into a temporary table. */
async function scan(
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
    const constantsOf = (file: DataFile): (string | true)[] => {
        const constants: (string | true)[] = fromKey.map(({ name }) => file.partition[name]!);
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
        const constants = constantsOf(file).map((value) => (value === true ? "true" : sqlText(value)));
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
        case "parquet":
            return undefined;
    }
}

function sqlText(text: string): string {
    return `'${text.replaceAll("'", "''")}'`;
}

async function contentOf({ key, file, bucket }: DataFile): Promise<Buffer> {
    const bytes = await readFile(file);
    if (/\.(?:bz2|zst|lz4|snappy|deflate|zlib|lzo)$/i.test(key))
        throw notModelled(`reading the compressed object s3://${bucket}/${key}`);
    if (!key.endsWith(".gz")) return bytes;
    try {
        return await unpack(bytes);
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

const outOfRange = /value -?[\d.]+ can't be cast because the value is out of range/;
const severalRows = /More than one row returned by a subquery/;

/** An error of DuckDB in Trino's words; those that our macros and functions raise carry theirs. */
function explained(error: unknown): unknown {
    if (!(error instanceof Error) || error instanceof QueryError || error.name === "AbortError") return error;
    const own = /\b([A-Z][A-Z_]{5,}): ([^\n]*?)(?:' to INT64\b.*)?(?=\n|$)/.exec(error.message);
    if (own) return new QueryError(own[1]!, own[2]!);
    if (severalRows.test(error.message))
        return new QueryError("SUBQUERY_MULTIPLE_ROWS", "Scalar sub-query has returned multiple rows");
    const [, kind = "", detail = error.message] = /^([\w ]+?) Error: ([^\n]*)/.exec(error.message) ?? [];
    const codes: Record<string, string> = {
        Conversion: outOfRange.test(error.message) ? "NUMERIC_VALUE_OUT_OF_RANGE" : "INVALID_CAST_ARGUMENT",
        "Out of Range": "NUMERIC_VALUE_OUT_OF_RANGE",
        "Invalid Input": "INVALID_FUNCTION_ARGUMENT",
    };
    return new QueryError(codes[kind] ?? "GENERIC_INTERNAL_ERROR", detail);
}
