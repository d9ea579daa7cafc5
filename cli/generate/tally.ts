import type { Line } from "./faults";

/** What was made. `lines` is `events` and `duplicates` together. */
export interface Tally {
    lines: number;
    events: number;
    duplicates: number;
    /** Lines cut off in the middle; their events are nowhere whole. */
    broken: number;
    /** Events that others overtook. */
    moved: number;
    /** Timestamps before their event's arrival. */
    late: number;
}

export function emptyTally(): Tally {
    return { lines: 0, events: 0, duplicates: 0, broken: 0, moved: 0, late: 0 };
}

/** Adds lines to the tally. */
export function count(tally: Tally, lines: Line[]): void {
    for (const { copy, broken, moved, late } of lines) {
        tally.lines++;
        if (copy) tally.duplicates++;
        else tally.events++;
        if (broken && !copy) tally.broken++;
        if (moved) tally.moved++;
        if (!copy) tally.late += late;
    }
}
