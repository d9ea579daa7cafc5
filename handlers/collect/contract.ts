/** Environment of the `collect` function. */
export interface CollectEnvironment {
    /** Name of the Firehose delivery stream. */
    DELIVERY_STREAM: string;
    /** JSON object: key name -> SHA-256 of the write key in lower-case hex. `{}` only when OPEN is "true". */
    KEY_HASHES: string;
    /** "true": requests need no key. */
    OPEN: string;
}

/** Asset file beside the bundle: the ingest's columns. */
export const columnsFile = "columns.json";
