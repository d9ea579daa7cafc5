import { type Report, toJson } from "../local";
import type { Portion, SentEvent } from "./events";
import { batches } from "./generate/batches";
import type { Line } from "./generate/faults";
import { type Answer, allTaken, post } from "./generate/post";
import { type Overrides, readSpec, type Spec } from "./generate/spec";
import { count, emptyTally, type Tally } from "./generate/tally";
import { writeFile, writeStream } from "./generate/write";
import { printReport, table } from "./print";
import { Progress } from "./progress";
import { sendThrough, type ThroughOptions } from "./through";

/** Options of `eventpipeline generate`, as the command line gives them: one of `to`, `ingest` and `out`. */
export interface GenerateOptions extends Overrides, ThroughOptions {
    to?: string;
    key?: string;
    gzip?: boolean;
    connections: number;
    out?: string;
    ingest?: string;
    step: number;
    batch: number;
    rate?: number;
    json?: boolean;
}

/** Where the command prints, and what ends it early. */
export interface GenerateSurroundings {
    out: NodeJS.WritableStream & { isTTY?: boolean };
    error: NodeJS.WritableStream;
    interrupted: Promise<unknown>;
}

/** Exit code of what the user ended. */
const interruptedCode = 130;
/** Milliseconds between two looks at the progress. */
const progressEvery = 100;

/** Makes the spec's events, sends them where the options say, and prints what became of them. */
export async function generate(
    file: string,
    program: string | undefined,
    options: GenerateOptions,
    { out, error, interrupted }: GenerateSurroundings,
): Promise<number> {
    const spec = await readSpec(file, options);
    const stop = new AbortController();
    void interrupted.then(() => stop.abort());
    const tally = emptyTally();
    const code = await (options.to !== undefined ? toUrl(options.to) : program ? toProgram(program) : toFile());
    if (!stop.signal.aborted) return code;
    error.write("Interrupted: there are more events in the spec.\n");
    return interruptedCode;

    async function toUrl(url: string): Promise<number> {
        const { result, seconds } = await paced((made) => post(made, { ...options, url }));
        print(out, { generated: tally, ...result, seconds }, () => [
            answerTable(result.answers),
            ...(result.gaveUp ? ["", `Nobody answers at ${url}: the rest is not sent.`] : []),
            "",
            `${summary(tally)} in ${seconds.toFixed(1)} s, ${Math.round(tally.lines / seconds).toLocaleString("en")} a second`,
        ]);
        return allTaken(result) ? 0 : 1;
    }

    async function toFile(): Promise<number> {
        const { seconds } = await paced((made) =>
            options.out === "-" ? writeStream(made, out) : writeFile(made, options.out!),
        );
        print(options.out === "-" ? error : out, { generated: tally, seconds }, () => [
            `${summary(tally)} in ${seconds.toFixed(1)} s`,
        ]);
        return 0;
    }

    async function toProgram(program: string): Promise<number> {
        const ingest = options.ingest!;
        let prefix = "";
        const { report, project, seconds } = await sendThrough(
            program,
            { ...options, followsEvents: spec.timed },
            (pipeline) => {
                prefix = pipeline.ingestPrefix(ingest);
                return { ingests: [ingest], portions: portionsOf(counted(), ingest), total: spec.count };
            },
        );
        const reported = reportedLines(report, prefix);
        if (options.json) out.write(`${toJson({ ...report, generated: tally, reported })}\n`);
        else {
            printReport(report, { program: project, seconds }, out);
            out.write(
                `${summary(tally)}; the pipeline reports ${lines(reported.stored)} stored and ${lines(reported.rejected)} rejected\n`,
            );
        }
        return isBalanced(tally, reported, report) ? 0 : 1;
    }

    /** Makes the lines in batches for `send`, at the rate that the options say, and shows how far it is. */
    async function paced<T>(
        send: (made: AsyncIterable<Line[]>) => Promise<T>,
    ): Promise<{ result: T; seconds: number }> {
        const progress = new Progress();
        const started = performance.now();
        let shown = started;
        const taken = (batch: Line[]) => {
            count(tally, batch);
            if (performance.now() - shown < progressEvery) return;
            shown = performance.now();
            progress.say(howFar(tally, spec));
        };
        try {
            const result = await send(batches(spec.lines, { ...options, signal: stop.signal, taken }));
            return { result, seconds: (performance.now() - started) / 1000 };
        } finally {
            progress.done();
        }
    }

    function* counted(): Generator<Line> {
        for (const line of spec.lines) {
            if (stop.signal.aborted) return;
            count(tally, [line]);
            yield line;
        }
    }

    /** What arrives in the same step of time, or so many lines where there is no time. */
    function* portionsOf(lines: Iterable<Line>, ingest: string): Generator<Portion> {
        let own: { at?: number; events: SentEvent[] } = { events: [] };
        for (const { text, arrival } of lines) {
            const at = spec.timed ? (Math.floor(arrival / options.step) + 1) * options.step : undefined;
            const isFull = spec.timed ? own.at !== at : own.events.length >= untimedPortion;
            if (isFull && own.events.length > 0) {
                yield own;
                own = { events: [] };
            }
            if (at !== undefined) own.at = at;
            own.events.push({ ingest, line: text });
        }
        if (own.events.length > 0) yield own;
    }

    function print(to: NodeJS.WritableStream, document: object, text: () => string[]): void {
        to.write(options.json ? `${toJson(document)}\n` : `${text().join("\n")}\n`);
    }
}

/** Lines that are sent together where a spec has no `time`. */
const untimedPortion = 50_000;

/** What the pipeline says about an ingest's lines. */
interface Reported {
    stored: number;
    rejected: number;
}

function reportedLines({ objects, failed }: Report, prefix: string): Reported {
    const stored = objects.filter(({ key }) => key.startsWith(prefix));
    const rejected = failed.filter(({ stage }) => stage === "normalize");
    return {
        stored: stored.reduce((sum, { events = 0 }) => sum + events, 0),
        rejected: rejected.reduce((sum, failure) => sum + failure.count, 0),
    };
}

/** Every line is stored, but for the broken ones, which are rejected; and nothing else failed. */
function isBalanced({ lines, broken }: Tally, { stored, rejected }: Reported, { failed }: Report): boolean {
    const failures = failed.reduce((sum, failure) => sum + failure.count, 0);
    return rejected === broken && failures === broken && stored === lines - broken;
}

function answerTable(answers: Answer[]): string {
    return table(
        ["status", "requests", "lines", "first answer"],
        answers.map(({ status, requests, lines, body = "" }) => [String(status), requests, lines, body]),
    );
}

/** `10,100 lines: 10,000 events, 100 duplicates, 12 broken`: only what there is. */
function summary({ lines: all, events, duplicates, broken, moved, late }: Tally): string {
    const parts = [
        [events, "events"],
        [duplicates, "duplicates"],
        [broken, "broken"],
        [moved, "out of order"],
        [late, "late"],
    ] as const;
    const said = parts.filter(([number], index) => index === 0 || number > 0);
    return `${lines(all)}: ${said.map(([number, name]) => `${number.toLocaleString("en")} ${name}`).join(", ")}`;
}

function howFar({ lines: all, events }: Tally, { count }: Spec): string {
    return count === undefined ? lines(all) : `${events.toLocaleString("en")} of ${count.toLocaleString("en")} events`;
}

function lines(number: number): string {
    return `${number.toLocaleString("en")} ${number === 1 ? "line" : "lines"}`;
}
