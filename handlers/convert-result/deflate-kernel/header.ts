/** Tells a reader a block's codes: the number of bits of each symbol's, themselves by a code. */

import { put } from "./bits";
import { makeCodes } from "./codes";
import { distanceSymbols, firstLength, literalSymbols } from "./symbols";

/** For what the numbers of bits are told by: 0 to 15 themselves, and how often the last one, or none, comes again. */
const ownSymbols: i32 = 19;
const longestOwn: u32 = 7;
const repeated: i32 = 16;
const someZeros: i32 = 17;
const manyZeros: i32 = 18;
const ownCounts = memory.data(4 * ownSymbols);
const ownCodes = memory.data(4 * ownSymbols);
/** The order in which their own numbers of bits are told, the last ones left out if they are 0. */
const ownOrder = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);

/** The numbers of bits of all symbols, then what they are told by: a symbol, and above it how often beyond the fewest. */
const numbers = memory.data(literalSymbols + distanceSymbols);
const told = memory.data(2 * (literalSymbols + distanceSymbols));
let literals: i32 = 0;
let distances: i32 = 0;
let own: i32 = 0;
let toldCount: i32 = 0;

/** Finds how codes are told best; in how many bits. */
export function planHeader(literalCodes: usize, distanceCodes: usize): u32 {
    literals = withoutUnused(literalCodes, literalSymbols, firstLength);
    distances = withoutUnused(distanceCodes, distanceSymbols, 1);
    memory.fill(ownCounts, 0, 4 * ownSymbols);
    toldCount = 0;
    for (let symbol = 0; symbol < literals; symbol++) store<u8>(numbers + symbol, load<u8>(literalCodes + 4 * symbol));
    const rest = numbers + literals;
    for (let symbol = 0; symbol < distances; symbol++) store<u8>(rest + symbol, load<u8>(distanceCodes + 4 * symbol));
    tellNumbers(numbers, rest + distances);
    makeCodes(ownCounts, ownSymbols, ownCodes, longestOwn);
    own = ownSymbols;
    while (own > 4 && bitsOf(load<u8>(ownOrder + own - 1)) === 0) own--;
    let bits: u32 = 3 + 5 + 5 + 4 + 3 * own;
    for (let symbol = 0; symbol < ownSymbols; symbol++) {
        bits += load<u32>(ownCounts + 4 * symbol) * (bitsOf(symbol) + extraOf(symbol));
    }
    return bits;
}

/** Writes what was planned last. */
export function putHeader(): void {
    put(literals - firstLength, 5);
    put(distances - 1, 5);
    put(own - 4, 4);
    for (let index = 0; index < own; index++) put(bitsOf(load<u8>(ownOrder + index)), 3);
    for (let index = 0; index < toldCount; index++) {
        const symbol = load<u8>(told + 2 * index);
        put(load<u32>(ownCodes + 4 * symbol) >> 8, bitsOf(symbol));
        put(load<u8>(told + 2 * index, 1), extraOf(symbol));
    }
}

function withoutUnused(codes: usize, symbols: i32, least: i32): i32 {
    let used = symbols;
    while (used > least && load<u32>(codes + 4 * (used - 1)) === 0) used--;
    return used;
}

function tellNumbers(start: usize, end: usize): void {
    for (let at = start; at < end; ) {
        const number = load<u8>(at);
        let times = 1;
        while (at + times < end && load<u8>(at + times) === number) times++;
        at += times;
        if (number !== 0) {
            tell(number, 0);
            times--;
        }
        while (times >= 3) {
            const most = number === 0 ? 138 : 6;
            const part = min(times, most);
            if (number !== 0) tell(repeated, part - 3);
            else if (part < 11) tell(someZeros, part - 3);
            else tell(manyZeros, part - 11);
            times -= part;
        }
        for (; times > 0; times--) tell(number, 0);
    }
}

function tell(symbol: i32, beyond: i32): void {
    store<u8>(told + 2 * toldCount, <u8>symbol);
    store<u8>(told + 2 * toldCount, <u8>beyond, 1);
    toldCount++;
    const count = ownCounts + 4 * symbol;
    store<u32>(count, load<u32>(count) + 1);
}

function bitsOf(symbol: i32): u32 {
    return load<u8>(ownCodes + 4 * symbol);
}

function extraOf(symbol: i32): u32 {
    if (symbol === repeated) return 2;
    if (symbol === someZeros) return 3;
    return symbol === manyZeros ? 7 : 0;
}
