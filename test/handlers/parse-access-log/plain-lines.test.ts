import { expect } from "chai";
import { eventReader } from "../../../handlers/parse-access-log/event";
import { LogEvents } from "../../../handlers/parse-access-log/log-events";
import { columns } from "./columns";
import { entry } from "./entries";
import { readPlain } from "./plain";

const readEvent = eventReader(columns, { path: "/view", beacons: false, clientAddress: "keep" });

/** What is made of lines by looking at each closely. */
function exactly(lines: string[]): string {
    return lines.map((line) => `${(readEvent(line) as { event: string }).event}\n`).join("");
}

describe("PlainLines", () => {
    const one = entry({ url: "/view?page=one" });
    const two = entry({ url: "/view?page=twø" });

    it("reads whole lines", () => {
        const whole = `${one}\n${two}\n`;

        const { next, events, counts } = readPlain(Buffer.from(`${whole}http 2026`), readEvent);

        expect(next).to.equal(Buffer.byteLength(whole));
        expect(events).to.equal(exactly([one, two]));
        expect(counts).to.deep.equal({ event: 2 });
    });

    it("reads lines from a place on, whatever is before it", () => {
        const chunk = Buffer.concat([Buffer.from([0xff, 0x5c, 0x0a]), Buffer.from(`${one}\n`)]);

        expect(readPlain(chunk, readEvent, 3)).to.deep.include({ next: chunk.length, events: exactly([one]) });
    });

    it("stops before a line that is not plain, and goes on behind it", () => {
        const chunk = Buffer.from(`${one}\n${entry({ userAgent: "\\x22" })}\n${two}\n`);
        const odd = one.length + 1;
        const behind = chunk.indexOf("\n", odd) + 1;

        expect(readPlain(chunk, readEvent)).to.deep.include({ next: odd, events: exactly([one]) });
        expect(readPlain(chunk, readEvent, behind)).to.deep.include({ next: chunk.length, events: exactly([two]) });
    });

    it("reads nothing of a chunk that is not UTF-8", () => {
        const chunk = Buffer.from(`${one}\n\xff\n`, "latin1");

        expect(readPlain(chunk, readEvent)).to.deep.equal({ next: 0, events: "", counts: {} });
    });

    it("reads chunks that are larger than the kernel's memory, but for lines that are longer than it looks at", () => {
        const longest = 64 * 1024;
        const ofLength = (length: number) => entry({ userAgent: "a".repeat(length - entry({ userAgent: "" }).length) });
        const lines = Array<string>(2_000).fill(one);
        const before = [...lines, ofLength(longest), ofLength(longest), ofLength(longest), ofLength(longest), ...lines];
        const chunk = Buffer.from(`${before.join("\n")}\n${ofLength(longest + 1)}\n${one}\n`);
        const huge = Buffer.from(`${ofLength(300_000)}\n${one}\n`);

        const { next, events } = readPlain(chunk, readEvent);

        expect(next).to.equal(chunk.length - longest - 2 - one.length - 1);
        expect(events).to.equal(exactly(before));
        expect(readPlain(huge, readEvent)).to.deep.equal({ next: 0, events: "", counts: {} });
    });

    it("writes more events than the kernel has room for", () => {
        const names = Array.from({ length: 100 }, (_, index) => `c${index}`);
        const more = names.map((name) => ({ name, type: { kind: "string" } as const }));
        const wide = eventReader([...columns, ...more], readEvent.settings);
        const line = entry({ url: `/view?${names.join("&")}`, userAgent: "-" });
        const chunk = Buffer.from(`${line}\n`.repeat(600));

        const { next, events, counts } = readPlain(chunk, wide);

        expect(events.length).to.be.greaterThan(1.2 * chunk.length);
        expect(next).to.equal(chunk.length);
        expect(counts).to.deep.equal({ event: 600 });
        expect(events).to.equal(`${(wide(line) as { event: string }).event}\n`.repeat(600));
    });

    it("reads two logs at a time, each for itself, and a buffer that is filled anew", () => {
        const failed = { add: () => expect.fail() };
        const [first, second] = [new LogEvents(readEvent, failed), new LogEvents(readEvent, failed)];
        const chunk = Buffer.from(`${one}\n`);

        expect(first.push(chunk).toString()).to.equal(exactly([one]));
        expect(second.push(Buffer.from(`${two}\n${two}\n`)).toString()).to.equal(exactly([two, two]));
        chunk.write(one.replace("one", "two"));
        expect(first.push(chunk).toString()).to.equal(exactly([one.replace("one", "two")]));

        expect([first.count, second.count]).to.deep.equal([2, 2]);
    });

    it("leaves nothing of a log that fails midway to the one after it", () => {
        const failing = new LogEvents(readEvent, {
            add() {
                throw new Error("no memory");
            },
        });
        expect(() => failing.push(Buffer.from(`${one}\nbad\n`))).to.throw("no memory");

        const next = new LogEvents(readEvent, { add: () => expect.fail() });
        expect(next.push(Buffer.from(`${two}\n`)).toString()).to.equal(exactly([two]));
        expect(next.end().toString()).to.equal("");
        expect(next.count).to.equal(1);

        const last = new LogEvents(readEvent, { add: () => expect.fail() });
        expect(last.push(Buffer.from(`${one}\n`)).toString()).to.equal(exactly([one]));
    });
});
