import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { linesInMemory } from "../../cli/event-lines";
import { type EventSource, fieldsOf, parseDuration, readLines, survey } from "../../cli/events";

describe("event files", () => {
    let folder: string;
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "events-"));
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    /** The lines of a source. */
    const linesOf = (source: EventSource, columns = {}) =>
        Array.from(readLines(source, columns).between(0, Number.POSITIVE_INFINITY), ([line]) => line);

    const file = (name: string, text: string | Buffer) => {
        writeFileSync(join(folder, name), text);
        return { ingest: "ping", file: join(folder, name) };
    };

    it("keeps lines of NDJSON as they are, broken ones too, and passes over blank ones", () => {
        const source = file("a.ndjson", '\uFEFF{"n":9007199254740993}\n\n{"broken\r\n  \n\uFEFF{ "n": 1 }');

        expect(linesOf(source)).to.deep.equal(['{"n":9007199254740993}', '{"broken\r', '\uFEFF{ "n": 1 }']);
    });

    it("keeps the digits of numbers in a JSON array", () => {
        const source = file("a.json", ' [{"n":9007199254740993,"d":1.10},\n {"n":null}]');

        expect(linesOf(source)).to.deep.equal(['{"n":9007199254740993,"d":1.10}', '{"n":null}']);
    });

    it("types the cells of CSV by the ingest's columns", () => {
        const source = file(
            "a.csv",
            'name,n,ok,at\n"a ""b"", c",9007199254740993,true,2026-11-21 04:00:00\n007,,maybe,\n',
        );
        const columns = { name: "string", n: "bigint", ok: "boolean", at: "timestamp" };

        expect(linesOf(source, columns)).to.deep.equal([
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

        const cut = survey([{ ingest: "ping", lines: readLines(file("a.ndjson", lines.join("\n")), {}) }], 500, "t");

        const [first, second] = [Date.UTC(2026, 10, 21, 4, 0, 0, 500), Date.UTC(2026, 10, 21, 4, 0, 1)];
        expect(cut.portions.map(({ at, events }) => [at, Array.from(events, ({ line }) => line)])).to.deep.equal([
            [first, [...lines.slice(1, 8)]],
            [second, [lines[0]]],
        ]);
    });

    it("know their fields, broken lines and other JSON aside", () => {
        const source = file("a.ndjson", '{"b":1}\n{"broken\n"text"\nnull\n7\n{"a":1,"b":2}\n');

        expect(fieldsOf([{ ingest: "ping", lines: readLines(source, {}) }])).to.deep.equal(["b", "a"]);
    });

    it("reads a file piece by piece, from each of its lines on, whatever its pieces cut", () => {
        fc.assert(
            fc.property(fc.array(fc.tuple(fc.nat(400_000), fc.constantFrom("a", "é", "😀", "\uFEFF"))), (sizes) => {
                const lines = sizes.map(([size, character], index) => `${index}${character.repeat(size)}`);
                const source = readLines(file("a.ndjson", `\uFEFF${lines.join("\n\n")}`), {});

                let from = 0;
                const read = lines.map((line) => {
                    const [next] = source.between(from, Number.POSITIVE_INFINITY);
                    from = next![1];
                    return next![0] === line;
                });

                expect(read).to.not.include(false);
                expect([...source.between(from, Number.POSITIVE_INFINITY)]).to.deep.equal([]);
                expect(Array.from(source.between(0, from), ([line]) => line === lines.shift())).to.not.include(false);
            }),
            { numRuns: 15 },
        );
    });

    it("reads a pipe, too", () => {
        const pipe = join(folder, "pipe");
        execFileSync("mkfifo", [pipe]);
        const [ndjson, array] = ['{"n":1}\n\n{"n":2}\n', '[{"n":1}, {"n":2}]'];
        for (const text of [ndjson, array]) {
            const writer = spawn("sh", ["-c", 'printf %s "$0" > "$1"', text, pipe]);

            expect(linesOf({ ingest: "ping", file: pipe })).to.deep.equal(['{"n":1}', '{"n":2}']);
            writer.unref();
        }
    });

    it("names the file that can't be read or parsed", () => {
        const missing = { ingest: "ping", file: join(folder, "none.ndjson") };
        const array = file("a.json", "[{");
        const csv = file("a.csv", 'a,b\n"open');

        expect(() => readLines(missing, {})).to.throw(
            /^--events ping=.*none\.ndjson: the file can't be read \(ENOENT\)$/,
        );
        expect(() => readLines(array, {})).to.throw(/^--events ping=.*a\.json: not a JSON array: /);
        expect(() => readLines(csv, {})).to.throw(/^--events ping=.*a\.csv: not CSV: /);
    });
});

describe("portions of event time", () => {
    const linesOf = (times: (number | undefined)[]) => times.map((time, index) => JSON.stringify({ index, time }));

    /** The portions of sources with these times, with the events' lines. */
    function cut(sources: (number | undefined)[][], step: number, field?: string) {
        const all = sources.map((times, index) => ({ ingest: `${index}`, lines: linesInMemory(linesOf(times)) }));
        const { portions, ...rest } = survey(all, step, field);
        return { ...rest, portions: portions.map((portion) => ({ ...portion, events: [...portion.events] })) };
    }

    /** Events of a source by their places. */
    const eventsOf = (times: (number | undefined)[], ...places: number[]) =>
        places.map((place) => ({ ingest: "0", line: linesOf(times)[place] }));

    it("sends everything at once where no event has a time, or none is asked for", () => {
        const [none, some] = [
            [undefined, undefined],
            [1, 20],
        ];

        const untimed = { count: 2, isTimed: false };
        expect(cut([none], 10, "time")).to.deep.equal({ ...untimed, portions: [{ events: eventsOf(none, 0, 1) }] });
        expect(cut([some], 10)).to.deep.equal({ ...untimed, portions: [{ events: eventsOf(some, 0, 1) }] });
        expect(cut([[]], 10, "time")).to.deep.equal({ count: 0, isTimed: false, portions: [] });
    });

    it("cuts at multiples of the step and keeps an event without a time with the one before it", () => {
        const times = [undefined, 12, 9, undefined, 20];

        expect(cut([times], 10, "time")).to.deep.equal({
            ...{ count: 5, isTimed: true },
            portions: [
                { at: 10, events: eventsOf(times, 2, 3) },
                { at: 20, events: eventsOf(times, 0, 1) },
                { at: 30, events: eventsOf(times, 4) },
            ],
        });
    });

    it("loses no event and sends none before its time", () => {
        fc.assert(
            fc.property(
                fc.array(fc.array(fc.option(fc.nat(1e6), { nil: undefined })), { maxLength: 3 }),
                fc.integer({ min: 1, max: 1e5 }),
                (sources, step) => {
                    const { portions, count } = cut(sources, step, "time");

                    const all = sources.flatMap((times, index) =>
                        linesOf(times).map((line) => ({ ingest: `${index}`, line })),
                    );
                    expect(count).to.equal(all.length);
                    expect(portions.flatMap(({ events }) => events)).to.have.deep.members(all);
                    for (const { at, events } of portions)
                        for (const { line } of events) {
                            const { time } = JSON.parse(line);
                            if (at !== undefined && time !== undefined) expect(time).to.be.within(at - step, at - 1);
                        }
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
