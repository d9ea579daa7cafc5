import { createColors } from "picocolors";
import type { ReconcileReport, ReconcileRequest, SubscriberReport } from "../handlers/reconcile/contract";
import { counted, table } from "./print";
import { type Invoke, invokeReconciler } from "./reconcile/invoke";
import { findTarget, type Target } from "./target";

/** Options of `eventpipeline reconcile`, as the command line gives them. */
export interface ReconcileOptions {
    outputs?: string;
    pipeline?: string;
    dryRun?: boolean;
    json?: boolean;
}

/** Examples that are shown; `--json` has more. */
const shownExamples = 20;

/**
 * Has the pipeline's own function compare all objects with the ledger, with its permissions and not the user's, and
 * prints what it found; 1 if something is not accounted for.
 */
export async function reconcile(
    target: string | undefined,
    options: ReconcileOptions,
    out: NodeJS.WritableStream & { isTTY?: boolean } = process.stdout,
    invoke: Invoke = invokeReconciler,
): Promise<number> {
    const found = await findTarget({ ...options, target });
    const { pipeline } = found.operations;
    const report = await wholeReport(found, options.dryRun === true, invoke);
    out.write(
        options.json ? `${JSON.stringify(report, undefined, 2)}\n` : describe(pipeline, report, out.isTTY === true),
    );
    return report.subscribers.some(({ missing }) => missing > 0) ? 1 : 0;
}

/** As many calls as it takes: each goes on where the one before ran out of time. */
async function wholeReport(target: Target, dryRun: boolean, invoke: Invoke): Promise<ReconcileReport> {
    const reports: ReconcileReport[] = [];
    let from: ReconcileRequest["from"];
    do {
        const report = (await invoke(target, { dryRun, ...(from && { from }) })) as ReconcileReport;
        reports.push(report);
        from = report.next;
    } while (from);
    return {
        window: { from: reports[0]!.window.from, to: reports.at(-1)!.window.to },
        subscribers: reports.map(({ subscribers }) => subscribers).reduce(sum),
        examples: reports.flatMap(({ examples }) => examples),
    };
}

function sum(all: SubscriberReport[], more: SubscriberReport[]): SubscriberReport[] {
    return all.map(({ subscriber, ...counts }, index) => {
        const sums = Object.entries(counts).map(([count, value]) => [
            count,
            value + more[index]![count as keyof typeof counts],
        ]);
        return { subscriber, ...(Object.fromEntries(sums) as typeof counts) };
    });
}

function describe(pipeline: string, { window, subscribers, examples }: ReconcileReport, isTerminal: boolean): string {
    const { bold, red } = createColors(isTerminal);
    const total = (count: "missing" | "republished" | "givenUp") =>
        subscribers.reduce((all, each) => all + each[count], 0);
    const rows = subscribers.map(({ subscriber, objects, done, failed, inWork, missing, republished, givenUp }) => [
        ...[subscriber, objects, done, failed, inWork, missing, republished, givenUp],
    ]);
    const lines = [
        `${bold(pipeline)}: objects written from ${window.from} to ${window.to}\n`,
        table(["subscriber", "objects", "done", "failed", "in work", "missing", "republished", "given up"], rows),
    ];
    if (examples.length > 0) {
        const shown = examples.slice(0, shownExamples);
        lines.push(
            "",
            table(
                ["missing from", "object", "because", "republished before"],
                shown.map(({ subscriber, key, reason, republished }) => [subscriber, key, reason, republished]),
            ),
        );
        if (examples.length > shown.length) lines.push("… and more (--json prints them)");
    }
    const missing = total("missing");
    const fates = `${total("republished")} republished, ${total("givenUp")} given up`;
    lines.push(
        "",
        missing === 0
            ? "The books balance."
            : red(`The books do not balance: ${counted(missing, "object")} missing, ${fates}.`),
    );
    return `${lines.join("\n")}\n`;
}
