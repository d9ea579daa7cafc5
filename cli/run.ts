import { LocalPipeline, toJson } from "../local";
import { suggestion } from "../plan/suggestion";
import { type EventSource, fieldsOf, type Portion, portions, readEvents, type TimedEvent } from "./events";
import { counted, printReport } from "./print";
import { Progress } from "./progress";

/** Options of `eventpipeline run`, as the command line gives them. */
export interface RunOptions {
    events: EventSource[];
    eventTime?: string;
    step: number;
    at?: Date;
    json?: boolean;
    bufferSeconds?: number;
    stack?: string;
    config: Record<string, string>;
}

/** Sends the events through the program's pipeline and prints what happened; 1 if anything failed. */
export async function run(
    program: string,
    options: RunOptions,
    out: NodeJS.WritableStream = process.stdout,
): Promise<number> {
    const progress = new Progress();
    const started = Date.now();
    progress.say(`starting ${program}`);
    const pipeline = await LocalPipeline.start({
        program,
        stack: options.stack,
        config: options.config,
        bufferSeconds: options.bufferSeconds,
        // A clock that follows the events must start before the first of them.
        at: options.at ?? (options.eventTime === undefined ? new Date() : new Date(0)),
    });
    try {
        await send(pipeline, options, progress);
        const report = await pipeline.report();
        progress.done();
        if (options.json) out.write(`${toJson(report)}\n`);
        else printReport(report, { program: pipeline.project, seconds: (Date.now() - started) / 1000 }, out);
        return report.failed.length > 0 ? 1 : 0;
    } finally {
        progress.done();
        await pipeline.stop();
    }
}

async function send(pipeline: LocalPipeline, options: RunOptions, progress: Progress): Promise<void> {
    const events = options.events.flatMap((source) =>
        readEvents(source, pipeline.columnTypes(source.ingest), options.eventTime),
    );
    refuseWithoutTimes(events, options.eventTime);
    const schedule = scheduled(portions(events, options.step), options.at);
    refuseWhatNoQuerySees(pipeline, options, schedule[0]?.at);
    let sent = 0;
    for (const portion of schedule) {
        if (portion.at !== undefined) await pipeline.advanceTo(portion.at);
        for (const [ingest, lines] of byIngest(portion.events)) await pipeline.send(ingest, lines);
        await pipeline.settle();
        sent += portion.events.length;
        const runs = pipeline.journal.of("run").length;
        progress.say(
            `${sent.toLocaleString("en")} of ${counted(events.length, "event")}, ${counted(runs, "query run")}`,
        );
    }
}

/** The portions at their own times or, where a start is given, from there on at the same distances. */
function scheduled(portions: Portion[], start: Date | undefined): Portion[] {
    const first = portions[0]?.at;
    if (start === undefined || first === undefined) return portions;
    const shift = start.getTime() - first;
    return portions.map(({ at, events }) => ({ at: at! + shift, events }));
}

/** A clock that follows nothing would stay in 1970. */
function refuseWithoutTimes(events: TimedEvent[], field: string | undefined): void {
    if (field === undefined || events.length === 0 || events.some(({ time }) => time !== undefined)) return;
    const others = fieldsOf(events).filter((name) => name !== field);
    const hint = others.length > 0 ? suggestion(field, others) : "the events have no other field";
    throw new Error(`--event-time: no event has a time in "${field}": ${hint}`);
}

/** Objects that lie before a table's first partition would be stored, but read by no query: better to say so. */
function refuseWhatNoQuerySees(pipeline: LocalPipeline, { events }: RunOptions, first: number | undefined): void {
    for (const { ingest } of events) {
        const start = pipeline.tableStart(ingest);
        if (first === undefined || start === undefined || first >= start) continue;
        const [begin, since] = [first, start].map((time) => new Date(time).toISOString().slice(0, 10));
        throw new Error(
            `The events begin on ${begin}, but the table ${ingest} on ${since}: let them begin later with --at, or ` +
                "say `since` in the program",
        );
    }
}

/** The lines of each ingest, in order. */
function byIngest(events: TimedEvent[]): Map<string, string[]> {
    const lines = new Map<string, string[]>();
    for (const { ingest, line } of events) {
        const own = lines.get(ingest);
        if (own) own.push(line);
        else lines.set(ingest, [line]);
    }
    return lines;
}
