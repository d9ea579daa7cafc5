/** Compresses one piece after the other, each by itself: blocks that know nothing of what was before, and end with a byte. */
export interface Deflater {
    /** Where a piece is put. */
    readonly piece: Buffer;
    /** Compresses as many bytes of it. Until that is done they stay as they are. */
    deflate(length: number): Promise<Buffer[]>;
    close(): void;
}

/** The smaller the pieces, the more is said twice. At this size it is 0.3 to 0.6 %. */
export const pieceBytes = 1024 * 1024;
