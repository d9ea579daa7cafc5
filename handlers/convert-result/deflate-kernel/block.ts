/** Writes blocks. */

import { currentBits, currentOut, currentWaiting, put, putBytes, putToByte, setCurrent } from "./bits";
import { makeCodes } from "./codes";
import { planHeader, putHeader } from "./header";
import { distanceCounts, endOfSequences, literalCounts, sequences } from "./sequences";
import {
    distanceExtra,
    distanceSymbols,
    endOfBlock,
    firstLength,
    lengthExtra,
    lengthSymbols,
    literalSymbols,
    shortestLength,
} from "./symbols";

/** Two bits more are allowed. So the codes of four literals fit into the bits that `put` takes, with seven that wait. */
const longestCode: u32 = 13;
/** One beyond the symbols: it has no bits. */
const nothing: u32 = literalSymbols;
const literalCodes = memory.data(4 * (literalSymbols + 1), 16);
const distanceCodes = memory.data(4 * distanceSymbols);
/** By length above the shortest: its code with the bits that tell it from the others of its symbol. */
const lengthCodes = memory.data(4 * 256);

/** The block's kind, behind the bit that is set in the last one. None of ours is. */
const stored: u64 = 0 << 1;
const withItsCodes: u64 = 2 << 1;
const mostStored: usize = 0xffff;

/** Writes the bytes that the sequences tell, or themselves if that takes no more room. */
export function putBlock(start: usize, end: usize): void {
    makeCodes(literalCounts, literalSymbols, literalCodes, longestCode);
    makeCodes(distanceCounts, distanceSymbols, distanceCodes, longestCode);
    const bits = planHeader(literalCodes, distanceCodes) + contentBits();
    if (bits >= 8 * <u32>(end - start)) {
        putStored(start, end);
    } else {
        put(withItsCodes, 3);
        putHeader();
        putContent(start, end);
    }
}

/** An empty one. It ends with the byte; where the next one goes. */
export function putEmptyBlock(): usize {
    putStored(0, 0);
    return currentOut();
}

function putStored(start: usize, end: usize): void {
    let at = start;
    do {
        const length = min(end - at, mostStored);
        put(stored, 3);
        putToByte();
        put(length, 16);
        put(length ^ 0xffff, 16);
        putBytes(at, length);
        at += length;
    } while (at < end);
}

function contentBits(): u32 {
    let bits: u32 = 0;
    for (let symbol = 0; symbol < literalSymbols; symbol++) {
        const extra = symbol < firstLength ? 0 : lengthExtra(symbol - firstLength);
        bits += load<u32>(literalCounts + 4 * symbol) * (load<u8>(literalCodes + 4 * symbol) + extra);
    }
    for (let symbol = 0; symbol < distanceSymbols; symbol++) {
        bits += load<u32>(distanceCounts + 4 * symbol) * (load<u8>(distanceCodes + 4 * symbol) + distanceExtra(symbol));
    }
    return bits;
}

/** The loop that takes most of the time of writing. It adds bits to 64 that stay in registers, and takes the whole bytes away. */
function putContent(start: usize, end: usize): void {
    makeLengthCodes();
    let out = currentOut();
    let bits = currentBits();
    // Of this and of codes, only the lowest six bits count where something is shifted by them.
    let waiting = currentWaiting();
    const sequencesEnd = endOfSequences();
    let at = start;
    for (let sequence = sequences; ; sequence += 8) {
        const isLast = sequence === sequencesEnd;
        const parts = isLast ? 0 : load<u64>(sequence);
        const literalsEnd = isLast ? end : at + <usize>(<u32>parts);
        for (; at + 4 <= literalsEnd; at += 4) {
            const four = load<u32>(at);
            const first = codeOf(four & 0xff);
            const second = codeOf((four >> 8) & 0xff);
            const third = codeOf((four >> 16) & 0xff);
            const fourth = codeOf(four >> 24);
            bits |= (first >> 8) << waiting;
            waiting += first;
            bits |= (second >> 8) << waiting;
            waiting += second;
            bits |= (third >> 8) << waiting;
            waiting += third;
            bits |= (fourth >> 8) << waiting;
            waiting = (waiting + fourth) & 63;
            store<u64>(out, bits);
            out += <usize>(waiting >> 3);
            bits >>= waiting & ~7;
            waiting &= 7;
        }
        // Three at most are left. How many can't be foreseen, so that a loop would take longer than codes of no bits.
        const left = literalsEnd - at;
        const three = load<u32>(at);
        const first = codeOf(left > 0 ? three & 0xff : nothing);
        const second = codeOf(left > 1 ? (three >> 8) & 0xff : nothing);
        const third = codeOf(left > 2 ? (three >> 16) & 0xff : nothing);
        bits |= (first >> 8) << waiting;
        waiting += first;
        bits |= (second >> 8) << waiting;
        waiting += second;
        bits |= (third >> 8) << waiting;
        waiting = (waiting + third) & 63;
        store<u64>(out, bits);
        out += <usize>(waiting >> 3);
        bits >>= waiting & ~7;
        waiting &= 7;
        if (isLast) break;
        const above = <usize>(parts >> 48) & 0xff;
        const length = <u64>load<u32>(lengthCodes + 4 * above);
        bits |= (length >> 8) << waiting;
        waiting += length;
        const symbol = <u32>(parts >> 56);
        const distance = <u64>load<u32>(distanceCodes + 4 * symbol);
        bits |= (distance >> 8) << waiting;
        waiting += distance;
        const extra = distanceExtra(symbol);
        bits |= (<u64>(<u32>(parts >> 32)) & ((1 << extra) - 1)) << waiting;
        waiting = (waiting + extra) & 63;
        store<u64>(out, bits);
        out += <usize>(waiting >> 3);
        bits >>= waiting & ~7;
        waiting &= 7;
        at = literalsEnd + above + shortestLength;
    }
    setCurrent(out, bits, waiting);
    put(codeOf(endOfBlock) >> 8, codeOf(endOfBlock) & 0xff);
}

function codeOf(symbol: usize): u64 {
    return load<u32>(literalCodes + 4 * symbol);
}

function makeLengthCodes(): void {
    for (let above: u32 = 0; above < 256; above++) {
        const symbol = <u32>load<u8>(lengthSymbols + above);
        const code = load<u32>(literalCodes + 4 * (firstLength + symbol));
        const bits = code & 0xff;
        const extra = lengthExtra(symbol);
        const beyond = above & ((1 << extra) - 1);
        store<u32>(lengthCodes + 4 * above, (((code >> 8) | (beyond << bits)) << 8) | (bits + extra));
    }
}
