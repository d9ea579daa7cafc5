import type {
    CompactionInterval,
    Compression,
    OutputMode,
    RollupInterval,
    TableFormat,
    TablePartition,
    TimeUnit,
} from "./arguments";

/** A column's type, parsed. */
export type ColumnType =
    | { kind: "string" }
    | { kind: "boolean" }
    | { kind: "integer"; bits: 8 | 16 | 32 | 64 }
    | { kind: "float"; bits: 32 | 64 }
    | { kind: "decimal"; precision: number; scale: number }
    | { kind: "date" }
    | { kind: "timestamp" }
    | { kind: "array"; element: ColumnType }
    | { kind: "map"; value: ColumnType }
    | { kind: "struct"; fields: PlannedColumn[] };

/** A checked column: the type as Glue takes it, and parsed. */
export interface PlannedColumn {
    name: string;
    type: ColumnType;
    /** The type in Hive's spelling, normalised: lower case, no spaces. */
    hiveType: string;
    comment?: string;
}

/** How a table's objects are laid out below its prefix. */
export interface Partition {
    layout: TablePartition;
    /** What the folders stand for, outermost first: columns of the table, all strings. */
    columns: PartitionColumn[];
    /** First day with data, `yyyy-MM-dd`. */
    since: string;
}

/** A column that folders stand for. */
export type PartitionColumn = "arrival_hour" | "arrival_day" | "run_date" | "year" | "month" | "day" | "hour";

/** A table of the catalogue. */
export interface PlannedTable {
    /** Name in SQL: the ingest's, query's or processor's. */
    name: string;
    /** Where its objects lie, ending in `/`. */
    prefix: string;
    columns: PlannedColumn[];
    /** Absent where all objects lie directly below the prefix. */
    partition?: Partition;
    /** Absent for newline-delimited JSON. */
    format?: Exclude<TableFormat, "json">;
    /** Present where the format is `csv`. */
    csv?: PlannedCsv;
}

/** How CSV is written, with the defaults filled in. */
export interface PlannedCsv {
    separator: string;
    quote: string;
    escape: string;
    headerLines: number;
}

/** A named source with its delivery stream. */
export interface PlannedIngest {
    name: string;
    prefix: string;
    /** Where rejected data goes: `failed/<name>/`. */
    errorPrefix: string;
    /** Where untransformed source records go: `backup/<name>/`. */
    backupPrefix: string;
    table: PlannedTable;
    /** Whether a Kinesis stream feeds it too, through a delivery stream of its own. */
    kinesis?: true;
    /** Present where a load balancer takes events. */
    accessLog?: PlannedAccessLog;
    /** Present where its JSON becomes Parquet, too. */
    compaction?: PlannedCompaction;
}

/** How an ingest's JSON becomes Parquet. */
export interface PlannedCompaction {
    /** Name of its table: `<ingest>_parquet`. */
    name: string;
    every: CompactionInterval;
    table: PlannedTable;
}

/** The log that a load balancer's events are read from. */
export interface PlannedAccessLog {
    /** Where the load balancer writes it: `alb/<ingest>/`. */
    prefix: string;
    /** Path of the requests that are events. */
    path: string;
}

/** A piece of compiled SQL: text, or a place where the predicate for the new objects stands. */
export type SqlPiece = string | { newData: { qualifier?: string } };

/** A query, its trigger and its place in the graph. */
export interface PlannedQuery {
    name: string;
    /** Prefix whose new objects start it. */
    trigger: string;
    /** 1 for queries over ingested data, one more for each result in between. */
    tier: number;
    sql: SqlPiece[];
    output: { prefix: string; mode: OutputMode; compression?: Compression; table: PlannedTable };
    /** The table `:new_data` speaks of; absent where the query has none. */
    newData?: PlannedTable;
    /** Seconds from one run to the next; absent where every batch of new objects starts one. */
    minimumInterval?: number;
}

/** A processor, its trigger and its output. */
export interface PlannedProcessor {
    name: string;
    trigger: string;
    outputPrefix: string;
    /** Present where columns were given. */
    table?: PlannedTable;
}

/** Counters of events by columns and time. */
export interface PlannedRollup {
    name: string;
    trigger: string;
    by: PlannedColumn[];
    time: PlannedColumn;
    /** Present where the time is a number. */
    timeUnit?: TimeUnit;
    interval: RollupInterval;
    sum: PlannedColumn[];
    /** Names of a counter's attributes; a sum's is `sum_<column>`. */
    attributes: { name: string; timestamp: string; count: string };
}

/** A checked pipeline. */
export interface Plan {
    ingests: PlannedIngest[];
    queries: PlannedQuery[];
    processors: PlannedProcessor[];
    rollups: PlannedRollup[];
    /** All tables, by name. */
    tables: PlannedTable[];
    /** Top-level folders whose new objects are announced, e.g. `raw/`; `athena/` is not among them. */
    notifiedFolders: string[];
    /** Present where the Kinesis streams have an API: the ingests that it puts events of. */
    streamApi?: { ingests: string[] };
}
