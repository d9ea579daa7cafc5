import type { Ledger } from "../shared/ledger";
import { log } from "../shared/log";
import type { BookedIngest, BooksEnvironment, BooksReport, BooksRequest, HourBooks } from "./contract";
import { hourOf, oneHour } from "./hour-folders";
import { type Judged, type Judging, judge, type Span } from "./judge";
import { writeMetrics } from "./metrics";
import type { Place } from "./read-object";
import { type BookedHour, isEmpty, readHours, writeHour } from "./rows";

/** What the function works with. */
export interface Context {
    s3: Place["s3"];
    ledger: Ledger;
    ingests: BookedIngest[];
    environment: BooksEnvironment;
    /** Milliseconds since 1970. */
    now(): number;
    /** Milliseconds until the function is ended. */
    timeLeft(): number;
}

const stage = "books";
/** Hours that are looked back: so long Firehose tries to deliver what it has accepted. */
const lookback = 24 * oneHour;
/** Of an unpacked object. */
const mostBytes = 1024 ** 3;
/** With an `event_id`, of one place and hour: 8 bytes each, of three hours at once. */
const mostEvents = 20_000_000;
/** An answer holds 6 MB; that many hours with examples and notes fit. */
const mostHours = 1000;

const logWhy = "a load balancer's log is no backup of Firehose; what came another way is in the books";

/** Makes up the books, and answers them: of the hours asked for, or of those that have none yet. */
export async function keepBooks(context: Context, request: BooksRequest): Promise<BooksReport> {
    const report = request.hourly ? await keepHourly(context) : await answer(context, request);
    const notCovered = chosen(context.ingests, request.ingests)
        .filter(({ loadBalancer }) => loadBalancer)
        .map(({ name }) => ({ ingest: name, reason: logWhy }));
    return { ...report, notCovered };
}

async function answer(context: Context, request: BooksRequest): Promise<Omit<BooksReport, "notCovered">> {
    const { open = false, next } = request;
    const closed = open ? hourOf(context.now() + oneHour - 1) : closedOf(context);
    const wanted = request.to === undefined ? closed : hourOf(timeOf("to", request.to) + oneHour - 1);
    const to = Math.min(wanted, closed);
    const from = hourOf(request.from === undefined ? to - lookback : timeOf("from", request.from));
    const window = { from: new Date(from).toISOString(), to: new Date(Math.max(from, to)).toISOString() };
    const hours: HourBooks[] = [];
    const judging = judgingOf(context);
    const ingests = chosen(context.ingests, request.ingests);
    for (const ingest of ingests.slice(
        Math.max(
            0,
            ingests.findIndex(({ name }) => name === next?.ingest),
        ),
    )) {
        const goesOn =
            ingest.name === next?.ingest ? { from: timeOf("next", next.hour), carried: next.carried } : { from };
        const rest = await eachHour(judging, ingest, { ...goesOn, to }, async ({ books }) => {
            if (!isEmpty(books)) hours.push(books);
            return hours.length < mostHours;
        });
        if (rest) return { window, hours, next: rest };
    }
    return { window, hours };
}

/** Closed hours without books, and those with events missing: what Firehose could not deliver yet is there later. */
async function keepHourly(context: Context): Promise<Omit<BooksReport, "notCovered">> {
    const { ledger, environment, ingests, now } = context;
    const to = closedOf(context);
    const from = to - lookback;
    const hours: HourBooks[] = [];
    const judging = judgingOf(context);
    const due = await Promise.all(
        ingests.map(async (ingest) => {
            const booked = await readHours(ledger, ingest.name, from - oneHour);
            return spansOf(booked, from, to).map((span) => ({ ingest, span }));
        }),
    );
    // The oldest first, so that no ingest takes another one's time hour after hour.
    for (const { ingest, span } of due.flat().sort((a, b) => a.span.from - b.span.from)) {
        // The rows say what there was no time for: the next hour's call does it.
        await eachHour(judging, ingest, span, async (judged) => {
            await keep(judged);
            hours.push(judged.books);
            return true;
        });
    }
    return { window: { from: new Date(from).toISOString(), to: new Date(to).toISOString() }, hours };

    async function keep(judged: Judged): Promise<void> {
        const { books } = judged;
        const { examples: _, ...counts } = books;
        await writeHour(ledger, judged, now());
        writeMetrics(environment.PIPELINE, books, now());
        log(books.missing > 0 || books.notes.length > 0 ? "warn" : "info", "books", { stage, ...counts });
    }
}

function judgingOf({ s3, environment: { BUCKET: bucket }, timeLeft }: Context): Judging {
    return { place: { s3, bucket, mostBytes, mostEvents }, timeLeft, isFresh: true };
}

/** Hands out the books of hour after hour, until `take` has enough; returns where to go on, if that is not the end. */
async function eachHour(
    judging: Judging,
    ingest: BookedIngest,
    span: Span,
    take: (judged: Judged) => Promise<boolean>,
) {
    const hours = judge(judging, ingest, span);
    let next = await hours.next();
    while (!next.done && (await take(next.value))) next = await hours.next();
    if (next.done) return next.value;
    const { books, carried } = next.value;
    return { ingest: ingest.name, hour: new Date(Date.parse(books.hour) + oneHour).toISOString(), carried };
}

/** The hours that are to be made up, those that follow each other together. Without any row, the last one is the first. */
export function spansOf(booked: BookedHour[], from: number, to: number): Span[] {
    const rows = new Map(booked.map((row) => [row.hour, row]));
    const first = booked.length === 0 ? to - oneHour : Math.max(from, booked[0]!.hour);
    const spans: Span[] = [];
    for (let hour = first; hour < to; hour += oneHour) {
        const row = rows.get(hour);
        if (row && row.missing === 0) continue;
        const last = spans.at(-1);
        if (last?.to === hour) last.to = hour + oneHour;
        else spans.push({ from: hour, to: hour + oneHour, carried: rows.get(hour - oneHour)?.carried });
    }
    return spans;
}

/** The end of the last hour whose books are closed. */
function closedOf({ environment, now }: Context): number {
    return hourOf(now() - Number(environment.AFTER_MINUTES) * 60_000);
}

function chosen(ingests: BookedIngest[], names: string[] | undefined): BookedIngest[] {
    const known = ingests.map(({ name }) => name);
    const unknown = names?.filter((name) => !known.includes(name)) ?? [];
    if (unknown.length > 0) throw new Error(`no ingest: ${unknown.join(", ")}: there are ${known.join(", ")}`);
    return names ? ingests.filter(({ name }) => names.includes(name)) : ingests;
}

function timeOf(what: string, text: string): number {
    const time = Date.parse(text);
    if (Number.isNaN(time)) throw new Error(`${what}: \`${text}\` is no time: write it as 2026-11-21T04:00:00Z`);
    return time;
}
