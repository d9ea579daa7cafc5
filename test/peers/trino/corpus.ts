import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { tokenize } from "../../../local/athena-sql/syntax/lexer";

/** A statement of the corpus. */
export interface Statement {
    sql: string;
    /** Literals in the places of its `?`. */
    parameters: string[];
    /** The values are within some percents of each other, and counts within a tenth. */
    approximate: boolean;
    /** Entries of maps come in no order. */
    unorderedMaps: boolean;
    /** Hive shows the same names, but in lines of its own. */
    namesOnly: boolean;
    /** Why this machine answers otherwise. */
    differs?: string;
}

/** The statements of one feature. */
export interface Feature {
    name: string;
    statements: Statement[];
}

const folder = join(__dirname, "corpus");

/**
 * Reads `corpus/*.sql`: statements that end in `;` at the end of a line. A comment before one says what is special about
 * it: `-- parameters 1, 'a'`, `-- approximate`, `-- maps in any order`, `-- names only`, `-- differs: why`.
 */
export function readCorpus(): Feature[] {
    return readdirSync(folder)
        .filter((file) => file.endsWith(".sql"))
        .sort()
        .map((file) => ({
            name: file.slice(0, -".sql".length),
            statements: statementsOf(readFileSync(join(folder, file), "utf8")),
        }));
}

function statementsOf(text: string): Statement[] {
    const statements: Statement[] = [];
    let notes: string[] = [];
    let lines: string[] = [];
    for (const line of text.split("\n")) {
        if (lines.length === 0 && line.startsWith("-- ")) notes.push(line.slice(3));
        else if (lines.length > 0 || line !== "") lines.push(line);
        if (lines.length === 0 || !line.endsWith(";")) continue;
        statements.push(statement(lines.join("\n").slice(0, -1), notes));
        [lines, notes] = [[], []];
    }
    if (lines.length > 0) throw new Error(`The corpus has a statement without an end: ${lines.join("\n")}`);
    return statements;
}

function statement(sql: string, notes: string[]): Statement {
    const after = (start: string) => notes.find((note) => note.startsWith(start))?.slice(start.length);
    const given = after("parameters ");
    const differs = after("differs: ");
    return {
        sql,
        parameters: given === undefined ? [] : splitList(given),
        approximate: notes.includes("approximate"),
        namesOnly: notes.includes("names only"),
        unorderedMaps: notes.includes("maps in any order"),
        ...(differs !== undefined && { differs }),
    };
}

/** A statement without anything special about it. */
export function plain(sql: string): Statement {
    return statement(sql, []);
}

/** The items between commas. */
function splitList(text: string): string[] {
    const items: string[] = [];
    let start = 0;
    for (const token of tokenize(text)) {
        if (token.kind !== "end" && token.text !== ",") continue;
        items.push(text.slice(start, token.at).trim());
        start = token.end;
    }
    return items;
}
