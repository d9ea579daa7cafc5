/** What a block consists of: sequences of some literals and a match behind them, and the literals behind the last of them. */

import {
    distanceSymbol,
    distanceSymbols,
    endOfBlock,
    firstLength,
    lengthSymbols,
    literalSymbols,
    longestLength,
    shortestLength,
} from "./symbols";

/** Then the block ends. Longer ones have smaller headers, shorter ones follow the data more closely. */
const enough: i32 = 16 * 1024;
/** A match of a whole piece is that many. */
const mostOfMatch: i32 = (1 << 20) / 258 + 1;

/**
 * 64 bits each. From the lowest: 32 for the number of literals, 16 for the distance less one, 8 for the length above the
 * shortest, and 8 for the distance's symbol.
 */
export const sequences = memory.data(8 * (enough + mostOfMatch));
let sequencesEnd: usize = sequences;

/** How often each symbol is in the block. */
export const literalCounts = memory.data(4 * literalSymbols);
export const distanceCounts = memory.data(4 * distanceSymbols);

export function endOfSequences(): usize {
    return sequencesEnd;
}

export function areEnough(): bool {
    return sequencesEnd >= sequences + 8 * enough;
}

export function clear(): void {
    sequencesEnd = sequences;
    memory.fill(literalCounts, 0, 4 * literalSymbols);
    memory.fill(distanceCounts, 0, 4 * distanceSymbols);
    bump(literalCounts, endOfBlock);
}

function bump(counts: usize, symbol: usize): void {
    store<u32>(counts + 4 * symbol, load<u32>(counts + 4 * symbol) + 1);
}

export function countLiterals(start: usize, end: usize): void {
    for (let at = start; at < end; at++) bump(literalCounts, load<u8>(at));
}

/** Adds a match behind that many literals, as several where it is longer than one may be. */
export function addMatch(literals: usize, distance: usize, length: usize): void {
    const symbol = distanceSymbol(<u32>distance - 1);
    let before = literals;
    for (let left = <i32>length; left > 0; before = 0) {
        // None that is too short may be left over.
        const part = left > longestLength ? min(longestLength, left - shortestLength) : left;
        left -= part;
        const above = part - shortestLength;
        bump(distanceCounts, symbol);
        bump(literalCounts, firstLength + <i32>load<u8>(lengthSymbols + above));
        const parts = (<u64>distance - 1) | ((<u64>above) << 16) | ((<u64>symbol) << 24);
        store<u64>(sequencesEnd, <u64>before | (parts << 32));
        sequencesEnd += 8;
    }
}
