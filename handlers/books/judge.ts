import type { BookedIngest, BooksCursor, Carried, HourBooks, MissingEvent } from "./contract";
import { oneHour } from "./hour-folders";
import { HourLoader, type LoadedHour, OutOfTime, TooMany } from "./load-hours";
import { eachPiece, type Place } from "./read-object";
import { carriedInto, tally } from "./tally";
import { tokenOf } from "./tokens";

/** What judging takes. */
export interface Judging {
    place: Place;
    /** Milliseconds until the function is ended. */
    timeLeft(): number;
    /** Whether this invocation has made up no books yet: then more time than it has, there is not. */
    isFresh: boolean;
}

/** Hours of an ingest, in milliseconds since 1970: from the first one up to the one after the last. */
export interface Span {
    from: number;
    to: number;
    /** What the hour before left; unknown at first. */
    carried?: Carried;
}

/** An hour's books, and what they leave to the next hour's; nothing is known of that where they could not be made up. */
export interface Judged {
    books: HourBooks;
    carried?: Carried;
}

/** Kept for what remains to be done. */
const reserve = 30_000;
const mostExamples = 20;

/**
 * Makes up the books of an ingest, hour by hour; returns where to go on, where the time runs out. An hour for which even
 * the time of a whole invocation is not enough is told of and passed over.
 */
export async function* judge(
    judging: Judging,
    ingest: BookedIngest,
    { from, to, carried }: Span,
): AsyncGenerator<Judged, BooksCursor | undefined> {
    const { place, timeLeft } = judging;
    const loader = new HourLoader(place, ingest, from - oneHour, checkTime);
    const window: LoadedHour[] = [];
    let left = carried;
    for (let hour = from; hour < to; hour += oneHour) {
        try {
            while (window.length < 3) window.push(await loader.load(hour + (window.length - 1) * oneHour));
            const [before, current, after] = window as [LoadedHour, LoadedHour, LoadedHour];
            const found = tally({ before, hour: current, after }, left ?? carriedInto({ before }));
            const examples = await examplesOf(place, current, found.missing);
            left = found.carried;
            yield {
                books: { ...headOf(ingest, hour), ...found.counts, examples, notes: current.notes },
                carried: left,
            };
            judging.isFresh = false;
            window.shift();
        } catch (error) {
            if (error instanceof OutOfTime && !judging.isFresh) return cursorOf(hour);
            if (!(error instanceof OutOfTime || error instanceof TooMany)) throw error;
            judging.isFresh = false;
            yield { books: notMadeUp(ingest, hour, error.message) };
            return hour + oneHour < to ? cursorOf(hour + oneHour) : undefined;
        }
    }
    return undefined;

    function cursorOf(hour: number): BooksCursor {
        return {
            ...{ ingest: ingest.name, hour: new Date(hour).toISOString() },
            ...(hour > from && left && { carried: left }),
        };
    }

    function checkTime(): void {
        if (timeLeft() < reserve) throw new OutOfTime("the time of an invocation is not enough");
    }
}

/** Looks up some missing events in the backup: tokens do not say what they are of. */
async function examplesOf(place: Place, { backup }: LoadedHour, missing: bigint[]): Promise<MissingEvent[]> {
    const wanted = new Set(missing);
    const examples: MissingEvent[] = [];
    for (const key of backup) {
        if (wanted.size === 0 || examples.length === mostExamples) break;
        await eachPiece(place, key, (piece) => {
            const found = tokenOf(piece);
            if (!found || examples.length === mostExamples || !wanted.delete(found.token)) return;
            examples.push({ eventId: found.eventId, backup: key });
        });
    }
    return examples;
}

function notMadeUp(ingest: BookedIngest, hour: number, reason: string): HourBooks {
    return {
        ...headOf(ingest, hour),
        ...{ accepted: 0, delivered: 0, failed: 0, duplicates: 0, missing: 0, carried: 0, again: 0, unknown: 0 },
        examples: [],
        notes: [`not made up: ${reason}`],
    };
}

function headOf({ name }: BookedIngest, hour: number): Pick<HourBooks, "ingest" | "hour"> {
    return { ingest: name, hour: new Date(hour).toISOString() };
}
