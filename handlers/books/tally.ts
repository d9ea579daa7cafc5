import type { Carried, HourBooks } from "./contract";

/** Events of one place and hour. */
export interface Events {
    /** Of those with an `event_id`, in ascending order, one for each copy. */
    tokens: BigUint64Array;
    /** How many have none. */
    anonymous: number;
    /** Of these, how many lie in objects that may reach into the next hour. */
    atBorder: number;
}

/** What was found in the folders of an hour. */
export interface FoundHour {
    accepted: Events;
    delivered: Events;
    failed: Events;
    /** Rows in objects that Firehose wrote twice. */
    twice: number;
}

/** An hour, and the hours around it. */
export interface Neighbours {
    before: FoundHour;
    hour: FoundHour;
    after: FoundHour;
}

/** The numbers of an hour's books. */
export type Counts = Omit<HourBooks, "ingest" | "hour" | "examples" | "notes">;

/** An hour's books, and what it leaves to the next one. */
export interface Tally {
    counts: Counts;
    carried: Carried;
    /** Tokens of missing events. */
    missing: bigint[];
}

/** More missing events are only counted. */
const mostMissing = 1000;

/** What may be under way at the beginning of an hour of which nothing else is known. */
export function carriedInto({ before }: Pick<Neighbours, "before">): Carried {
    return borderOf(before);
}

/** Works out an hour's books. */
export function tally(neighbours: Neighbours, carried: Carried): Tally {
    const named = tallyNamed(neighbours);
    const anonymous = tallyAnonymous(neighbours.hour, carried);
    const counts = { ...named.counts };
    for (const [name, count] of Object.entries(anonymous.counts)) counts[name as keyof Counts] += count;
    counts.again += neighbours.hour.twice;
    const { accepted, delivered, failed, duplicates, missing } = counts;
    counts.carried = accepted - delivered - failed - duplicates - missing;
    return { counts, carried: anonymous.carried, missing: named.missing };
}

/**
 * Of events with an `event_id`. Each is looked for in the folders of its own hour and the hours around, since objects of
 * the backup and of the table begin and end at different times. Of its copies the earlier ones failed; of the others
 * the first is delivered, if the table has the event, and the rest are duplicates.
 */
function tallyNamed({ before, hour, after }: Neighbours): Pick<Tally, "counts" | "missing"> {
    const counts = {
        accepted: 0,
        delivered: 0,
        failed: 0,
        duplicates: 0,
        missing: 0,
        carried: 0,
        again: 0,
        unknown: 0,
    };
    const missing: bigint[] = [];
    const all = [before, hour, after];
    const [earlier, later] = [new Copies([before.accepted]), new Copies([after.accepted])];
    const [inTable, inFailed] = [
        new Copies(all.map((each) => each.delivered)),
        new Copies(all.map((each) => each.failed)),
    ];
    for (const [token, copies] of distinct(hour.accepted.tokens)) {
        const [first, last, rows, failures] = [earlier, later, inTable, inFailed].map((each) => each.of(token));
        const failedBefore = Math.min(first!, failures!);
        const failed = Math.min(copies, failures! - failedBefore);
        const sound = copies - failed;
        counts.accepted += copies;
        counts.failed += failed;
        if (sound === 0) continue;
        if (first! > failedBefore) {
            counts.duplicates += sound;
            continue;
        }
        counts.duplicates += sound - 1;
        if (rows === 0) {
            counts.missing++;
            if (missing.length < mostMissing) missing.push(token);
            continue;
        }
        counts.delivered++;
        counts.again += Math.max(0, rows! - Math.max(1, first! + copies + last! - failures!));
    }
    for (const place of [hour.delivered, hour.failed]) counts.unknown += unaccepted(place, all);
    return { counts, missing };
}

/** Copies of a place that are accepted in no hour. */
function unaccepted({ tokens }: Events, hours: FoundHour[]): number {
    const accepted = new Copies(hours.map((each) => each.accepted));
    let count = 0;
    for (const [token, copies] of distinct(tokens)) if (accepted.of(token) === 0) count += copies;
    return count;
}

/**
 * Of events without an `event_id` there are but numbers. At an hour's end some are accepted and not yet in the folders of
 * the other places, or the other way round: as many as there are in objects that reach over the border, at most. What
 * that can't explain is missing, or there twice.
 */
function tallyAnonymous(hour: FoundHour, carried: Carried): { counts: Partial<Counts>; carried: Carried } {
    const [accepted, delivered, failed] = anonymousOf(hour);
    const border = borderOf(hour);
    const change = accepted - delivered - failed;
    const least = carried.least + change;
    const most = carried.most + change;
    const missing = Math.max(0, least - border.most);
    // What came twice in an hour before is told of in the next one in which something came.
    const surplus = Math.min(Math.max(0, border.least - most), delivered + failed);
    const again = Math.min(surplus, delivered);
    return {
        counts: { accepted, delivered: delivered - again, failed: failed - (surplus - again), missing, again },
        carried: {
            least: Math.min(border.most, Math.max(least, Math.min(border.least, most + surplus))),
            most: Math.min(border.most, most + surplus),
        },
    };
}

function anonymousOf({ accepted, delivered, failed }: FoundHour): [number, number, number] {
    return [accepted.anonymous, delivered.anonymous, failed.anonymous];
}

function borderOf({ accepted, delivered, failed }: FoundHour): Carried {
    // Not minus nothing, which is another number to some.
    return { least: 0 - delivered.atBorder - failed.atBorder, most: accepted.atBorder };
}

/** How often tokens are in lists of tokens, asked for in ascending order. */
class Copies {
    private readonly lists: { tokens: BigUint64Array; at: number }[];

    constructor(places: Events[]) {
        this.lists = places.map(({ tokens }) => ({ tokens, at: 0 }));
    }

    of(token: bigint): number {
        let copies = 0;
        for (const list of this.lists) {
            while (list.at < list.tokens.length && list.tokens[list.at]! < token) list.at++;
            while (list.at < list.tokens.length && list.tokens[list.at] === token) {
                list.at++;
                copies++;
            }
        }
        return copies;
    }
}

/** Each token once, and how often it is there. */
function* distinct(tokens: BigUint64Array): Generator<[token: bigint, copies: number]> {
    for (let at = 0; at < tokens.length; ) {
        const start = at;
        while (at < tokens.length && tokens[at] === tokens[start]) at++;
        yield [tokens[start]!, at - start];
    }
}
