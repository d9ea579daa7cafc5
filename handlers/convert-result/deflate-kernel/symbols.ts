/** The symbols of RFC 1951 that lengths and distances are told by, each with some bits more that tell which of several it is. */

/** By byte, the end of a block, and lengths. */
export const literalSymbols: i32 = 286;
export const endOfBlock: i32 = 256;
export const firstLength: i32 = 257;
export const distanceSymbols: i32 = 30;

export const shortestLength: i32 = 3;
export const longestLength: i32 = 258;
const lastLengthSymbol: u32 = 28;

/** By length above the shortest, its symbol above the first. */
export const lengthSymbols = memory.data(256);

for (let above = 0; above < 256; above++) store<u8>(lengthSymbols + above, <u8>lengthSymbol(above));

function lengthSymbol(above: u32): u32 {
    if (above === longestLength - shortestLength) return lastLengthSymbol;
    if (above < 8) return above;
    const extra = 29 - clz(above);
    return 4 * extra + (above >> extra);
}

/** Bits beside a length's symbol. */
export function lengthExtra(symbol: u32): u32 {
    return symbol < 8 || symbol === lastLengthSymbol ? 0 : (symbol >> 2) - 1;
}

/** Of a distance less one. */
export function distanceSymbol(above: u32): u32 {
    if (above < 2) return above;
    const extra = 30 - clz(above);
    return 2 * extra + (above >> extra);
}

/** Bits beside a distance's symbol. */
export function distanceExtra(symbol: u32): u32 {
    return symbol < 4 ? 0 : (symbol >> 1) - 1;
}
