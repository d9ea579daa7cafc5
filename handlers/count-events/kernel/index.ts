/** Counts lines by their bytes, in AssemblyScript: the loop of `LineCounter` over a piece of a chunk. */

import { failed } from "../../shared/kernel/bytes";
import { addLine, findCounter, hasRoom, hasShortNumbers, spell } from "./counters";
import { scanLine } from "./line";

export { addBy, addCounter, addSum, clear, partsOfSum, partsStart, setTime } from "./counters";
export { addColumn, forgetOthers, longestKey, mostColumns } from "./line";

/** Why counting stopped. */
enum Stop {
    /** Nothing was left. */
    End,
    /** There is a line that is for others to look at. */
    Odd,
    /** There is a line that spells its counter as none before; `addCounter` makes it known. */
    New,
    /** All that was counted has to be handed over. */
    Full,
}

/** Bytes of lines that there is room for. */
export const inputBytes: i32 = 256 * 1024;
/** Where lines are put. Behind them there is room for what is looked at beyond their end. */
export const input = memory.data(inputBytes + 128, 16);

let at: usize = 0;

/** Where counting stopped. */
export function stoppedAt(): usize {
    return at;
}

/** Counts plain lines whose counters are known. The last byte is a newline. */
export function count(start: usize, end: usize): Stop {
    at = start;
    while (at < end) {
        const lineEnd = scanLine(at);
        if (lineEnd === failed || !hasShortNumbers() || !spell()) return Stop.Odd;
        const slot = findCounter();
        if (slot === 0) return hasRoom() ? Stop.New : Stop.Full;
        at = lineEnd + 1;
        if (!addLine(slot)) return Stop.Full;
    }
    return Stop.End;
}
