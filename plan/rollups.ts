import { RollupInterval, type RollupShape, TimeUnit } from "./arguments";
import type { Step } from "./graph";
import type { Place } from "./member";
import { checkName } from "./names";
import { checked, inside, type Report } from "./problems";
import { checkText } from "./shapes";
import { quoted, suggestion } from "./suggestion";
import { checkTable, type TableShape } from "./tables";
import type { ColumnType, PlannedColumn, PlannedRollup, PlannedTable } from "./types";

/** A rollup whose own arguments are checked, but not yet against the table that it counts. */
export interface DraftRollup {
    step: Step;
    path: string;
    by: string[];
    time: string;
    timeUnit?: TimeUnit;
    sum: string[];
    interval: RollupInterval;
    attributes: PlannedRollup["attributes"];
}

/** A sum is exact to 15 digits behind the point and takes summands of 19 digits before it. */
const exactDigits = { whole: 19, fraction: 15 };
/** With more, what one transaction wrote down would not fit into a row. */
const mostSums = 20;
const longestAttribute = 255;
const timeTypes = ["timestamp", "date", "string"];
/** What holds a time as a number, to the second at least. */
const numberTypes = ["int", "bigint", "double"];
const nameKinds = ["string", "boolean", "integer", "decimal", "date", "timestamp"];

/** Checks a rollup over a table that is there already, without a pipeline; throws a PlanError with all problems. */
export function planRollup(rollup: RollupShape, trigger: string, table: TableShape): PlannedRollup {
    return checked((report) => {
        const planned = checkTable(table, "table", report);
        const draft = draftRollup(rollup, { prefix: trigger, path: "trigger" }, "", report);
        return checkCounted(draft, [planned], report);
    });
}

/** Checks a rollup by itself. */
export function draftRollup(rollup: RollupShape, trigger: Place, path: string, report: Report): DraftRollup {
    const name = checkName(rollup.name, inside(path, "name"), report);
    const by = checkNames(rollup.by, inside(path, "by"), report);
    if (Array.isArray(rollup.by) && rollup.by.length === 0) {
        report(inside(path, "by"), "is empty: name at least one column");
    }
    const sum = rollup.sum === undefined ? [] : checkNames(rollup.sum, inside(path, "sum"), report);
    if (sum.length > mostSums) {
        report(
            inside(path, "sum"),
            `has ${sum.length} columns: sum at most ${mostSums}, and the others in a second rollup`,
        );
    }
    const interval = rollup.interval ?? RollupInterval.Hour;
    if (!Object.values<string>(RollupInterval).includes(interval)) {
        report(inside(path, "interval"), `must be one of ${quoted(Object.values(RollupInterval))}`);
    }
    const { timeUnit } = rollup;
    if (timeUnit !== undefined && !Object.values<string>(TimeUnit).includes(timeUnit)) {
        report(inside(path, "timeUnit"), `must be one of ${quoted(Object.values(TimeUnit))}`);
    }
    checkTableName(rollup.tableName, inside(path, "tableName"), report);
    return {
        step: {
            kind: "rollup",
            name,
            namePath: inside(path, "name"),
            trigger,
            output: { prefix: "", path }, // it writes no objects
        },
        path,
        by,
        time: checkText(rollup.time, inside(path, "time"), report),
        timeUnit,
        sum,
        interval,
        attributes: checkAttributes(rollup, sum, path, report),
    };
}

/** Checks the columns of a rollup against the table that its trigger lies in. */
export function checkCounted(draft: DraftRollup, tables: PlannedTable[], report: Report): PlannedRollup {
    const { step, path, timeUnit, interval, attributes } = draft;
    const trigger = step.trigger.prefix;
    const table = tables.find(({ prefix }) => prefix !== "" && trigger.startsWith(prefix));
    if (!table && trigger !== "") report(step.trigger.path, withoutTable(trigger, tables));
    if (table?.format) {
        report(
            step.trigger.path,
            `\`${table.name}\` is of the format \`${table.format}\`, and a rollup reads newline-delimited JSON: count the output of a query over it`,
        );
    }
    const by = draft.by.flatMap((name, index) => {
        const columnPath = inside(path, "by", index);
        const column = columnOf(name, columnPath);
        if (column && !(nameKinds.includes(column.type.kind) && fits(column.type))) {
            report(columnPath, `\`${name}\` is of type \`${column.hiveType}\`: ${countable}`);
        }
        return column ?? [];
    });
    const sum = draft.sum.flatMap((name, index) => {
        const columnPath = inside(path, "sum", index);
        const column = columnOf(name, columnPath);
        if (column && !["integer", "float", "decimal"].includes(column.type.kind)) {
            report(columnPath, `\`${name}\` is of type \`${column.hiveType}\`: sum numbers`);
        } else if (column && !fits(column.type)) {
            report(columnPath, `\`${name}\` is of type \`${column.hiveType}\`: ${summable}`);
        }
        return column ?? [];
    });
    return {
        name: step.name,
        trigger,
        by,
        time: checkTime(),
        ...(timeUnit && { timeUnit }),
        interval,
        sum,
        attributes,
    };

    function checkTime(): PlannedColumn {
        const timePath = inside(path, "time");
        const column = columnOf(draft.time, timePath);
        if (column && ![...timeTypes, ...numberTypes].includes(column.hiveType)) {
            report(timePath, `\`${draft.time}\` is of type \`${column.hiveType}\`: ${timely}`);
        } else if (column) {
            checkTimeUnit(column);
        }
        if (column?.type.kind === "date" && interval !== RollupInterval.Day) {
            report(timePath, `\`${draft.time}\` is a date, which has no ${interval}s: set \`interval\` to \`day\``);
        }
        return column ?? { name: draft.time, type: { kind: "timestamp" }, hiveType: "timestamp" };
    }

    /** Seconds and milliseconds look the same until they are counted, so nobody guesses. */
    function checkTimeUnit({ name, hiveType }: PlannedColumn): void {
        const isNumber = numberTypes.includes(hiveType);
        if (isNumber && timeUnit === undefined) {
            report(
                inside(path, "timeUnit"),
                `is missing: \`${name}\` is of type \`${hiveType}\`, so say whether it counts \`seconds\` or \`milliseconds\` since 1970`,
            );
        } else if (!isNumber && timeUnit !== undefined) {
            report(
                inside(path, "timeUnit"),
                `is for times that are numbers, and \`${name}\` is of type \`${hiveType}\`: leave this out`,
            );
        }
    }

    function columnOf(name: string, columnPath: string): PlannedColumn | undefined {
        if (!table || name === "") return undefined;
        const column = table.columns.find((each) => each.name === name);
        if (!column) {
            const names = table.columns.map((each) => each.name);
            report(columnPath, `\`${table.name}\` has no column \`${name}\`: ${suggestion(name, names)}`);
        }
        return column;
    }
}

const timely =
    "count by a timestamp, a date, a string with an ISO 8601 time, or an int, bigint or double with `timeUnit`";
const countable =
    "count by strings, booleans, integers, dates, timestamps, and decimals of at most 19 digits before and 15 behind the point";
const summable = "a sum takes decimals of at most 19 digits before and 15 behind the point";

function fits(type: ColumnType): boolean {
    if (type.kind !== "decimal") return true;
    return type.scale <= exactDigits.fraction && type.precision - type.scale <= exactDigits.whole;
}

function withoutTable(trigger: string, tables: PlannedTable[]): string {
    const inner = tables.map(({ prefix }) => prefix).filter((prefix) => prefix !== "" && prefix.startsWith(trigger));
    const advice =
        inner.length > 0
            ? `count below one table's prefix, ${quoted(inner)}`
            : "count what has columns: an ingest, a query, or a processor with `output.columns`";
    return `no table covers \`${trigger}\`, so there are no columns to count by: ${advice}`;
}

/** The list's texts, each once. */
function checkNames(names: string[], path: string, report: Report): string[] {
    if (!Array.isArray(names)) {
        report(path, names === undefined || names === null ? "is missing" : "must be a list");
        return [];
    }
    return names.map((name, index) => {
        const text = checkText(name, inside(path, index), report);
        if (text !== "" && names.indexOf(name) < index)
            report(inside(path, index), `\`${text}\` is listed twice: once will do`);
        return text;
    });
}

/** The attributes of a counter, which must differ. */
function checkAttributes(
    rollup: RollupShape,
    sum: string[],
    path: string,
    report: Report,
): PlannedRollup["attributes"] {
    const given = [
        ["nameAttribute", rollup.nameAttribute ?? "name"],
        ["timestampAttribute", rollup.timestampAttribute ?? "timestamp"],
        ["countAttribute", rollup.countAttribute ?? "count"],
    ] as const;
    const sums = sum.map((field) => `sum_${field}`);
    const [name, timestamp, count] = given.map(([argument, value], index) => {
        const attribute = checkText(value, inside(path, argument), report);
        const others = [...given.slice(0, index).map(([, other]) => other), ...sums];
        if (Buffer.byteLength(attribute) > longestAttribute) {
            report(
                inside(path, argument),
                `has more than ${longestAttribute} bytes, which DynamoDB takes for a key: shorten it`,
            );
        } else if (attribute !== "" && others.includes(attribute)) {
            report(inside(path, argument), `\`${attribute}\` is the name of another attribute: rename one`);
        }
        return attribute;
    });
    return { name: name!, timestamp: timestamp!, count: count! };
}

function checkTableName(name: unknown, path: string, report: Report): void {
    if (typeof name === "string" && !/^[A-Za-z0-9_.-]{3,255}$/.test(name)) {
        report(path, `\`${name}\` cannot name a DynamoDB table: use 3 to 255 letters, digits, \`_\`, \`-\` and \`.\``);
    }
}
