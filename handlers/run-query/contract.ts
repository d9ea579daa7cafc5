import type { ObjectLayout } from "../shared/layout";

/** Environment of the `run-query` function: the names that are known at deploy time only. */
export interface RunQueryEnvironment {
    /** The pipeline's name, part of every run's token. */
    PIPELINE: string;
    BUCKET: string;
    DATABASE: string;
    /** A query runs in the workgroup `${WORKGROUP_PREFIX}${query name}`. */
    WORKGROUP_PREFIX: string;
    /** Name of the ledger's table. */
    LEDGER_TABLE: string;
    /** ARN of the topic that hears of runs that failed for good. */
    FAILURES_TOPIC: string;
}

/** Asset file beside the bundle: a QueryMap. */
export const queryMapFile = "queries.json";

/** Which queries run when an object appears. */
export interface QueryMap {
    queries: MappedQuery[];
}

export interface MappedQuery {
    name: string;
    /** Objects whose key starts with this start the query. */
    trigger: string;
    /** SQL text, and the places where the predicate for the new objects stands. */
    sql: SqlPiece[];
    /** Layout of the table that `:new_data` speaks of; absent where the query has none. */
    newData?: ObjectLayout;
    /** Seconds from one run to the next; absent where every batch of new objects starts one. */
    minimumInterval?: number;
}

export type SqlPiece = string | { newData: { qualifier?: string } };
