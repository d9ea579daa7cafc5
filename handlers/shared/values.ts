/** Whether literals fit the columns' types, decided on their digits: nothing is rounded on the way. */

/** `-9223372036854775808` */
const longestInteger = 20;
/** Longest decimal literal that is looked at; 38 digits need far less. */
const longestDecimal = 128;

const time = "(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,9})?";
const sqlTimestamp = new RegExp(`^(\\d{4}-\\d\\d-\\d\\d) (${time})$`);
const isoTimestamp = new RegExp(`^(\\d{4}-\\d\\d-\\d\\d)T(${time})Z$`);

/** A JSON number written as an integer, of any size. */
export function isInteger(literal: string): boolean {
    return /^-?\d+$/.test(literal);
}

/** An integer literal that a signed integer of `bits` bits holds. */
export function fitsInteger(literal: string, bits: number): boolean {
    if (literal.length > longestInteger) return false;
    const value = BigInt(literal);
    return BigInt.asIntN(bits, value) === value;
}

/** A number literal that is finite as a float of `bits` bits. */
export function fitsFloat(literal: string, bits: 32 | 64): boolean {
    return Number.isFinite(bits === 32 ? Math.fround(Number(literal)) : Number(literal));
}

/** A number literal that `decimal(precision, scale)` holds without rounding. */
export function fitsDecimal(literal: string, precision: number, scale: number): boolean {
    if (literal.length > longestDecimal) return false;
    const [mantissa = "", exponent = "0"] = literal.replace(/^-/, "").toLowerCase().split("e");
    const [whole = "", fraction = ""] = mantissa.split(".");
    const digits = (whole + fraction).replace(/^0+/, "");
    const significant = digits.replace(/0+$/, "");
    const power = Number(exponent) - fraction.length + digits.length - significant.length;
    return significant === "" || (-power <= scale && significant.length + power <= precision - scale);
}

/** `YYYY-MM-DD`, a day that the calendar has. */
export function isDate(text: string): boolean {
    const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
    if (!match) return false;
    const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
    return year >= 1 && day >= 1 && day <= daysIn(year, month);
}

/**
 * A point in time as `YYYY-MM-DD HH:MM:SS[.fraction]` (UTC, at most nine digits of fraction), the spelling that every
 * SerDe reads, from that spelling or from ISO 8601 with a `Z`; undefined if `text` is neither.
 */
export function timestamp(text: string): string | undefined {
    const match = sqlTimestamp.exec(text) ?? isoTimestamp.exec(text);
    return match && isDate(match[1]!) ? `${match[1]} ${match[2]}` : undefined;
}

/** The clock's milliseconds since 1970 as `YYYY-MM-DD HH:MM:SS.mmm` (UTC). */
export function timestampOf(milliseconds: number): string {
    return new Date(milliseconds).toISOString().slice(0, -1).replace("T", " ");
}

/** 0 for a month that there is not. */
function daysIn(year: number, month: number): number {
    const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
    return [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
}
