/** Cells of texts and JSON. */

import { backslash, quote, space, zero } from "../../shared/kernel/bytes";
import { escapedByCode, escapedQuote } from "./spellings";
import { endCell, inputEnd, limit, Stop, stop } from "./state";

/** The length of a cell that has no more than 16 bytes, none of which has to be escaped; 0 if it may be anything else. */
export function shortText(start: usize): usize {
    const last = ctz(specialPlaces(v128.load(start)) & ~1);
    const isClosed = last < 16 && load<u8>(start + last) === quote && load<u8>(start + last + 1) !== quote;
    return isClosed ? last + 1 : 0;
}

/** One bit for each of 16 bytes, the first one lowest: whether JSON's strings can't hold it as it is. */
function specialPlaces(bytes: v128): i32 {
    return i8x16.bitmask(
        v128.or(
            i8x16.lt_u(bytes, i8x16.splat(space)),
            v128.or(i8x16.eq(bytes, i8x16.splat(quote)), i8x16.eq(bytes, i8x16.splat(backslash))),
        ),
    );
}

/** Copies any text, in its quotes. */
export function copyText(start: usize, out: usize): usize {
    let at = start + 1;
    let to = out + 1;
    store<u8>(out, quote);
    while (true) {
        if (to > limit) return stop(Stop.Full);
        const bytes = v128.load(at);
        v128.store(to, bytes);
        const places = specialPlaces(bytes);
        if (places === 0) {
            at += 16;
            to += 16;
            continue;
        }
        const plain = ctz(places);
        at += plain + 1;
        to += plain;
        const byte = load<u8>(at - 1);
        if (byte !== quote) {
            to = writeEscape(byte, to);
        } else if (load<u8>(at) !== quote) {
            return endCell(at, to + 1);
        } else {
            if (at >= inputEnd) return stop(Stop.End);
            store<u16>(to, escapedQuote);
            at++;
            to += 2;
        }
    }
}

/** As `JSON.stringify` does it. */
function writeEscape(byte: u8, to: usize): usize {
    const letter = letterOf(byte);
    if (letter !== 0) {
        store<u8>(to, backslash);
        store<u8>(to, letter, 1);
        return to + 2;
    }
    const low = byte & 15;
    store<u32>(to, escapedByCode);
    store<u8>(to, zero + (byte >> 4), 4);
    store<u8>(to, low < 10 ? zero + low : 0x57 + low, 5);
    return to + 6;
}

function letterOf(byte: u8): u8 {
    switch (byte) {
        case 0x08:
            return 0x62; // b
        case 0x09:
            return 0x74; // t
        case 0x0a:
            return 0x6e; // n
        case 0x0c:
            return 0x66; // f
        case 0x0d:
            return 0x72; // r
        case backslash:
            return backslash;
        default:
            return 0;
    }
}

/** Copies JSON, with spaces for control characters, which are whitespace between its parts; something else has to be there. */
export function copyJson(start: usize, out: usize): usize {
    let at = start + 1;
    let to = out;
    let visible = 0;
    while (true) {
        if (to > limit) return stop(Stop.Full);
        const bytes = v128.load(at);
        v128.store(to, i8x16.max_u(bytes, i8x16.splat(space)));
        // Bit 16 stands for no quote.
        const plain = ctz(i8x16.bitmask(i8x16.eq(bytes, i8x16.splat(quote))) | 0x10000);
        visible |= i8x16.bitmask(i8x16.gt_u(bytes, i8x16.splat(space))) & ((1 << plain) - 1);
        at += plain;
        to += plain;
        if (plain === 16) continue;
        at++;
        if (load<u8>(at) !== quote) return visible === 0 ? stop(Stop.Odd) : endCell(at, to);
        if (at >= inputEnd) return stop(Stop.End);
        at++;
        to++;
    }
}
