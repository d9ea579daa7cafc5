/** Newline-delimited JSON as bytes. Lines end at byte 0x0A only; U+2028 and others are text like any other. */

const newline = 0x0a;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/** The lines without their newline; blank ones and a byte order mark at the start are left out. */
export function splitLines(bytes: Buffer): Buffer[] {
    const lines: Buffer[] = [];
    let start = bytes.subarray(0, byteOrderMark.length).equals(byteOrderMark) ? byteOrderMark.length : 0;
    while (start < bytes.length) {
        const found = bytes.indexOf(newline, start);
        const end = found === -1 ? bytes.length : found;
        const line = bytes.subarray(start, end);
        if (!isBlank(line)) lines.push(line);
        start = end + 1;
    }
    return lines;
}

/** The lines as one block, each ended by a newline. */
export function joinLines(lines: Uint8Array[]): Buffer {
    const size = lines.reduce((sum, line) => sum + line.length + 1, 0);
    const joined = Buffer.alloc(size, newline);
    let at = 0;
    for (const line of lines) {
        joined.set(line, at);
        at += line.length + 1;
    }
    return joined;
}

/** Nothing but what JSON calls white space. */
function isBlank(line: Uint8Array): boolean {
    return line.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}
