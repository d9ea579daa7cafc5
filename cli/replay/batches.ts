import { setTimeout } from "node:timers/promises";
import type { Failures } from "./cloud";

/** How fast, and until when, something is sent. */
export interface Pace {
    /** Waits until so many more may be sent. */
    take(count: number): Promise<void>;
    /** Waits before another attempt. */
    pause(milliseconds: number): Promise<unknown>;
    /** Whether nothing more is to be begun. */
    isStopped(): boolean;
}

/** At most `rate` a second, until the signal. */
export function paceOf(rate: number, signal?: AbortSignal): Pace {
    let free = Date.now();
    return {
        async take(count) {
            const start = Math.max(free, Date.now());
            free = start + (count * 1000) / rate;
            await pause(start - Date.now());
        },
        pause,
        isStopped: () => signal?.aborted === true,
    };

    async function pause(milliseconds: number): Promise<void> {
        // A replay that is to end does not wait.
        if (milliseconds > 0) await setTimeout(milliseconds, undefined, { signal }).catch(() => {});
    }
}

const mostAttempts = 5;
const firstPause = 200;

/** Sends a batch, and what of it failed again; answers what failed to the end, by position. */
export async function sendBatch<T>(
    entries: T[],
    send: (entries: T[]) => Promise<Failures>,
    pace: Pace,
): Promise<Failures> {
    let left = entries.map((_, index) => index);
    for (let attempt = 1; ; attempt++) {
        const sent = left;
        const failures = await send(sent.map((index) => entries[index]!));
        left = [...failures.keys()].map((position) => sent[position]!);
        if (left.length === 0) return new Map();
        if (attempt === mostAttempts || pace.isStopped()) {
            return new Map([...failures].map(([position, reason]) => [sent[position]!, reason]));
        }
        await pace.pause(Math.random() * firstPause * 2 ** attempt);
    }
}

/** Cuts into batches of at most so many entries and so many bytes; an entry that is larger goes alone. */
export function* batchesOf<T>(
    entries: Iterable<T>,
    most: { entries: number; bytes: number },
    bytesOf: (entry: T) => number,
): Generator<T[]> {
    let batch: T[] = [];
    let bytes = 0;
    for (const entry of entries) {
        const more = bytesOf(entry);
        if (batch.length === most.entries || (batch.length > 0 && bytes + more > most.bytes)) {
            yield batch;
            batch = [];
            bytes = 0;
        }
        batch.push(entry);
        bytes += more;
    }
    if (batch.length > 0) yield batch;
}

/** Does something with all items, several at a time, in their order; begins no more once one of them failed. */
export async function inLanes<T>(items: Iterable<T>, lanes: number, work: (item: T) => Promise<void>): Promise<void> {
    const iterator = items[Symbol.iterator]();
    let failed = false;
    await Promise.all(
        Array.from({ length: lanes }, async () => {
            for (let next = iterator.next(); !next.done && !failed; next = iterator.next()) {
                await work(next.value).catch((error) => {
                    failed = true;
                    throw error;
                });
            }
        }),
    );
}
