/** Where reading and writing end, and where they got. */

/** Why reading stopped. */
export enum Stop {
    /** The input ends before the row does. */
    End,
    /** The row is wrong, or there is something about it that is for others to look at. */
    Odd,
    /** There may not be enough room for the row's line. */
    Full,
}

/** Returned in the place of a cell's end, where it has none. */
export const stopped: usize = 0;

/** Where the input ends, behind which some quotes stand. */
export let inputEnd: usize = 0;
/** Behind it there is room for all of a line but the texts of its cells, and for a few bytes of these. */
export let limit: usize = 0;
/** How far the cell that was copied last was written. */
export let written: usize = 0;
/** Why the cell that was copied last has no end. */
export let cause: Stop = Stop.End;

export function begin(end: usize, most: usize): void {
    inputEnd = end;
    limit = most;
}

export function endCell(end: usize, to: usize): usize {
    written = to;
    return end;
}

export function stop(why: Stop): usize {
    cause = why;
    return stopped;
}
