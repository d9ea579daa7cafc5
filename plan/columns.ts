import { type ColumnArgs, TablePartition } from "./arguments";
import { column, columnNamePattern, parseColumnType, printColumnType } from "./column-types";
import { partitionColumns } from "./partitions";
import { inside, parsed, type Report } from "./problems";
import { checkItems, checkText } from "./shapes";
import type { ColumnType, PlannedColumn } from "./types";

/** Columns that every ingest's table has: `collect` fills them where the event does not. */
const implicitColumns: PlannedColumn[] = [
    column("event_id", { kind: "string" }),
    column("received_at", { kind: "timestamp" }),
];

/** Columns that `parse-access-log` fills from a load balancer's log, and `referrer`, which the page has to send. */
const accessLogColumns: PlannedColumn[] = [
    column("request_time", { kind: "timestamp" }),
    column("client_address", { kind: "string" }),
    column("user_agent", { kind: "string" }),
    column("referrer", { kind: "string" }),
];

/** Glue's limit for a column's name and for its comment. */
const glueLimit = 255;

/**
 * Checks a table's columns. `partitions` are the columns that the table's folders already stand for; `filled` are
 * those that the pipeline fills, and adds where they are not declared.
 */
export function checkColumns(
    columns: ColumnArgs[],
    path: string,
    report: Report,
    partitions: string[] = [],
    filled: PlannedColumn[] = [],
): PlannedColumn[] {
    const items = checkItems(columns, path, report);
    if (Array.isArray(columns) && columns.length === 0) {
        report(path, "is empty: name at least one column");
    }
    const names = new Set<string>();
    const declared = items.flatMap(({ value, path: columnPath }): PlannedColumn[] => {
        const name = checkColumnName(value.name, inside(columnPath, "name"), report, names, partitions);
        const own = filled.find((candidate) => candidate.name === name);
        const type = checkColumnType(value.type, inside(columnPath, "type"), report, own);
        checkComment(value.comment, inside(columnPath, "comment"), report);
        return type ? [{ ...column(name, type), ...(value.comment && { comment: value.comment }) }] : [];
    });
    return [...declared, ...filled.filter(({ name }) => !names.has(name))];
}

/**
 * Checks an ingest's columns and adds those that every ingest's table has, and those that an access log fills.
 * `arrival_hour` is kept in any layout: the functions check columns without knowing it.
 */
export function checkIngestColumns(
    columns: ColumnArgs[],
    path: string,
    report: Report,
    hasAccessLog = false,
    layout: TablePartition = TablePartition.ArrivalHour,
): PlannedColumn[] {
    const filled = hasAccessLog ? [...implicitColumns, ...accessLogColumns] : implicitColumns;
    const partitions = [...partitionColumns.arrival_hour, ...partitionColumns[layout]];
    return checkColumns(columns, path, report, partitions, filled);
}

function checkColumnName(
    value: string,
    path: string,
    report: Report,
    names: Set<string>,
    partitions: string[],
): string {
    const name = checkText(value, path, report);
    if (name === "") {
        return name;
    }
    if (!columnNamePattern.test(name) || name.length > glueLimit) {
        report(
            path,
            `\`${name}\` cannot name a column: use lower-case letters, digits and \`_\`, not a digit first, ` +
                `at most ${glueLimit}`,
        );
    } else if (partitions.includes(name)) {
        report(path, `\`${name}\` hides the partition column of this name: rename it`);
    } else if (names.has(name)) {
        report(path, `\`${name}\` is the name of an earlier column: rename one`);
    }
    names.add(name);
    return name;
}

function checkColumnType(
    value: string,
    path: string,
    report: Report,
    filled: PlannedColumn | undefined,
): ColumnType | undefined {
    const text = checkText(value, path, report);
    const type = text === "" ? undefined : parsed(path, report, () => parseColumnType(text));
    if (type && filled && printColumnType(type) !== filled.hiveType) {
        report(path, `\`${filled.name}\` is filled by the pipeline: declare it \`${filled.hiveType}\`, or not`);
    }
    return type;
}

function checkComment(value: string | undefined, path: string, report: Report): void {
    const fits = typeof value === "string" && value.length <= glueLimit && !/[\r\n]/.test(value);
    if (value !== undefined && !fits) {
        report(path, `must be one line of at most ${glueLimit} characters, as Glue takes it`);
    }
}
