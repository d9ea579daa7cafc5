/** Where events are written, one behind the other. What is copied are whole blocks: what is beyond is written over. */

import { bytesOf, Text } from "./texts";

/** `",`, and `}` with a newline. */
const quoteAndComma: u16 = 0x2c22;
const braceAndNewline: u16 = 0x0a7d;

const outputBytes: i32 = 256 * 1024;
export const output = memory.data(outputBytes + 64, 16);
let end: usize = output;

/** Where the next byte goes. */
export function outputEnd(): usize {
    return end;
}

export function clearOutput(): void {
    end = output;
}

export function endOutput(at: usize): void {
    end = at;
}

/** Whether there is room for so many bytes. */
export function hasRoom(bytes: usize): bool {
    return end + bytes <= output + outputBytes;
}

export function write(byte: u8): void {
    store<u8>(end++, byte);
}

export function writeText(text: Text): void {
    const start = bytesOf(text);
    writeBytes(start, start + text.length);
}

export function writeBytes(start: usize, stop: usize): void {
    const shift = end - start;
    for (let at = start; at < stop; at += 16) v128.store(at + shift, v128.load(at));
    end = stop + shift;
}

/** Ends a text and its member. */
export function endMember(): void {
    store<u16>(end, quoteAndComma);
    end += 2;
}

/** Ends an event, of which there is a member. */
export function endLine(): void {
    store<u16>(end - 1, braceAndNewline);
    end++;
}
