/**
 * The ledger: one DynamoDB table per pipeline that says what became of every object version and every run.
 *
 * | `entry`                  | `subscriber`       | what the row says                                                     |
 * | ------------------------ | ------------------ | --------------------------------------------------------------------- |
 * | `object/<S3 key>`        | `rollup/<name>`    | how a subscriber accounted for the newest version that it has seen    |
 * | `object/<S3 key>`        | `query/<name>`     | the same of a query                                                   |
 * | `object/<S3 key>`        | `processor/<name>` | the same of a processor                                               |
 * | `handled/<name>/<key>`   | version            | how a processor ended for this version of an object                   |
 * | `applied/<name>/<key>`   | revision, 12 digits | what a rollup's counters hold of an object: the sum of all these rows |
 * | `run/<token>`            | `query/<name>`     | a query run: its objects, how far it is, how it ended                 |
 * | `query/<name>`           | `schedule`         | when a query with a minimum interval may run next, and what waits     |
 * | `compact/<prefix><hour or day>` | `run/<number>`  | a run of a compaction, and the objects that it takes; never forgotten |
 * | `compact/<prefix><hour or day>` | `schedule`      | when the message comes that the interval waits for                   |
 * | `republished/<S3 key>`   | as of the object   | how often reconciliation announced an object again                    |
 * | `reconcile/cursor`       | `hourly`           | where reconciliation goes on, if it ran out of time                   |
 * | `books/<ingest>`         | `yyyy-MM-ddTHH`    | the books of an ingest and an hour: accepted, delivered, failed, …    |
 *
 * A query's row of an object names a run's token as its `executionId`, and stays `started`: the run's row says how it
 * ended. One Query for `object/<key>` so answers who accounted for an object, at which version, with what outcome. An entry's
 * kind stands before the first `/`, and names have none, so that no key collides with another row's.
 */

/** Name of the partition key. */
export const entryAttribute = "entry";
/** Name of the sort key. */
export const subscriberAttribute = "subscriber";
/** Name of the attribute that says when DynamoDB may forget a row: seconds since 1970. */
export const expiryAttribute = "expires";

/**
 * Days that a row is kept after it was written. A message that is delivered later would count again: it waits 4 days in
 * a queue and 14 in a dead-letter queue, and the rest is for replaying.
 */
export const ledgerDays = 90;

/** What a subscriber reacts as. */
export type SubscriberKind = "rollup" | "query" | "processor";

/** What became of an object version, or of a run. */
export const Outcome = {
    /** Begun; a repetition goes on with it. */
    Started: "started",
    /** Everything is accounted for. */
    Done: "done",
    /** It can't be: `reason` says why. */
    Failed: "failed",
    /** The object was no longer there. */
    Gone: "gone",
} as const;
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

/** Entry of an object. */
export function objectEntry(key: string): string {
    return `object/${key}`;
}

/** Entry of a query run. */
export function runEntry(token: string): string {
    return `run/${token}`;
}

/** Entry of a query. */
export function queryEntry(query: string): string {
    return `query/${query}`;
}

/** Sort key of the row that says when a query may run next. */
export const scheduleRow = "schedule";

/** Entry of what a rollup's counters hold of an object. */
export function appliedEntry(rollup: string, key: string): string {
    return `applied/${rollup}/${key}`;
}

/** Entry of the versions of an object that a processor was called for. */
export function handledEntry(processor: string, key: string): string {
    return `handled/${processor}/${key}`;
}

/** Entry of the Parquet below a prefix, of an hour or a day. */
export function compactionEntry(prefix: string, interval: string): string {
    return `compact/${prefix}${interval}`;
}

/** Entry of how often an object was announced again. */
export function republishedEntry(key: string): string {
    return `republished/${key}`;
}

/** Entry of an ingest's books, hour by hour. */
export function booksEntry(ingest: string): string {
    return `books/${ingest}`;
}

/** A subscriber. */
export function subscriber(kind: SubscriberKind, name: string): string {
    return `${kind}/${name}`;
}

/** When a row that is written now may be forgotten, in seconds since 1970. */
export function expiryOf(now: number): number {
    return Math.floor(now / 1000) + ledgerDays * 24 * 60 * 60;
}
