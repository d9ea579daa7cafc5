import type { Column } from "../shared/columns";
import type { CounterAttributes, Interval, TimeUnit } from "../shared/rollup-contract";

/** Environment of the `count-events` function. */
export interface CountEventsEnvironment {
    BUCKET: string;
    /** Name of the counters' table. */
    TABLE: string;
    LEDGER_TABLE: string;
    /** Start of the keys of the objects that are counted, ending in `/`. */
    TRIGGER: string;
    /** Prefix of this rollup's failed lines, ending in `/`. */
    FAILED_PREFIX: string;
    /** Bytes of an unpacked object after which it is refused. */
    MAXIMUM_BYTES: string;
}

/** Asset file beside the bundle: a `Rollup`. */
export const rollupFile = "rollup.json";

/** What is counted, by what. */
export interface Rollup {
    name: string;
    by: Column[];
    time: Column;
    /** What the time counts since 1970 where it is a number. */
    timeUnit?: TimeUnit;
    interval: Interval;
    sum: Column[];
    attributes: CounterAttributes;
}
