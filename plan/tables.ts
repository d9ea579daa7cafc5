import type { ColumnArgs, TablePartition } from "./arguments";
import { checkColumns } from "./columns";
import { checkSince } from "./ingests";
import { checkName } from "./names";
import { partitionColumns, partitionOf } from "./partitions";
import { checkPrefix } from "./prefixes";
import { checked, inside, type Report } from "./problems";
import type { PlannedTable } from "./types";

/** A table by itself. */
export interface TableShape {
    name: string;
    /** Where its objects lie, ending in `/`. */
    prefix: string;
    columns: ColumnArgs[];
    /** The folders below the prefix. @default none */
    partition?: TablePartition;
    /** First day of the partitions, `YYYY-MM-DD`. @default "2026-01-01" */
    since?: string;
}

/** Checks a table by itself; throws a PlanError that lists all problems. */
export function planTable(table: TableShape): PlannedTable {
    return checked((report) => checkTable(table, "", report));
}

/** Checks a table; `path` is the argument that it stands in. */
export function checkTable(table: TableShape, path: string, report: Report): PlannedTable {
    const since = checkSince(table.since, inside(path, "since"), report);
    return {
        name: checkName(table.name, inside(path, "name"), report),
        prefix: checkPrefix(table.prefix, inside(path, "prefix"), report),
        columns: checkColumns(
            table.columns,
            inside(path, "columns"),
            report,
            table.partition && partitionColumns[table.partition],
        ),
        ...(table.partition && { partition: partitionOf(table.partition, since) }),
    };
}
