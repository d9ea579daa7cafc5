import {
    type ColumnArgs,
    checkColumns,
    checked,
    checkTable,
    inside,
    type PlannedTable,
    type TableShape,
} from "../../plan";
import { checkIngestColumns } from "../../plan/columns";
import type { PlannedColumn } from "../../plan/types";

/** The tables, checked. */
export function plannedTables(tables: TableShape[]): PlannedTable[] {
    return checked((report) => tables.map((table, index) => checkTable(table, inside("tables", index), report)));
}

/** Columns of events, as the functions read them: the given ones and those that every event has. */
export function eventColumns(columns: ColumnArgs[]) {
    return withoutSpelling(checked((report) => checkIngestColumns(columns, "columns", report)));
}

/** Columns of events that come from an access log: the given ones, and those that the log fills. */
export function accessLogColumns(columns: ColumnArgs[]) {
    return withoutSpelling(checked((report) => checkIngestColumns(columns, "columns", report, true)));
}

/** Columns of a query's result, as the functions read them; `path` is the argument that holds them. */
export function resultColumns(columns: ColumnArgs[], path: string) {
    return withoutSpelling(checked((report) => checkColumns(columns, path, report)));
}

/** Types in Hive's spelling and comments are the catalogue's. */
function withoutSpelling(columns: PlannedColumn[]) {
    return columns.map(({ name, type }) => ({ name, type }));
}
