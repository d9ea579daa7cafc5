/** A line, without its newline. */
export interface LogLine {
    /** Where it begins: bytes from the start of the unpacked object. */
    offset: number;
    /** Of a line that is too long its first bytes. */
    bytes: Buffer;
    isTooLong: boolean;
}

const newline = 0x0a;

/** Looks at whole lines before they are cut: they begin at `start`; where those begin that are to be cut is its answer. */
export type Skip = (chunk: Buffer, start: number) => number;

/** Cuts bytes into lines at byte 0x0A only, however they arrive; no line takes more memory than the longest. */
export class LogLines {
    private offset = 0;
    private start: Buffer[] = [];
    private kept = 0;
    private length = 0;

    constructor(
        private readonly longestLine: number,
        private readonly skip: Skip = (_, start) => start,
    ) {}

    /** The lines that end in this chunk; empty ones are left out. */
    push(chunk: Buffer): LogLine[] {
        return [...this.cut(chunk)];
    }

    /** Likewise, one after the other: what lies behind a line is looked at when the next one is asked for. */
    *cut(chunk: Buffer): Generator<LogLine> {
        let at = this.length === 0 ? this.skipFrom(chunk, 0) : 0;
        for (let end = chunk.indexOf(newline, at); end >= 0; end = chunk.indexOf(newline, at)) {
            this.keep(chunk.subarray(at, end));
            yield* this.end();
            this.offset++;
            at = this.skipFrom(chunk, end + 1);
        }
        this.keep(chunk.subarray(at));
    }

    /** The last line, if no newline ended it. */
    end(): LogLine[] {
        const { offset, length } = this;
        const bytes = this.start.length === 1 ? this.start[0]! : Buffer.concat(this.start);
        this.offset += length;
        this.start = [];
        this.kept = 0;
        this.length = 0;
        return length === 0 ? [] : [{ offset, bytes, isTooLong: length > this.longestLine }];
    }

    private skipFrom(chunk: Buffer, start: number): number {
        const next = this.skip(chunk, start);
        this.offset += next - start;
        return next;
    }

    private keep(part: Buffer): void {
        const wanted = part.subarray(0, this.longestLine - this.kept);
        if (wanted.length > 0) this.start.push(wanted);
        this.kept += wanted.length;
        this.length += part.length;
    }
}
