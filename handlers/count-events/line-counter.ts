import { unit } from "../shared/fixed-point";
import { LineScanner } from "../shared/line-scanner";
import { sumAttribute } from "../shared/rollup-contract";
import { failed } from "../shared/scan-value";
import { endOfText } from "../shared/whole-lines";
import { countedColumns } from "./counted-columns";
import type { Counter, Counts, Totals } from "./counts";
import { ExactSum, isShort } from "./exact-sum";
import type { ReadLine } from "./read-line";

/** A counter as lines spell it, and what they add to it. */
interface Slot {
    /** The bytes of the values that events are counted by, and of the time up to its interval. */
    spelling: Buffer;
    counter: Counter;
    lines: number;
    sums: ExactSum[];
}

const newline = 0x0a;
/** Spellings that are remembered at a time. */
const mostSlots = 1 << 14;
/** Lines with longer ones are read in full. */
const longestSpelling = 2048;

/**
 * Counts lines by their bytes: most are plain, and spell their counter as one before them did. The first line of each
 * spelling is read in full; what is not plain is left to others. `KernelCounter` does the same faster, where it has room
 * for the columns.
 */
export class LineCounter {
    private readonly scanner: LineScanner;
    /** Places in the scanner's columns. */
    private readonly by: number[];
    private readonly time: number;
    private readonly sums: number[];
    /** Bytes of a time that say its interval; 0 where only reading in full tells. */
    private readonly timeBytes: number;
    private slots: Slot[] = [];
    /** Places in `slots` by hash, -1 where there is none; a power of two, of which at most half are taken. */
    private readonly places = new Int32Array(2 * mostSlots).fill(-1);
    /** Of the current line. */
    private readonly spelling = Buffer.alloc(longestSpelling);
    private hash = 0;
    /** What was looked at last, and up to where that is whole lines of UTF-8. */
    private chunk: Buffer | undefined;
    private end = 0;

    constructor(
        private readonly readLine: ReadLine,
        private readonly counts: Counts,
    ) {
        const { columns, by, sums, time, timeBytes } = countedColumns(readLine.rollup);
        this.scanner = new LineScanner(columns, "skipped");
        this.by = by;
        this.time = time;
        this.sums = sums;
        this.timeBytes = timeBytes;
    }

    /** Counts the plain lines from there on; returns where the first one begins that is not. */
    count(chunk: Buffer, start: number): number {
        if (chunk !== this.chunk) this.look(chunk, start);
        let at = start;
        while (at < this.end) {
            const lineEnd = this.scanner.scan(chunk, at);
            if (lineEnd === failed || !this.countLine(chunk, at, lineEnd)) break;
            at = lineEnd + 1;
        }
        return at;
    }

    /** Adds what was counted to the counts; from then on it does not count any more. */
    finish(): void {
        this.handOver();
    }

    private handOver(): void {
        const attributes = this.readLine.rollup.sum.map(({ name }) => sumAttribute(name));
        for (const { counter, lines, sums } of this.slots) {
            const totals: Totals = { count: BigInt(lines) * unit };
            for (const [index, attribute] of attributes.entries()) totals[attribute] = sums[index]!.value;
            this.counts.add(counter, totals);
        }
        this.slots = [];
        this.places.fill(-1);
    }

    private look(chunk: Buffer, start: number): void {
        this.chunk = chunk;
        this.end = this.timeBytes > 0 ? endOfText(chunk, start) : 0;
    }

    private countLine(bytes: Buffer, start: number, end: number): boolean {
        if (!this.hasShortSums()) return false;
        const length = this.spell(bytes);
        const slot = length > 0 && (this.slotAt(length) ?? this.newSlot(length, bytes.toString("utf8", start, end)));
        if (!slot) return false;
        slot.lines++;
        this.addSums(slot.sums, bytes);
        return true;
    }

    private hasShortSums(): boolean {
        const { starts, ends } = this.scanner;
        return this.sums.every((column) => starts[column]! < 0 || isShort(ends[column]! - starts[column]!));
    }

    private addSums(sums: ExactSum[], bytes: Buffer): void {
        const { starts, ends } = this.scanner;
        for (let index = 0; index < sums.length; index++) {
            const column = this.sums[index]!;
            if (starts[column]! >= 0) sums[index]!.add(bytes, starts[column]!, ends[column]!);
        }
    }

    /** Writes what names the line's counter to `spelling`, and its hash; returns its length, 0 if there is no time or no room. */
    private spell(bytes: Buffer): number {
        const { spelling, scanner, by } = this;
        const { starts, ends } = scanner;
        const timeStart = starts[this.time]!;
        if (timeStart < 0) return 0;
        let [length, hash] = [0, 0];
        let start = timeStart;
        let end = Math.min(timeStart + this.timeBytes, ends[this.time]!);
        for (let index = 0; ; index++) {
            if (length + end - start >= longestSpelling) return 0;
            for (let at = start; at < end; at++) {
                const byte = bytes[at]!;
                spelling[length++] = byte;
                hash = (Math.imul(hash, 31) + byte) | 0;
            }
            if (index === by.length) break;
            // No value holds one: it tells a missing value from the next one's.
            spelling[length++] = newline;
            start = starts[by[index]!]!;
            end = start < 0 ? start : ends[by[index]!]!;
        }
        // The last bytes alone would decide about the lowest bits.
        this.hash = (hash ^ (hash >>> 15)) & (this.places.length - 1);
        return length;
    }

    private slotAt(length: number): Slot | undefined {
        return this.slots[this.places[this.placeOf(length)]!];
    }

    /** Where the spelling's slot is noted, or is to be. */
    private placeOf(length: number): number {
        const { places, slots, spelling } = this;
        let place = this.hash;
        while (places[place]! >= 0 && !isSame(slots[places[place]!]!.spelling, spelling, length)) {
            place = (place + 1) & (places.length - 1);
        }
        return place;
    }

    private newSlot(length: number, line: string): Slot | undefined {
        const reading = this.readLine(line);
        if ("reason" in reading) return undefined;
        if (this.slots.length === mostSlots) this.handOver();
        const { places, slots } = this;
        places[this.placeOf(length)] = slots.length;
        const spelling = Buffer.from(this.spelling.subarray(0, length));
        const slot = { spelling, counter: reading.counter, lines: 0, sums: this.sums.map(() => new ExactSum()) };
        slots.push(slot);
        return slot;
    }
}

function isSame(known: Buffer, bytes: Buffer, length: number): boolean {
    if (known.length !== length) return false;
    let index = 0;
    while (index < length && known[index] === bytes[index]) index++;
    return index === length;
}
