/** The bytes that CSV and JSON are made of. As numbers of 16 or 32 bits, the first of several is the lowest. */

export const newline: u8 = 0x0a;
export const space: u8 = 0x20;
export const quote: u8 = 0x22;
export const comma: u8 = 0x2c;
export const minus: u8 = 0x2d;
export const point: u8 = 0x2e;
export const zero: u8 = 0x30;
export const backslash: u8 = 0x5c;

export const endOfLine: u16 = 0x0a7d; // }\n
export const escapedQuote: u16 = 0x225c; // \"
export const escapedByCode: u32 = 0x3030755c; // \u00
export const nullText: u32 = 0x6c6c756e;
/** With their quotes, in the upper bytes of 64 bits. */
export const trueCell: u64 = 0x22657572_74220000;
export const falseCell: u64 = 0x2265736c_61662200;
