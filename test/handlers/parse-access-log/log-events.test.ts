import { isUtf8 } from "node:buffer";
import { expect } from "chai";
import fc from "fast-check";
import { withoutAddress } from "../../../handlers/parse-access-log/client-address";
import { eventReader, type ReadEvent } from "../../../handlers/parse-access-log/event";
import { LogEvents } from "../../../handlers/parse-access-log/log-events";
import { columns } from "./columns";
import { type EntryParts, entry } from "./entries";

const name = fc.oneof(fc.constantFrom(...columns.map(({ name }) => name), "", "other"), fc.string({ maxLength: 5 }));
const value = fc.oneof(
    fc.constantFrom(
        "5",
        "-1",
        "1.50",
        "1e3",
        "true",
        "null",
        "",
        "2026-11-21",
        "2026-11-21T04:00:00.5Z",
        "[]",
        "Zürich",
    ),
    fc.constantFrom("2026-02-29 04:00:00", "9223372036854775807", '"', "\\", "\n"),
    fc.uuid(),
    fc.string({ unit: "binary" }),
);
const query = fc.oneof(
    { weight: 4, arbitrary: fc.uniqueArray(fc.tuple(name, value), { selector: ([name]) => name, maxLength: 5 }) },
    { weight: 1, arbitrary: fc.array(fc.tuple(name, value), { maxLength: 5 }) },
);
/** A user agent that goes on like an entry. */
const imitation = 'Bot" - - - "Root=1-a" "-" "-" 0 2026-11-21T03:00:00Z "x" ';
const url = fc.oneof(
    { weight: 6, arbitrary: query.map((fields) => `/view?${new URLSearchParams(fields)}`) },
    {
        weight: 1,
        arbitrary: fc.constantFrom("", "/", "/view", "/views", "/view?page=a b", "/view?p%61ge=a", "?page=a"),
    },
    { weight: 1, arbitrary: fc.string({ maxLength: 20 }) },
);
const parts: fc.Arbitrary<EntryParts> = fc.record(
    {
        type: fc.constantFrom("http", "https", "h2", "wss", "grpcs"),
        client: fc.oneof(
            fc.ipV4().map((address) => `${address}:1234`),
            fc.ipV6().map((address) => `[${address}]:1234`),
            fc.ipV6().map((address) => `${address}:1234`),
            fc.constantFrom("-", "203.0.113.7", "203.0.113.07:1", "host:80"),
        ),
        status: fc.constantFrom(200, 204, 301, 403, 502),
        url,
        userAgent: fc.oneof(
            fc.constantFrom(
                "-",
                "",
                "ELB-HealthChecker/2.0",
                'Bot "best"',
                "Bot \\x22best\\x22",
                "Bøt",
                "a\tb",
                imitation,
            ),
            fc.string({ unit: "binary" }),
        ),
        traceId: fc.constantFrom("Root=1-a-b", "Root=1-a;Self=1-b", "Self=1-b", "Root=", "-"),
        created: fc.constantFrom(
            "2026-11-30T04:00:00.364000Z",
            "2026-02-29T04:00:00Z",
            "2026-01-31T23:59:59Z",
            "never",
        ),
        more: fc.constantFrom("", ' "new"', ' Z "x"', " \r", ' 2026-11-21T04:00:00Z "a" "'),
    },
    { requiredKeys: [] },
);
/** A line as it may become: cut, or with something else in it. */
const line = fc.oneof(
    { weight: 6, arbitrary: parts.map((parts) => Buffer.from(entry(parts))) },
    {
        weight: 2,
        arbitrary: fc
            .tuple(
                parts.map(entry),
                fc.nat({ max: 600 }),
                fc.constantFrom('"', '" "', " ", "\\", "\t", "é", "\xa0", ""),
            )
            .map(([line, at, text]) => Buffer.from(line.slice(0, at) + text + line.slice(at + 1))),
    },
    {
        weight: 1,
        arbitrary: fc
            .tuple(parts.map(entry), fc.nat({ max: 600 }))
            .map(([line, length]) => Buffer.from(line.slice(0, length), "latin1")),
    },
);
const settings = fc.record({
    path: fc.constant("/view"),
    beacons: fc.boolean(),
    clientAddress: fc.constantFrom("keep", "truncate", "drop"),
});

/** What is made of a log by looking at every line closely. */
function exactly(lines: Buffer[], readEvent: ReadEvent) {
    const found = { events: "", count: 0, dropped: {} as Record<string, number>, failed: [] as string[] };
    for (const bytes of lines) {
        if (bytes.length === 0) continue;
        const reading = isUtf8(bytes) ? readEvent(bytes.toString()) : { reason: "not valid UTF-8" };
        if ("event" in reading) {
            found.events += `${reading.event}\n`;
            found.count++;
        } else if ("dropped" in reading) {
            found.dropped[reading.dropped] = (found.dropped[reading.dropped] ?? 0) + 1;
        } else {
            const kept = withoutAddress(bytes, readEvent.settings.clientAddress);
            found.failed.push(`${reading.reason}: ${kept.toString("latin1")}`);
        }
    }
    return found;
}

describe("LogEvents", () => {
    it("makes what looking at every line closely makes, in the same order, however the log comes", () => {
        let plain = 0;
        fc.assert(
            fc.property(
                fc.array(line, { maxLength: 6 }),
                settings,
                fc.integer({ min: 1, max: 10_000 }),
                (lines, own, size) => {
                    const readEvent = eventReader(columns, own);
                    const whole = lines.flatMap((line) => [...cutAtNewlines(line)]);
                    let closely = 0;
                    const counting = Object.assign((line: string) => {
                        closely++;
                        return readEvent(line);
                    }, readEvent);
                    const failed: string[] = [];
                    const events = new LogEvents(counting, {
                        add: (reason, { bytes }) => failed.push(`${reason}: ${bytes.toString("latin1")}`),
                    });
                    const log = Buffer.concat(whole.flatMap((line) => [line, Buffer.from("\n")]));

                    const made: Buffer[] = [];
                    for (let at = 0; at < log.length; at += size) made.push(events.push(log.subarray(at, at + size)));
                    made.push(events.end());

                    const { count, dropped } = events;
                    const found = { events: Buffer.concat(made).toString(), count, dropped, failed };
                    expect(found).to.deep.equal(exactly(whole, readEvent));
                    plain += whole.length - closely;
                },
            ),
            { numRuns: 2_000 },
        );
        expect(plain).to.be.greaterThan(300);
    });

    it("says where the lines are that it can't read, among those that it can", () => {
        const failed: [reason: string, offset: number][] = [];
        const events = new LogEvents(eventReader(columns, { path: "/view", beacons: false, clientAddress: "keep" }), {
            add: (reason, { offset }) => failed.push([reason, offset]),
        });
        const good = `${entry()}\n`;
        const reason = "no whole entry of an Application Load Balancer's access log";

        events.push(Buffer.from(`${good}${good}bad\n${good}bad\n`));
        events.push(Buffer.from(`\xff\n${good}`, "latin1"));
        events.end();

        expect(failed).to.deep.equal([
            [reason, 2 * good.length],
            [reason, 3 * good.length + 4],
            ["not valid UTF-8", 3 * good.length + 8],
        ]);
        expect(events.count).to.equal(4);
    });
});

/** Values may have newlines in them. */
function* cutAtNewlines(line: Buffer): Generator<Buffer> {
    let start = 0;
    for (let end = line.indexOf(0x0a); end >= 0; end = line.indexOf(0x0a, start)) {
        yield line.subarray(start, end);
        start = end + 1;
    }
    yield line.subarray(start);
}
