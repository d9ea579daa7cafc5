/**
 * Cuts bytes into what are events to `normalize`, however they arrive. That one is given records, and takes each line of a
 * record as an event. In Firehose's backup records follow each other without anything between. So a piece ends at a
 * newline, and where a JSON object ends and something else begins: `{"a":1}{"a":2}` are two. Text before an object
 * is one with it, as in a line of a log.
 */
export class Pieces {
    /** Of the piece that began in chunks before. */
    private kept: Buffer[] = [];
    private keptBytes = 0;
    private depth = 0;
    private inString = false;
    private escaped = false;
    /** Something stands before the first brace. */
    private hasText = false;
    /** An object or array has just ended; after it, none may begin without a comma. */
    private closed = false;

    /** The pieces that end in this chunk. */
    push(chunk: Buffer): Buffer[] {
        const pieces: Buffer[] = [];
        let start = 0;
        for (let at = 0; at < chunk.length; at++) {
            const end = this.endAt(chunk[at]!, at);
            if (end === undefined) continue;
            this.keep(chunk.subarray(start, end));
            pieces.push(...this.end());
            start = end;
            // What ends a piece by following it begins the next one.
            if (end === at) this.endAt(chunk[at]!, at);
        }
        this.keep(chunk.subarray(start));
        return pieces;
    }

    /** The last piece, if nothing ended it. */
    end(): Buffer[] {
        const piece = trimmed(this.kept.length === 1 ? this.kept[0]! : Buffer.concat(this.kept));
        this.kept = [];
        this.keptBytes = 0;
        this.depth = 0;
        this.inString = false;
        this.escaped = false;
        this.hasText = false;
        this.closed = false;
        return piece.length === 0 ? [] : [piece];
    }

    /** Where the piece ends with this byte: before it, behind it, or not yet. */
    private endAt(byte: number, at: number): number | undefined {
        if (byte === newline) return at + 1;
        if (this.inString) this.readString(byte);
        else if (byte === openBrace || byte === openBracket) {
            if (this.closed) return at;
            this.depth++;
        } else if ((byte === closeBrace || byte === closeBracket) && this.depth > 0) {
            this.depth--;
            this.closed = true;
            if (this.depth === 0 && !this.hasText) return at + 1;
        } else if (!isSpace(byte)) {
            this.inString = byte === quote && this.depth > 0;
            this.hasText ||= this.depth === 0;
            this.closed = false;
        }
        return undefined;
    }

    private readString(byte: number): void {
        if (this.escaped) this.escaped = false;
        else if (byte === backslash) this.escaped = true;
        else this.inString = byte !== quote;
    }

    private keep(part: Buffer): void {
        const wanted = part.subarray(0, longestPiece - this.keptBytes);
        if (wanted.length === 0) return;
        this.kept.push(wanted);
        this.keptBytes += wanted.length;
    }
}

const [newline, quote, backslash] = [0x0a, 0x22, 0x5c];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);
/** No record of Firehose is longer; of what is, as much is kept. */
const longestPiece = 1000 * 1024;

/** Without white space around, and without a byte order mark before: these are no part of an event. */
function trimmed(piece: Buffer): Buffer {
    let [start, end] = [0, piece.length];
    if (piece.subarray(0, byteOrderMark.length).equals(byteOrderMark)) start = byteOrderMark.length;
    while (start < end && isSpace(piece[start]!)) start++;
    while (end > start && isSpace(piece[end - 1]!)) end--;
    return piece.subarray(start, end);
}

/** What JSON calls white space; newlines end pieces. */
function isSpace(byte: number): boolean {
    return byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === newline;
}
