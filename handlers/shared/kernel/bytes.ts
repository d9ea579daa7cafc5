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
export const plus: u8 = 0x2b;
export const zero: u8 = 0x30;
export const percent: u8 = 0x25;
export const ampersand: u8 = 0x26;
export const semicolon: u8 = 0x3b;
export const equals: u8 = 0x3d;
export const slash: u8 = 0x2f;
export const questionMark: u8 = 0x3f;

export function skipDigits(start: usize): usize {
    let at = start;
    while (isDigit(load<u8>(at))) at++;
    return at;
}

export function isDigit(byte: u8): bool {
    return <u32>byte - zero < 10;
}

/** What it is as a hexadecimal digit; negative if it is none. */
export function hexadecimal(byte: u8): i32 {
    if (isDigit(byte)) return byte & 15;
    const letter: u32 = <u32>(byte | 0x20) - 0x61;
    return letter < 6 ? <i32>letter + 10 : -1;
}
