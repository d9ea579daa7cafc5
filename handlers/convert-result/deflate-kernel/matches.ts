/** Finds what was there before. */

import { addMatch, areEnough, clear, countLiterals } from "./sequences";

/**
 * No shorter match is looked for. In lines of JSON, where what repeats are keys, shorter ones save little, and each costs as much
 * time as a long one.
 */
const shortest: usize = 8;
/** As far back as a reader remembers. */
const mostDistance: usize = 32 * 1024;
/**
 * Where there is no match, the next one is looked for so many bytes later. A match is continued backwards, so that what is
 * lost is little: in texts that repeat, the next one is found a few bytes late.
 */
const stride: usize = 4;
/** A match may begin so far from the end of what there is: whole blocks are looked at. */
const lookAhead: usize = 32;

const placeBits: i32 = 14;
/** Spreads what differs over the highest bits. */
const spreading: u64 = ((<u64>0x9e3779b1) << 32) | 0x85ebca87;
/** By hash, where the eight bytes were last: the lowest 16 bits of the address. */
const places = memory.data(2 << placeBits);

export function forgetPlaces(): void {
    memory.fill(places, 0, 2 << placeBits);
}

/**
 * Finds a block's sequences, where the piece and the block begin, up to the end of the piece at most. Where it stopped. Looks
 * back by 64 KB before it knows whether that is in the piece.
 */
export function findMatches(pieceStart: usize, blockStart: usize, pieceEnd: usize): usize {
    clear();
    const last = max(pieceEnd - lookAhead, blockStart);
    let at = blockStart;
    let literals = blockStart;
    while (at < last) {
        const bytes = load<u64>(at);
        const place = placeOf(bytes);
        const distance = (at - <usize>load<u16>(place)) & 0xffff;
        store<u16>(place, <u16>at);
        let before = at - distance;
        if (load<u64>(before) !== bytes || distance - 1 >= mostDistance || before < pieceStart) {
            at += stride;
            continue;
        }
        const end = endOfMatch(at + shortest, distance, pieceEnd);
        note(at + 1);
        note(end - 1);
        while (at > literals && before > pieceStart && load<u8>(at - 1) === load<u8>(before - 1)) {
            at--;
            before--;
        }
        countLiterals(literals, at);
        addMatch(at - literals, distance, end - at);
        literals = end;
        if (areEnough()) return end;
        // Its own byte differs.
        at = end + 1;
    }
    countLiterals(literals, pieceEnd);
    return pieceEnd;
}

function placeOf(bytes: u64): usize {
    return places + 2 * <usize>((bytes * spreading) >> (64 - placeBits));
}

function note(at: usize): void {
    store<u16>(placeOf(load<u64>(at)), <u16>at);
}

/** Up to where the bytes are as those at that distance before. */
function endOfMatch(start: usize, distance: usize, pieceEnd: usize): usize {
    for (let at = start; at < pieceEnd; at += 16) {
        const different = i8x16.bitmask(i8x16.ne(v128.load(at), v128.load(at - distance)));
        if (different !== 0) return min(at + ctz(different), pieceEnd);
    }
    return pieceEnd;
}
