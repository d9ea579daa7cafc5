import type { Column } from "./columns";
import { failed, type Scan, scanOf, skipBlanks, skipNull, skipValue } from "./scan-value";

/** What a scanner makes of keys that are no columns. */
export type OtherKeys = "refused" | "skipped";

const openBrace = 0x7b;
const closeBrace = 0x7d;
const quote = 0x22;
const colon = 0x3a;
const comma = 0x2c;
const backslash = 0x5c;
const space = 0x20;

/** Keys beside the columns that a scanner remembers; the lines of a table mostly have the same ones. */
const mostOthers = 256;

/**
 * Recognizes, by its bytes, a line that is an event beyond doubt: an object whose columns have the declared types, in the
 * spelling that tables read. Most lines are. Of the others it says nothing; those are for `validator` to judge.
 *
 * What it is given must be UTF-8, and behind a line there must be a newline.
 */
export class LineScanner {
    /** Where the columns' values are in the line that was scanned last; -1 for those that are missing or null. */
    readonly starts: Int32Array;
    readonly ends: Int32Array;

    private readonly scans: Scan[];
    private readonly keys: Buffer[] = [];
    /** Places in `keys` by hash, -1 where there is none. */
    private readonly slots: Int32Array;
    /** The line in which a key was seen last. */
    private readonly seen: Uint32Array;
    private line = 0;

    /** Where other keys are skipped, all are compared without regard to case, as tables read them. */
    constructor(
        columns: Column[],
        private readonly otherKeys: OtherKeys,
    ) {
        const mostKeys = columns.length + mostOthers;
        this.seen = new Uint32Array(mostKeys);
        // A power of two, of which at most half are taken.
        this.slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * mostKeys))).fill(-1);
        this.scans = columns.map(({ type }) => scanOf(type));
        this.starts = new Int32Array(columns.length);
        this.ends = new Int32Array(columns.length);
        for (const { name } of columns) this.addKey(Buffer.from(name));
    }

    /** Whether the line is an event beyond doubt. */
    scan(bytes: Buffer, from: number, to: number): boolean {
        // Once in four billion lines it begins anew, and a line may be left to others.
        this.line = (this.line + 1) >>> 0;
        this.starts.fill(-1);
        let at = skipBlanks(bytes, from);
        if (bytes[at++] !== openBrace) return false;
        at = skipBlanks(bytes, at);
        if (bytes[at] === closeBrace) at++;
        else {
            for (let next = comma; next !== closeBrace; ) {
                at = this.scanMember(bytes, at);
                if (at === failed) return false;
                at = skipBlanks(bytes, at);
                next = bytes[at++]!;
                if (next === comma) at = skipBlanks(bytes, at);
                else if (next !== closeBrace) return false;
            }
        }
        return skipBlanks(bytes, at) === to;
    }

    private scanMember(bytes: Buffer, start: number): number {
        if (bytes[start] !== quote) return failed;
        let hash = 0;
        let end = start + 1;
        for (let byte = bytes[end]!; byte !== quote; byte = bytes[++end]!) {
            if (byte < space || byte === backslash || byte > 0x7e) return failed;
            hash = (Math.imul(hash, 31) + this.folded(byte)) | 0;
        }
        const key = this.keyAt(bytes, start + 1, end, hash);
        if (key === failed || this.seen[key] === this.line) return failed;
        this.seen[key] = this.line;
        const colonAt = skipBlanks(bytes, end + 1);
        if (bytes[colonAt] !== colon) return failed;
        const valueStart = skipBlanks(bytes, colonAt + 1);
        if (key >= this.scans.length) return skipValue(bytes, valueStart);
        const nullEnd = skipNull(bytes, valueStart);
        if (nullEnd !== failed) return nullEnd;
        const valueEnd = this.scans[key]!(bytes, valueStart);
        this.starts[key] = valueStart;
        this.ends[key] = valueEnd;
        return valueEnd;
    }

    /** The key's number. One that was not seen before gets one, where other keys are skipped and there are not too many. */
    private keyAt(bytes: Buffer, start: number, end: number, hash: number): number {
        let slot = hash & (this.slots.length - 1);
        for (let key = this.slots[slot]!; key >= 0; key = this.slots[slot]!) {
            if (this.isKey(this.keys[key]!, bytes, start, end)) return key;
            slot = (slot + 1) & (this.slots.length - 1);
        }
        if (this.otherKeys === "refused" || this.keys.length === this.seen.length) return failed;
        return this.addKey(Buffer.from(bytes.subarray(start, end)));
    }

    private isKey(key: Buffer, bytes: Buffer, start: number, end: number): boolean {
        if (key.length !== end - start) return false;
        let index = 0;
        while (index < key.length && key[index] === this.folded(bytes[start + index]!)) index++;
        return index === key.length;
    }

    private addKey(name: Buffer): number {
        const key = name.map((byte) => this.folded(byte));
        const hash = key.reduce((hash, byte) => (Math.imul(hash, 31) + byte) | 0, 0);
        let slot = hash & (this.slots.length - 1);
        while (this.slots[slot]! >= 0) slot = (slot + 1) & (this.slots.length - 1);
        this.slots[slot] = this.keys.length;
        return this.keys.push(key as Buffer) - 1;
    }

    private folded(byte: number): number {
        return this.otherKeys === "skipped" && byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
    }
}
