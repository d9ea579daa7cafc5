import Table from "cli-table3";
import { createColors } from "picocolors";
import type { InjectedFault, Report, ReportedRun, Row } from "../local";

/** Rows of a report that are shown; `--json` has them all. */
const shownRows = 20;

/** Prints what a run did: objects by folder, query runs, every report as a table, failures with their reason. */
export function printReport(
    report: Report,
    run: { program: string; seconds: number },
    out: NodeJS.WritableStream & { isTTY?: boolean },
): void {
    const colors = createColors(out.isTTY === true);
    const print = (text = "") => out.write(`${text}\n`);
    const heading = (text: string) => print(`\n${colors.bold(text)}`);

    heading("Objects");
    print(table(["folder", "objects", "events", "bytes"], folders(report)));

    heading("Query runs");
    print(table(["tier", "query", "runs", "rows", "scanned", "failed"], queries(report.runs)));

    for (const [prefix, rows] of Object.entries(report.reports)) {
        heading(`${prefix}  ${colors.dim(counted(rows.length, "row"))}`);
        if (rows.length > 0) print(reportTable(rows, shownRows));
        if (rows.length > shownRows)
            print(colors.dim(`… and ${count(rows.length - shownRows)} more (--json prints all)`));
    }

    for (const [name, rows] of Object.entries(report.counters)) {
        heading(`${name}  ${colors.dim(counted(rows.length, "counter"))}`);
        if (rows.length > 0) print(reportTable(rows, shownRows));
        if (rows.length > shownRows)
            print(colors.dim(`… and ${count(rows.length - shownRows)} more (--json prints all)`));
    }

    for (const { function: name, reason } of report.skipped) print(`\n${colors.yellow("skipped")} ${name}: ${reason}`);
    if (report.faults) {
        const { seed, injected, idle } = report.faults;
        heading(`Injected faults  ${colors.dim(`seed ${seed}`)}`);
        if (injected.length > 0) print(faultTable(injected));
        if (idle.length > 0) print(`never: ${idle.join(", ")}`);
    }
    if (report.denied.length > 0) {
        heading(colors.red("Denied"));
        print(
            table(
                ["caller", "action", "resource", "count", "reason"],
                report.denied.map((each) => [each.caller, each.action, each.resource, each.count, each.reason]),
            ),
        );
    }
    if (report.failed.length > 0) {
        heading(colors.red("Failed"));
        print(
            table(
                ["stage", "count", "reason"],
                report.failed.map(({ stage, count, reason }) => [stage, count, reason]),
            ),
        );
    }
    print(`\n${summary(report, run)}`);
}

function faultTable(injected: InjectedFault[]): string {
    return table(
        ["rule", "fault", "where", "count"],
        injected.map(({ rule, fault, where, count }) => [rule, fault, where, count]),
    );
}

/** A table of aligned columns without frames; numbers stand right. */
export function table(head: string[], rows: (string | number)[][]): string {
    const texts = rows.map((row) => row.map((cell) => (typeof cell === "number" ? count(cell) : cell)));
    const drawn = new Table({
        head,
        colAligns: head.map((_, index) => (texts.every((row) => numberLike.test(row[index]!)) ? "right" : "left")),
        style: { head: [], border: [], "padding-left": 0, "padding-right": 2, compact: true },
        chars: noFrames,
    });
    drawn.push(...texts);
    return drawn.toString().replace(/ +$/gm, "");
}

const numberLike = /^(-?[\d.,]+(e[+-]?\d+)?( [kMG]?B)?)?$/;
const noFrames = Object.fromEntries(
    ["top", "bottom", "left", "right", "mid", "middle"].flatMap((side) =>
        ["", "-mid", "-left", "-right"].map((end) => [`${side}${end}`, ""]),
    ),
);

/** Bytes as people read them. */
export function bytes(size: number): string {
    const units = ["B", "kB", "MB", "GB"];
    const power = size < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(size) / 3));
    return `${(size / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

/** The first rows of a report. */
export function reportTable(rows: Row[], most: number): string {
    const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
    return table(
        names,
        rows.slice(0, most).map((row) => names.map((name) => cell(row[name]))),
    );
}

function cell(value: unknown): string {
    if (value === null || value === undefined) return "";
    if (typeof value === "number" && !Number.isInteger(value)) return String(Number(value.toPrecision(6)));
    return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** With no number of events where none of the objects are of any, such as Athena's CSV and Firehose's backup. */
function folders({ objects }: Report): (string | number)[][] {
    const byFolder = new Map<string, { objects: number; events?: number; bytes: number }>();
    for (const { key, bytes, events } of objects) {
        const folder = folderOf(key);
        const sum = byFolder.get(folder) ?? { objects: 0, bytes: 0 };
        byFolder.set(folder, {
            objects: sum.objects + 1,
            events: events === undefined ? sum.events : (sum.events ?? 0) + events,
            bytes: sum.bytes + bytes,
        });
    }
    return [...byFolder].map(([folder, sum]) => [folder, sum.objects, sum.events ?? "", bytes(sum.bytes)]);
}

/** `raw/v0/ping/`, `athena/seen/`: the part of a key that says what the object is. */
function folderOf(key: string): string {
    const depth = /^(athena|backup|failed)\//.test(key) ? 2 : 3;
    return `${key.split("/").slice(0, depth).join("/")}/`;
}

function queries(runs: ReportedRun[]): (string | number)[][] {
    const byQuery = Map.groupBy(runs, (run) => run.query);
    return [...byQuery.values()]
        .sort((a, b) => a[0]!.tier - b[0]!.tier)
        .map((all) => [
            all[0]!.tier,
            all[0]!.query,
            all.length,
            all.reduce((sum, run) => sum + run.rows, 0),
            bytes(all.reduce((sum, run) => sum + run.bytesScanned, 0)),
            all.filter((run) => run.state !== "SUCCEEDED").length,
        ]);
}

function summary(report: Report, { program, seconds }: { program: string; seconds: number }): string {
    const failed = report.failed.reduce((sum, failure) => sum + failure.count, 0);
    const objects = counted(report.objects.length, "object");
    return `${program}: ${objects}, ${counted(report.runs.length, "query run")}, ${count(failed)} failed, ${seconds.toFixed(1)} s`;
}

/** `1 row`, `1,707 rows`. */
export function counted(value: number, noun: string): string {
    return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}

function count(value: number): string {
    return value.toLocaleString("en");
}
