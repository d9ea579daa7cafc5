import { tokenize } from "../../../local/athena-sql/syntax/lexer";
import type { Answer, TrinoClient } from "./client";
import type { Statement } from "./corpus";
import type { Lake } from "./lake";

/** What a comparison came to. */
export type Verdict =
    /** Equal columns and rows, or both fail for the same class of reason. */
    | { kind: "same" }
    /** This machine refuses by name what it does not model. */
    | { kind: "refused"; reason: string }
    | { kind: "differs"; ours: string; trinos: string };

/** Runs a statement on both. */
export async function judged(statement: Statement, trino: TrinoClient, lake: Lake): Promise<Verdict> {
    const [ours, trinos] = [await lake.run(statement.sql, statement.parameters), await askTrino(statement, trino)];
    return compare(statement, ours, trinos);
}

async function askTrino({ sql, parameters }: Statement, trino: TrinoClient): Promise<Answer> {
    const quoted = `'${sql.replaceAll("'", "''")}'`;
    // It can't write into the emulators, but checks.
    if (/^(CREATE TABLE|INSERT) /.test(sql)) return await trino.run(`EXPLAIN (TYPE VALIDATE) ${sql}`);
    return await trino.run(parameters.length > 0 ? `EXECUTE IMMEDIATE ${quoted} USING ${parameters.join(", ")}` : sql);
}

/** Compares what a statement resulted in. */
export function compare(statement: Statement, ours: Answer, trinos: Answer): Verdict {
    const differs: Verdict = { kind: "differs", ours: shown(ours), trinos: shown(trinos) };
    if (trinos.error !== undefined && errorClass(ours) === errorClass(trinos)) return { kind: "same" };
    // A function that neither has.
    if (
        /^NOT_SUPPORTED: .*\bfunction \w+ is not modelled/.test(ours.error ?? "") &&
        trinos.error?.startsWith("FUNCTION_NOT_FOUND")
    )
        return { kind: "same" };
    if (ours.error !== undefined && /^[^\n]*not modelled locally$/m.test(ours.error))
        return { kind: "refused", reason: ours.error.replace(/^[A-Z_]+: (line \d+:\d+: )?/, "") };
    if (ours.error !== undefined || trinos.error !== undefined) return differs;
    if (statement.namesOnly) return namesOf(ours) === namesOf(trinos) ? { kind: "same" } : differs;
    return sameColumns(ours, trinos) && sameRows(statement, ours, trinos) ? { kind: "same" } : differs;
}

/** An answer in a line. */
export function shown({ columns, rows, error }: Answer): string {
    if (error !== undefined) return error.split("\n")[0]!;
    return `${columns.map(({ name, type }) => `${name} ${type}`).join(", ")}: ${JSON.stringify(rows)}`;
}

/** Names of Trino's for one thing, of which two versions may use different ones. */
const classes: Record<string, string> = {
    FUNCTION_NOT_FOUND: "TYPE_MISMATCH",
    SCHEMA_NOT_FOUND: "TABLE_NOT_FOUND",
    CATALOG_NOT_FOUND: "TABLE_NOT_FOUND",
    TYPE_NOT_FOUND: "TYPE_MISMATCH",
    INVALID_ARGUMENTS: "INVALID_FUNCTION_ARGUMENT",
    INVALID_COLUMN_REFERENCE: "COLUMN_NOT_FOUND",
};

function errorClass({ error }: Answer): string | undefined {
    const name = error?.split(":")[0];
    return name && (classes[name] ?? name);
}

/** The names that a line of SHOW or DESCRIBE begins with. */
function namesOf({ rows }: Answer): string {
    return rows.map(([cell]) => cell!.split("\t")[0]!.trim()).join();
}

function sameColumns(ours: Answer, trinos: Answer): boolean {
    const described = ({ columns }: Answer) => columns.map(({ name, type }) => `${name} ${comparable(type)}`).join();
    return described(ours) === described(trinos);
}

/** A type's name without what only its spelling has: spaces, quotes, and the length that Trino gives to literals. */
function comparable(type: string): string {
    return type
        .toLowerCase()
        .replace(/varchar\(\d+\)/g, "varchar")
        .replaceAll(/[\s"]/g, "");
}

function sameRows(statement: Statement, ours: Answer, trinos: Answer): boolean {
    if (ours.rows.length !== trinos.rows.length) return false;
    const [a, b] = [rowsOf(statement, ours), rowsOf(statement, trinos)];
    return a.every((row, index) => {
        const other = b[index]!;
        return row.every((cell, column) => {
            if (statement.approximate) return near(cell, other[column]!, 0.1);
            if (cell === other[column]) return true;
            const precision = precisions[ours.columns[column]!.type];
            return precision !== undefined && near(cell, other[column]!, precision);
        });
    });
}

function rowsOf({ sql, unorderedMaps }: Statement, { rows }: Answer): (string | null)[][] {
    const cells = unorderedMaps ? rows.map((row) => row.map((cell) => cell && sortedEntries(cell))) : rows;
    if (isOrdered(sql)) return cells;
    return [...cells].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

function sortedEntries(cell: string): string {
    return cell.replace(/^\{(.*)\}$/s, (_, entries) => `{${entries.split(", ").sort().join(", ")}}`);
}

/** Whether the statement itself, not a part of it, has an ORDER BY. */
export function isOrdered(sql: string): boolean {
    let depth = 0;
    let ordered = false;
    try {
        for (const { kind, text } of tokenize(sql)) {
            if (kind === "symbol" && text === "(") depth++;
            if (kind === "symbol" && text === ")") depth--;
            if (kind === "word" && depth === 0 && text.toUpperCase() === "ORDER") ordered = true;
        }
    } catch {
        return false;
    }
    return ordered;
}

/** Sums of floating-point numbers depend on the order of summation, in Trino too, and functions on the C library. */
const precisions: Record<string, number> = { double: 1e-13, real: 1e-6 };

/** Whether two values are the same within a part of them; lists are compared value by value. */
function near(a: string | null, b: string | null, part: number): boolean {
    if (a === null || b === null) return a === b;
    const [left, right] = [a, b].map((text) => text.replace(/^\[|\]$/g, "").split(", "));
    return (
        left!.length === right!.length &&
        left!.every((text, index) => {
            const [x, y] = [Number(text), Number(right![index])];
            if (Number.isNaN(x) || Number.isNaN(y)) return text === right![index];
            return Math.abs(x - y) <= part * Math.max(Math.abs(x), Math.abs(y));
        })
    );
}
