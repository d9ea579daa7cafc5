import { isUtf8 } from "node:buffer";
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

const newline = 0x0a;
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

/** Where the chunk's last whole line ends, if the lines from `start` up to there are UTF-8; else 0. */
export function endOfText(chunk: Buffer, start: number): number {
    const end = chunk.lastIndexOf(newline) + 1;
    return isUtf8(chunk.subarray(start, end)) ? end : 0;
}
