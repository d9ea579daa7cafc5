import type { DuckDBConnection } from "@duckdb/node-api";
import { resultText } from "./csv";
import { explained } from "./duckdb-errors";
import type { Engine } from "./engine";
import { QueryError } from "./errors";
import { shapedLike } from "./insert";
import { checkNames, type Finder, findTable } from "./names";
import { translateQuery } from "./queries";
import type { Reference, Translation } from "./relations";
import { bytesOf, prunedFiles, scan } from "./scans";
import type * as ast from "./syntax/ast";
import { parseStatement as parse, parseLiteral } from "./syntax/statement-parser";
import type { FileFormat, QueryStatement, Statement } from "./syntax/statements";
import type { DataFile, ObjectList } from "./tables/tables";
import type { Type } from "./types";
import { checkFiles, type WrittenFile, writeFiles } from "./write";

/** What statements are run against. */
export interface Lake {
    engine: Engine;
    objects: ObjectList;
    table: Finder;
}

/** A statement whose syntax is right; names and types are checked when it is planned. */
export interface ParsedStatement {
    statement: Statement;
    /** Number of its `?`. */
    expected: number;
}

/** A statement with a literal for each `?`. */
export interface BoundStatement {
    statement: Statement;
    parameters: ast.Expression[];
}

/** Parses a statement. */
export function parseStatement(text: string): ParsedStatement {
    const { parameters, statement } = parse(text);
    return { statement, expected: parameters };
}

/** Whether a statement runs a query. */
export function isQuery(statement: Statement): statement is QueryStatement {
    return ["query", "unload", "create table as", "insert"].includes(statement.kind);
}

/** Puts literals, given as SQL text such as `'it''s'` or `-1.5`, in the places of the `?`. */
export function bindParameters(parsed: ParsedStatement, parameters: string[]): BoundStatement {
    checkCount(parsed, parameters.length);
    const literals = parameters.map((parameter, index) => {
        const literal = parseLiteral(parameter);
        if (!literal)
            throw new QueryError(
                "INVALID_PARAMETER_USAGE",
                `Execution parameter ${index + 1} is not a literal: ${parameter}`,
            );
        return literal;
    });
    return { statement: parsed.statement, parameters: literals };
}

/** Puts the values of EXECUTE in the places of the `?`. */
export function bindValues(parsed: ParsedStatement, values: ast.Expression[]): BoundStatement {
    checkCount(parsed, values.length);
    return { statement: parsed.statement, parameters: values };
}

function checkCount({ expected }: ParsedStatement, found: number): void {
    if (expected !== found)
        throw new QueryError(
            "INVALID_PARAMETER_USAGE",
            `Incorrect number of parameters: expected ${expected} but found ${found}`,
        );
}

/** A statement ready to run: which files it reads is known, and nothing is read yet. */
export interface Plan {
    columns: { name: string; type: Type }[];
    bytesScanned: number;
    /** Runs it; `rows` are as Athena writes them. Stops between files when `signal` is aborted. */
    run(signal?: AbortSignal): AsyncGenerator<(string | undefined)[]>;
    /** Runs it into files, which are made in `folder` and handed over as bytes. */
    write(format: FileFormat, folder: string, signal?: AbortSignal): Promise<WrittenFile[]>;
    /** Ends what the plan holds; call it whether it ran or not. */
    close(): void;
}

/** Checks and translates the query of a statement, and finds the files that it will read. */
export async function plan(
    { statement, parameters }: BoundStatement,
    database: string,
    now: number,
    lake: Lake,
): Promise<Plan> {
    if (!isQuery(statement)) throw new Error(`a statement of the kind ${statement.kind} has no plan`);
    const translation = translated(statement, parameters, database, now, lake);
    const connection = await lake.engine.connect();
    try {
        const scans = new Map<Reference, DataFile[]>();
        for (const reference of translation.references)
            scans.set(reference, await prunedFiles(reference, now, lake, connection));
        let bytesScanned = 0;
        for (const [reference, files] of scans)
            for (const file of files) bytesScanned += await bytesOf(file, reference, connection);
        const read = async (signal?: AbortSignal) => {
            for (const [reference, files] of scans) await scan(reference, files, lake.engine, connection, signal);
        };
        return {
            columns: translation.columns,
            bytesScanned,
            run: (signal) => rowsOf(translation, read, connection, signal),
            write: async (format, folder, signal) => {
                const leave = interruptedBy(signal, connection);
                try {
                    await read(signal);
                    return await writeFiles(connection, translation, format, folder);
                } catch (error) {
                    throw explained(error);
                } finally {
                    leave();
                }
            },
            close: () => connection.disconnectSync(),
        };
    } catch (error) {
        connection.disconnectSync();
        throw error;
    }
}

/** Translates the query of a statement, and checks that what comes of it can be what the statement makes of it. */
function translated(
    statement: QueryStatement,
    parameters: ast.Expression[],
    database: string,
    now: number,
    lake: Lake,
): Translation {
    const table = (name: string[], at: number, database: string) => findTable(name, database, lake.table, at);
    const translation = translateQuery(statement.query, { now, parameters, database, table });
    if (statement.kind === "create table as") checkNames(translation.columns, statement.at);
    if (statement.kind === "unload" || statement.kind === "create table as")
        checkFiles(translation.columns, statement.format, statement.at);
    if (statement.kind !== "insert") return translation;
    const { name, at } = statement;
    const target = findTable(
        name.map((part) => part.name),
        database,
        lake.table,
        at,
    );
    if ("query" in target) throw new QueryError("NOT_SUPPORTED", "Inserting into views is not supported", at);
    return shapedLike(target, statement, translation);
}

async function* rowsOf(
    { sql, columns }: Translation,
    read: (signal?: AbortSignal) => Promise<void>,
    connection: DuckDBConnection,
    signal?: AbortSignal,
): AsyncGenerator<(string | undefined)[]> {
    const leave = interruptedBy(signal, connection);
    try {
        await read(signal);
        const result = await connection.stream(sql);
        for (;;) {
            const chunk = await result.fetchChunk();
            if (!chunk || chunk.rowCount === 0) return;
            for (const row of chunk.getRows()) yield row.map((value, i) => resultText(value, columns[i]!.type));
        }
    } catch (error) {
        throw explained(error);
    } finally {
        leave();
    }
}

/** Interrupts what a connection runs when the signal is aborted, until the returned function is called. */
function interruptedBy(signal: AbortSignal | undefined, connection: DuckDBConnection): () => void {
    const interrupt = () => connection.interrupt();
    signal?.addEventListener("abort", interrupt);
    return () => signal?.removeEventListener("abort", interrupt);
}
