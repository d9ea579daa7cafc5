import type { TablePartition } from "./arguments";
import type { Partition, PartitionColumn } from "./types";

/** The columns that a layout's folders stand for, outermost first. */
export const partitionColumns: Record<TablePartition, PartitionColumn[]> = {
    arrival_hour: ["arrival_hour"],
    arrival_day: ["arrival_day"],
    run_date: ["run_date"],
    hive_day: ["year", "month", "day"],
    hive_hour: ["year", "month", "day", "hour"],
};

/** The partition of a table with this layout. */
export function partitionOf(layout: TablePartition, since: string): Partition {
    return { layout, columns: partitionColumns[layout], since };
}
