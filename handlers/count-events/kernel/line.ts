/** Recognizes lines, in AssemblyScript: `line-scanner.ts` in other words, where other keys are skipped. */
import {
    backslash,
    closeBrace,
    colon,
    comma,
    failed,
    newline,
    openBrace,
    quote,
    space,
} from "../../shared/kernel/bytes";
import { isNull, skipBlanks, skipKind, skipValue } from "../../shared/kernel/values";

/** Columns that there is room for; a multiple of four. */
export const mostColumns: i32 = 64;
/** Keys beside the columns that are remembered. */
const mostOthers: i32 = 256;
const mostKeys: i32 = mostColumns + mostOthers;
/** The longest key that is remembered. */
export const longestKey: i32 = 256;

/** By column, where its value is in the line that was scanned last; 0 where it is missing or null. */
const starts = memory.data(4 * mostColumns, 16);
const ends = memory.data(4 * mostColumns, 16);
/** By column, what its type is and how many digits it has room for. */
const kinds = memory.data(mostColumns);
const limits = memory.data(4 * mostColumns);
const fractionLimits = memory.data(4 * mostColumns);
/** By key: its bytes in lower case, how many, and the line in which it was seen last. The columns are the first keys. */
const names = memory.data(mostKeys * longestKey, 16);
const lengths = memory.data(4 * mostKeys);
const seen = memory.data(4 * mostKeys);
/** By hash: the key's number and one; a power of two, of which at most half are taken. */
const places = memory.data(4 * 1024);
const lastPlace: u32 = 1023;

const mostLikely: i32 = 64;
const likelySize: i32 = 80;
const longestLikely: usize = 64;
/**
 * By place in the line, what was there in the line before, from the end of one value to the start of the next: its
 * length, the key's number, and the bytes, such as `,"name":`. Most lines of a table are alike.
 */
const likely = memory.data(likelySize * mostLikely, 16);

let columns: i32 = 0;
let keys: i32 = 0;
let line: u32 = 0;

/** Adds a column, of which the name stands there. */
export function addColumn(name: usize, length: i32, kind: i32, limit: i32, fractionLimit: i32): void {
    store<u8>(kinds + columns, <u8>kind);
    store<i32>(limits + 4 * columns, limit);
    store<i32>(fractionLimits + 4 * columns, fractionLimit);
    addKey(freePlace(name, length), name, length);
    columns++;
}

/** Forgets the keys beside the columns. */
export function forgetOthers(): void {
    memory.fill(likely, 0, likelySize * mostLikely);
    memory.fill(places, 0, 4 * (lastPlace + 1));
    keys = 0;
    for (let column = 0; column < columns; column++) {
        const name = names + column * longestKey;
        const length = load<i32>(lengths + 4 * column);
        addKey(freePlace(name, length), name, length);
    }
}

function freePlace(name: usize, length: i32): u32 {
    let hash: u32 = 0;
    for (let at = name; at < name + length; at++) hash = hash * 31 + folded(load<u8>(at));
    let place = hash & lastPlace;
    while (load<i32>(places + 4 * place) !== 0) place = (place + 1) & lastPlace;
    return place;
}

export function startOf(column: i32): usize {
    return load<u32>(starts + 4 * column);
}

export function endOf(column: i32): usize {
    return load<u32>(ends + 4 * column);
}

/** Where the line ends that begins there, its newline, if it is an event beyond doubt; else `failed`. */
export function scanLine(start: usize): usize {
    // Once in four billion lines it begins anew, and a line may be left to others.
    line++;
    for (let column = 0; column < columns; column += 4) v128.store(starts + 4 * column, i32x4.splat(0));
    let at = start;
    let known = likely;
    while (true) {
        if (isLikely(known, at)) {
            at = skipMember(load<u32>(known, 4), skipBlanks(at + load<u32>(known)));
        } else {
            at = skipBlanks(at);
            const separator = load<u8>(at);
            const isFirst = known === likely;
            if (separator === closeBrace && !isFirst) return lineEnd(at + 1);
            if (separator !== (isFirst ? openBrace : comma)) return failed;
            const keyStart = skipBlanks(at + 1);
            if (isFirst && load<u8>(keyStart) === closeBrace) return lineEnd(keyStart + 1);
            at = skipUnlikely(known, at, keyStart);
        }
        if (at === failed) return failed;
        if (load<u8>(at) === closeBrace) return lineEnd(at + 1);
        if (known < likely + likelySize * (mostLikely - 1)) known += likelySize;
    }
}

function lineEnd(start: usize): usize {
    const at = skipBlanks(start);
    return load<u8>(at) === newline ? at : failed;
}

function isLikely(known: usize, at: usize): bool {
    let left = load<u32>(known);
    if (left === 0) return false;
    let expected = known + 16;
    let actual = at;
    while (true) {
        // Bit 16 is always set.
        const alike = ctz(~i8x16.bitmask(i8x16.eq(v128.load(expected), v128.load(actual))));
        if (<u32>alike >= left) return true;
        if (alike < 16) return false;
        left -= 16;
        expected += 16;
        actual += 16;
    }
}

/** A member that begins with that separator and key, and is not the likely one. */
function skipUnlikely(known: usize, separator: usize, keyStart: usize): usize {
    if (load<u8>(keyStart) !== quote) return failed;
    const key = findKey(keyStart + 1);
    if (key < 0) return failed;
    const colonAt = skipBlanks(keyStart + 2 + load<u32>(lengths + 4 * key));
    if (load<u8>(colonAt) !== colon) return failed;
    const valueStart = skipBlanks(colonAt + 1);
    const length = valueStart - separator;
    store<u32>(known, length <= longestLikely ? <u32>length : 0);
    store<u32>(known, key, 4);
    if (length <= longestLikely) memory.copy(known + 16, separator, length);
    return skipMember(key, valueStart);
}

function skipMember(key: i32, start: usize): usize {
    if (load<u32>(seen + 4 * key) === line) return failed;
    store<u32>(seen + 4 * key, line);
    if (key >= columns) return skipValue(start, 0);
    if (isNull(start)) return start + 4;
    const end = skipKind(
        load<u8>(kinds + key),
        start,
        load<i32>(limits + 4 * key),
        load<i32>(fractionLimits + 4 * key),
    );
    store<u32>(starts + 4 * key, <u32>start);
    store<u32>(ends + 4 * key, <u32>end);
    return end;
}

/** The number of the key that begins there; -1 if it is none, or there is no room for it. */
function findKey(start: usize): i32 {
    let hash: u32 = 0;
    let end = start;
    for (let byte = load<u8>(end); byte !== quote; byte = load<u8>(++end)) {
        if (byte < space || byte === backslash || byte > 0x7e) return -1;
        hash = hash * 31 + folded(byte);
    }
    const length = <i32>(end - start);
    let place = hash & lastPlace;
    for (let key = load<i32>(places + 4 * place) - 1; key >= 0; key = load<i32>(places + 4 * place) - 1) {
        if (isKey(key, start, length)) return key;
        place = (place + 1) & lastPlace;
    }
    return keys === columns + mostOthers || length > longestKey ? -1 : addKey(place, start, length);
}

function isKey(key: i32, start: usize, length: i32): bool {
    if (load<i32>(lengths + 4 * key) !== length) return false;
    const name = names + key * longestKey;
    for (let index = 0; index < length; index++) {
        if (load<u8>(name + index) !== folded(load<u8>(start + index))) return false;
    }
    return true;
}

function addKey(place: u32, name: usize, length: i32): i32 {
    for (let index = 0; index < length; index++) {
        store<u8>(names + keys * longestKey + index, folded(load<u8>(name + index)));
    }
    store<i32>(lengths + 4 * keys, length);
    store<i32>(places + 4 * place, keys + 1);
    return keys++;
}

function folded(byte: u8): u8 {
    return <u32>byte - 0x41 < 26 ? byte | 0x20 : byte;
}
