/** Where values end, in AssemblyScript: `scan-value.ts` in other words, which it must agree with on every line. */

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
const plus: u8 = 0x2b;
const openBracket: u8 = 0x5b;
const closeBracket: u8 = 0x5d;
const firstOfNull: u8 = 0x6e;
const firstOfTrue: u8 = 0x74;
const firstOfFalse: u8 = 0x66;
const upperT: u8 = 0x54;
const upperZ: u8 = 0x5a;
/** As numbers of 32 bits, the first byte lowest. */
const nullText: u32 = 0x6c6c756e;
const trueText: u32 = 0x65757274;
const alseText: u32 = 0x65736c61;
/** Deeper values are for others to look at. */
const deepest: i32 = 32;

/** A column's type, as it is looked at. */
export enum Kind {
    Text,
    Boolean,
    /** Its first limit is the most digits. */
    Integer,
    /** Its limits are the most digits before the point and behind it. */
    Decimal,
    Date,
    Timestamp,
    Nested,
}

/** The end of a value of that kind. */
export function skipKind(kind: i32, start: usize, limit: i32, fractionLimit: i32): usize {
    switch (kind) {
        case Kind.Text:
            return skipText(start);
        case Kind.Boolean:
            return skipBoolean(start);
        case Kind.Integer:
            return skipInteger(start, limit);
        case Kind.Decimal:
            return skipDecimal(start, limit, fractionLimit);
        case Kind.Date:
            return isDate(start) ? closed(start + 11) : failed;
        case Kind.Timestamp:
            return isDate(start) ? closed(skipClock(start + 11)) : failed;
        default:
            return failed;
    }
}

/** Past spaces and tabs. */
export function skipBlanks(start: usize): usize {
    let at = start;
    while (load<u8>(at) === space || load<u8>(at) === 0x09) at++;
    return at;
}

export function isNull(start: usize): bool {
    return load<u32>(start) === nullText;
}

/** Any JSON value. */
export function skipValue(start: usize, depth: i32): usize {
    switch (load<u8>(start)) {
        case quote:
            return skipText(start);
        case openBrace:
            return skipItems(start, closeBrace, depth + 1);
        case openBracket:
            return skipItems(start, closeBracket, depth + 1);
        case firstOfNull:
            return isNull(start) ? start + 4 : failed;
        case firstOfTrue:
        case firstOfFalse:
            return skipBoolean(start);
        default:
            return skipNumber(start);
    }
}

function skipItems(start: usize, close: u8, depth: i32): usize {
    if (depth > deepest) return failed;
    let at = skipBlanks(start + 1);
    if (load<u8>(at) === close) return at + 1;
    while (true) {
        if (close === closeBrace) {
            at = skipText(at);
            if (at === failed) return failed;
            at = skipBlanks(at);
            if (load<u8>(at) !== colon) return failed;
            at = skipBlanks(at + 1);
        }
        at = skipValue(at, depth);
        if (at === failed) return failed;
        at = skipBlanks(at);
        const next = load<u8>(at++);
        if (next === close) return at;
        if (next !== comma) return failed;
        at = skipBlanks(at);
    }
}

/** Sixteen bytes at a time, up to one that does not stand for itself. */
function skipText(start: usize): usize {
    if (load<u8>(start) !== quote) return failed;
    let at = start + 1;
    while (true) {
        const bytes = v128.load(at);
        const special = v128.or(
            i8x16.lt_u(bytes, i8x16.splat(space)),
            v128.or(i8x16.eq(bytes, i8x16.splat(quote)), i8x16.eq(bytes, i8x16.splat(backslash))),
        );
        const places = i8x16.bitmask(special);
        if (places === 0) {
            at += 16;
            continue;
        }
        at += ctz(places);
        const byte = load<u8>(at);
        if (byte === quote) return at + 1;
        if (byte !== backslash || !isEscapable(load<u8>(at + 1))) return failed;
        at += 2;
    }
}

/** Whether it may follow a backslash; what `\u` spells is for others to look at. */
function isEscapable(byte: u8): bool {
    switch (byte) {
        case quote:
        case backslash:
        case 0x2f:
        case 0x62:
        case 0x66:
        case 0x6e:
        case 0x72:
        case 0x74:
            return true;
        default:
            return false;
    }
}

function skipBoolean(start: usize): usize {
    if (load<u32>(start) === trueText) return start + 4;
    return load<u8>(start) === firstOfFalse && load<u32>(start + 1) === alseText ? start + 5 : failed;
}

function skipNumber(start: usize): usize {
    let at = skipInteger(start, i32.MAX_VALUE);
    if (at === failed) return failed;
    if (load<u8>(at) === point) {
        const end = skipDigits(at + 1);
        if (end === at + 1) return failed;
        at = end;
    }
    if ((load<u8>(at) | 0x20) !== 0x65) return at;
    at++;
    if (load<u8>(at) === plus || load<u8>(at) === minus) at++;
    const end = skipDigits(at);
    return end === at ? failed : end;
}

function skipInteger(start: usize, limit: i32): usize {
    const first = load<u8>(start) === minus ? start + 1 : start;
    const end = skipDigits(first);
    const digits = <i32>(end - first);
    const isSpelled = digits === 1 || (digits > 1 && load<u8>(first) !== zero);
    return isSpelled && digits <= limit ? end : failed;
}

function skipDecimal(start: usize, limit: i32, fractionLimit: i32): usize {
    // No digits before the point but a zero, where the type has room for none.
    const end = skipInteger(start, max(limit, 1));
    if (end === failed || (limit === 0 && load<u8>(end - 1) !== zero)) return failed;
    if (load<u8>(end) !== point) return end;
    const fractionEnd = skipDigits(end + 1);
    const digits = <i32>(fractionEnd - end - 1);
    return digits > 0 && digits <= fractionLimit ? fractionEnd : failed;
}

function skipDigits(start: usize): usize {
    let at = start;
    while (isDigit(load<u8>(at))) at++;
    return at;
}

function isDigit(byte: u8): bool {
    return <u32>byte - zero < 10;
}

/** Whether a quote is there, and what is behind it. */
function closed(at: usize): usize {
    return at !== failed && load<u8>(at) === quote ? at + 1 : failed;
}

/** Whether `"YYYY-MM-DD` is there, a day that its month has in every year. */
function isDate(start: usize): bool {
    if (load<u8>(start) !== quote || !areDigits(start + 1, 0b11_0110_1111)) return false;
    const month = number(start + 6);
    return (
        number(start + 1) + number(start + 3) > 0 &&
        load<u8>(start + 5) === minus &&
        month - 1 < 12 &&
        load<u8>(start + 8) === minus &&
        number(start + 9) - 1 < daysOf(month)
    );
}

function daysOf(month: u32): u32 {
    return month === 2 ? 28 : 30 + ((month ^ (month >> 3)) & 1);
}

/** Past ` HH:MM:SS`, and a fraction of up to nine digits; or the same in ISO 8601, with `T` and `Z`. */
function skipClock(start: usize): usize {
    const isIso = load<u8>(start) === upperT;
    const isTime =
        (isIso || load<u8>(start) === space) &&
        areDigits(start + 1, 0b1101_1011) &&
        number(start + 1) < 24 &&
        load<u8>(start + 3) === colon &&
        number(start + 4) < 60 &&
        load<u8>(start + 6) === colon &&
        number(start + 7) < 60;
    if (!isTime) return failed;
    let end = start + 9;
    if (load<u8>(end) === point) {
        const digits = <u32>(skipDigits(end + 1) - end - 1);
        if (digits - 1 >= 9) return failed;
        end += 1 + digits;
    }
    if (!isIso) return end;
    return load<u8>(end) === upperZ ? end + 1 : failed;
}

/** Whether the bytes from there are digits wherever the pattern has a one; its lowest bit stands for the first. */
function areDigits(start: usize, pattern: i32): bool {
    const fromZero = i8x16.sub(v128.load(start), i8x16.splat(zero));
    return (i8x16.bitmask(i8x16.lt_u(fromZero, i8x16.splat(10))) & pattern) === pattern;
}

/** What two digits say. */
function number(start: usize): u32 {
    return 10 * <u32>load<u8>(start) + load<u8>(start + 1) - 11 * <u32>zero;
}
