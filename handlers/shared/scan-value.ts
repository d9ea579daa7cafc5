import type { ColumnType } from "./columns";
import { numberStart, Outcome, outcomes, transitions } from "./scalars";

/** Where the value ends that starts there, or `failed`: then it is none, or one that has to be looked at more closely. */
export type Scan = (bytes: Buffer, start: number) => number;

export const failed = -1;

const quote = 0x22;
const backslash = 0x5c;
const space = 0x20;
const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const minus = 0x2d;
const point = 0x2e;
const zero = 0x30;
const nine = 0x39;
const upperT = 0x54;
const upperZ = 0x5a;
/** What may follow a backslash; what `\u` spells is for others to look at. */
const escapable = new Set(Buffer.from('"\\/bfnrt'));
/** By byte, whether it stands for itself in a text. */
const isPlain = Uint8Array.from({ length: 256 }, (_, byte) =>
    byte >= space && byte !== quote && byte !== backslash ? 1 : 0,
);
const nullText = Buffer.from("null");
const booleans = [Buffer.from("true"), Buffer.from("false")];
/** Deeper values are for others to look at. */
const deepest = 32;
/** So many digits every integer of that many bits has room for. */
export const safeDigits = { 8: 2, 16: 4, 32: 9, 64: 18 };
const noDigits = -1000;
/** By month. */
const fewestDays = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** Every number of so many digits is finite, as a float of 32 bits, too. */
export const finiteDigits = 30;

/** Recognizes the values of a type, in the spelling that tables read; of timestamps also those in ISO 8601. */
export function scanOf(type: ColumnType): Scan {
    switch (type.kind) {
        case "string":
            return skipString;
        case "boolean":
            return skipBoolean;
        case "integer":
            return integerScan(safeDigits[type.bits]);
        case "float":
            return decimalScan(finiteDigits, finiteDigits);
        case "decimal":
            return decimalScan(type.precision - type.scale, type.scale);
        case "date":
            return (bytes, start) => quoted(bytes, start, skipDate);
        case "timestamp":
            return (bytes, start) => quoted(bytes, start, skipTime);
        default:
            return () => failed;
    }
}

/** Past spaces and tabs. A carriage return is for others to look at: some readers take it for the end of the line. */
export function skipBlanks(bytes: Buffer, start: number): number {
    let at = start;
    while (bytes[at] === space || bytes[at] === 0x09) at++;
    return at;
}

export function skipNull(bytes: Buffer, start: number): number {
    return skipText(bytes, start, nullText);
}

/** Any JSON value. */
export function skipValue(bytes: Buffer, start: number, depth = 0): number {
    switch (bytes[start]) {
        case quote:
            return skipString(bytes, start);
        case openBrace:
            return skipItems(bytes, start, closeBrace, skipMember, depth + 1);
        case openBracket:
            return skipItems(bytes, start, closeBracket, skipValue, depth + 1);
        case 0x6e:
            return skipNull(bytes, start);
        case 0x74:
        case 0x66:
            return skipBoolean(bytes, start);
        default:
            return skipNumber(bytes, start);
    }
}

function skipItems(
    bytes: Buffer,
    start: number,
    close: number,
    skipItem: (bytes: Buffer, start: number, depth: number) => number,
    depth: number,
): number {
    if (depth > deepest) return failed;
    let at = skipBlanks(bytes, start + 1);
    if (bytes[at] === close) return at + 1;
    for (;;) {
        at = skipItem(bytes, at, depth);
        if (at === failed) return failed;
        at = skipBlanks(bytes, at);
        const next = bytes[at++];
        if (next === close) return at;
        if (next !== comma) return failed;
        at = skipBlanks(bytes, at);
    }
}

function skipMember(bytes: Buffer, start: number, depth: number): number {
    if (bytes[start] !== quote) return failed;
    const nameEnd = skipString(bytes, start);
    if (nameEnd === failed) return failed;
    const at = skipBlanks(bytes, nameEnd);
    return bytes[at] === colon ? skipValue(bytes, skipBlanks(bytes, at + 1), depth) : failed;
}

function skipString(bytes: Buffer, start: number): number {
    if (bytes[start] !== quote) return failed;
    let at = skipPlain(bytes, start + 1);
    while (bytes[at] === backslash && escapable.has(bytes[at + 1]!)) at = skipPlain(bytes, at + 2);
    return bytes[at] === quote ? at + 1 : failed;
}

function skipPlain(bytes: Buffer, start: number): number {
    let at = start;
    while (isPlain[bytes[at]!] === 1) at++;
    return at;
}

function skipBoolean(bytes: Buffer, start: number): number {
    return skipText(bytes, start, booleans[bytes[start] === 0x74 ? 0 : 1]!);
}

function skipNumber(bytes: Buffer, start: number): number {
    let at = start;
    let state = numberStart;
    for (;;) {
        const next = transitions[(state << 8) | bytes[at]!]!;
        if (next === 0) return outcomes[state] === Outcome.Kept ? at : failed;
        state = next;
        at++;
    }
}

function integerScan(mostDigits: number): Scan {
    return (bytes, start) => skipInteger(bytes, start, mostDigits);
}

function decimalScan(mostWhole: number, mostFraction: number): Scan {
    // No digits before the point but a zero, where the type has room for none.
    const mostDigits = Math.max(mostWhole, 1);
    return (bytes, start) => {
        const end = skipInteger(bytes, start, mostDigits);
        if (end === failed || (mostWhole === 0 && bytes[end - 1] !== zero)) return failed;
        if (bytes[end] !== point) return end;
        const fractionEnd = skipDigits(bytes, end + 1);
        const digits = fractionEnd - end - 1;
        return digits > 0 && digits <= mostFraction ? fractionEnd : failed;
    };
}

function skipInteger(bytes: Buffer, start: number, mostDigits: number): number {
    const first = bytes[start] === minus ? start + 1 : start;
    const end = skipDigits(bytes, first);
    const digits = end - first;
    const isSpelled = digits === 1 || (digits > 1 && bytes[first] !== zero);
    return isSpelled && digits <= mostDigits ? end : failed;
}

function quoted(bytes: Buffer, start: number, skip: Scan): number {
    if (bytes[start] !== quote) return failed;
    const end = skip(bytes, start + 1);
    return end !== failed && bytes[end] === quote ? end + 1 : failed;
}

/** `YYYY-MM-DD`, a day that the month has every year. */
function skipDate(bytes: Buffer, start: number): number {
    const isDate =
        twoDigits(bytes, start) + twoDigits(bytes, start + 2) > 0 &&
        bytes[start + 4] === minus &&
        isWithin(twoDigits(bytes, start + 5), 1, 12) &&
        bytes[start + 7] === minus &&
        isWithin(twoDigits(bytes, start + 8), 1, fewestDays[twoDigits(bytes, start + 5)]!);
    return isDate ? start + 10 : failed;
}

/** `YYYY-MM-DD HH:MM:SS`, and a fraction of up to nine digits; or the same in ISO 8601, with `T` and `Z`. */
function skipTime(bytes: Buffer, start: number): number {
    const date = skipDate(bytes, start);
    if (date === failed) return failed;
    const isIso = bytes[date] === upperT;
    const isTime =
        (isIso || bytes[date] === space) &&
        isWithin(twoDigits(bytes, date + 1), 0, 23) &&
        bytes[date + 3] === colon &&
        isWithin(twoDigits(bytes, date + 4), 0, 59) &&
        bytes[date + 6] === colon &&
        isWithin(twoDigits(bytes, date + 7), 0, 59);
    if (!isTime) return failed;
    let end = date + 9;
    if (bytes[end] === point) {
        const digits = skipDigits(bytes, end + 1) - end - 1;
        if (!isWithin(digits, 1, 9)) return failed;
        end += 1 + digits;
    }
    if (!isIso) return end;
    return bytes[end] === upperZ ? end + 1 : failed;
}

/** Far below zero where there are no two digits. */
function twoDigits(bytes: Buffer, start: number): number {
    const tens = bytes[start]! - zero;
    const ones = bytes[start + 1]! - zero;
    return isWithin(tens, 0, 9) && isWithin(ones, 0, 9) ? 10 * tens + ones : noDigits;
}

/** Past the digits that begin there. */
function skipDigits(bytes: Buffer, start: number): number {
    let at = start;
    while (bytes[at]! >= zero && bytes[at]! <= nine) at++;
    return at;
}

function skipText(bytes: Buffer, start: number, text: Buffer): number {
    for (let index = 0; index < text.length; index++) if (bytes[start + index] !== text[index]) return failed;
    return start + text.length;
}

function isWithin(value: number, least: number, most: number): boolean {
    return value >= least && value <= most;
}
