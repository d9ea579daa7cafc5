/** Environment of the `normalize` function. */
export interface NormalizeEnvironment {
    /** Bucket of the failed store. */
    FAILED_BUCKET: string;
    /** Prefix of this ingest's failed lines, ending in `/`. */
    FAILED_PREFIX: string;
}

/** Asset file beside the bundle: the ingest's columns. */
export const columnsFile = "columns.json";
