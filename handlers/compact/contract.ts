import type { PartitionColumn } from "../shared/layout";

/** Environment of the `compact` function. */
export interface CompactEnvironment {
    BUCKET: string;
    /** Glue database of the ingest's table. */
    DATABASE: string;
    WORKGROUP: string;
    LEDGER_TABLE: string;
    /** Seconds after the end of an interval until its last objects are there. */
    WAIT_SECONDS: string;
}

/** Asset file beside the bundle: a Compaction. */
export const compactionFile = "compaction.json";

/** What becomes Parquet, and where. */
export interface Compaction {
    /** Name of the table of the Parquet. */
    name: string;
    /** Name of the table of the JSON. */
    table: string;
    /** Where the JSON lies, ending in `/`. */
    prefix: string;
    /** The columns that its folders stand for. */
    partition: PartitionColumn[];
    /** Names of the columns that are kept: those of the objects. */
    columns: string[];
    every: "hour" | "day";
    /** Where the Parquet goes, ending in `/`. */
    output: string;
}
