import { readFileSync } from "node:fs";
import type { Problem } from "../../plan";
import { isRecord } from "../../plan/shapes";
import { readArrivals } from "./arrivals";
import { loadFakes } from "./fake";
import { type Line, readFaults, withFaults } from "./faults";
import { readFields } from "./fields";
import { Random } from "./random";
import { Reader } from "./reader";

/** What the command line says in place of the spec. */
export interface Overrides {
    seed?: number;
    count?: number;
    for?: string;
    start?: string;
}

/** What a spec makes: the same lines each time it is read with the same seed. */
export interface Spec {
    /** How many events there are; undefined if a time ends them. */
    count: number | undefined;
    /** Whether lines have an arrival. */
    timed: boolean;
    lines: Iterable<Line>;
}

/** A spec that can't be used, with all that is wrong with it. */
export class SpecError extends Error {
    constructor(
        file: string,
        readonly problems: readonly Problem[],
    ) {
        const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
        super(
            [`${count} in ${file}:`, ...problems.map(({ path, message }) => `  ${path}${path && ": "}${message}`)].join(
                "\n",
            ),
        );
    }
}

/** Reads a spec's file. */
export async function readSpec(file: string, overrides: Overrides = {}): Promise<Spec> {
    const document = overridden(parse(file), overrides);
    const fakes = asksForFakes(document) ? await loadFakes() : undefined;
    const problems: Problem[] = [];
    const report = (path: string, message: string) => problems.push({ path, message });

    const reader = Reader.of(document, "", report);
    const spec = reader && read(reader);
    if (!spec || problems.length > 0) throw new SpecError(file, problems);
    return spec;

    function read(reader: Reader): Spec {
        const seed = reader.number("seed", { integer: true }, 1);
        const random = (purpose: string) => new Random(seed, purpose);
        const time = reader.has("time") ? reader.object("time") : undefined;
        const arrivals = time && readArrivals(time, random("time"));
        let late = 0;
        const event = readFields(reader.entries("fields"), "fields", {
            seed,
            report,
            start: arrivals?.start ?? (reader.has("time") ? 0 : undefined),
            fakes,
            late: () => late++,
        });
        const faults = readFaults(reader.has("faults") ? reader.object("faults") : undefined);
        const count = reader.has("count") ? reader.number("count", { from: 0, integer: true }) : undefined;
        const duration = reader.has("for") ? reader.duration("for") : undefined;
        if (count === undefined && duration === undefined)
            report(
                "count",
                "is missing: say how many events with `count` or `--count`, or how much time they cover with `for` or `--for`",
            );
        if (count !== undefined && duration !== undefined)
            report("for", "can't stand beside `count`: keep one of them");
        if (duration !== undefined && !reader.has("time"))
            report("for", "needs `time`, which says when the events start and how often they come");
        reader.end();
        const end = (arrivals?.start ?? 0) + (duration ?? Infinity);
        return { count, timed: arrivals !== undefined, lines: withFaults(events(), faults, random) };

        function* events(): Generator<Line> {
            for (let made = 0; made < (count ?? Infinity); made++) {
                const arrival = arrivals?.next() ?? Number.NaN;
                if (arrival >= end) return;
                late = 0;
                const text = event(arrival);
                yield { text, arrival, late };
            }
        }
    }
}

function parse(file: string): unknown {
    try {
        return JSON.parse(readFileSync(file, "utf8").replace(/^\uFEFF/, ""));
    } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        throw new Error(code ? `${file}: the spec can't be read (${code})` : `${file}: not valid JSON: ${message}`);
    }
}

/** The document with the command line's values; one that ends the events takes the place of the other. */
function overridden(document: unknown, { seed, count, for: duration, start }: Overrides): unknown {
    if (!isRecord(document)) return document;
    const { count: _, for: __, ...unended } = document;
    const ends = { ...(count !== undefined && { count }), ...(duration !== undefined && { for: duration }) };
    return {
        ...(Object.keys(ends).length > 0 ? { ...unended, ...ends } : document),
        ...(seed !== undefined && { seed }),
        ...(start !== undefined && { time: { ...(isRecord(document.time) && document.time), start } }),
    };
}

function asksForFakes(value: unknown): boolean {
    if (typeof value !== "object" || value === null) return false;
    return (value as { type?: unknown }).type === "fake" || Object.values(value).some(asksForFakes);
}
