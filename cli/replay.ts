import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createColors } from "picocolors";
import { bytes, counted, table } from "./print";
import { Progress } from "./progress";
import { awsOf, explained } from "./replay/aws";
import { paceOf } from "./replay/batches";
import type { Cloud } from "./replay/cloud";
import { prices } from "./replay/cost";
import { Journal } from "./replay/journal";
import { type Forecast, forecast, type Outcome, type Problem, type Request, replay as start } from "./replay/replay";
import { findTarget, type Target } from "./target";

/** Options of `eventpipeline replay`, as the command line gives them. */
export interface ReplayOptions {
    outputs?: string;
    pipeline?: string;
    prefix?: string[];
    since?: Date;
    until?: Date;
    keys?: string;
    deadLetters?: string;
    failed?: string;
    to?: string;
    again?: boolean;
    dryRun?: boolean;
    rate?: number;
    resume?: string;
    json?: boolean;
}

/** Where it prints, and how it hears that it shall stop. */
export interface ReplaySurroundings {
    out: NodeJS.WritableStream & { isTTY?: boolean };
    interrupted: Promise<unknown>;
    /** @default AWS, or the local runtime */
    cloud?: (target: Target) => Cloud;
}

/** Things a second unless somebody says otherwise; records of events are small. */
const defaultRates = { objects: 100, "dead-letters": 100, failed: 1000 };
/** Problems that are shown; `--json` has them all. */
const shownProblems = 20;

/** Sends what is asked for once more; 0 if all of it went, 1 if something did not, 130 if it was interrupted. */
export async function replay(
    target: string | undefined,
    options: ReplayOptions,
    { out, interrupted, cloud = awsOf }: ReplaySurroundings,
): Promise<number> {
    const opened = options.resume === undefined ? undefined : Journal.open(options.resume);
    const request = opened ? (opened.header.request as Request) : requestOf(options);
    const found = await findTarget({ ...options, target });
    const { pipeline, bucketName: bucket } = found.operations;
    if (opened && (opened.header.pipeline !== pipeline || opened.header.bucket !== bucket)) {
        const { header } = opened;
        throw new Error(
            `--resume ${opened.file}: is of ${header.pipeline} in ${header.bucket}, not ${pipeline} in ${bucket}`,
        );
    }
    const progress = new Progress();
    let journal = opened;
    try {
        if (options.dryRun) {
            progress.say("looking");
            const would = await forecast(cloud(found), found.operations, request);
            progress.done();
            out.write(options.json ? json(would) : describeForecast(would));
            return 0;
        }
        const controller = new AbortController();
        void interrupted.then(() => controller.abort());
        const outcome = await start(cloud(found), found.operations, request, {
            pace: paceOf(options.rate ?? defaultRates[request.kind], controller.signal),
            journal() {
                const id = newId();
                journal ??= Journal.create(join(".eventpipeline", "replay", `${id}.ndjson`), {
                    ...{ replay: id, pipeline, bucket, request },
                });
                return journal;
            },
            onProgress: (done, all) =>
                progress.say(`${done.toLocaleString("en")}${all ? ` of ${all.toLocaleString("en")}` : ""}`),
        });
        progress.done();
        out.write(
            options.json
                ? json({ ...(journal && { replay: journal.header.replay, journal: journal.file }), ...outcome })
                : describeOutcome(outcome, journal?.file, out.isTTY === true),
        );
        if (outcome.stopped) return 130;
        return outcome.failed.length + outcome.refused.length + outcome.gone.length > 0 ? 1 : 0;
    } catch (error) {
        const { message } = explained(error, found.endpointUrl);
        const hint = journal ? `\nwhat was sent is in ${journal.file}: go on with --resume ${journal.file}` : "";
        throw new Error(message + hint, { cause: error });
    } finally {
        progress.done();
    }
}

/** What the options select; that they go together was checked before. */
function requestOf(options: ReplayOptions): Request {
    const { prefix: prefixes, keys, deadLetters: queue, failed: ingest, to, again } = options;
    const [since, until] = [options.since?.getTime(), options.until?.getTime()];
    if (queue !== undefined) return { kind: "dead-letters", queue };
    if (ingest !== undefined) return { kind: "failed", ingest, again, since, until };
    return { kind: "objects", to, again, prefixes, since, until, ...(keys !== undefined && { keys: readKeys(keys) }) };
}

function readKeys(file: string): string[] {
    try {
        return readFileSync(file === "-" ? 0 : file, "utf8")
            .split(/\r?\n/)
            .filter((line) => line !== "");
    } catch (error) {
        throw new Error(`--keys ${file}: can't be read (${(error as NodeJS.ErrnoException).code})`);
    }
}

/** Sorts by time, and is like no other. */
function newId(): string {
    return `${new Date().toISOString().replace(/[-:]|\.\d+/g, "")}-${randomBytes(3).toString("hex")}`;
}

function describeForecast({ to, unit, count, bytes: size, skipped, refused, costs }: Forecast): string {
    const nouns = counted(count, unit.slice(0, -1));
    const dollars = costs.reduce((sum, cost) => sum + cost.dollars, 0);
    return [
        `would send ${nouns}${size === undefined ? "" : `, ${bytes(size)},`} to ${to}`,
        ...(skipped > 0 ? [`${counted(skipped, "object")} replayed before left out`] : []),
        ...problems("not replayed", refused),
        "",
        table(
            ["what", "quantity", "USD, at most"],
            [
                ...costs.map(({ what, quantity, dollars }) => [what, quantity, usd(dollars)]),
                ["together", "", usd(dollars)],
            ],
        ),
        "",
        `List prices of us-east-1, ${prices.asOf}, as if nothing had been handled before; without what the results start in turn.`,
        "",
    ].join("\n");
}

function describeOutcome(outcome: Outcome, journal: string | undefined, isTerminal: boolean): string {
    const { to, unit, sent, skipped, gone, refused, failed, reasons, stopped } = outcome;
    const { bold } = createColors(isTerminal);
    const noted = Object.entries(reasons);
    return [
        bold(`${counted(sent, unit.slice(0, -1))} sent to ${to}`),
        ...(skipped > 0 ? [`${counted(skipped, "object")} sent before left out`] : []),
        ...(noted.length > 0
            ? [
                  "",
                  table(
                      ["count", "noted on them"],
                      noted.map(([reason, count]) => [count, reason]),
                  ),
              ]
            : []),
        ...problems(
            "no longer there",
            gone.map((what) => ({ what, reason: "" })),
        ),
        ...problems("not replayed", refused),
        ...problems("could not be sent", failed),
        ...(stopped && journal ? [`stopped before the end: go on with --resume ${journal}`] : []),
        ...(failed.length > 0 && journal ? [`to try again what could not be sent: --resume ${journal}`] : []),
        "",
    ].join("\n");
}

function problems(heading: string, all: Problem[]): string[] {
    if (all.length === 0) return [];
    const shown = all.slice(0, shownProblems).map(({ what, reason }) => [what, reason]);
    const more = all.length - shown.length;
    return [
        "",
        table([heading, ""], shown),
        ...(more > 0 ? [`… and ${more.toLocaleString("en")} more (--json prints all)`] : []),
    ];
}

/** Small sums are what most of them are. */
function usd(dollars: number): string {
    return dollars.toFixed(dollars < 1 ? 6 : 2);
}

function json(document: unknown): string {
    return `${JSON.stringify(document, undefined, 2)}\n`;
}
