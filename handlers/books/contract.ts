/** Environment of the `books` function. */
export interface BooksEnvironment {
    /** The pipeline's name with the stack's: a dimension of the metrics. */
    PIPELINE: string;
    BUCKET: string;
    LEDGER_TABLE: string;
    /** Minutes after the end of an hour at which its books are closed. */
    AFTER_MINUTES: string;
}

/** Asset file beside the bundle: the ingests, as `BookedIngest[]`. */
export const ingestsFile = "ingests.json";

/** An ingest whose books are kept. */
export interface BookedIngest {
    name: string;
    /** Where its events lie, ending in `/`; the hour follows. */
    prefix: string;
    /** How the hours' folders are called there: `arrival_hour` or `hive_hour`. */
    layout: string;
    /** `json` or `parquet`. */
    format: string;
    /** Where Firehose keeps what it accepted, ending in `/`. */
    backupPrefix: string;
    /** Where what failed is kept, ending in `/`. */
    failedPrefix: string;
    /** Seconds that an event may wait in Firehose's buffers. */
    bufferSeconds: number;
    /** Whether a load balancer's log makes events of this ingest, too: these have no backup. */
    loadBalancer?: boolean;
}

/** What the function is called with. */
export interface BooksRequest {
    /** By the clock: the hours that have no books yet, which are then written into the ledger. */
    hourly?: boolean;
    /** The first hour, ISO 8601. @default 24 hours before `to` */
    from?: string;
    /** The end, ISO 8601. @default now */
    to?: string;
    /** @default all */
    ingests?: string[];
    /** Looks at hours whose books are not closed yet, too: right where nothing is under way any more. */
    open?: boolean;
    /** Where another call ended: its `next`. */
    next?: BooksCursor;
}

/** A place in the books. */
export interface BooksCursor {
    ingest: string;
    /** ISO 8601. */
    hour: string;
    /** What the hour before left. */
    carried?: Carried;
}

/**
 * How many events without an `event_id` may be under way from one hour's folder to the next one's: accepted in this hour
 * and delivered in the next one's folders; negative: the other way round.
 */
export interface Carried {
    least: number;
    most: number;
}

/** What the function answers. */
export interface BooksReport {
    /** Whole hours, ISO 8601; what comes after `to` is not closed yet. */
    window: { from: string; to: string };
    /** By ingest and hour; hours in which there was nothing are left out. */
    hours: HourBooks[];
    /** What there are no books of, and why. */
    notCovered: { ingest: string; reason: string }[];
    /** Where to go on, if time ran out. */
    next?: BooksCursor;
}

/**
 * The books of an ingest and an hour: `accepted = delivered + failed + duplicates + missing + carried`. The hour is that
 * of the folder in which Firehose's own backup has the event.
 */
export interface HourBooks {
    ingest: string;
    /** Its begin, ISO 8601. */
    hour: string;
    /** Events in Firehose's backup. */
    accepted: number;
    /** Different ones of them that are in the table. */
    delivered: number;
    /** In the failed store. */
    failed: number;
    /** Whose `event_id` was accepted before, in this hour or the one before. */
    duplicates: number;
    /** In none of these places. */
    missing: number;
    /** Without an `event_id`, and in another hour's folder of the table; over the hours, the sum tends to 0. */
    carried: number;
    /** Beside the books: rows of the table beyond the accepted ones; Firehose wrote them twice. */
    again: number;
    /** Beside the books: events in the table or in the failed store that the backup does not have. */
    unknown: number;
    /** Some of the missing events. */
    examples: MissingEvent[];
    /** What could not be read, and the like. */
    notes: string[];
}

/** A missing event that has an `event_id`, and the object of the backup that has it still. */
export interface MissingEvent {
    eventId: string;
    backup: string;
}

/** Names of the metrics, in the namespace of reconciliation. */
export const booksMetrics = { accepted: "AcceptedEvents", missing: "MissingEvents" } as const;
/** Namespace of the metrics in CloudWatch. */
export const booksNamespace = "EventPipeline";
