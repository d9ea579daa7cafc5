/** Environment of the `parse-access-log` function. */
export interface ParseAccessLogEnvironment {
    BUCKET: string;
    /** Where the load balancer writes its log, ending in `/`. */
    LOG_PREFIX: string;
    /** Where the events go, ending in `/`; the hour follows. */
    OUTPUT_PREFIX: string;
    /** How its folders are called: `hour` (`yyyy/MM/dd/HH/`) or `hive` (`year=yyyy/month=MM/day=dd/hour=HH/`). */
    PARTITIONS: string;
    /** Prefix of this ingest's failed lines, ending in `/`. */
    FAILED_PREFIX: string;
    /** Path of the requests that are events. */
    EVENT_PATH: string;
    /** `true`: POST requests are events too. */
    BEACONS: string;
    /** `keep`, `truncate` or `drop`. */
    CLIENT_ADDRESS: string;
    /** Bytes of an unpacked log after which it is refused. */
    MAXIMUM_BYTES: string;
}

/** Asset file beside the bundle: the ingest's columns. */
export const columnsFile = "columns.json";
