/** Compresses pieces as RFC 1951 has it, in AssemblyScript: faster than zlib does, and for lines of JSON. */

import { startAt } from "./bits";
import { putBlock, putEmptyBlock } from "./block";
import { findMatches, forgetPlaces } from "./matches";

/** Of a piece, at most. */
export const pieceBytes: i32 = 1 << 20;
/** Before a piece, there is room for what is looked at before it is known to be no part of it; behind it, beyond its end. */
const before: i32 = 64 * 1024;
const behind: i32 = 64;
/** Where a piece is put. */
export const piece = memory.data(before + pieceBytes + behind, 16) + before;
/** Where the blocks are. If nothing can be made smaller, there are five bytes more for each 64 KB, and for each block. */
export const blocks = memory.data(pieceBytes + 1024, 16);

/**
 * Compresses the piece; into how many bytes. They are blocks, none of which is the last one. An empty one ends them at a byte, so
 * that other blocks can follow. No match begins before the piece: the same piece always becomes the same bytes.
 */
export function deflate(length: i32): i32 {
    const end = piece + length;
    forgetPlaces();
    startAt(blocks);
    for (let start = piece; start < end; ) {
        const stop = findMatches(piece, start, end);
        putBlock(start, stop);
        start = stop;
    }
    return <i32>(putEmptyBlock() - blocks);
}
