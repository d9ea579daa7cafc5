import { expect } from "chai";
import fc from "fast-check";
import { loadFakes } from "../../../cli/generate/fake";
import { readSpec } from "../../../cli/generate/spec";
import { linesOf, problemsOf, values } from "./specs";

const time = { start: "2026-11-14T00:00:00Z", every: "60s" };
const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

describe("a spec's fields", () => {
    it("choice: takes values as often as their weights say, and those without weight never", async () => {
        const made = await values<unknown>(
            { type: "choice", values: ["a", { b: [null] }, 3, "never"], weights: [6, 3, 1, 0] },
            10_000,
        );

        const share = (value: unknown) =>
            made.filter((each) => JSON.stringify(each) === JSON.stringify(value)).length / made.length;
        expect(share("a")).to.be.closeTo(0.6, 0.02);
        expect(share({ b: [null] })).to.be.closeTo(0.3, 0.02);
        expect(share(3)).to.be.closeTo(0.1, 0.02);
        expect(share("never")).to.equal(0);
    });

    it("choice: takes values equally often without weights", async () => {
        const made = await values<number>({ type: "choice", values: [0, 1] }, 10_000);

        expect(sum(made) / made.length).to.be.closeTo(0.5, 0.02);
    });

    it("uniform: stays in its range and reaches both ends, with just as many decimals as it has", async () => {
        const range = fc.tuple(fc.integer({ min: -1000, max: 1000 }), fc.integer({ min: 0, max: 20 }), fc.nat(4));
        await fc.assert(
            fc.asyncProperty(range, fc.integer(), async ([from, size, decimals], seed) => {
                const scale = 10 ** decimals;
                const [min, max] = [from / scale, (from + size) / scale];

                const made = await values<number>({ type: "uniform", min, max, decimals }, 500, { seed });

                expect([Math.min(...made), Math.max(...made)]).to.deep.equal([min, max]);
                for (const value of made) expect(Number(value.toFixed(decimals))).to.equal(value);
            }),
            { numRuns: 20, seed: 1 },
        );
    });

    it("uniform: has the range's mean and spread", async () => {
        const made = await values<number>({ type: "uniform", min: 10, max: 20 }, 20_000);

        expect(sum(made) / made.length).to.be.closeTo(15, 0.1);
        expect(made.filter((value) => value < 12.5).length / made.length).to.be.closeTo(0.25, 0.02);
        expect(made.every((value) => value >= 10 && value < 20)).to.equal(true);
    });

    it("normal: has its mean, its deviation, and the tails of a normal distribution", async () => {
        const made = await values<number>({ type: "normal", mean: 5, deviation: 2 }, 50_000);

        const mean = sum(made) / made.length;
        const beyond = (deviations: number) =>
            made.filter((value) => Math.abs(value - 5) > 2 * deviations).length / made.length;
        expect(mean).to.be.closeTo(5, 0.03);
        expect(Math.sqrt(sum(made.map((value) => (value - mean) ** 2)) / made.length)).to.be.closeTo(2, 0.03);
        expect(beyond(0.5)).to.be.closeTo(0.6171, 0.01);
        expect(beyond(1)).to.be.closeTo(0.3173, 0.01);
        expect(beyond(2)).to.be.closeTo(0.0455, 0.005);
        expect(beyond(3)).to.be.closeTo(0.0027, 0.001);
        expect(made.filter((value) => value < 5).length / made.length).to.be.closeTo(0.5, 0.01);
    });

    it("normal: is rounded and kept in its range", async () => {
        const made = await values<number>({ type: "normal", mean: 0, deviation: 1, min: -1, max: 1, decimals: 1 });

        expect(new Set(made.map((value) => Math.abs(value)))).to.have.property("size", 11);
        expect([Math.min(...made), Math.max(...made)]).to.deep.equal([-1, 1]);
    });

    it("sequence: has no gaps, and keeps its digits beyond 2^53", async () => {
        expect(await values({ type: "sequence" }, 4)).to.deep.equal([1, 2, 3, 4]);
        expect(await values({ type: "sequence", start: 5, step: -5 }, 3)).to.deep.equal([5, 0, -5]);

        const last = await linesOf({
            count: 2,
            fields: { n: { type: "sequence", start: Number.MAX_SAFE_INTEGER, step: 2 } },
        });

        expect(last[1]!.text).to.equal('{"n":9007199254740993}');
    });

    it("text: has the number in its place, with leading zeros, quotes and all", async () => {
        const made = await values<string>({ type: "sequence", start: 99, text: 'a "{000}" $1' }, 3);

        expect(made).to.deep.equal(['a "099" $1', 'a "100" $1', 'a "101" $1']);
    });

    it("uuid: is a version 4 and another each time", async () => {
        const made = await values<string>({ type: "uuid" });

        expect(new Set(made).size).to.equal(1000);
        for (const value of made)
            expect(value).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    });

    it("object and array: nest", async () => {
        const made = await values<{ tags: number[]; deep: { id: number } }>({
            type: "object",
            fields: {
                tags: { type: "array", items: { type: "sequence", missing: 0.3 }, min: 1, max: 3 },
                deep: { type: "object", fields: { id: { type: "sequence" } } },
            },
        });

        expect(new Set(made.map(({ tags }) => tags.length))).to.deep.equal(new Set([1, 2, 3]));
        expect(made.some(({ tags }) => tags.includes(null as never))).to.equal(true);
        expect(made.map(({ deep }) => deep.id)).to.deep.equal(made.map((_, index) => index + 1));
    });

    it("missing: leaves a field out as often as it says", async () => {
        const lines = await linesOf({
            count: 2000,
            fields: { a: { type: "sequence", missing: 0.25 }, __proto__: { type: "uuid" } },
        });

        expect(lines.filter(({ text }) => !("a" in JSON.parse(text))).length / 2000).to.be.closeTo(0.25, 0.03);
    });

    it("fake: comes from Faker, the same for the same seed", async () => {
        const first = await values<string>({ type: "fake", value: "internet.email" }, 20);
        const again = await values<string>({ type: "fake", value: "internet.email" }, 20);
        const dates = await values<string>({ type: "fake", value: "date.soon" }, 20, { time });

        expect(first).to.deep.equal(again);
        expect(new Set(first).size).to.be.greaterThan(15);
        for (const email of first) expect(email).to.match(/^\S+@\S+\.\S+$/);
        for (const date of dates) expect(date).to.match(/^2026-11-1[45]T/);
    });

    it("fake: says which package it needs", async () => {
        const missing = Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" });
        const failure = (error: Error) => loadFakes(() => Promise.reject(error)).catch(({ message }: Error) => message);

        expect(await failure(missing)).to.match(/need the package @faker-js\/faker: npm install/);
        expect(await failure(new Error("other"))).to.equal("other");
    });

    it("keeps a field's values when other fields come and go", async () => {
        const field = { type: "uniform", min: 0, max: 1 };
        const alone = await linesOf({ count: 5, fields: { a: field } });
        const beside = await linesOf({ count: 5, fields: { b: field, a: field } });

        const members = beside.map(({ text }) => JSON.parse(text));
        expect(members.map(({ a }) => ({ a }))).to.deep.equal(alone.map(({ text }) => JSON.parse(text)));
        expect(members.some(({ a, b }) => a === b)).to.equal(false);
    });
});

describe("a spec's time", () => {
    const timestamp = { type: "timestamp", format: "milliseconds" };
    const start = Date.parse(time.start);

    it("has one event in each slot, in order, from the start", async () => {
        const made = await values<number>(timestamp, 1000, { time });

        for (const [index, at] of made.entries())
            expect(at).to.be.within(start + index * 60_000, start + (index + 1) * 60_000 - 1);
    });

    it("ends where `for` says", async () => {
        const spec = { for: "2h", time, fields: { at: timestamp } };

        expect(await linesOf(spec)).to.have.length(120);
        expect(await linesOf(spec, { for: "1h" })).to.have.length(60);
        expect(await linesOf(spec, { count: 7 })).to.have.length(7);
    });

    it("starts where it is told to, or now", async () => {
        const [told] = await linesOf({ count: 1, time, fields: { at: timestamp } }, { start: "2030-01-01 00:00:00" });
        const before = Date.now();
        const [now] = await linesOf({ count: 1, time: { start: "now", every: "1s" }, fields: { at: timestamp } });

        expect(told!.arrival).to.be.within(Date.UTC(2030, 0, 1), Date.UTC(2030, 0, 1) + 60_000);
        expect(now!.arrival).to.be.within(before, Date.now() + 1000);
    });

    it("has its peak and its low where the daily curve says, and as many events a day as without", async () => {
        const daily = { peak: 20, times: 5 };
        const made = await values<number>(timestamp, 10 * 1440, { time: { ...time, daily } });

        const hours = Array.from(
            { length: 24 },
            (_, hour) => made.filter((at) => new Date(at).getUTCHours() === hour).length,
        );
        expect(hours.indexOf(Math.max(...hours))).to.equal(20);
        expect(hours.indexOf(Math.min(...hours))).to.equal(8);
        expect(hours[20]! / hours[8]!).to.be.closeTo(5, 0.2);
        expect(made.filter((at) => at < start + 86_400_000)).to.have.length(1440);
    });

    it("never goes backwards, starts in the middle of an hour, and leaves out hours without weight", async () => {
        await fc.assert(
            fc.asyncProperty(
                fc.array(fc.nat(3), { minLength: 24, maxLength: 24 }).filter((weights) => weights.some((w) => w > 0)),
                fc.integer({ min: start, max: start + 2 * 86_400_000 }),
                async (daily, from) => {
                    const begin = { start: new Date(from).toISOString(), every: "7m", daily };

                    const made = await values<number>(timestamp, 500, { time: begin });

                    let last = from;
                    for (const at of made) {
                        expect(at).to.be.at.least(last);
                        // The last millisecond of an hour may round to the next one's first.
                        if (at > from)
                            expect(
                                daily[new Date(at).getUTCHours()]! + daily[new Date(at - 1).getUTCHours()]!,
                            ).to.be.above(0);
                        last = at;
                    }
                    expect(made.at(-1)! - from).to.be.within(1.4 * 86_400_000, 3.5 * 86_400_000);
                },
            ),
            { numRuns: 50, seed: 1 },
        );
    });

    it("lets some timestamps lie before their event's arrival, at most as far as it says", async () => {
        const late = { share: 0.1, within: "2h" };
        const lines = await linesOf({ count: 5000, time, fields: { at: { ...timestamp, late } } });

        const delays = lines.map(({ text, arrival }) => arrival - JSON.parse(text).at);
        const delayed = delays.filter((delay) => delay !== 0);
        expect(delayed.length / 5000).to.be.closeTo(0.1, 0.02);
        expect(delayed.length).to.equal(sum(lines.map((line) => line.late)));
        expect(Math.min(...delayed)).to.be.above(0);
        expect(Math.max(...delayed)).to.be.within(7_000_000, 7_200_000);
    });

    it("is written in the format that is asked for", async () => {
        const one = async (format?: string) =>
            (
                await values<unknown>({ type: "timestamp", ...(format && { format }) }, 1, {
                    time: { ...time, every: "0.001s" },
                })
            )[0];

        expect(await one()).to.equal("2026-11-14T00:00:00.000Z");
        expect(await one("sql")).to.equal("2026-11-14 00:00:00.000");
        expect(await one("date")).to.equal("2026-11-14");
        expect(await one("milliseconds")).to.equal(start);
        expect(await one("seconds")).to.equal(start / 1000);
    });
});

describe("a spec's faults", () => {
    const fields = { id: { type: "sequence" }, name: { type: "choice", values: ["ä", "😀", 'x"}'] } };
    const shares = fc.record({
        duplicates: fc.record({
            share: fc.double({ min: 0, max: 1, noNaN: true }),
            within: fc.integer({ min: 1, max: 20 }),
        }),
        disorder: fc.record({
            share: fc.double({ min: 0, max: 1, noNaN: true }),
            within: fc.integer({ min: 1, max: 20 }),
        }),
        broken: fc.double({ min: 0, max: 1, noNaN: true }),
    });

    it("lose no event, make up none, and are what the lines say they are", async () => {
        await fc.assert(
            fc.asyncProperty(shares, fc.integer(), async (faults, seed) => {
                const lines = await linesOf({ count: 300, seed, fields, faults });

                const originals = lines.filter(({ copy }) => !copy);
                const whole = originals.filter(({ broken }) => !broken);
                expect(originals).to.have.length(300);
                for (const { text, broken } of lines) expect(isJson(text)).to.equal(!broken);
                for (const { text } of lines) expect(text.isWellFormed() && text !== "").to.equal(true);
                const texts = whole.map(({ text }) => text);
                expect(new Set(texts).size).to.equal(whole.length);
                for (const { text } of lines.filter(({ copy }) => copy)) expect(texts).to.include(text);
            }),
            { numRuns: 30, seed: 1 },
        );
    });

    it("move events no further than they say, and copies too", async () => {
        const faults = { duplicates: { share: 0.2, within: 7 }, disorder: { share: 0.3, within: 5 } };
        const lines = await linesOf({ count: 2000, fields, faults });

        const ids = lines.map(({ text }) => JSON.parse(text).id as number);
        const latest = ids.map((_, index) => Math.max(...ids.slice(0, index + 1)));
        const behind = (copies: boolean) =>
            ids.map((id, index) => latest[index]! - id).filter((_, index) => (lines[index]!.copy ?? false) === copies);
        expect(Math.max(...behind(false))).to.equal(5);
        expect(Math.max(...behind(true))).to.equal(7);
        expect(lines.filter(({ copy }) => copy).length / 2000).to.be.closeTo(0.2, 0.03);
        expect(lines.filter(({ moved }) => moved).length / 2000).to.be.closeTo(0.3, 0.03);
    });

    it("leave the events as they are: without them the same lines come in order", async () => {
        const plain = await linesOf({ count: 100, fields });
        const faulty = await linesOf({ count: 100, fields, faults: { disorder: { share: 0.5, within: 9 } } });

        const inOrder = faulty.map(({ text }) => text).sort((a, b) => JSON.parse(a).id - JSON.parse(b).id);
        expect(inOrder).to.deep.equal(plain.map(({ text }) => text));
        expect(faulty.map(({ text }) => text)).to.not.deep.equal(inOrder);
    });

    it("let lines arrive when they are sent, in order of time", async () => {
        const lines = await linesOf({ count: 500, time, fields, faults: { disorder: { share: 0.5, within: 9 } } });

        expect(lines.every(({ arrival }, index) => index === 0 || arrival >= lines[index - 1]!.arrival)).to.equal(true);
    });
});

describe("a spec", () => {
    const spec = {
        count: 3,
        time: { ...time, daily: { peak: 3, times: 2 } },
        fields: {
            n: { type: "normal", mean: 0, deviation: 1, decimals: 3 },
            u: { type: "uuid" },
            c: { type: "choice", values: ["a", "b", "c"], weights: [0.1, 0.2, 0.7] },
            t: { type: "timestamp" },
        },
    };

    it("makes the same bytes on every machine", async () => {
        const lines = await linesOf(spec);

        expect(lines.map(({ text }) => text)).to.deep.equal([
            '{"n":-0.629,"u":"ada8d850-cd7d-4ab5-a24a-f9e7827e7bf1","c":"c","t":"2026-11-14T00:00:05.792Z"}',
            '{"n":0.991,"u":"8ba5d5b5-6506-458d-8df8-4afcaee53cd2","c":"c","t":"2026-11-14T00:00:59.521Z"}',
            '{"n":-0.629,"u":"df8278cf-e941-481d-a5cc-6626ef93699c","c":"c","t":"2026-11-14T00:01:49.289Z"}',
        ]);
    });

    it("makes others with another seed", async () => {
        const texts = new Set(
            [...(await linesOf(spec)), ...(await linesOf(spec, { seed: 2 }))].map(({ text }) => text),
        );

        expect(texts.size).to.equal(6);
    });

    it("that is wrong is refused with all that is wrong with it, each with its path", async () => {
        expect(
            await problemsOf({
                sed: 1,
                for: "2x",
                time: { start: "soon", every: 3, daly: 1 },
                fields: {
                    a: { type: "chioce", values: [1] },
                    b: { type: "choice", values: [1, 2], weights: [1] },
                    c: { type: "uniform", min: 5, max: "x" },
                    d: { type: "fake", value: "internet.emial" },
                    e: {
                        type: "object",
                        fields: { x: { type: "array", items: { type: "sequence", step: 0.5 }, max: -1 } },
                    },
                    f: 3,
                    g: { type: "timestamp", late: { share: 2 }, format: "sqll" },
                    h: { type: "uniform", min: 0.005, max: 1e15, decimals: 2, text: "x" },
                    i: { type: "fake", value: "foo.bar" },
                    j: { type: "fake", value: "number.bigInt" },
                    k: { type: "normal", mean: 1, deviation: -1, min: 3, max: 2 },
                    l: { type: "choice", values: [], weights: ["1"] },
                    m: { type: "choice", values: [1], weights: [0] },
                    "n o": { values: [1] },
                    p: { type: "object", fields: {} },
                    q: { type: "uniform", min: 2, max: 1, missing: 1.5 },
                    r: { type: "array", items: { type: "uuid" }, min: 2, max: 1 },
                },
                faults: { duplicate: 1, disorder: 0.5, broken: "all" },
            }),
        ).to.deep.equal([
            "34 problems in FILE:",
            "  time.start: must be a time such as `2026-11-21T04:00:00Z`, or `now`",
            "  time.every: must be a text",
            "  time.daly: is not known here: did you mean `daily`?",
            "  fields.a.type: unknown type `chioce`: did you mean `choice`?",
            "  fields.b.weights: must be as many as the values: 2, not 1",
            "  fields.c.max: must be a number",
            "  fields.d.value: unknown: `internet.emial`: did you mean `internet.email`?",
            "  fields.e.fields.x.max: must be an integer from 0 to 10000",
            "  fields.e.fields.x.items.step: must be an integer",
            "  fields.f: must be an object",
            "  fields.g.format: unknown: `sqll`: did you mean `sql`?",
            "  fields.g.late.share: must be a number from 0 to 1",
            "  fields.g.late.within: is missing",
            "  fields.h.text: must have one place for the number: `{}`, or with leading zeros `{000}`",
            "  fields.h.min: must not have more decimals than `decimals`",
            "  fields.h.max: has too many digits for so many `decimals`",
            "  fields.i.value: unknown: `foo.bar`: the names are on https://fakerjs.dev/api/",
            "  fields.j.value: `number.bigInt` makes no JSON value without arguments: take another",
            "  fields.k.deviation: must be a number, at least 0",
            "  fields.k.max: must be at least `min`, 3",
            "  fields.l.values: must be a list with at least one entry",
            "  fields.l.weights[0]: must be a number, at least 0",
            "  fields.l.weights: must not all be 0",
            "  fields.m.weights: must not all be 0",
            '  fields["n o"].type: is missing',
            "  fields.p.fields: must be an object with at least one member",
            "  fields.q.max: must be at least `min`, 2",
            "  fields.q.missing: must be a number from 0 to 1",
            "  fields.r.max: must be at least `min`, 2",
            "  faults.disorder: must be an object",
            "  faults.broken: must be a number from 0 to 1",
            "  faults.duplicate: is not known here: did you mean `duplicates`?",
            "  for: must be a number and s, m, h or d, such as `0.5s` or `6h`",
            "  sed: is not known here: did you mean `seed`?",
        ]);
    });

    for (const [name, wrong, problems] of [
        ["a list", [], ["1 problem in FILE:", "  must be an object"]],
        ["no JSON", "{,", [/^FILE: not valid JSON: /]],
        [
            "neither `count` nor `for`",
            { fields: { a: { type: "uuid" } } },
            ["1 problem in FILE:", /^ {2}count: is missing: say how many/],
        ],
        [
            "both",
            { count: 1, for: "1h", time, fields: { a: { type: "uuid" } } },
            ["1 problem in FILE:", "  for: can't stand beside `count`: keep one of them"],
        ],
        [
            "a timestamp but no time",
            { count: 1, fields: { a: { type: "timestamp" } } },
            ["1 problem in FILE:", /^ {2}fields\.a: is a timestamp: say in `time`/],
        ],
        [
            "`for` but no time",
            { for: "1h", fields: { a: { type: "uuid" } } },
            ["1 problem in FILE:", /^ {2}for: needs `time`/],
        ],
        ["no fields", { count: 1 }, ["1 problem in FILE:", "  fields: is missing"]],
        [
            "23 hours",
            { count: 1, time: { ...time, daily: Array(23).fill(1) }, fields: { a: { type: "uuid" } } },
            ["1 problem in FILE:", /^ {2}time\.daily: must have 24 weights/],
        ],
        [
            "a day of another kind",
            { count: 1, time: { ...time, daily: "flat" }, fields: { a: { type: "uuid" } } },
            ["1 problem in FILE:", "  time.daily: must be an object"],
        ],
    ] as [string, unknown, (string | RegExp)[]][]) {
        it(`with ${name} is refused`, async () => {
            const found = await problemsOf(wrong);

            expect(found).to.have.length(problems.length);
            for (const [index, problem] of problems.entries())
                if (typeof problem === "string") expect(found[index]).to.equal(problem);
                else expect(found[index]).to.match(problem);
        });
    }

    it("that is not there is named", async () => {
        const { message } = (await readSpec("nowhere.json").catch((error: Error) => error)) as Error;

        expect(message).to.equal("nowhere.json: the spec can't be read (ENOENT)");
    });
});

function isJson(text: string): boolean {
    try {
        JSON.parse(text);
        return true;
    } catch {
        return false;
    }
}
