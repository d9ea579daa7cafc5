import type { Column } from "../shared/columns";

/** How much time is taken to make objects small by gzip. */
export type Compression = "small" | "balanced" | "fast";

/** How results are compressed. */
export type ResultCompression = Compression | "zstd";

/** Environment of the `convert-result` function. */
export interface ConvertResultEnvironment {
    /** The pipeline's name, for notifications. */
    PIPELINE: string;
    BUCKET: string;
    /** A query runs in the workgroup `${WORKGROUP_PREFIX}${query name}`; runs of other workgroups are not ours. */
    WORKGROUP_PREFIX: string;
    /** Name of the ledger's table. */
    LEDGER_TABLE: string;
    /** ARN of the topic that hears of results that were refused for good. */
    FAILURES_TOPIC: string;
}

/** Asset file beside the bundle: a ResultMap. */
export const resultMapFile = "results.json";

/** Query name -> where and how its result is kept. */
export interface ResultMap {
    results: Record<string, MappedResult>;
}

export interface MappedResult {
    /** Ends in `/`. */
    prefix: string;
    mode: "append" | "replace";
    /** @default "balanced" */
    compression?: ResultCompression;
    columns: Column[];
}
