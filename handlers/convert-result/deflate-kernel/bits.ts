/** Writes bits, of each byte the lowest first. */

let out: usize = 0;
let bits: u64 = 0;
/** How many of them wait for the rest of their byte; fewer than eight. */
let waiting: u64 = 0;

export function startAt(start: usize): void {
    out = start;
}

/** At most 48. */
export function put(value: u64, count: u64): void {
    bits |= value << waiting;
    waiting += count;
    store<u64>(out, bits);
    out += <usize>(waiting >> 3);
    bits >>= waiting & ~7;
    waiting &= 7;
}

/** Fills the last byte with zeros; where the next one goes. */
export function putToByte(): usize {
    if (waiting > 0) put(0, 8 - waiting);
    return out;
}

export function putBytes(start: usize, length: usize): void {
    memory.copy(out, start, length);
    out += length;
}

/** For loops that keep them in registers: what they begin with. */
export function currentOut(): usize {
    return out;
}

export function currentBits(): u64 {
    return bits;
}

export function currentWaiting(): u64 {
    return waiting;
}

/** And what they have come to. */
export function setCurrent(newOut: usize, newBits: u64, newWaiting: u64): void {
    out = newOut;
    bits = newBits;
    waiting = newWaiting;
}
