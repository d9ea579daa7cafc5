/** How objects lie below a table's prefix; what `:new_data` needs to name their partitions. */
export interface ObjectLayout {
    /** The table's prefix, ending in `/`. */
    prefix: string;
    /** `arrival_hour`: `yyyy/MM/dd/HH/`; `run_date`: `run_date=yyyy-MM-dd/`; absent: no partitions. */
    partition?: "arrival_hour" | "run_date";
}
