import type { Random } from "./random";
import type { Reader } from "./reader";

/** A line of the stream, and what was done to it. */
export interface Line {
    text: string;
    /** When it arrives, in milliseconds since 1970; NaN where the spec has no `time`. */
    arrival: number;
    /** Its event came before. */
    copy?: boolean;
    broken?: boolean;
    /** Timestamps in it that lie before its arrival. */
    late: number;
    /** Later events came before it. */
    moved?: boolean;
}

/** How often what goes wrong. */
export interface Faults {
    duplicates: Displacement;
    disorder: Displacement;
    broken: number;
}

interface Displacement {
    share: number;
    /** Most events that come in between. */
    within: number;
}

/** Reads `faults`; those that are not named don't happen. */
export function readFaults(reader: Reader | undefined): Faults {
    const faults = {
        duplicates: readDisplacement(reader, "duplicates"),
        disorder: readDisplacement(reader, "disorder"),
        broken: reader?.share("broken") ?? 0,
    };
    reader?.end();
    return faults;
}

function readDisplacement(reader: Reader | undefined, name: string): Displacement {
    const displacement = reader?.has(name) ? reader.object(name) : undefined;
    if (!displacement) return { share: 0, within: 1 };
    const share = displacement.number("share", { from: 0, to: 1 });
    const within = displacement.number("within", { from: 1, to: 1_000_000, integer: true }, 1);
    displacement.end();
    return { share, within };
}

/**
 * The events as lines, with faults: some cut off in the middle, some sent again up to `within` events later, some held
 * back while up to `within` others pass. What waits is all that is kept.
 */
export function* withFaults(
    events: Iterable<Line>,
    faults: Faults,
    random: (purpose: string) => Random,
): Generator<Line> {
    const [breaks, duplicates, disorder] = ["broken", "duplicates", "disorder"].map(random) as [Random, Random, Random];
    const waiting = new Map<number, Line[]>();
    let index = 0;
    let now = Number.NaN;
    for (const event of events) {
        now = event.arrival;
        const broken = breaks.chance(faults.broken);
        const line = broken ? { ...event, text: cut(event.text, breaks), broken } : event;
        if (!broken && duplicates.chance(faults.duplicates.share))
            hold(faults.duplicates, duplicates, { ...line, copy: true });
        if (disorder.chance(faults.disorder.share)) hold(faults.disorder, disorder, { ...line, moved: true });
        else yield line;
        yield* released(index);
        index++;
    }
    for (const due of [...waiting.keys()].sort((a, b) => a - b)) yield* released(due);

    function hold({ within }: Displacement, random: Random, line: Line): void {
        const due = index + random.integer(1, within);
        waiting.set(due, [...(waiting.get(due) ?? []), line]);
    }

    function* released(due: number): Generator<Line> {
        for (const line of waiting.get(due) ?? []) yield { ...line, arrival: now };
        waiting.delete(due);
    }
}

/** The beginning of an object's text: never valid JSON, never empty. */
function cut(text: string, random: Random): string {
    const whole = text.slice(0, random.integer(1, text.length - 1));
    // A character of two UTF-16 units is not cut in two.
    return whole.isWellFormed() ? whole : whole.slice(0, -1);
}
