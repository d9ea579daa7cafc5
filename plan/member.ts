import type { PlannedTable } from "./types";

/** An ingest, query, processor or rollup as the others see it: by its name, what starts it and where it writes. */
export interface Member {
    kind: "ingest" | "query" | "processor" | "rollup" | "compaction" | "table";
    name: string;
    /** The argument that holds the name. */
    namePath: string;
    /** Prefix whose new objects start it; absent for what brings data in. */
    trigger?: Place;
    output: Place;
    /** The table that reads all it writes. */
    table?: PlannedTable;
    /** Whether it has a delivery stream that reads a Kinesis stream. */
    kinesis?: true;
}

/** A prefix and the argument that says it. */
export interface Place {
    prefix: string;
    path: string;
}

/** Whether an object can lie under both prefixes. */
export function overlap(a: Place, b: Place): boolean {
    return a.prefix !== "" && b.prefix !== "" && (a.prefix.startsWith(b.prefix) || b.prefix.startsWith(a.prefix));
}
