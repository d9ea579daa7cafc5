/**
 * What shapes a pipeline: names, prefixes, SQL and columns. Plain values, known before anything is created, so the plan
 * can check them. The components' arguments extend these with `pulumi.Input` for everything else.
 */

/** One column of a table. */
export interface ColumnArgs {
    /** Name as the events' JSON key spells it: lower-case letters, digits and `_`, not starting with a digit. */
    name: string;
    /**
     * Type in Hive's spelling: `string`, `boolean`, `tinyint`, `smallint`, `int`, `bigint`, `float`, `double`,
     * `decimal(p,s)`, `date`, `timestamp`, `array<…>`, `map<string,…>` or `struct<name:type,…>`.
     */
    type: string;
    /** Shown in the Glue catalogue. @default none */
    comment?: string;
}

/** How a table's objects are laid out below its prefix. */
export const TablePartition = {
    /** Firehose's hour folders: `yyyy/MM/dd/HH/`, UTC. */
    ArrivalHour: "arrival_hour",
    /** Day folders, as load balancers' logs have them: `yyyy/MM/dd/`, UTC. */
    ArrivalDay: "arrival_day",
    /** One folder for each day of runs: `run_date=yyyy-MM-dd/`. */
    RunDate: "run_date",
    /** Hive's folders for days: `year=yyyy/month=MM/day=dd/`. */
    HiveDay: "hive_day",
    /** Hive's folders for hours: `year=yyyy/month=MM/day=dd/hour=HH/`. */
    HiveHour: "hive_hour",
} as const;
export type TablePartition = (typeof TablePartition)[keyof typeof TablePartition];

/** How a table's objects are written; ones whose keys end in `.gz` or `.zst` are unpacked, but for Parquet. */
export const TableFormat = {
    /** Newline-delimited JSON. */
    Json: "json",
    /** Fields with separators, as `csv` says. */
    Csv: "csv",
    /** Apache Parquet. */
    Parquet: "parquet",
    /** Access logs of an Application Load Balancer. */
    AlbLog: "alb-log",
} as const;
export type TableFormat = (typeof TableFormat)[keyof typeof TableFormat];

/** How CSV is written. Fields may stand in quotes, but hold no line breaks. */
export interface CsvArgs {
    /** One character that stands between fields. @default "," */
    separator?: string;
    /** One character that stands around fields; within them it is doubled or escaped. @default "\"" */
    quote?: string;
    /** One character that takes from the next one its meaning, within quotes. @default "\\" */
    escape?: string;
    /** Lines at the start of every object that are no data. @default 0 */
    headerLines?: number;
}

/** A table over objects that others write: they are read only. */
export interface AdoptedTableArgs {
    /** Where its objects lie, ending in `/`. Nothing in the pipeline may write there. */
    prefix: string;
    /** How its objects are written. @default "json" */
    format?: TableFormat;
    /**
     * JSON: the keys of its lines, others are not shown. CSV: its fields in their order, each `string`, `boolean`, `int`,
     * `bigint` or `double`. Parquet: its columns by name. Load balancers' logs have columns of their own: leave this out.
     */
    columns?: ColumnArgs[];
    /** How CSV is written; for the format `csv` only. @default with commas and double quotes, without a header */
    csv?: CsvArgs;
    /** Folders below the prefix, which become columns. @default none: objects lie anywhere below it */
    partition?: TablePartition;
    /**
     * First day of the folders, `yyyy-MM-dd`: queries list none before it, or with Hive's folders none before its year.
     * @default "2026-01-01"
     */
    since?: string;
}

/** How a query keeps its results. */
export const OutputMode = {
    /** Every run adds an object under `run_date=YYYY-MM-DD/`. */
    Append: "append",
    /** One object, replaced by each newer run. */
    Replace: "replace",
} as const;
export type OutputMode = (typeof OutputMode)[keyof typeof OutputMode];

/** How a query's results are compressed: by gzip, with more or less time to make them small, or by zstd. */
export const Compression = {
    /** The smallest: for results that are kept for months, or read over and over. */
    Small: "small",
    /** Hardly larger, in much less time. */
    Balanced: "balanced",
    /** Somewhat larger, in a quarter to a third of that: for large results that are soon replaced or deleted. */
    Fast: "fast",
    /** As small as balanced in a third of its time, named `.json.zst`: with `mode: append`, where no processor reads them. */
    Zstd: "zstd",
} as const;
export type Compression = (typeof Compression)[keyof typeof Compression];

/** Where a query's result goes and what it looks like. */
export interface QueryOutputArgs {
    /** Prefix of the result objects, ending in `/`. Objects there may start further queries. */
    prefix: string;
    /** The result's columns, in any order; a result that has others, or lacks one, is refused. */
    columns: ColumnArgs[];
    /** Whether every result is kept, or the newest only. @default "append" */
    mode?: OutputMode;
    /** How results are compressed. @default "balanced" */
    compression?: Compression;
}

/** What a table's objects hold. */
export const IngestFormat = {
    /** Gzipped newline-delimited JSON. */
    Json: "json",
    /** Parquet, compressed by Snappy: less to scan where queries read few of many columns. */
    Parquet: "parquet",
} as const;
export type IngestFormat = (typeof IngestFormat)[keyof typeof IngestFormat];

/** Folders that an ingest's objects lie in, by the hour of their arrival (UTC). */
export const IngestPartitions = {
    /** `yyyy/MM/dd/HH/`, the column `arrival_hour`. */
    Hour: "hour",
    /** `year=yyyy/month=MM/day=dd/hour=HH/`, the columns `year`, `month`, `day` and `hour`. */
    Hive: "hive",
} as const;
export type IngestPartitions = (typeof IngestPartitions)[keyof typeof IngestPartitions];

/** How long the times are whose objects become Parquet together. */
export const CompactionInterval = {
    /** Each hour of arrival, UTC. */
    Hour: "hour",
    /** Each day of arrival, UTC. */
    Day: "day",
} as const;
export type CompactionInterval = (typeof CompactionInterval)[keyof typeof CompactionInterval];

/** How an ingest's JSON is kept as Parquet, too. */
export interface CompactArgs {
    /** How long the times are whose objects become Parquet together. To change it, change the prefix, too. */
    every: CompactionInterval;
    /** Where the Parquet is kept, ending in `/`. @default `parquet/v0/<ingest>/` */
    prefix?: string;
}

/** The part of an ingest that shapes the graph. */
export interface IngestShape {
    columns: ColumnArgs[];
    prefix?: string;
    format?: IngestFormat;
    partitions?: IngestPartitions;
    since?: string;
    compact?: CompactArgs;
    bufferMegabytes?: unknown;
    bufferSeconds?: unknown;
    http?: HttpShape;
    iot?: IotShape;
    kinesis?: KinesisShape;
    loadBalancer?: LoadBalancerShape;
}

/** The part of an HTTP source that the plan checks. */
export interface HttpShape {
    keys?: Record<string, unknown>;
    open?: boolean;
    allowedOrigins?: unknown;
}

/** The part of an IoT source that the plan checks. */
export interface IotShape {
    sql: string;
    batchMode?: unknown;
    deadLetterQueue?: boolean;
}

/** The part of a Kinesis source that the plan checks. */
export interface KinesisShape {
    shards?: unknown;
    retentionHours?: unknown;
    streamArn?: unknown;
}

/** What is kept of the address that a request came from. */
export const ClientAddress = {
    /** The whole address. */
    Keep: "keep",
    /** Its network: IPv4 without the last 8 bits, IPv6 without the last 80. */
    Truncate: "truncate",
    /** Nothing. */
    Drop: "drop",
} as const;
export type ClientAddress = (typeof ClientAddress)[keyof typeof ClientAddress];

/** The part of a load balancer that the plan checks. */
export interface LoadBalancerShape {
    vpcId?: unknown;
    subnetIds?: unknown;
    path?: string;
    certificateArn?: unknown;
    tlsPolicy?: unknown;
    allowedOrigin?: unknown;
    clientAddress?: ClientAddress;
    beacons?: boolean;
}

/** What a quota counts requests in. */
export const QuotaPeriod = {
    /** From midnight to midnight, UTC. */
    Day: "day",
    /** Seven days from Sunday. */
    Week: "week",
    /** A month of the calendar. */
    Month: "month",
} as const;
export type QuotaPeriod = (typeof QuotaPeriod)[keyof typeof QuotaPeriod];

/** The part of a stream API that the plan checks. */
export interface StreamApiShape {
    keys?: Record<string, unknown>;
    allowedOrigins?: unknown;
    requestsPerSecond?: unknown;
    burst?: unknown;
    usage?: UsageShape;
    ownAccountLogRole?: boolean;
}

/** The part of a key's limits that the plan checks. */
export interface UsageShape {
    requestsPerSecond?: unknown;
    burst?: unknown;
    quota?: unknown;
    period?: QuotaPeriod;
}

/** The part of a query that shapes the graph. */
export interface QueryShape {
    name: string;
    sql: string;
    output: QueryOutputArgs;
    bytesScannedCutoff?: unknown;
    minimumInterval?: number;
}

/** The part of a processor that shapes the graph. */
export interface ProcessorShape {
    name: string;
    output?: ProcessorOutputArgs;
    timeout?: unknown;
    batchSize?: unknown;
    maximumConcurrency?: unknown;
}

/** Where a processor writes. */
export interface ProcessorOutputArgs {
    /** Prefix of the objects it writes, ending in `/`. @default `processed/v0/<processor name>/` */
    prefix?: string;
    /** Columns of the newline-delimited JSON it writes; with columns the output is a table named after the processor. */
    columns?: ColumnArgs[];
}

/** How long the times are that events are counted by. */
export const RollupInterval = {
    Minute: "minute",
    Hour: "hour",
    Day: "day",
} as const;
export type RollupInterval = (typeof RollupInterval)[keyof typeof RollupInterval];

/** What a number counts that says when an event was: since 1970, in UTC. */
export const TimeUnit = {
    Seconds: "seconds",
    Milliseconds: "milliseconds",
} as const;
export type TimeUnit = (typeof TimeUnit)[keyof typeof TimeUnit];

/** The part of a rollup that shapes the graph. */
export interface RollupShape {
    name: string;
    by: string[];
    time: string;
    timeUnit?: TimeUnit;
    interval?: RollupInterval;
    sum?: string[];
    tableName?: unknown;
    nameAttribute?: string;
    timestampAttribute?: string;
    countAttribute?: string;
}

/** The part of the bucket argument that the plan checks. */
export interface BucketShape {
    existing?: unknown;
    topicArn?: unknown;
    eventBridge?: boolean;
    ownNotifications?: boolean;
}

/** The part of the failures' argument that the plan checks. */
export interface FailuresShape {
    emails?: unknown[];
}

/** The part of the reconciliation that the plan checks. */
export interface ReconcileShape {
    hourly?: boolean;
    afterMinutes?: unknown;
    lookbackHours?: unknown;
}

/** The part of the books' argument that the plan checks. */
export interface BooksShape {
    hourly?: boolean;
    afterMinutes?: unknown;
}

/** The part of the alarms that the plan checks. */
export interface AlarmsShape {
    enabled?: boolean;
    topicArn?: unknown;
}

/** All that shapes a pipeline. `EventPipelineArgs` is assignable to it. */
export interface PipelineShape {
    bucket?: BucketShape;
    ingest?: Record<string, IngestShape>;
    queries?: Record<string, QueryShape[]>;
    processors?: Record<string, ProcessorShape[]>;
    tables?: Record<string, AdoptedTableArgs>;
    streamApi?: StreamApiShape;
    rollups?: Record<string, RollupShape[]>;
    failures?: FailuresShape;
    reconcile?: ReconcileShape;
    books?: BooksShape;
    alarms?: AlarmsShape;
}
