import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { fieldsOf, parseDuration, portions, readEvents, type TimedEvent } from "../../cli/events";

describe("event files", () => {
    let folder: string;
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "events-"));
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    const file = (name: string, text: string) => {
        writeFileSync(join(folder, name), text);
        return { ingest: "ping", file: join(folder, name) };
    };

    it("keeps lines of NDJSON as they are, broken ones too, and passes over blank ones", () => {
        const source = file("a.ndjson", '\uFEFF{"n":9007199254740993}\n\n{"broken\r\n  \n{ "n": 1 }');

        const events = readEvents(source, {});

        expect(events.map((event) => event.line)).to.deep.equal(['{"n":9007199254740993}', '{"broken\r', '{ "n": 1 }']);
    });

    it("keeps the digits of numbers in a JSON array", () => {
        const source = file("a.json", ' [{"n":9007199254740993,"d":1.10},\n {"n":null}]');

        const events = readEvents(source, {});

        expect(events.map((event) => event.line)).to.deep.equal(['{"n":9007199254740993,"d":1.10}', '{"n":null}']);
    });

    it("types the cells of CSV by the ingest's columns", () => {
        const source = file(
            "a.csv",
            'name,n,ok,at\n"a ""b"", c",9007199254740993,true,2026-11-21 04:00:00\n007,,maybe,\n',
        );
        const columns = { name: "string", n: "bigint", ok: "boolean", at: "timestamp" };

        const events = readEvents(source, columns);

        expect(events.map((event) => event.line)).to.deep.equal([
            '{"name":"a \\"b\\", c","n":9007199254740993,"ok":true,"at":"2026-11-21 04:00:00"}',
            '{"name":"007","n":null,"ok":"maybe","at":null}',
        ]);
    });

    it("reads the event time in every spelling, UTC where none is said", () => {
        const lines = [
            '{"t":"2026-11-21 04:00:00.5"}',
            '{"t":"2026-11-21T04:00:00Z"}',
            '{"t":"2026-11-21T05:00:00+01:00"}',
            '{"t":1795233600000}',
            '{"t":"soon"}',
            '{"t":true}',
            "broken",
            "null",
        ];

        const events = readEvents(file("a.ndjson", lines.join("\n")), {}, "t");

        expect(events.map((event) => event.time)).to.deep.equal([
            Date.UTC(2026, 10, 21, 4, 0, 0, 500),
            Date.UTC(2026, 10, 21, 4),
            Date.UTC(2026, 10, 21, 4),
            1795233600000,
            ...Array(4).fill(undefined),
        ]);
    });

    it("know their fields, broken lines and other JSON aside", () => {
        const source = file("a.ndjson", '{"b":1}\n{"broken\n"text"\nnull\n7\n{"a":1,"b":2}\n');

        expect(fieldsOf(readEvents(source, {}))).to.deep.equal(["b", "a"]);
    });

    it("names the file that can't be read or parsed", () => {
        const missing = { ingest: "ping", file: join(folder, "none.ndjson") };
        const array = file("a.json", "[{");
        const csv = file("a.csv", 'a,b\n"open');

        expect(() => readEvents(missing, {})).to.throw(
            /^--events ping=.*none\.ndjson: the file can't be read \(ENOENT\)$/,
        );
        expect(() => readEvents(array, {})).to.throw(/^--events ping=.*a\.json: not a JSON array: /);
        expect(() => readEvents(csv, {})).to.throw(/^--events ping=.*a\.csv: not CSV: /);
    });
});

describe("portions of event time", () => {
    const event = (time?: number): TimedEvent => ({
        ingest: "ping",
        line: String(time),
        ...(time !== undefined && { time }),
    });

    it("sends everything at once where no event has a time", () => {
        expect(portions([event(), event()], 10)).to.deep.equal([{ events: [event(), event()] }]);
        expect(portions([], 10)).to.deep.equal([]);
    });

    it("cuts at multiples of the step and keeps an event without a time with the one before it", () => {
        const cut = portions([event(), event(12), event(9), event(), event(20)], 10);

        expect(cut).to.deep.equal([
            { at: 10, events: [event(9), event()] },
            { at: 20, events: [event(), event(12)] },
            { at: 30, events: [event(20)] },
        ]);
    });

    it("loses no event and sends none before its time", () => {
        fc.assert(
            fc.property(
                fc.array(fc.option(fc.nat(1e6), { nil: undefined })),
                fc.integer({ min: 1, max: 1e5 }),
                (times, step) => {
                    const events = times.map((time) => event(time));

                    const cut = portions(events, step);

                    expect(cut.flatMap((portion) => portion.events)).to.have.members(events);
                    for (const { at, events } of cut)
                        for (const { time } of events)
                            if (at !== undefined && time !== undefined) expect(time).to.be.within(at - step, at - 1);
                },
            ),
        );
    });

    it("reads durations", () => {
        const texts = ["90s", "30m", "6h", "1d", "1.5h", "0s", "6", "h", "6 h", "-1h"];

        expect(texts.map(parseDuration)).to.deep.equal([
            90_000,
            1_800_000,
            21_600_000,
            86_400_000,
            5_400_000,
            ...Array(5).fill(undefined),
        ]);
    });
});
