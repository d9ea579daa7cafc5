/** What CSV and JSON are made of, in several bytes: the first one is the lowest. */

export const endOfLine: u16 = 0x0a7d; // }\n
export const escapedQuote: u16 = 0x225c; // \"
export const escapedByCode: u32 = 0x3030755c; // \u00
export const nullText: u32 = 0x6c6c756e;
/** With their quotes, in the upper bytes of 64 bits. */
export const trueCell: u64 = 0x22657572_74220000;
export const falseCell: u64 = 0x2265736c_61662200;
