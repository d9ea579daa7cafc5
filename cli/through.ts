import { readFile } from "node:fs/promises";
import { type Faults, LocalPipeline, type Report } from "../local";
import type { Portion, SentEvent } from "./events";
import { counted } from "./print";
import { Progress } from "./progress";

/** How a program is started for events to go through it. */
export interface ThroughOptions {
    /** Where the clock starts; absent, it follows the events or, where they have no time, starts now. */
    at?: Date;
    bufferSeconds?: number;
    faults?: Faults;
    stack?: string;
    config: Record<string, string>;
}

/** What goes through a pipeline. */
export interface Sending {
    ingests: string[];
    portions: Iterable<Portion>;
    /** Number of events, if it is known before. */
    total?: number;
}

/** What came of it. */
export interface Outcome {
    report: Report;
    /** Name of the Pulumi project. */
    project: string;
    seconds: number;
}

/** Starts the program's pipeline, sends what `prepare` says, each portion when its time comes, and stops it again. */
export async function sendThrough(
    program: string,
    options: ThroughOptions & { followsEvents: boolean },
    prepare: (pipeline: LocalPipeline) => Sending,
): Promise<Outcome> {
    const progress = new Progress();
    const started = Date.now();
    progress.say(`starting ${program}`);
    const pipeline = await LocalPipeline.start({
        program,
        stack: options.stack,
        config: options.config,
        bufferSeconds: options.bufferSeconds,
        faults: options.faults,
        // A clock that follows the events must start before the first of them.
        at: options.at ?? (options.followsEvents ? new Date(0) : new Date()),
    });
    try {
        await send(pipeline, prepare(pipeline), options.at, progress);
        const report = await pipeline.report();
        return { report, project: pipeline.project, seconds: (Date.now() - started) / 1000 };
    } finally {
        progress.done();
        await pipeline.stop();
    }
}

async function send(
    pipeline: LocalPipeline,
    { ingests, portions, total }: Sending,
    start: Date | undefined,
    progress: Progress,
): Promise<void> {
    let sent = 0;
    for (const portion of scheduled(portions, start)) {
        if (sent === 0) refuseWhatNoQuerySees(pipeline, ingests, portion.at);
        if (portion.at !== undefined) await pipeline.advanceTo(portion.at);
        for (const [ingest, lines] of batches(portion.events)) {
            await pipeline.send(ingest, lines);
            sent += lines.length;
            say();
        }
        for (const { key, file } of portion.objects ?? []) await pipeline.put(key, await readFile(file));
        await pipeline.settle();
        say();
    }

    function say(): void {
        const runs = pipeline.journal.of("run").length;
        const of = total === undefined ? "" : ` of ${total.toLocaleString("en")}`;
        progress.say(`${sent.toLocaleString("en")}${of} events, ${counted(runs, "query run")}`);
    }
}

/**
 * The portions at their own times or, where a start is given, from there on at the same distances; objects at their own,
 * since the folders that they lie in say it.
 */
function* scheduled(portions: Iterable<Portion>, start: Date | undefined): Generator<Portion> {
    let shift: number | undefined;
    for (const portion of portions) {
        if (portion.objects) {
            yield portion;
            continue;
        }
        const { at, events } = portion;
        shift ??= start === undefined || at === undefined ? 0 : start.getTime() - at;
        yield { ...(at !== undefined && { at: at + shift }), events };
    }
}

/** Objects that lie before a table's first partition would be stored, but read by no query: better to say so. */
function refuseWhatNoQuerySees(pipeline: LocalPipeline, ingests: string[], first: number | undefined): void {
    for (const ingest of ingests) {
        const start = pipeline.tableStart(ingest);
        if (first === undefined || start === undefined || first >= start) continue;
        const [begin, since] = [first, start].map((time) => new Date(time).toISOString().slice(0, 10));
        throw new Error(
            `The events begin on ${begin}, but the table ${ingest} on ${since}: let them begin later with --at, or ` +
                "say `since` in the program",
        );
    }
}

/** Characters of lines that are sent at once: a few megabytes, since more has to wait for room in the pipeline. */
const mostCharacters = 1 << 22;

/** The lines of an ingest that follow each other, in order, as many as are sent at once. */
function* batches(events: Iterable<SentEvent>): Generator<[ingest: string, lines: string[]]> {
    let [batch, characters]: [[string, string[]] | undefined, number] = [undefined, 0];
    for (const { ingest, line } of events) {
        if (batch && (batch[0] !== ingest || characters >= mostCharacters)) {
            yield batch;
            batch = undefined;
        }
        if (!batch) [batch, characters] = [[ingest, []], 0];
        batch[1].push(line);
        characters += line.length;
    }
    if (batch) yield batch;
}
