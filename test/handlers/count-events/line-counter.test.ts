import { isUtf8 } from "node:buffer";
import { Readable } from "node:stream";
import { expect } from "chai";
import fc from "fast-check";
import type { Rollup } from "../../../handlers/count-events/contract";
import { Counts } from "../../../handlers/count-events/counts";
import { takeKernel } from "../../../handlers/count-events/kernel";
import { KernelCounter } from "../../../handlers/count-events/kernel-counter";
import { LineCounter } from "../../../handlers/count-events/line-counter";
import type { PlainCounter } from "../../../handlers/count-events/plain-counter";
import { lineReader, type ReadLine } from "../../../handlers/count-events/read-line";
import { readObject } from "../../../handlers/count-events/read-object";
import type { Column, ColumnType } from "../../../handlers/shared/columns";
import type { FailedLines } from "../../../handlers/shared/failed-lines";
import { unit } from "../../../handlers/shared/fixed-point";
import { intervals } from "../../../handlers/shared/rollup-contract";
import { pings } from "./world";

const ping = '{"device":"a","at":"2026-11-21 04:30:00","volts":1.5}';

for (const [name, makeCounter] of [
    ["LineCounter", (readLine: ReadLine, counts: Counts) => new LineCounter(readLine, counts)],
    ["KernelCounter", kernelCounter],
] as const) {
    describe(name, () => {
        it("reads only the first line of each counter in full", () => {
            const { counter, counts, read } = counterOf(makeCounter, pings);
            const lines = Buffer.from(
                Array.from(
                    { length: 1_000 },
                    (_, id) => `{"at":"2026-11-21 0${id % 2}:00:00","device":"a","id":${id},"volts":0.1}\n`,
                ).join(""),
            );

            const end = counter.count(lines, 0);
            counter.finish();

            expect(end).to.equal(lines.length);
            expect(read).to.have.length(2);
            const totals = { count: 500n * unit, sum_volts: 50n * unit };
            expect(counts.sorted()).to.deep.equal([
                [["a", "2026-11-21T00:00:00Z"], totals],
                [["a", "2026-11-21T01:00:00Z"], totals],
            ]);
        });

        for (const [what, line] of [
            ["of another type", '{"device":"a","at":"2026-11-21 04:30:00","volts":"1.5"}'],
            ["without a time", '{"device":"a"}'],
            ["with a summand of many digits", `{"device":"a","at":"2026-11-21 04:30:00","volts":0.${"1".repeat(20)}}`],
            ["with a long value", `{"device":"${"a".repeat(2_100)}","at":"2026-11-21 04:30:00"}`],
            ["whose counter has no room for its name", `{"device":"${"|".repeat(1_500)}","at":"2026-11-21 04:30:00"}`],
        ] as const) {
            it(`leaves a line ${what} to others`, () => {
                const { counter } = counterOf(makeCounter, pings);

                expect(counter.count(Buffer.from(`${ping}\n${line}\n${ping}\n`), 0)).to.equal(ping.length + 1);
            });
        }

        it("tells the values of one column from those of another", () => {
            const by = ["a", "b"].map((name): Column => ({ name, type: { kind: "integer", bits: 32 } }));
            const { counter, counts } = counterOf(makeCounter, { ...pings, by, sum: [] });
            const values = ['"a":1,"b":23', '"a":12,"b":3', '"a":1', '"b":1', '"a":null,"b":1'];

            counter.count(Buffer.from(values.map((each) => `{"at":"2026-11-21 04:30:00",${each}}\n`).join("")), 0);
            counter.finish();

            const found = counts.sorted().map(([[name], { count }]) => [name, Number(count! / unit)]);
            expect(found).to.deep.equal([
                ["12|3", 1],
                ["1|23", 1],
                ["1|\\N", 1],
                ["\\N|1", 2],
            ]);
        });

        it("leaves all lines to others that are beside one that is no UTF-8", () => {
            const { counter } = counterOf(makeCounter, pings);

            expect(counter.count(Buffer.from(`${ping}\n"\xff"\n`, "latin1"), 0)).to.equal(0);
        });

        it("adds up exactly what is larger than doubles hold", () => {
            const { counter, counts } = counterOf(makeCounter, pings);
            const line = ping.replace("1.5", "-9999999999.999");

            counter.count(Buffer.from(`${line}\n`.repeat(1_000)), 0);
            counter.finish();

            expect(counts.sorted()[0]![1].sum_volts).to.equal(-9_999_999_999_999n * unit);
        });

        it("counts more counters than it remembers", () => {
            const { counter, counts, read } = counterOf(makeCounter, pings);
            const devices = Array.from({ length: 17_000 }, (_, index) => ping.replace('"a"', `"${index}"`));
            const lines = Buffer.from(`${[...devices, ...devices].join("\n")}\n`);

            counter.count(lines, 0);
            counter.finish();

            expect(read.length).to.be.greaterThan(17_000);
            expect(counts.events).to.equal(34_000);
            expect(counts.sorted().every(([, { count }]) => count === 2n * unit)).to.equal(true);
        });

        it("counts counters with long names", () => {
            const { counter, counts } = counterOf(makeCounter, pings);
            const devices = Array.from({ length: 5_000 }, (_, index) =>
                ping.replace('"a"', `"${String(index).padEnd(1_500, "x")}"`),
            );

            counter.count(Buffer.from(`${[...devices, ...devices].join("\n")}\n`), 0);
            counter.finish();

            expect(counts.sorted()).to.have.length(5_000);
            expect(counts.sorted().every(([, { count }]) => count === 2n * unit)).to.equal(true);
        });

        it("adds up exactly many numbers of as many digits as there may be", () => {
            const { counter, counts } = counterOf(makeCounter, pings);
            const numbers = { a: "999999999999999", b: "-99999999999999", c: "0.0000000000001" };

            for (const [device, volts] of Object.entries(numbers)) {
                const line = ping.replace('"a"', `"${device}"`).replace("1.5", volts);
                counter.count(Buffer.from(`${line}\n`.repeat(10_000)), 0);
            }
            counter.finish();

            expect(counts.sorted().map(([[device], { sum_volts }]) => [device, sum_volts! / 10_000n])).to.deep.equal([
                ["a", 999_999_999_999_999n * unit],
                ["b", -99_999_999_999_999n * unit],
                ["c", unit / 10n ** 13n],
            ]);
        });
    });
}

describe("plainCounter", () => {
    it("counts what reading each line in full counts, wherever the chunks end", async () => {
        let events = 0;
        await fc.assert(
            fc.asyncProperty(rollup, fc.array(line), fc.array(fc.nat({ max: 400 })), async (rollup, lines, cuts) => {
                const bytes = Buffer.concat(lines);
                const expected = oneByOne(bytes, rollup);

                const actual = await inChunks(chunksOf(bytes, cuts), rollup);

                expect(actual).to.deep.equal(expected);
                events += expected.events;
            }),
            { numRuns: 1_000 },
        );
        expect(events).to.be.greaterThan(1_000);
    });
});

function kernelCounter(readLine: ReadLine, counts: Counts): KernelCounter {
    return new KernelCounter(takeKernel(readLine.rollup)!, readLine, counts);
}

function counterOf(makeCounter: (readLine: ReadLine, counts: Counts) => PlainCounter, rollup: Rollup) {
    const readLine = lineReader(rollup);
    const counts = new Counts();
    const read: string[] = [];
    const spied = Object.assign(
        (line: string) => {
            read.push(line);
            return readLine(line);
        },
        { rollup },
    );
    return { counter: makeCounter(spied, counts), counts, read };
}

async function inChunks(chunks: Buffer[], rollup: Rollup) {
    const failed: [string, number][] = [];
    const failedLines = {
        add: (reason: string, { offset }: { offset: number }) => failed.push([reason, offset]),
        flushIfLarge() {},
        flush() {},
    } as unknown as FailedLines;
    const s3 = { send: async () => ({ Body: Readable.from(chunks), ETag: "version" }) } as never;
    const place = { s3, bucket: "lake", key: "raw/a.json", announced: "", maximumBytes: 1e6 };
    const content = await readObject(place, lineReader(rollup), () => failedLines);
    return { counts: content!.counts.sorted(), events: content!.counts.events, failed };
}

function oneByOne(bytes: Buffer, rollup: Rollup) {
    const readLine = lineReader(rollup);
    const counts = new Counts();
    const failed: [string, number][] = [];
    for (let start = 0; start < bytes.length; ) {
        const found = bytes.indexOf("\n", start);
        const end = found < 0 ? bytes.length : found;
        const text = bytes.subarray(start, end);
        if (text.toString().trim() !== "") {
            const reading = isUtf8(text) ? readLine(text.toString()) : { reason: "not valid UTF-8" };
            if ("reason" in reading) failed.push([reading.reason, start]);
            else counts.add(reading.counter, reading.totals);
        }
        start = end + 1;
    }
    return { counts: counts.sorted(), events: counts.events, failed };
}

function chunksOf(bytes: Buffer, cuts: number[]): Buffer[] {
    const ends = [...new Set(cuts.filter((cut) => cut < bytes.length))].sort((a, b) => a - b);
    return [0, ...ends].map((start, index) => bytes.subarray(start, ends[index]));
}

const types: ColumnType[] = [
    { kind: "string" },
    { kind: "integer", bits: 32 },
    { kind: "decimal", precision: 12, scale: 3 },
    { kind: "boolean" },
    { kind: "date" },
    { kind: "timestamp" },
];
const column = (name: string, ...kinds: ColumnType[]) =>
    fc.constantFrom(...kinds).map((type): Column => ({ name, type }));
const times = column("at", { kind: "timestamp" }, { kind: "timestamp" }, { kind: "date" }, { kind: "string" });
const rollup: fc.Arbitrary<Rollup> = fc
    .record({
        by: fc.tuple(column("a", ...types), column("b", ...types)).chain((both) => fc.subarray(both)),
        time: times,
        interval: fc.constantFrom(...intervals),
        sum: fc
            .tuple(column("n", ...types.slice(1, 3)), column("x", { kind: "float", bits: 64 }))
            .chain((both) => fc.subarray(both)),
    })
    .map((own) => ({ ...pings, ...own }));

const values = fc.oneof(
    fc.constantFrom('"a"', '""', '"é"', '"a\\nb"', '"\\u0061"', '"a|b"', "null", "true", '"true"', "[]", '{"a":[1]}'),
    fc.constantFrom(
        "1",
        "1.0",
        "1.50",
        "-1",
        "-0",
        "0.001",
        "1e3",
        "01",
        '"5"',
        "123456789012345678",
        "1.0000000000001",
    ),
    fc.constantFrom('"2026-11-21"', '"2026-02-30"', '"2026-11-21 04:05:06"', '"2026-11-21T04:05:06.7Z"', '"soon"'),
);
const fitting: Record<string, fc.Arbitrary<string>> = {
    at: fc
        .tuple(fc.constantFrom("04", "05"), fc.constantFrom("00:00", "59:59.999"), fc.boolean())
        .map(([hour, rest, isIso]) => `"2026-11-21${isIso ? "T" : " "}${hour}:${rest}${isIso ? "Z" : ""}"`),
    n: fc.integer({ min: -999, max: 999 }).map(String),
    x: fc.integer({ min: -9_999_999, max: 9_999_999 }).map((value) => String(value / 1000)),
    a: values,
    b: values,
    other: values,
};
const member = fc
    .tuple(
        fc
            .constantFrom(...Object.keys(fitting))
            .chain((name) =>
                fc.tuple(
                    fc.constant(name),
                    fc.oneof({ weight: 9, arbitrary: fitting[name]! }, { weight: 1, arbitrary: values }),
                ),
            ),
        fc.oneof({ weight: 20, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    )
    .map(([[name, value], isUpper]): [string, string] => [isUpper ? name.toUpperCase() : name, value]);
const event = fc
    .tuple(fitting.at!, fc.array(member, { maxLength: 6 }), fc.constantFrom(",", ",", ", "))
    .map(([at, members, between]) => {
        const unlike = new Map<string, string>([["at", at], ...members]);
        return `{${[...unlike].map(([name, value]) => `"${name}":${value}`).join(between)}}`;
    });
const line = fc
    .tuple(
        fc.oneof(
            { weight: 20, arbitrary: event },
            { weight: 1, arbitrary: fc.constantFrom("", " ", "{", '{"at":1,"at":2}') },
        ),
        fc.oneof(
            { weight: 20, arbitrary: fc.constant("\n") },
            { weight: 1, arbitrary: fc.constantFrom("\r\n", "\xff\n", " \n") },
        ),
    )
    .map(([text, end]) => Buffer.concat([Buffer.from(text), Buffer.from(end, "latin1")]));
