import { setImmediate, setTimeout } from "node:timers/promises";
import type { Line } from "./faults";

/** How fast lines are made, and until when. */
export interface Pace {
    /** Lines of a batch. */
    batch: number;
    /** Lines a second; undefined for as fast as they are taken. */
    rate?: number;
    /** Ends the batches. */
    signal: AbortSignal;
    /** Called for each batch that is taken. */
    taken(lines: Line[]): void;
}

/**
 * The lines in batches, each no earlier than its turn. A batch is made only when it is asked for and its turn has come:
 * none is made and not taken. Where the other side falls behind the rate, later batches make up for it.
 */
export async function* batches(
    lines: Iterable<Line>,
    { batch: size, rate, signal, taken }: Pace,
): AsyncGenerator<Line[]> {
    const iterator = lines[Symbol.iterator]();
    const started = performance.now();
    let made = 0;
    while (!signal.aborted) {
        const wait = rate === undefined ? 0 : started + (made / rate) * 1000 - performance.now();
        // Even without a rate, signals and sockets have to get their turn.
        await (wait > 0 ? setTimeout(wait, undefined, { signal }).catch(() => undefined) : setImmediate());
        if (signal.aborted) return;
        const batch = take(iterator, size);
        if (batch.length === 0) return;
        made += batch.length;
        taken(batch);
        yield batch;
    }
}

function take(lines: Iterator<Line>, most: number): Line[] {
    const batch: Line[] = [];
    while (batch.length < most) {
        const next = lines.next();
        if (next.done) break;
        batch.push(next.value);
    }
    return batch;
}
