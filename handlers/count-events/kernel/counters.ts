/** Counters by what lines spell: the same bytes always name the same counter. */

import { minus, newline, point, zero } from "../../shared/kernel/bytes";
import { endOf, mostColumns, startOf } from "./line";

/** By place, the columns that lines are counted by, and those that are added up. */
const by = memory.data(4 * mostColumns);
const sums = memory.data(4 * mostColumns);
let byCount: i32 = 0;
let sumCount: i32 = 0;
let time: i32 = 0;
let timeBytes: usize = 0;

/** Lines with longer ones are for others to look at. */
const longestSpelling: i32 = 2048;
/** Of the current line: the bytes of its time up to the interval, and of the values that it is counted by. */
const spelling = memory.data(longestSpelling + 64, 16);
let spelled: u32 = 0;
let hash: u32 = 0;

/** Numbers for each sum: by the digits behind the point, the numbers without their points, added up. */
export const partsOfSum: i32 = 16;
const sumBytes: i32 = 8 * partsOfSum;
const slotBytes: i32 = 4 << 20;
const mostSlots: i32 = 1 << 14;
/**
 * Counters that lines spelled, one behind the other: 64 bits for its lines, 64 for the length of its spelling, the sums'
 * parts, and the spelling, up to a multiple of 16.
 */
const slots = memory.data(slotBytes, 16);
export const partsStart: i32 = 16;
/** By hash, where the slot is; a power of two, of which at most half are taken. */
const places = memory.data(4 * 2 * mostSlots);
const lastPlace: u32 = 2 * mostSlots - 1;
let slotCount: i32 = 0;
let slotsEnd: usize = slots;
/** Where the slot of the current line is noted, or is to be. */
let place: usize = 0;

/** Longer numbers have more digits than a sum of them could hold. */
const longestNumber: usize = 15;
/** Above it, another number might be too much. */
const mostSafe: i64 = 1 << 62;

/** Which column says the time, and how many of its bytes tell the interval. */
export function setTime(column: i32, bytes: i32): void {
    time = column;
    timeBytes = bytes;
}

export function addBy(column: i32): void {
    store<i32>(by + 4 * byCount++, column);
}

export function addSum(column: i32): void {
    store<i32>(sums + 4 * sumCount++, column);
}

/** Forgets all counters. */
export function clear(): void {
    memory.fill(places, 0, 4 * 2 * mostSlots);
    slotCount = 0;
    slotsEnd = slots;
}

/** Whether there is room for one more counter. */
export function hasRoom(): bool {
    const most = partsStart + sumBytes * sumCount + longestSpelling;
    return slotCount < mostSlots && slotsEnd + most <= slots + slotBytes;
}

/** Makes the counter of the current line known, which holds nothing yet. */
export function addCounter(): usize {
    const slot = slotsEnd;
    const spellingStart = slot + partsStart + sumBytes * sumCount;
    slotsEnd = spellingStart + ((spelled + 15) & ~15);
    slotCount++;
    memory.fill(slot, 0, spellingStart - slot);
    store<u32>(slot, spelled, 8);
    memory.copy(spellingStart, spelling, slotsEnd - spellingStart);
    store<u32>(place, <u32>slot);
    return slot;
}

/** Notes what names the counter of the line that was scanned last. False if there is no time, or no room. */
export function spell(): bool {
    const timeStart = startOf(time);
    if (timeStart === 0) return false;
    let length = min(timeBytes, endOf(time) - timeStart);
    v128.store(spelling, v128.load(timeStart));
    v128.store(spelling + 16, v128.load(timeStart + 16));
    for (let index = 0; index < byCount; index++) {
        // No value holds one: it tells a missing value from the next one's.
        store<u8>(spelling + length++, newline);
        const column = load<i32>(by + 4 * index);
        const start = startOf(column);
        const bytes: usize = start === 0 ? 0 : endOf(column) - start;
        if (<i32>(length + bytes) >= longestSpelling) return false;
        for (let at: usize = 0; at < bytes; at += 16) v128.store(spelling + length + at, v128.load(start + at));
        length += bytes;
    }
    // What is copied and hashed are whole blocks.
    v128.store(spelling + length, i32x4.splat(0));
    spelled = <u32>length;
    hash = hashOf(length);
    return true;
}

function hashOf(length: usize): u32 {
    let mixed: u64 = length;
    for (let at: usize = 0; at < length; at += 8) {
        mixed = (mixed ^ load<u64>(spelling + at)) * 0x1e3779b97f4a7d;
        mixed ^= mixed >> 32;
    }
    return <u32>mixed;
}

/** The slot of the current line's counter; 0 if there is none. */
export function findCounter(): usize {
    let index = hash & lastPlace;
    while (true) {
        place = places + 4 * index;
        const slot = <usize>load<u32>(place);
        if (slot === 0 || isSpelledSo(slot)) return slot;
        index = (index + 1) & lastPlace;
    }
}

function isSpelledSo(slot: usize): bool {
    if (load<u32>(slot, 8) !== spelled) return false;
    const known = slot + partsStart + sumBytes * sumCount;
    for (let at: usize = 0; at < spelled; at += 16) {
        if (!i8x16.all_true(i8x16.eq(v128.load(known + at), v128.load(spelling + at)))) return false;
    }
    return true;
}

/** Whether sums can be told of the current line's numbers. */
export function hasShortNumbers(): bool {
    for (let index = 0; index < sumCount; index++) {
        const column = load<i32>(sums + 4 * index);
        if (startOf(column) !== 0 && endOf(column) - startOf(column) > longestNumber) return false;
    }
    return true;
}

/** Adds the current line to its counter. False if another one might be too much for a sum. */
export function addLine(slot: usize): bool {
    store<u64>(slot, load<u64>(slot) + 1);
    let isSafe = true;
    let parts = slot + partsStart;
    for (let index = 0; index < sumCount; index++, parts += sumBytes) {
        const column = load<i32>(sums + 4 * index);
        if (startOf(column) !== 0 && !addNumber(parts, startOf(column), endOf(column))) isSafe = false;
    }
    return isSafe;
}

function addNumber(parts: usize, start: usize, end: usize): bool {
    let digits: i64 = 0;
    let pointAt = end - 1;
    for (let at = start; at < end; at++) {
        const byte = load<u8>(at);
        if (byte === point) pointAt = at;
        else if (byte !== minus) digits = 10 * digits + byte - zero;
    }
    const part = parts + 8 * (end - 1 - pointAt);
    const total = load<i64>(part) + (load<u8>(start) === minus ? -digits : digits);
    store<i64>(part, total);
    return total <= mostSafe && total >= -mostSafe;
}
