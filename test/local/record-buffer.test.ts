import { expect } from "chai";
import { VirtualClock } from "../../local/clock";
import { RecordBuffer, type StreamRecord } from "../../local/services/firehose/record-buffer";
import { Work } from "../../local/work";

const megabyte = 1024 * 1024;
const record = (megabytes: number): StreamRecord => ({ id: "", arrival: 0, data: Buffer.alloc(megabytes * megabyte) });

/** A buffer of 4 MB; `done` ends the oldest of what it has handed on. */
function prepare() {
    const open: (() => void)[] = [];
    const runtime = { clock: new VirtualClock(0), work: new Work() };
    const hints = { bytes: 4 * megabyte, milliseconds: 60_000 };
    const buffer = new RecordBuffer(runtime, hints, () => new Promise((resolve) => void open.push(resolve)));
    return { buffer, open, done: () => open.shift()!() };
}

async function isOpen(waiting: Promise<void>): Promise<boolean> {
    const later = new Promise((resolve) => setImmediate(resolve, true));
    return (await Promise.race([waiting, later])) === true;
}

describe("a delivery stream's buffer", () => {
    it("has room for who sends more, while less than 16 MB are on their way", async () => {
        const { buffer, open } = prepare();
        for (let sent = 0; sent < 4; sent++) buffer.add(record(4));

        await buffer.room();

        expect(open).to.have.length(4);
    });

    it("has them wait until enough of the rest is done", async () => {
        const { buffer, done } = prepare();
        for (let sent = 0; sent < 6; sent++) buffer.add(record(4));
        const waiting = buffer.room();

        expect(await isOpen(waiting)).to.equal(true);
        done();
        expect(await isOpen(waiting)).to.equal(true);
        done();
        await waiting;
    });
});
