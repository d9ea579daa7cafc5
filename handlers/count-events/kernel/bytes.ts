/** The bytes that lines are made of. */

/** No value ends there. */
export const failed: usize = 0;

export const quote: u8 = 0x22;
export const comma: u8 = 0x2c;
export const colon: u8 = 0x3a;
export const openBrace: u8 = 0x7b;
export const closeBrace: u8 = 0x7d;
export const newline: u8 = 0x0a;
export const backslash: u8 = 0x5c;
export const space: u8 = 0x20;
export const point: u8 = 0x2e;
export const minus: u8 = 0x2d;
export const zero: u8 = 0x30;

export function skipDigits(start: usize): usize {
    let at = start;
    while (isDigit(load<u8>(at))) at++;
    return at;
}

function isDigit(byte: u8): bool {
    return <u32>byte - zero < 10;
}
