import { parseArgs } from "node:util";
import { table } from "../../cli/print";
import type { FaultReport } from "../../local";
import type { Books } from "./million/checks";
import type { Sent } from "./million/load";
import { type Outcome, run, type Size } from "./million/run";

/**
 * Sends a million events through the fleet with every fault switched on, prints the books, and fails if anything is
 * missing, doubled or wrong. Usage: npm run test:million [-- --events N --seed S]
 */
async function main(): Promise<void> {
    const size = readArguments();
    const outcome = await run(size);
    print(describe(size, outcome));
    process.exitCode = outcome.checks.some(({ differences }) => differences > 0) ? 1 : 0;
}

function readArguments(): Size {
    const { values } = parseArgs({
        options: { events: { type: "string", default: "1000000" }, seed: { type: "string", default: "1" } },
    });
    return { events: wholeNumber("--events", values.events), seed: wholeNumber("--seed", values.seed) };
}

function wholeNumber(option: string, text: string): number {
    if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`${option} ${text}: must be a whole number from 1`);
    return Number(text);
}

function describe({ events, seed }: Size, { sent, faults, repair, books, checks, ...rest }: Outcome): string[] {
    const { objects, runs, seconds, digests } = rest;
    const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
    const whole = seconds.sending + seconds.repairing;
    return [
        ...section("Sent", ["lines", "count"], rowsOfSent(sent)),
        ...section(`Faults, seed ${seed}`, ["kind", "fault", "count"], rowsOfFaults(faults)),
        ...section(
            "Repaired",
            ["what", "count"],
            [
                ["announced again by the hourly reconciliation", repair.republished],
                ["dead letters put back", repair.deadLetters],
                ["objects of query runs that failed for good, replayed", repair.failedRuns],
                ["hours that took after the last event", repair.hours],
            ],
        ),
        ...section("Books", ["lines", "count"], rowsOfBooks(books)),
        ...section(
            "Checked by plain DuckDB",
            ["what", "of", "differences"],
            checks.map(({ what, of, differences }) => [what, of, differences]),
        ),
        ...checks.flatMap(({ examples }) => examples.map((example) => JSON.stringify(example))),
        `${objects} objects, ${runs} query runs`,
        `${count(events)} events in ${whole.toFixed(0)} s, ${count(Math.round(events / whole))} a second; checked in ${seconds.checking.toFixed(0)} s; ${megabytes} MB at most`,
        `digest of the books    ${digests.books}`,
        `digest of the reports  ${digests.reports}`,
        `digest of the faults   ${digests.faults}`,
        `digest of the calls    ${digests.calls}`,
    ];
}

function rowsOfSent({ tally, answers, direct }: Sent): [string, number][] {
    return [
        ["lines", tally.lines],
        ["events", tally.events],
        ["duplicates of them", tally.duplicates],
        ["late", tally.late],
        ["broken", tally.broken],
        ["out of order", tally.moved],
        ...[...answers]
            .sort(([a], [b]) => a - b)
            .map(([status, { lines }]): [string, number] => [`answered ${status}`, lines]),
        ["put on the delivery stream directly", direct],
    ];
}

/** By kind of rule and what it does, wherever that happened. */
function rowsOfFaults({ injected, idle }: FaultReport): [string, string, number][] {
    const counts = new Map<string, number>();
    for (const { rule, fault, count } of injected) {
        const key = JSON.stringify([rule.replace(/\[.*/, ""), fault]);
        counts.set(key, (counts.get(key) ?? 0) + count);
    }
    const rows = [...counts].map(([key, count]): [string, string, number] => [
        ...(JSON.parse(key) as [string, string]),
        count,
    ]);
    return [...rows.sort(), ["rules that never struck", "", idle.length]];
}

function rowsOfBooks(books: Books): [string, number][] {
    return [
        ["sent", books.sent],
        ["+ sent again, since no success was heard of", books.repeatedBySenders],
        ["= accepted", books.accepted],
        ["+ kept twice by Firehose", books.repeatedByFirehose],
        ["= delivered", books.delivered],
        ["+ duplicates of delivered ones", books.duplicates],
        ["+ failed: broken", books.broken],
        ["+ failed: not transformed in four tries", books.untransformed],
        ["unaccounted for", books.unaccounted],
    ];
}

function section(heading: string, head: string[], rows: (string | number)[][]): string[] {
    return [heading, "", table(head, rows), ""];
}

function count(number: number): string {
    return number.toLocaleString("en");
}

function print(lines: string[]): void {
    process.stdout.write(`${lines.join("\n")}\n`);
}

main().catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
});
