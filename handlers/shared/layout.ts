/** How objects lie below a table's prefix; what `:new_data` needs to name their partitions. */
export interface ObjectLayout {
    /** The table's prefix, ending in `/`. */
    prefix: string;
    /** The partition columns in the order of their folders; absent: no partitions. */
    partition?: PartitionColumn[];
}

/** `arrival_hour`: `yyyy/MM/dd/HH/`; `arrival_day`: `yyyy/MM/dd/`; the others as Hive spells them: `run_date=yyyy-MM-dd/`, `year=yyyy/`, `month=MM/`. */
export type PartitionColumn = "arrival_hour" | "arrival_day" | "run_date" | "year" | "month" | "day" | "hour";
