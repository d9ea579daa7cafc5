/** How lines are cut. */

import { backslash, failed, newline, quote, space } from "../../shared/kernel/bytes";

/** Where the line ends that begins there, its newline; `failed` if there is a backslash in it, or another control character. */
export function endOfLine(start: usize): usize {
    let at = start;
    while (true) {
        const bytes = v128.load(at);
        const special = v128.or(i8x16.lt_u(bytes, i8x16.splat(space)), i8x16.eq(bytes, i8x16.splat(backslash)));
        const places = i8x16.bitmask(special);
        if (places !== 0) {
            at += ctz(places);
            return load<u8>(at) === newline ? at : failed;
        }
        at += 16;
    }
}

/** Past so many words of ASCII and the space behind each. */
export function afterWords(start: usize, count: i32): usize {
    let at = start;
    for (let word = 0; word < count; word++) {
        const wordEnd = endOfWord(at);
        if (wordEnd === at || load<u8>(wordEnd) !== space) return failed;
        at = wordEnd + 1;
    }
    return at;
}

/** Where the word ends that begins there: at a space, or at a byte beyond ASCII. */
export function endOfWord(start: usize): usize {
    let at = start;
    while (true) {
        const places = ~i8x16.bitmask(i8x16.gt_s(v128.load(at), i8x16.splat(space))) & 0xffff;
        if (places !== 0) return at + ctz(places);
        at += 16;
    }
}

/** Past a text in quotes and the space behind it. */
export function afterText(start: usize, end: usize): usize {
    if (load<u8>(start) !== quote) return failed;
    const close = findByte(quote, start + 1, end);
    return close !== failed && load<u8>(close + 1) === space ? close + 2 : failed;
}

/** Where the byte is first; `failed` if it is not there. */
export function findByte(byte: u8, start: usize, end: usize): usize {
    for (let at = start; at < end; at += 16) {
        const places = i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(byte)));
        if (places !== 0) return at + ctz(places) < end ? at + ctz(places) : failed;
    }
    return failed;
}
