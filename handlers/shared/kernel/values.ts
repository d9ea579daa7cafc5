/** Where values end, in AssemblyScript: `scan-value.ts` in other words, which it must agree with on every line. */
import {
    backslash,
    closeBrace,
    colon,
    comma,
    failed,
    minus,
    openBrace,
    plus,
    point,
    quote,
    skipDigits,
    space,
    zero,
} from "./bytes";
import { dateBytes, isDate, skipClock } from "./times";

const openBracket: u8 = 0x5b;
const closeBracket: u8 = 0x5d;
const firstOfNull: u8 = 0x6e;
const firstOfTrue: u8 = 0x74;
const firstOfFalse: u8 = 0x66;
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
            return isQuotedDate(start) ? closed(start + 1 + dateBytes) : failed;
        case Kind.Timestamp:
            return isQuotedDate(start) ? closed(skipClock(start + 1 + dateBytes)) : failed;
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

function isQuotedDate(start: usize): bool {
    return load<u8>(start) === quote && isDate(start + 1);
}

/** Whether a quote is there, and what is behind it. */
function closed(at: usize): usize {
    return at !== failed && load<u8>(at) === quote ? at + 1 : failed;
}
