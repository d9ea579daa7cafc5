/** Values of query strings, which are encoded. */

import { backslash, failed, hexadecimal, percent, plus, quote, space } from "../../shared/kernel/bytes";
import { endOutput, outputEnd, write } from "./output";

/** Writes the value that begins there as it is in a JSON text, without quotes; returns where it ends, at what is in none. */
export function writeDecoded(start: usize): usize {
    let at = start;
    let out = outputEnd();
    while (true) {
        const bytes = v128.load(at);
        v128.store(out, bytes);
        const places = specialPlaces(bytes);
        if (places === 0) {
            at += 16;
            out += 16;
            continue;
        }
        at += ctz(places);
        endOutput(out + ctz(places));
        const byte = load<u8>(at);
        if (byte === plus) {
            write(space);
            at++;
        } else if (byte === percent) {
            at = writeCharacter(at);
            if (at === failed) return failed;
        } else return at;
        out = outputEnd();
    }
}

/** Where bytes do not stand for themselves: spaces, quotes, `%`, `&`, `+`, and what comes before the space, as newlines do. */
function specialPlaces(bytes: v128): i32 {
    const isSpecial = i8x16(-1, 0, -1, 0, 0, -1, -1, 0, 0, 0, 0, -1, 0, 0, 0, 0);
    const fromSpace = i8x16.sub_sat_u(bytes, i8x16.splat(space));
    return i8x16.bitmask(i8x16.swizzle(isSpecial, fromSpace));
}

/** Writes the encoded character that begins there; returns where it ends. */
function writeCharacter(start: usize): usize {
    const byte = encodedByte(start);
    if (byte >= 0x80) return writeLongCharacter(start, byte);
    if (byte < 0x20) return failed;
    if (byte === quote || byte === backslash) write(backslash);
    write(<u8>byte);
    return start + 3;
}

/** One of two, three or four bytes. */
function writeLongCharacter(start: usize, lead: i32): usize {
    if (lead < 0xc2 || lead > 0xf4) return failed;
    const more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    let code = lead & (0x3f >> more);
    write(<u8>lead);
    let at = start + 3;
    for (let index = 0; index < more; index++) {
        const byte = encodedByte(at);
        if (byte >> 6 !== 2) return failed;
        code = (code << 6) | (byte & 0x3f);
        write(<u8>byte);
        at += 3;
    }
    const isShortest = code >= (more === 1 ? 0x80 : more === 2 ? 0x800 : 0x10000);
    const isHalf = code >> 11 === 0x1b;
    return isShortest && !isHalf && code <= 0x10ffff ? at : failed;
}

/** The byte that is spelled there, such as `%2f`; negative if none is. */
function encodedByte(start: usize): i32 {
    if (load<u8>(start) !== percent) return -1;
    return (hexadecimal(load<u8>(start + 1)) << 4) | hexadecimal(load<u8>(start + 2));
}
