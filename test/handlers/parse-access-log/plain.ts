import { expect } from "chai";
import type { Dropped, ReadEvent, Reading } from "../../../handlers/parse-access-log/event";
import { giveBack, takeKernel } from "../../../handlers/parse-access-log/kernel";
import { PlainLines } from "../../../handlers/parse-access-log/plain-lines";

/** What plain lines of a chunk were found to be, and where the first one begins that is not plain. */
export function readPlain(chunk: Buffer, readEvent: ReadEvent, start = 0) {
    const events: Buffer[] = [];
    const counts: Partial<Record<"event" | Dropped, number>> = {};
    const kernel = takeKernel(readEvent)!;
    const plain = new PlainLines(kernel, {
        keep: (found) => events.push(found),
        tally(what, count) {
            if (count > 0) counts[what] = count;
        },
    });
    const next = plain.read(chunk, start);
    plain.finish();
    giveBack(readEvent, kernel);
    return { next, events: Buffer.concat(events).toString(), counts };
}

/** What the kernel makes of a line, as the exact reader says it; undefined if it leaves it to that. */
export function plainReading(line: string, readEvent: ReadEvent): Reading | undefined {
    const chunk = Buffer.from(`${line}\n`);
    const { next, events, counts } = readPlain(chunk, readEvent);
    expect(next).to.be.oneOf([0, chunk.length]);
    expect(Object.values(counts)).to.deep.equal(next === 0 ? [] : [1]);
    if (counts.event) return { event: events.slice(0, -1) };
    expect(events).to.equal("");
    const [dropped] = Object.keys(counts) as Dropped[];
    return dropped && { dropped };
}

/** Holds the kernel to the exact reader; returns how many of the lines it did not leave to that. */
export function plainOf(lines: readonly string[], readEvent: ReadEvent): number {
    let plain = 0;
    for (const line of lines) {
        const reading = plainReading(line, readEvent);
        if (reading === undefined) continue;
        plain++;
        expect(reading, line).to.deep.equal(readEvent(line));
    }
    return plain;
}
