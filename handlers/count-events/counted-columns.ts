import type { Column } from "../shared/columns";
import type { Interval } from "../shared/rollup-contract";
import type { Rollup } from "./contract";

/** The columns that a rollup looks at, each once. The numbers are places in `columns`. */
export interface CountedColumns {
    columns: Column[];
    by: number[];
    sums: number[];
    time: number;
    /** Bytes of a time that say its interval; 0 where only reading in full tells. */
    timeBytes: number;
}

/** Of `"2026-11-21 04:05`, with its quote, up to the interval. */
const timeBytes: Record<Interval, number> = { minute: 17, hour: 14, day: 11 };

export function countedColumns({ by, time, sum, interval }: Rollup): CountedColumns {
    const columns = [...new Map([...by, time, ...sum].map((column) => [column.name, column])).values()];
    const placeOf = ({ name }: Column) => columns.findIndex((column) => column.name === name);
    const isSpelled = time.type.kind === "timestamp" || time.type.kind === "date";
    return {
        columns,
        by: by.map(placeOf),
        sums: sum.map(placeOf),
        time: placeOf(time),
        timeBytes: isSpelled ? timeBytes[interval] : 0,
    };
}
