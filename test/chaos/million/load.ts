import { once } from "node:events";
import { createWriteStream, writeFileSync } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import type { Line } from "../../../cli/generate/faults";
import { readSpec } from "../../../cli/generate/spec";
import { count, emptyTally, type Tally } from "../../../cli/generate/tally";
import type { LocalPipeline } from "../../../local";

/** What was sent, and what was answered. */
export interface Sent {
    tally: Tally;
    /** Requests and their lines, by status. */
    answers: Map<number, { requests: number; lines: number }>;
    /** Lines that the collector refused, put on the delivery stream as they are. */
    direct: number;
}

/** A line of the file of what was sent. */
export interface SentLine {
    /** Absent where it is broken. */
    event?: unknown;
    broken?: string;
}

export const start = Date.parse("2026-11-21T00:00:00Z");
const ingest = "deviceping";
const minute = 60_000;
const hour = 60 * minute;
/** Events of a request, at most. */
const batch = 500;
/** A sender that heard of no success sends the same again, so often at most. */
const mostAttempts = 20;

/** How long it takes, in hours, for some 3,500 events to arrive within the five minutes that a buffer waits. */
export function hoursFor(events: number): number {
    return Math.min(24, Math.max(0.5, events / 40_000));
}

/**
 * Generates the events and posts them minute by minute, as a gateway of devices does: with what is refused taken out, and
 * again where it is not stored. What is refused goes to the delivery stream directly, as from senders that check nothing.
 * Each line that is sent is also written to `file`.
 */
export async function sendAll(
    local: LocalPipeline,
    { events, seed }: { events: number; seed: number },
    folder: string,
    file: string,
): Promise<Sent> {
    const { lines } = await readSpec(writeSpec(folder, events), { seed });
    const sent: Sent = { tally: emptyTally(), answers: new Map(), direct: 0 };
    const out = createWriteStream(file);
    for (const portion of portions(lines)) {
        await local.advanceTo((Math.floor(portion[0]!.arrival / minute) + 1) * minute);
        for (let from = 0; from < portion.length; from += batch) await post(portion.slice(from, from + batch));
        count(sent.tally, portion);
        if (!out.write(portion.map((line) => `${JSON.stringify(sentLine(line))}\n`).join(""))) await once(out, "drain");
    }
    await finished(out.end());
    return sent;

    async function post(lines: Line[]): Promise<void> {
        let pending = lines.map(({ text }) => text);
        for (let attempt = 1; pending.length > 0; attempt++) {
            const { status, errors } = await postOnce(local.routes[0]!.url, pending);
            const answer = sent.answers.get(status) ?? { requests: 0, lines: 0 };
            sent.answers.set(status, { requests: answer.requests + 1, lines: answer.lines + pending.length });
            if (status === 204) return;
            if (attempt > mostAttempts) throw new Error(`${pending.length} events were refused ${attempt} times`);
            const refused = new Set(errors.map(({ index }) => index));
            const direct = pending.filter((_, index) => refused.has(index));
            if (direct.length > 0) await local.send(ingest, direct);
            sent.direct += direct.length;
            pending = pending.filter((_, index) => !refused.has(index));
        }
    }
}

async function postOnce(url: string, lines: string[]): Promise<{ status: number; errors: { index: number }[] }> {
    const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/x-ndjson", "x-api-key": "development-key-of-fleet" },
        body: lines.join("\n"),
    });
    const text = await response.text();
    const { errors = [] } = response.status === 400 ? JSON.parse(text) : {};
    return { status: response.status, errors };
}

/** What arrives in the same minute. */
function* portions(lines: Iterable<Line>): Generator<Line[]> {
    let portion: Line[] = [];
    for (const line of lines) {
        if (portion[0] && Math.floor(portion[0].arrival / minute) !== Math.floor(line.arrival / minute)) {
            yield portion;
            portion = [];
        }
        portion.push(line);
    }
    if (portion.length > 0) yield portion;
}

function sentLine({ text, broken }: Line): SentLine {
    return broken ? { broken: text } : { event: JSON.parse(text) };
}

/** 5 % duplicates, which come up to a quarter of an hour later, 5 % late, 1 % broken. */
function writeSpec(folder: string, events: number): string {
    const every = (hoursFor(events) * hour) / events;
    const spec = {
        count: events,
        time: { start: new Date(start).toISOString(), every: `${every / 1000}s` },
        fields: {
            event_id: { type: "uuid" },
            device_id: { type: "uniform", min: 1, max: 100, decimals: 0, text: "device-{000}" },
            battery: { type: "uniform", min: 0, max: 1, decimals: 3 },
            sent_at: { type: "timestamp", format: "sql", late: { share: 0.05, within: "3h" } },
        },
        faults: {
            duplicates: { share: 0.05, within: Math.ceil((15 * minute) / every) },
            disorder: { share: 0.02, within: 50 },
            broken: 0.01,
        },
    };
    const file = join(folder, "pings.json");
    writeFileSync(file, JSON.stringify(spec));
    return file;
}
