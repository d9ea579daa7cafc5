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
const newline = 0x0a;
const firstOfNull = 0x6e;

/** Keys beside the columns that a scanner remembers; the lines of a table mostly have the same ones. */
const mostOthers = 256;
/** Lines with longer ones are left to others: as many as that would take the memory. */
const longestOther = 256;

/**
 * Recognizes, by its bytes, a line that is an event beyond doubt: an object whose columns have the declared types, in the
 * spelling that tables read, but for times in ISO 8601. Most lines are. Of the others it says nothing; those are for
 * `validator` to judge.
 *
 * What it is given must be UTF-8, and behind a line there must be a newline.
 */
export class LineScanner {
    /** Where the columns' values are in the line that was scanned last; -1 for those that are missing or null. */
    readonly starts: Int32Array;
    readonly ends: Int32Array;
    /** The columns that are timestamps. */
    readonly timestamps: number[];

    private readonly scans: Scan[];
    private readonly keys: Buffer[] = [];
    /** Places in `keys` by hash, -1 where there is none. */
    private readonly slots: Int32Array;
    /** The line in which a key was seen last. */
    private readonly seen: Uint32Array;
    private line = 0;
    /** By place in the line the key that was there in the line before; most lines of a table are alike. */
    private readonly likely: number[] = [];

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
        this.timestamps = [...columns.keys()].filter((column) => columns[column]!.type.kind === "timestamp");
        this.starts = new Int32Array(columns.length);
        this.ends = new Int32Array(columns.length);
        for (const { name } of columns) this.addKey(Buffer.from(name));
    }

    /** Where the line ends that begins there, its newline, if it is an event beyond doubt; else `failed`. */
    scan(bytes: Buffer, from: number): number {
        // Once in four billion lines it begins anew, and a line may be left to others.
        this.line = (this.line + 1) >>> 0;
        // A loop: for a few columns, calling fill costs more than filling.
        for (let column = 0; column < this.starts.length; column++) this.starts[column] = -1;
        let at = skipBlanks(bytes, from);
        if (bytes[at++] !== openBrace) return failed;
        at = skipBlanks(bytes, at);
        if (bytes[at] === closeBrace) at++;
        else {
            let member = 0;
            for (let next = comma; next !== closeBrace; member++) {
                at = this.scanMember(bytes, at, member);
                if (at === failed) return failed;
                at = skipBlanks(bytes, at);
                next = bytes[at++]!;
                if (next === comma) at = skipBlanks(bytes, at);
                else if (next !== closeBrace) return failed;
            }
        }
        at = skipBlanks(bytes, at);
        return bytes[at] === newline ? at : failed;
    }

    private scanMember(bytes: Buffer, start: number, member: number): number {
        if (bytes[start] !== quote) return failed;
        const likely = this.likely[member];
        const key =
            likely !== undefined && this.isKey(likely, bytes, start + 1) ? likely : this.findKey(bytes, start + 1);
        if (key === failed || this.seen[key] === this.line) return failed;
        this.seen[key] = this.line;
        this.likely[member] = key;
        const colonAt = skipBlanks(bytes, start + 2 + this.keys[key]!.length);
        if (bytes[colonAt] !== colon) return failed;
        const valueStart = skipBlanks(bytes, colonAt + 1);
        if (key >= this.scans.length) return skipValue(bytes, valueStart);
        if (bytes[valueStart] === firstOfNull) return skipNull(bytes, valueStart);
        const valueEnd = this.scans[key]!(bytes, valueStart);
        this.starts[key] = valueStart;
        this.ends[key] = valueEnd;
        return valueEnd;
    }

    /** The number of the key that begins there. */
    private findKey(bytes: Buffer, start: number): number {
        let hash = 0;
        let end = start;
        for (let byte = bytes[end]!; byte !== quote; byte = bytes[++end]!) {
            if (byte < space || byte === backslash || byte > 0x7e) return failed;
            hash = (Math.imul(hash, 31) + this.folded(byte)) | 0;
        }
        return this.keyAt(bytes, start, end, hash);
    }

    /** The key's number. One that was not seen before gets one, where other keys are skipped and there are not too many. */
    private keyAt(bytes: Buffer, start: number, end: number, hash: number): number {
        let slot = hash & (this.slots.length - 1);
        for (let key = this.slots[slot]!; key >= 0; key = this.slots[slot]!) {
            if (this.isKey(key, bytes, start)) return key;
            slot = (slot + 1) & (this.slots.length - 1);
        }
        if (this.otherKeys === "refused" || this.keys.length === this.seen.length) return failed;
        if (end - start > longestOther) return failed;
        return this.addKey(Buffer.from(bytes.subarray(start, end)));
    }

    private isKey(key: number, bytes: Buffer, start: number): boolean {
        const name = this.keys[key]!;
        for (let index = 0; index < name.length; index++) {
            if (name[index] !== bytes[start + index] && name[index] !== this.folded(bytes[start + index]!))
                return false;
        }
        return bytes[start + name.length] === quote;
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
