import { closeSync, openSync, readSync } from "node:fs";

/** A line, and the position behind it. */
export type PlacedLine = [line: string, end: number];

/** The lines of a source, which can be read again and again: positions in it grow, and begin at 0. */
export interface Lines {
    between(from: number, to: number): Iterable<PlacedLine>;
}

/** Lines that are in memory; their positions are their numbers. */
export function linesInMemory(all: string[]): Lines {
    return {
        *between(from, to) {
            for (let at = from; at < Math.min(to, all.length); at++) yield [all[at]!, at + 1];
        },
    };
}

/** The lines of a file but blank ones; their positions are bytes. A piece of the file is in memory at a time. */
export function linesOfFile(file: string): Lines {
    return { between: (from, to) => linesBetween(file, from, to) };
}

/** The first character of a file, white space aside. */
export function beginOf(file: string): string | undefined {
    const descriptor = openSync(file, "r");
    try {
        for (const piece of pieces(descriptor, 0, Number.POSITIVE_INFINITY)) {
            const begin = piece.toString().trimStart(); // which takes a byte order mark away, too
            if (begin !== "") return begin[0];
        }
        return undefined;
    } finally {
        closeSync(descriptor);
    }
}

export function isNotBlank(line: string): boolean {
    return line.trim() !== "";
}

const pieceLength = 1 << 20;
const newline = 0x0a;

function* linesBetween(file: string, from: number, to: number): Generator<PlacedLine> {
    const descriptor = openSync(file, "r");
    try {
        let begun: Buffer[] = [];
        let [begin, position] = [from, from];
        for (const piece of pieces(descriptor, from, to)) {
            let start = 0;
            for (let end = piece.indexOf(newline); end >= 0; end = piece.indexOf(newline, start)) {
                const line = textOf([...begun, piece.subarray(start, end)], begin);
                begun = [];
                start = end + 1;
                begin = position + start;
                if (isNotBlank(line)) yield [line, begin];
            }
            begun.push(piece.subarray(start));
            position += piece.length;
        }
        const line = textOf(begun, begin);
        if (isNotBlank(line)) yield [line, position];
    } finally {
        closeSync(descriptor);
    }
}

function* pieces(descriptor: number, from: number, to: number): Generator<Buffer> {
    for (let position = from; position < to; ) {
        const piece = Buffer.allocUnsafe(Math.min(pieceLength, to - position));
        const length = readSync(descriptor, piece, 0, piece.length, position);
        if (length === 0) return;
        yield piece.subarray(0, length);
        position += length;
    }
}

/** A byte order mark at the file's beginning is no part of its first line. */
function textOf(parts: Buffer[], begin: number): string {
    const text = (parts.length === 1 ? parts[0]! : Buffer.concat(parts)).toString();
    return begin === 0 ? text.replace(/^\uFEFF/, "") : text;
}
