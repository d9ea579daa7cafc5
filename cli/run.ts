import { toJson } from "../local";
import { suggestion } from "../plan/suggestion";
import { type EventLines, type EventSource, fieldsOf, type Portion, readLines, survey } from "./events";
import { arrivals, type ObjectSource, readObjects, refuseUnread } from "./objects";
import { printReport } from "./print";
import { sendThrough, type ThroughOptions } from "./through";

/** Options of `eventpipeline run`, as the command line gives them. */
export interface RunOptions extends ThroughOptions {
    events?: EventSource[];
    objects?: ObjectSource[];
    eventTime?: string;
    step: number;
    json?: boolean;
}

/** Sends the events and objects through the program's pipeline and prints what happened; 1 if anything failed or was denied. */
export async function run(
    program: string,
    options: RunOptions,
    out: NodeJS.WritableStream = process.stdout,
): Promise<number> {
    const { events: sources = [] } = options;
    const objects = arrivals((options.objects ?? []).flatMap(readObjects));
    const followsEvents = options.eventTime !== undefined || objects.some(({ at }) => at !== undefined);
    const { report, project, seconds } = await sendThrough(program, { ...options, followsEvents }, (pipeline) => {
        const lines = sources.map((source) => ({
            ingest: source.ingest,
            lines: readLines(source, pipeline.columnTypes(source.ingest)),
        }));
        const events = survey(lines, options.step, options.eventTime);
        if (events.count > 0 && !events.isTimed) refuseWithoutTimes(lines, options.eventTime);
        for (const source of options.objects ?? []) refuseUnread(source, pipeline.readPrefixes);
        return {
            ingests: sources.map(({ ingest }) => ingest),
            portions: inOrder([...events.portions, ...objects]),
            total: events.count,
        };
    });
    if (options.json) out.write(`${toJson(report)}\n`);
    else printReport(report, { program: project, seconds }, out);
    return report.failed.length > 0 || report.denied.length > 0 ? 1 : 0;
}

/** Those without a time last: a clock that follows the others is in their time then. */
function inOrder(all: Portion[]): Portion[] {
    const time = ({ at }: Portion) => at ?? Number.MAX_SAFE_INTEGER;
    return all.sort((a, b) => time(a) - time(b));
}

/** A clock that follows nothing would stay in 1970. */
function refuseWithoutTimes(lines: EventLines[], field: string | undefined): void {
    if (field === undefined) return;
    const others = fieldsOf(lines).filter((name) => name !== field);
    const hint = others.length > 0 ? suggestion(field, others) : "the events have no other field";
    throw new Error(`--event-time: no event has a time in "${field}": ${hint}`);
}
