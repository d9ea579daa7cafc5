import type { CsvArgs } from "./arguments";
import { inside, type Report } from "./problems";
import { checkInteger, checkObject } from "./shapes";
import { quoted } from "./suggestion";
import type { PlannedColumn, PlannedCsv } from "./types";

const defaults: PlannedCsv = { separator: ",", quote: '"', escape: "\\", headerLines: 0 };

/** Types that Athena reads from CSV. A date or a time it takes for a number of days or milliseconds, so these are text. */
const readable = ["string", "boolean", "int", "bigint", "double"];

const lines = { from: 0, to: Number.MAX_SAFE_INTEGER, why: "must be a whole number of lines, 0 or more" };

/** Checks how CSV is written, and fills in the defaults. */
export function checkCsv(args: CsvArgs = {}, path: string, report: Report): PlannedCsv {
    if (!checkObject(args, path, report)) {
        return defaults;
    }
    const csv = {
        separator: args.separator ?? defaults.separator,
        quote: args.quote ?? defaults.quote,
        escape: args.escape ?? defaults.escape,
        headerLines: args.headerLines ?? defaults.headerLines,
    };
    const seen = new Map<string, string>();
    for (const name of ["separator", "quote", "escape"] as const) {
        const value: unknown = csv[name];
        const earlier = seen.get(String(value));
        if (typeof value !== "string" || !/^[\t\x20-\x7e]$/.test(value)) {
            report(inside(path, name), "must be one ASCII character, no line break");
        } else if (earlier !== undefined) {
            report(inside(path, name), `is the same character as \`${earlier}\`: choose another one`);
        }
        seen.set(String(value), name);
    }
    checkInteger(csv.headerLines, lines, inside(path, "headerLines"), report);
    return csv;
}

/** Reports columns of types that Athena does not read from CSV as they are written there. */
export function checkCsvColumns(columns: PlannedColumn[], path: string, report: Report): void {
    for (const { name, hiveType } of columns.filter(({ hiveType }) => !readable.includes(hiveType))) {
        report(
            path,
            `\`${name}\` is \`${hiveType}\`, which Athena does not read from CSV as it is written: declare it ` +
                `\`string\` and cast it in the query, or use one of ${quoted(readable)}`,
        );
    }
}
