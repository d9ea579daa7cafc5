import type { SubscriberKind } from "../shared/ledger-contract";

/** Environment of the `reconcile` function. */
export interface ReconcileEnvironment {
    /** The pipeline's name with the stack's: a dimension of the metrics. */
    PIPELINE: string;
    BUCKET: string;
    LEDGER_TABLE: string;
    /** Minutes after which an object has to be accounted for. */
    AFTER_MINUTES: string;
    /** Hours that are looked back. */
    LOOKBACK_HOURS: string;
}

/** Asset file beside the bundle: what is reconciled. */
export const reconciledFile = "reconciled.json";

/** What is compared with the ledger. */
export interface Reconciled {
    listings: Listing[];
    subscribers: ReconciledSubscriber[];
}

/** Objects that are listed together. */
export interface Listing {
    /** Start of their keys, ending in `/`. */
    prefix: string;
    /** Folders of the time at which they were written, in order; absent: all objects have to be looked at. */
    folders?: TimeFolders;
}

/** Folders that sort as their times do. */
export interface TimeFolders {
    /** Start of the keys, before the folders. */
    prefix: string;
    layout: FolderLayout;
}

/** `arrival_hour`: `yyyy/MM/dd/HH/`; `hive_hour`: `year=yyyy/month=MM/day=dd/hour=HH/`; `run_date`: `run_date=yyyy-MM-dd/`. */
export type FolderLayout = "arrival_hour" | "hive_hour" | "run_date";

/** Something that accounts for every object below its trigger, in the ledger. */
export interface ReconciledSubscriber {
    kind: SubscriberKind;
    name: string;
    /** Start of the keys of its objects. */
    trigger: string;
    /** Where it hears of them. */
    queueUrl: string;
    /** Seconds that its objects may wait by its own will. */
    patience?: number;
    /** Of a query: the queue of those who keep what Athena writes below `athena/<name>/`. */
    resultsQueueUrl?: string;
}

/** What the function is called with. */
export interface ReconcileRequest {
    /** By the clock: it goes on where the last hour's call ran out of time, and writes metrics. */
    hourly?: boolean;
    /** Nothing is sent and nothing is written down. */
    dryRun?: boolean;
    /** Where another call ended: its `next`. */
    from?: Cursor;
}

/** A place in the listings. */
export interface Cursor {
    /** Of the listing. */
    prefix: string;
    /** The last key that was looked at. */
    after: string;
}

/** What the function answers. */
export interface ReconcileReport {
    /** Objects written between these times were looked at, ISO 8601. */
    window: { from: string; to: string };
    subscribers: SubscriberReport[];
    /** Some of the objects that nobody accounted for. */
    examples: MissingObject[];
    /** Where to go on, if time ran out. */
    next?: Cursor;
}

/** A subscriber's objects: each is done, failed, in work or missing. */
export interface SubscriberReport {
    /** Such as `rollup/pings`. */
    subscriber: string;
    objects: number;
    done: number;
    /** The ledger says why they can't be done. */
    failed: number;
    /** Begun not long ago. */
    inWork: number;
    /** Not accounted for. */
    missing: number;
    /** Of the missing: announced again to the subscriber. */
    republished: number;
    /** Of the missing: announced again too often already. */
    givenUp: number;
}

/** An object that a subscriber did not account for. */
export interface MissingObject {
    subscriber: string;
    key: string;
    version: string;
    /** `nothing in the ledger`, and such. */
    reason: string;
    /** How often it was announced again before. */
    republished: number;
}

/** Namespace of the metrics in CloudWatch. */
export const metricNamespace = "EventPipeline";

/** Names of the metrics. */
export const metricNames = {
    objects: "ReconciledObjects",
    missing: "UnaccountedObjects",
    republished: "RepublishedObjects",
} as const;
