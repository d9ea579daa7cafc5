import { OutputMode, type QueryOutputArgs, type QueryShape } from "./arguments";
import { checkColumns } from "./columns";
import { checkCompression } from "./compression";
import type { Step } from "./graph";
import { defaultSince } from "./ingests";
import type { Place } from "./member";
import { checkName } from "./names";
import { partitionOf } from "./partitions";
import { checkPrefix } from "./prefixes";
import { inside, parsed, type Report } from "./problems";
import { checkInteger, checkObject, checkText, isDeferred } from "./shapes";
import { type ParsedSql, parseSql } from "./sql";
import type { NewDataUse } from "./sql-reader";
import { quoted, suggestion } from "./suggestion";
import type { PlannedQuery, PlannedTable } from "./types";

const cutoff = {
    from: 10_000_000,
    to: Number.MAX_SAFE_INTEGER,
    why: "must be a whole number of at least 10000000 bytes: Athena takes no smaller limit",
};

const interval = {
    from: 1,
    to: 86_400,
    why: "must be a whole number of seconds from 1 to 86400 (a day), known before deployment",
};

/** A query whose own arguments are checked, but not yet what it has to do with others. */
export interface DraftQuery {
    step: Step;
    output: PlannedQuery["output"];
    compressionPath: string;
    sql: ParsedSql;
    sqlPath: string;
    minimumInterval?: number;
}

/** Checks a query by itself. */
export function draftQuery(query: QueryShape, trigger: Place, path: string, report: Report): DraftQuery {
    const name = checkName(query.name, inside(path, "name"), report);
    const sqlPath = inside(path, "sql");
    const text = checkText(query.sql, sqlPath, report);
    const sql = text === "" ? undefined : parsed(sqlPath, report, (warn) => parseSql(text, warn));
    const output = checkOutput(name, query.output, inside(path, "output"), report);
    checkInteger(query.bytesScannedCutoff, cutoff, inside(path, "bytesScannedCutoff"), report);
    const { minimumInterval } = query;
    const seconds = isDeferred(minimumInterval) ? Number.NaN : minimumInterval;
    checkInteger(seconds, interval, inside(path, "minimumInterval"), report);
    return {
        step: {
            kind: "query",
            name,
            namePath: inside(path, "name"),
            trigger,
            output: { prefix: output.prefix, path: inside(path, "output", "prefix") },
            table: output.table,
        },
        output,
        compressionPath: inside(path, "output", "compression"),
        sql: sql ?? { pieces: [], tables: [], newData: [] },
        sqlPath,
        ...(minimumInterval !== undefined && { minimumInterval }),
    };
}

function checkOutput(name: string, output: QueryOutputArgs, path: string, report: Report): PlannedQuery["output"] {
    if (!checkObject(output, path, report)) {
        return { prefix: "", mode: OutputMode.Append, table: { name, prefix: "", columns: [] } };
    }
    const mode = output.mode ?? OutputMode.Append;
    const { compression } = output;
    if (!Object.values<string>(OutputMode).includes(mode)) {
        report(inside(path, "mode"), `must be ${quoted(Object.values(OutputMode)).replace(",", " or")}`);
    }
    checkCompression(output, inside(path, "compression"), report);
    const partition = mode === OutputMode.Append ? partitionOf("run_date", defaultSince) : undefined;
    const prefix = checkPrefix(output.prefix, inside(path, "prefix"), report);
    const columns = checkColumns(output.columns, inside(path, "columns"), report, partition?.columns);
    const table = { name, prefix, columns, ...(partition && { partition }) };
    return { prefix, mode, ...(compression !== undefined && { compression }), table };
}

/** Checks what a query reads against the tables that there are; returns the table that its `:new_data` speaks of. */
export function checkReads(draft: DraftQuery, tables: PlannedTable[], report: Report): PlannedTable | undefined {
    const problem = (message: string) => report(draft.sqlPath, message);
    const known = tables.map(({ name }) => name).filter((name) => name !== "");
    for (const name of draft.sql.tables.filter((table) => !known.includes(table))) {
        problem(`unknown table \`${name}\`: ${suggestion(name, known)}`);
    }
    const trigger = draft.step.trigger.prefix;
    if (draft.sql.newData.length === 0 || trigger === "") {
        return undefined;
    }
    const covering = tables.find(({ prefix }) => prefix !== "" && trigger.startsWith(prefix));
    if (covering === undefined) {
        problem(
            `\`:new_data\` has no table, since none covers the trigger \`${trigger}\`: ${narrower(trigger, tables)}`,
        );
        return undefined;
    }
    for (const use of draft.sql.newData) {
        checkNewData(use, covering.name, problem);
    }
    return covering;
}

function narrower(trigger: string, tables: PlannedTable[]): string {
    const prefixes = tables.map(({ prefix }) => prefix).filter((prefix) => prefix.startsWith(trigger));
    return prefixes.length === 0
        ? "leave it out, or start the query from a table's prefix"
        : `start the query from one table's prefix, ${quoted(prefixes)}`;
}

/**
 * `:new_data` speaks of the table that the trigger lies in. The FROM of its own SELECT must list this table, and where it
 * lists anything else, the alias must say so.
 */
function checkNewData({ alias, relations }: NewDataUse, table: string, problem: (message: string) => void): void {
    const names = relations.filter((relation) => relation.table === table).map(({ name }) => name!);
    const right = names.map((name) => `\`:new_data(${name})\``).join(" or ");
    if (names.length === 0) {
        problem(
            `\`:new_data\` speaks of \`${table}\`, which the trigger covers: put it into the WHERE of a SELECT whose FROM ` +
                `lists \`${table}\``,
        );
    } else if (alias === undefined && relations.length > 1) {
        problem(`\`:new_data\` is ambiguous where FROM lists several tables: write ${right}`);
    } else if (alias !== undefined && !names.includes(alias)) {
        problem(`\`:new_data(${alias})\` does not name \`${table}\`, which the trigger covers: write ${right}`);
    }
}
