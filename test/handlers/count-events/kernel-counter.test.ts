import { expect } from "chai";
import fc from "fast-check";
import type { Rollup } from "../../../handlers/count-events/contract";
import { Counts } from "../../../handlers/count-events/counts";
import { KernelCounter } from "../../../handlers/count-events/kernel-counter";
import { LineCounter } from "../../../handlers/count-events/line-counter";
import { type PlainCounter, plainCounter } from "../../../handlers/count-events/plain-counter";
import { lineReader, type ReadLine } from "../../../handlers/count-events/read-line";
import type { Column, ColumnType } from "../../../handlers/shared/columns";
import { unit } from "../../../handlers/shared/fixed-point";
import { pings } from "./world";

const types: Record<string, ColumnType> = {
    text: { kind: "string" },
    flag: { kind: "boolean" },
    tiny: { kind: "integer", bits: 8 },
    big: { kind: "integer", bits: 64 },
    real: { kind: "float", bits: 64 },
    price: { kind: "decimal", precision: 6, scale: 2 },
    part: { kind: "decimal", precision: 3, scale: 3 },
    day: { kind: "date" },
    list: { kind: "array", element: { kind: "string" } },
};
const by = Object.entries(types).map(([name, type]): Column => ({ name, type }));
const sum = by.filter(({ type }) => ["integer", "decimal", "float"].includes(type.kind));
/** Counted by all there is: of each spelling a line is read in full. */
const byAll: Rollup = { ...pings, by, sum };
/** Of nearly all lines only the kernel looks at what they hold. */
const byDay: Rollup = { ...pings, by: [], sum, interval: "day" };

const at = '"at":"2026-11-21 04:05:06"';

describe("KernelCounter", () => {
    it("takes the lines that LineCounter takes, and counts them alike", () => {
        let taken = 0;
        let left = 0;
        fc.assert(
            fc.property(fc.array(line, { minLength: 1, maxLength: 30 }), fc.nat({ max: 40 }), (lines, shift) => {
                const chunk = Buffer.from(`${" ".repeat(shift)}${lines.join("\n")}\n`);
                for (const rollup of [byAll, byDay]) {
                    const expected = outcome(chunk, lineReader(rollup), reference);
                    expect(outcome(chunk, lineReader(rollup), plainCounter)).to.deep.equal(expected);
                    taken += expected.events;
                    left += expected.left.length;
                }
            }),
            { numRuns: 500 },
        );
        expect(taken).to.be.greaterThan(1_000);
        expect(left).to.be.greaterThan(1_000);
    });

    it("counts nothing for an object that was counted for the one before, and knows as few keys", () => {
        const linesOf = (object: number) =>
            lengths(250).map(
                (index) => `{"${object}-${index}":1,"at":"2026-11-21 0${object}:05:06","big":${object}}\n`,
            );
        const readLine = lineReader(byDay);

        const found = [1, 2, 3].map((object) => outcome(Buffer.from(linesOf(object).join("")), readLine, plainCounter));

        for (const [index, { events, left, counts }] of found.entries()) {
            expect({ events, left }).to.deep.equal({ events: 250, left: [] });
            expect(counts[0]![1].sum_big).to.equal(250n * BigInt(index + 1) * unit);
        }
    });

    it("counts two objects at a time, each for itself", () => {
        const readLine = lineReader(byDay);
        const [one, other] = [new Counts(), new Counts()];
        const line = Buffer.from(`{${at}}\n`);
        plainCounter(readLine, new Counts()).finish();

        const counters = [plainCounter(readLine, one), plainCounter(readLine, other)];
        for (const counter of counters) counter.count(line, 0);
        for (const counter of counters) counter.finish();

        expect([one.events, other.events]).to.deep.equal([1, 1]);
    });

    it("takes chunks that are larger than its memory, but for lines that are", () => {
        const short = '{"at":"2026-11-21 04:05:06","text":"a"}\n';
        const long = short.replace('"a"', `"${"a".repeat(262_145 - short.length)}"`);
        const longest = short.replace('"a"', `"${"a".repeat(262_146 - short.length)}"`);
        const more = short.repeat(20_000);
        const chunk = Buffer.from(more + long + longest + long + more);

        const found = outcome(chunk, lineReader(byDay), plainCounter);

        expect(longest).to.have.length(262_145);
        expect(found.left).to.deep.equal([more.length + long.length]);
        expect(found.events).to.equal(40_002);
    });

    for (const [what, values] of [
        ["all days", numbers(100).flatMap((month) => numbers(40).map((day) => `"day":"2026-${month}-${day}"`))],
        ["years", ["0000", "0001", "0100", "9999", "999a", "/000"].map((year) => `"day":"${year}-01-01"`)],
        ["days that only some years have", ['"day":"2028-02-28"', '"day":"2028-02-29"']],
        ["all seconds", numbers(100).flatMap((second) => [`"at":"2026-11-21 00:00:${second}"`])],
        ["all minutes", numbers(100).flatMap((minute) => [`"at":"2026-11-21 00:${minute}:00"`])],
        ["all hours", numbers(100).flatMap((hour) => [`"at":"2026-11-21T${hour}:00:00Z"`])],
        ["fractions of seconds", lengths(12).map((digits) => `"at":"2026-11-21 00:00:00.${"1".repeat(digits)}"`)],
        ["numbers of digits", lengths(40).flatMap((digits) => numbersOf("7".repeat(digits)))],
        ["numbers of digits behind the point", lengths(40).flatMap((digits) => numbersOf(`0.${"7".repeat(digits)}`))],
        ["texts of all lengths", lengths(300).map((length) => `"other":"${"a".repeat(length)}"`)],
        ["long texts", lengths(60).map((length) => `"text":"${'\\"'.repeat(1_000)}${"a".repeat(length)}"`)],
        ["other keys of all lengths", lengths(300).map((length) => `"x${"a".repeat(length)}":"b"`)],
        ["quotes at all places", lengths(40).map((length) => `"other":"${"a".repeat(length)}\\"${"b".repeat(20)}"`)],
        ["all bytes in a text", bytes().map((byte) => `"other":"${byte}"`)],
        ["all bytes behind a backslash", bytes().map((byte) => `"other":"\\${byte}"`)],
        ["all bytes in another value", bytes().map((byte) => `"other":1${byte}`)],
        ["all bytes in a key", bytes().map((byte) => `"other${byte}":1`)],
        ["all bytes between members", bytes().map((byte) => `"text":"a"${byte},"other":1`)],
        ["deep values", lengths(40).map((depth) => `"other":${"[".repeat(depth)}${"]".repeat(depth)}`)],
        ["many keys", lengths(300).map((index) => `"other${index}":${index}`)],
        [
            "many members",
            lengths(100).map(
                (most) =>
                    lengths(most)
                        .map((index) => `"other${index}":0`)
                        .join(",") || '"b":1',
            ),
        ],
    ] as const) {
        it(`takes the same ones of ${what}`, () => {
            const lines = values.flatMap((value) => [`{${value}}`, `{${at},${value}}`, `{${at},${value},"flag":true}`]);
            const chunk = Buffer.from(`{${at}}\n${lines.join("\n")}\n`);
            for (const rollup of [byAll, byDay]) {
                const expected = outcome(chunk, lineReader(rollup), reference);
                expect(outcome(chunk, lineReader(rollup), plainCounter)).to.deep.equal(expected);
                expect(expected.events).to.be.greaterThan(1);
            }
        });
    }
});

describe("plainCounter", () => {
    const manyColumns = Array.from({ length: 64 }, (_, index): Column => ({ name: `c${index}`, type: types.text! }));
    for (const [what, rollup] of [
        ["more columns than the kernel has room for", { ...pings, by: manyColumns }],
        [
            "a name that is longer than the kernel has room for",
            { ...pings, by: [{ name: "a".repeat(257), type: types.text! }] },
        ],
        [
            "a time that only reading in full tells",
            { ...pings, time: { name: "at", type: types.big! }, timeUnit: "seconds" },
        ],
    ] satisfies [string, Rollup][]) {
        it(`does without the kernel for ${what}`, () => {
            expect(plainCounter(lineReader(rollup), new Counts())).to.be.instanceOf(LineCounter);
        });
    }

    it("takes the kernel for as many columns as it has room for, with names of any length that it has room for", () => {
        const [, , ...others] = manyColumns;
        const rollup: Rollup = { ...pings, by: [...others, { name: "a".repeat(256), type: types.text! }], sum: [] };
        const counts = new Counts();
        const counter = plainCounter(lineReader(rollup), counts);
        const line = `{"at":"2026-11-21 04:05:06","c63":"x","${"A".repeat(256)}":"y"}\n`;

        expect(counter).to.be.instanceOf(KernelCounter);
        expect(counter.count(Buffer.from(line), 0)).to.equal(line.length);
        counter.finish();
        expect(counts.sorted()[0]![0][0]).to.match(/\|x\|y$/);
    });
});

function reference(...args: Parameters<typeof plainCounter>): PlainCounter {
    return new LineCounter(...args);
}

function numbers(most: number): string[] {
    return lengths(most).map((number) => String(number).padStart(2, "0"));
}

function lengths(most: number): number[] {
    return Array.from({ length: most }, (_, index) => index);
}

function bytes(): string[] {
    return lengths(256).map((byte) => String.fromCharCode(byte));
}

function numbersOf(digits: string): string[] {
    return sum.flatMap(({ name }) => [`"${name}":${digits}`, `"${name}":-${digits}`]);
}

/** What a counter takes of a chunk, and how it counts that; it is asked again behind each line that it leaves. */
function outcome(
    chunk: Buffer,
    readLine: ReadLine,
    makeCounter: (...args: Parameters<typeof plainCounter>) => PlainCounter,
) {
    const counts = new Counts();
    const counter = makeCounter(readLine, counts);
    const left: number[] = [];
    for (let at = counter.count(chunk, 0); at < chunk.length; at = counter.count(chunk, at)) {
        left.push(at);
        at = chunk.indexOf("\n", at) + 1;
    }
    counter.finish();
    return { left, counts: counts.sorted(), events: counts.events };
}

const digits = fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 1, maxLength: 30 });
const values = fc.oneof(
    { weight: 3, arbitrary: fc.string({ unit: "binary" }).map((text) => JSON.stringify(text)) },
    { weight: 3, arbitrary: fc.string({ maxLength: 60 }).map((text) => JSON.stringify(text)) },
    { weight: 2, arbitrary: fc.json() },
    {
        weight: 2,
        arbitrary: fc.tuple(digits, fc.constantFrom("", ".5", "e7", "E-2", ".25e+3")).map((parts) => parts.join("")),
    },
    fc.constantFrom("null", "true", "false", '"\\u00e9"', '"\\/"', "-0", "01", "1.", '"2026-11-21"', "nul", "tru"),
);
/** Mostly the column's. */
const fitting: Record<string, fc.Arbitrary<string>> = {
    text: fc.constantFrom('"a"', '"b"', '"a longer one than sixteen bytes"', '""', '"é"', '"\\""'),
    flag: fc.constantFrom("true", "false", "null"),
    tiny: fc.integer({ min: -99, max: 99 }).map(String),
    big: fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }).map(String),
    real: fc.integer({ min: -99_999, max: 99_999 }).map((value) => String(value / 1000)),
    price: fc.integer({ min: -99_999, max: 99_999 }).map((value) => String(value / 100)),
    part: fc.integer({ min: 0, max: 999 }).map((value) => `0.${value}`),
    day: fc.integer({ min: 1, max: 31 }).map((day) => `"2026-0${1 + (day % 9)}-${String(day).padStart(2, "0")}"`),
    list: fc.constant("null"),
    other: values,
    "a key that is longer than what is compared at once, and longer than what is remembered of it": values,
};
const member = fc
    .constantFrom(...Object.keys(fitting))
    .chain((name) =>
        fc.tuple(
            fc.constantFrom(name, name, name, name.toUpperCase()),
            fc.oneof({ weight: 12, arbitrary: fitting[name]! }, { weight: 1, arbitrary: values }),
        ),
    );
const time = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom("", ".7", ".123456789"), fc.boolean())
    .map(([hour, fraction, isIso]) => {
        const clock = `${String(hour).padStart(2, "0")}:05:06${fraction}`;
        return `"at":"2026-11-21${isIso ? `T${clock}Z` : ` ${clock}`}"`;
    });
const blank = fc.constantFrom("", "", "", " ", "\t  ");
const event = fc
    .tuple(
        time,
        fc.uniqueArray(member, { selector: ([name]) => name.toLowerCase(), maxLength: 8 }),
        fc.tuple(blank, blank, blank, blank, blank),
    )
    .map(([at, members, [before, beforeColon, afterColon, beforeComma, afterComma]]) => {
        const texts = members.map(([name, value]) => `"${name}"${beforeColon}:${afterColon}${value}`);
        return `${before}{${afterComma}${[...texts, at].join(`${beforeComma},${afterComma}`)}${beforeComma}}${before}`;
    });
/** An event, or one of which a byte is another one, or missing, or too much. */
const line = fc.oneof(
    { weight: 3, arbitrary: event },
    {
        weight: 1,
        arbitrary: fc
            .tuple(event, fc.nat(), fc.nat({ max: 1 }), fc.constantFrom("", ...'{}[]:,"\\-.0 \r\0aé'))
            .map(([text, place, removed, added]) => {
                const at = place % text.length;
                return text.slice(0, at) + added + text.slice(at + removed);
            }),
    },
);
