import { albLogColumns } from "./alb-log";
import { type AdoptedTableArgs, TableFormat, TablePartition } from "./arguments";
import { checkColumns } from "./columns";
import { checkCsv, checkCsvColumns } from "./csv";
import { checkSince } from "./ingests";
import { checkName } from "./names";
import { partitionColumns, partitionOf } from "./partitions";
import { checkPrefix } from "./prefixes";
import { checked, inside, type Report } from "./problems";
import { quoted } from "./suggestion";
import type { PlannedColumn, PlannedTable } from "./types";

/** A table by itself. */
export interface TableShape extends AdoptedTableArgs {
    name: string;
}

/** Checks a table by itself; throws a PlanError that lists all problems. */
export function planTable(table: TableShape): PlannedTable {
    return checked((report) => checkTable(table, "", report));
}

/** Checks a table; `path` is the argument that it stands in. */
export function checkTable(table: TableShape, path: string, report: Report): PlannedTable {
    return checkNamedTable(table.name, inside(path, "name"), table, path, report);
}

/** Checks a table whose name stands at another argument. */
export function checkNamedTable(
    name: string,
    namePath: string,
    table: AdoptedTableArgs,
    path: string,
    report: Report,
): PlannedTable {
    const since = checkSince(table.since, inside(path, "since"), report);
    const partition = oneOf(TablePartition, table.partition, inside(path, "partition"), report);
    if (table.since !== undefined && table.partition === undefined) {
        report(inside(path, "since"), "is the first day of the folders: name these in `partition`, or leave this out");
    }
    const format = oneOf(TableFormat, table.format, inside(path, "format"), report) ?? TableFormat.Json;
    if (table.csv !== undefined && table.format !== TableFormat.Csv) {
        report(inside(path, "csv"), "is for the format `csv`: say so in `format`, or leave this out");
    }
    return {
        name: checkName(name, namePath, report),
        prefix: checkPrefix(table.prefix, inside(path, "prefix"), report),
        columns: checkTableColumns(table, format, partition && partitionColumns[partition], path, report),
        ...(partition && { partition: partitionOf(partition, since) }),
        ...(format !== TableFormat.Json && { format }),
        ...(format === TableFormat.Csv && { csv: checkCsv(table.csv, inside(path, "csv"), report) }),
    };
}

function checkTableColumns(
    { columns }: AdoptedTableArgs,
    format: TableFormat,
    partitions: string[] | undefined,
    path: string,
    report: Report,
): PlannedColumn[] {
    const columnsPath = inside(path, "columns");
    if (format === TableFormat.AlbLog) {
        if (columns !== undefined) {
            report(columnsPath, "are given by the format `alb-log`: leave this out");
        }
        return albLogColumns;
    }
    const checkedColumns = checkColumns(columns!, columnsPath, report, partitions);
    if (format === TableFormat.Csv) {
        checkCsvColumns(checkedColumns, columnsPath, report);
    }
    return checkedColumns;
}

/** The value if it is one of the enum's; another one is reported. */
function oneOf<Value extends string>(
    values: Record<string, Value>,
    value: Value | undefined,
    path: string,
    report: Report,
): Value | undefined {
    if (value === undefined || Object.values(values).includes(value)) {
        return value;
    }
    report(path, `must be one of ${quoted(Object.values(values))}`);
    return undefined;
}
