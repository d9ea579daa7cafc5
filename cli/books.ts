import { createColors } from "picocolors";
import type { BooksReport, BooksRequest, HourBooks } from "../handlers/books/contract";
import { suggestion } from "../plan/suggestion";
import { type Invoke, invokeFunction } from "./invoke";
import { counted, table } from "./print";
import { Progress } from "./progress";
import { findTarget, type Target } from "./target";

/** Options of `eventpipeline books`, as the command line gives them. */
export interface BooksOptions {
    outputs?: string;
    pipeline?: string;
    ingest?: string[];
    from?: Date;
    to?: Date;
    json?: boolean;
}

/** Of one ingest; `--json` has all. */
const shownExamples = 5;

/**
 * Has the pipeline's own function make up the books, with its permissions and not the user's, and prints them: a table
 * of hours for each ingest. 1 if an event is missing.
 */
export async function books(
    target: string | undefined,
    options: BooksOptions,
    out: NodeJS.WritableStream & { isTTY?: boolean } = process.stdout,
    invoke: Invoke<BooksRequest> = invokeBookkeeper,
): Promise<number> {
    const found = await findTarget({ ...options, target });
    const { pipeline, ingests } = found.operations;
    for (const name of options.ingest ?? []) {
        if (!ingests[name])
            throw new Error(`--ingest: unknown: \`${name}\`: ${suggestion(name, Object.keys(ingests))}`);
    }
    const report = await wholeReport(found, requestOf(options), invoke);
    out.write(
        options.json ? `${JSON.stringify(report, undefined, 2)}\n` : describe(pipeline, report, out.isTTY === true),
    );
    return report.hours.some(({ missing }) => missing > 0) ? 1 : 0;
}

/** Calls the pipeline's function that makes up the books. */
async function invokeBookkeeper(target: Target, request: BooksRequest): Promise<unknown> {
    const { pipeline, booksFunctionName: name } = target.operations;
    if (name === undefined) {
        throw new Error(
            `${pipeline} has no function that makes up books: it has no ingest, or an older eventpipeline deployed it`,
        );
    }
    return invokeFunction(target, name, request);
}

function requestOf({ ingest: ingests, from, to }: BooksOptions): BooksRequest {
    return {
        ...(ingests && { ingests }),
        ...(from && { from: from.toISOString() }),
        ...(to && { to: to.toISOString() }),
    };
}

/** As many calls as it takes: each goes on where the one before ran out of time. */
async function wholeReport(
    target: Target,
    request: BooksRequest,
    invoke: Invoke<BooksRequest>,
): Promise<Omit<BooksReport, "next">> {
    const progress = new Progress();
    const hours: HourBooks[] = [];
    try {
        progress.say("making up the books");
        for (let all = request; ; ) {
            const { next, ...report } = (await invoke(target, all)) as BooksReport;
            hours.push(...report.hours);
            if (!next) return { ...report, hours };
            progress.say(`making up the books: ${next.ingest}, ${next.hour}`);
            // The same window again: what `from` and `to` are by default moves on with the clock.
            all = { ...request, ...report.window, next };
        }
    } finally {
        progress.done();
    }
}

type Count = (typeof columns)[number];
const columns = ["accepted", "delivered", "failed", "duplicates", "missing", "carried", "again", "unknown"] as const;
/** Those that are seldom anything else than 0 are shown where they are. */
const always: Count[] = ["accepted", "delivered", "failed", "duplicates", "missing"];
const headings: Partial<Record<Count, string>> = { again: "delivered again", unknown: "not in the backup" };

function describe(
    pipeline: string,
    { window, hours, notCovered }: Omit<BooksReport, "next">,
    isTerminal: boolean,
): string {
    const { bold, red } = createColors(isTerminal);
    const lines = [`${bold(pipeline)}: events accepted from ${window.from} to ${window.to}\n`];
    for (const [ingest, own] of Map.groupBy(hours, (each) => each.ingest)) {
        lines.push(bold(ingest), tableOf(own!), "", ...remarks(own!));
    }
    if (hours.length === 0) lines.push("No events.\n");
    for (const { ingest, reason } of notCovered) lines.push(`${ingest}: not covered: ${reason}\n`);
    const missing = sumOf(hours, "missing");
    lines.push(
        missing === 0
            ? "The books balance: accepted = delivered + failed + duplicates."
            : red(`The books do not balance: ${counted(missing, "event")} missing.`),
    );
    return `${lines.join("\n")}\n`;
}

function tableOf(hours: HourBooks[]): string {
    const shown = columns.filter((each) => always.includes(each) || hours.some((hour) => hour[each] !== 0));
    return table(
        ["hour", ...shown.map((each) => headings[each] ?? each)],
        [
            ...hours.map((hour) => [hour.hour.slice(0, 16), ...shown.map((each) => hour[each])]),
            ["total", ...shown.map((each) => sumOf(hours, each))],
        ],
    );
}

function remarks(hours: HourBooks[]): string[] {
    const notes = hours.flatMap(({ hour, notes }) => notes.map((note) => `${hour.slice(0, 16)}: ${note}`));
    const examples = hours.flatMap((hour) => hour.examples);
    const shown = examples.slice(0, shownExamples).map(({ eventId, backup }) => [eventId, backup]);
    return [
        ...notes,
        ...(notes.length > 0 ? [""] : []),
        ...(shown.length > 0 ? [table(["missing event_id", "is in"], shown), ""] : []),
        ...(examples.length > shown.length ? ["… and more (--json prints them)", ""] : []),
    ];
}

function sumOf(hours: HourBooks[], count: Count): number {
    return hours.reduce((sum, hour) => sum + hour[count], 0);
}
