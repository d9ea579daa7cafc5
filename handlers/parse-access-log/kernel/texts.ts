/** Texts that are given once, and compared with what stands in lines. */

/** An address; the text's bytes are behind its length, and behind them there is room for what is looked at beyond. */
@unmanaged
export class Text {
    length: u32;
}

const headBytes: usize = 16;
const beyond: usize = 16;
const roomBytes: i32 = 64 * 1024;
const room = memory.data(roomBytes, 16);
let end: usize = room;

/** Keeps the bytes that stand there; null if there is no room for them. */
export function keepText(start: usize, length: usize): Text | null {
    const text = changetype<Text>(end);
    if (end + headBytes + length + beyond > room + roomBytes) return null;
    text.length = <u32>length;
    memory.copy(bytesOf(text), start, length);
    end += headBytes + ((length + beyond + 15) & ~15);
    return text;
}

export function bytesOf(text: Text): usize {
    return changetype<usize>(text) + headBytes;
}

/** Whether the text stands there. */
export function isAt(start: usize, text: Text): bool {
    const known = bytesOf(text);
    const length = text.length;
    for (let at: u32 = 0; at < length; at += 16) {
        // Bit 16 is always set.
        const alike = ctz(~i8x16.bitmask(i8x16.eq(v128.load(known + at), v128.load(start + at))));
        if (<u32>alike < min(length - at, 16)) return false;
    }
    return true;
}

/** What a text stands for. */
export enum Role {
    /** Types of requests that may be events, with the space behind them. */
    Type,
    /** Methods of those, likewise. */
    Method,
    /** How URLs begin. */
    Scheme,
    Path,
    /** How the user agents of health checks begin. */
    HealthCheck,
    /** Before a request's id, in its trace. */
    Root,
}

const roleCount: i32 = 6;
/** By role, the places of its texts, up to one that is empty. */
const roleBytes: i32 = 4 * 8;
const roles = memory.data(roleCount * roleBytes);

/** False if there is no room for it. */
export function addText(role: Role, start: usize, length: usize): bool {
    let place = placesOf(role);
    while (load<usize>(place) !== 0) place += 4;
    const text = keepText(start, length);
    if (text === null || place + 4 === placesOf(role) + roleBytes) return false;
    store<usize>(place, changetype<usize>(text));
    return true;
}

/** The first of the role's texts that stands there, if there is one. */
export function textAt(role: Role, start: usize): Text | null {
    for (let place = placesOf(role); load<usize>(place) !== 0; place += 4) {
        const text = changetype<Text>(load<usize>(place));
        if (isAt(start, text)) return text;
    }
    return null;
}

function placesOf(role: Role): usize {
    return roles + roleBytes * <usize>role;
}
