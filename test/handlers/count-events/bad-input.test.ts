import { Readable } from "node:stream";
import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import { expect } from "chai";
import { lineReader } from "../../../handlers/count-events/read-line";
import { accountsOf } from "../../../handlers/shared/ledger";
import { createdObjects } from "../../../handlers/shared/s3-events";
import { ownPlace } from "../../dynamodb/tables";
import { s3Error } from "../convert-result/fake-s3";
import { s3Body, s3Record } from "../shared/s3-event-messages";
import { expected, keepLogs, logged, pings, World } from "./world";

const good = { device: "a", at: "2026-11-21 04:30:00", volts: 1 };
const line = (event: object = good) => JSON.stringify(event);
const one = expected([good]);
const key = "raw/a.json.gz";
const zstdKey = "raw/a.json.zst";

/** A key as S3 writes it into its events. */
function encoded(key: string): string {
    return encodeURIComponent(key).replaceAll("%20", "+").replaceAll("%2F", "/");
}

function withoutChecksum(gzip: Buffer): Buffer {
    return gzip.fill(0, gzip.length - 8, gzip.length - 4);
}

function withWrongChecksum(): Buffer {
    const bytes = zstdCompressSync(line(), { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
    bytes[bytes.length - 1]! ^= 1;
    return bytes;
}

describe("bad input of count-events", () => {
    keepLogs();

    for (const [what, bytes, events, reasons] of [
        ["an object of 0 bytes", Buffer.alloc(0), 0, []],
        ["no final newline", gzipSync(line()), 1, []],
        ["blank lines, CRLF and a byte order mark", gzipSync(`\ufeff\r\n${line()}\r\n \t\n`), 1, []],
        ["a byte order mark before an event", gzipSync(`\ufeff${line()}\n`), 1, []],
        ["concatenated gzip members", Buffer.concat([gzipSync(`${line()}\n`), gzipSync(`${line()}\n`)]), 2, []],
        ["zeros behind the gzip file", Buffer.concat([gzipSync(line()), Buffer.alloc(8)]), 1, []],
        ["U+2028, U+2029 and U+0085 in a text", gzipSync(`${line({ ...good, note: "\u2028\u2029\u0085" })}\n`), 1, []],
        [
            "a bare CR in a line",
            gzipSync(`${line()}\r${line()}\n`),
            0,
            ["text behind the JSON value: end every event with a newline"],
        ],
        [
            "events glued together",
            gzipSync(`${line()}${line()}\n${line()}\n`),
            1,
            ["text behind the JSON value: end every event with a newline"],
        ],
        ["what is no JSON", gzipSync(`{"device":\n${line()}\n`), 1, ["not valid JSON"]],
        ["a list", gzipSync(`[1]\n${line()}\n`), 1, ["expected an object, got an array"]],
        [
            "an event without a time",
            gzipSync(`{"device":"a"}\n${line()}\n`),
            1,
            ["column at: missing or null, and events are counted by it"],
        ],
        [
            "a time that is null",
            gzipSync(`{"device":"a","at":null}\n${line()}\n`),
            1,
            ["column at: missing or null, and events are counted by it"],
        ],
        [
            "a value of another type",
            gzipSync(`${JSON.stringify({ ...good, volts: "high" })}\n${line()}\n`),
            1,
            ["column volts: expected double, got a string"],
        ],
        [
            "a key twice",
            gzipSync(`{"device":"a","device":"b","at":"2026-11-21 04:30:00"}\n${line()}\n`),
            1,
            ["a key is given twice"],
        ],
        [
            "1e400",
            gzipSync(`{"device":"a","at":"2026-11-21 04:30:00","volts":1e400}\n${line()}\n`),
            1,
            ["column volts: out of range for double"],
        ],
        [
            "a summand of 20 digits",
            gzipSync(`{"device":"a","at":"2026-11-21 04:30:00","volts":1e19}\n${line()}\n`),
            1,
            ["column volts: too large for a sum"],
        ],
        [
            "__proto__ as a key",
            gzipSync(`{"__proto__":{"device":"b"},"device":"a","at":"2026-11-21 04:30:00","volts":1}\n`),
            1,
            [],
        ],
        [
            "100,000 levels of nesting",
            gzipSync(`{"note":${"[".repeat(100_000)}${"]".repeat(100_000)},${line().slice(1)}\n`),
            1,
            [],
        ],
        [
            "bytes that are no UTF-8",
            gzipSync(Buffer.concat([Buffer.from([0xff, 0x0a]), Buffer.from(line())])),
            1,
            ["not valid UTF-8"],
        ],
        [
            "NUL",
            gzipSync(`\0\n${line({ ...good, note: "?" }).replace("?", "\0")}\n${line()}\n`),
            1,
            ["not valid JSON", "not valid JSON"],
        ],
        [
            "a surrogate in UTF-8",
            gzipSync(Buffer.concat([Buffer.from('{"device":"\xed\xa0\x80"}\n', "latin1"), Buffer.from(line())])),
            1,
            ["not valid UTF-8"],
        ],
        ["a key of 900 kB", gzipSync(`${line({ ["k".repeat(900_000)]: 1, ...good })}\n`), 1, []],
        ["2^53 + 1", gzipSync(`{"n":9007199254740993,${line().slice(1)}\n`), 1, []],
        [
            "columns whose names differ in case only",
            gzipSync(`{"Device":"b",${line().slice(1)}\n${line()}\n`),
            1,
            ["a key is given twice"],
        ],
        [
            "a column of several types",
            gzipSync(
                [1, '"1"', true, [], {}]
                    .map(
                        (volts) =>
                            `{"device":"a","at":"2026-11-21 04:30:00","volts":${typeof volts === "object" ? JSON.stringify(volts) : volts}}\n`,
                    )
                    .join(""),
            ),
            2,
            [
                "column volts: expected double, got a boolean",
                "column volts: expected double, got an array",
                "column volts: expected double, got an object",
            ],
        ],
        [
            "half of a surrogate pair",
            gzipSync(`{"device":"\\ud800","at":"2026-11-21 04:30:00"}\n${line()}\n`),
            1,
            ["column device: half of a surrogate pair, which is no text"],
        ],
        [
            "a name of more than 2,048 bytes",
            gzipSync(`${line({ ...good, device: "d".repeat(2049) })}\n${line()}\n`),
            1,
            ["the counter's name is longer than 2048 bytes"],
        ],
    ] as [string, Buffer, number, string[]][]) {
        it(`${what}: ${events} counted, ${reasons.length} kept as failed`, async () => {
            const world = await World.create(ownPlace());

            const { givenBack } = await world.deliver(key, world.putBytes(key, bytes));

            expect(givenBack).to.deep.equal([]);
            expect(await world.totals()).to.deep.equal(expected(Array.from({ length: events }, () => good)));
            expect(world.failedLines().map(({ reason }) => reason)).to.deep.equal(reasons);
            const [header] = await world.rows("object/");
            expect(header).to.deep.include({
                outcome: { S: "done" },
                events: { N: String(events) },
                malformed: { N: String(reasons.length) },
            });
        });
    }

    for (const [what, bytes, reason] of [
        ["plain text named .gz", Buffer.from(line()), "not a whole gzip file: incorrect header check"],
        ["a truncated gzip file", gzipSync(line()).subarray(0, 30), "not a whole gzip file: unexpected end of file"],
        [
            "garbage behind the gzip file",
            Buffer.concat([gzipSync(line()), Buffer.from("garbage, and more of it")]),
            "not a whole gzip file: ",
        ],
        ["a wrong checksum", withoutChecksum(gzipSync(line())), "not a whole gzip file: incorrect data check"],
        ["zstd named .gz", zstdCompressSync(line()), "not a whole gzip file: incorrect header check"],
        ["a gzip bomb", gzipSync(Buffer.alloc(200_000_000)), "more than 1000000 bytes unpacked"],
    ] as [string, Buffer, string][]) {
        it(`${what}: nothing counted, given back, and in the books as failed`, async () => {
            const world = await World.create(ownPlace());

            const { givenBack } = await world.deliver(key, world.putBytes(key, bytes));

            expect(givenBack).to.have.length(1);
            expect(givenBack[0]).to.include(reason);
            expect(await world.totals()).to.deep.equal({});
            const [header] = await world.rows("object/");
            expect(header!.outcome).to.deep.equal({ S: "failed" });
            expect(header!.reason!.S).to.include(reason);
            expect(world.failedLines()).to.deep.equal([]);
        });
    }

    for (const [what, bytes, events] of [
        ["one frame", zstdCompressSync(`${line()}\n${line()}\n`), 2],
        ["frames behind each other", Buffer.concat([zstdCompressSync(`${line()}\n`), zstdCompressSync(line())]), 2],
        [
            "a line that two frames share",
            Buffer.concat([zstdCompressSync(line().slice(0, 9)), zstdCompressSync(line().slice(9))]),
            1,
        ],
        ["no rows", zstdCompressSync(""), 0],
        ["0 bytes", Buffer.alloc(0), 0],
    ] as [string, Buffer, number][]) {
        it(`zstd of ${what}: ${events} counted`, async () => {
            const world = await World.create(ownPlace());

            const { givenBack } = await world.deliver(zstdKey, world.putBytes(zstdKey, bytes));

            expect(givenBack).to.deep.equal([]);
            expect(await world.totals()).to.deep.equal(expected(Array.from({ length: events }, () => good)));
            expect(world.failedLines()).to.deep.equal([]);
        });
    }

    for (const [what, bytes, reason] of [
        ["plain text named .zst", Buffer.from(line()), "not a whole zstd file: Unknown frame descriptor"],
        ["gzip named .zst", gzipSync(line()), "not a whole zstd file: Unknown frame descriptor"],
        [
            "a truncated zstd file",
            zstdCompressSync(line()).subarray(0, -1),
            "not a whole zstd file: unexpected end of file",
        ],
        [
            "a second frame that is truncated",
            Buffer.concat([zstdCompressSync(`${line()}\n`), zstdCompressSync(line()).subarray(0, -1)]),
            "not a whole zstd file: unexpected end of file",
        ],
        [
            "garbage behind the zstd file",
            Buffer.concat([zstdCompressSync(`${line()}\n`), Buffer.from("garbage")]),
            "not a whole zstd file: Unknown frame descriptor",
        ],
        [
            "a wrong checksum of zstd",
            withWrongChecksum(),
            "not a whole zstd file: Restored data doesn't match checksum",
        ],
        ["a zstd bomb", zstdCompressSync(Buffer.alloc(200_000_000)), "more than 1000000 bytes unpacked"],
    ] as [string, Buffer, string][]) {
        it(`${what}: nothing counted, given back, and in the books as failed`, async () => {
            const world = await World.create(ownPlace());

            const { givenBack } = await world.deliver(zstdKey, world.putBytes(zstdKey, bytes));

            expect(givenBack).to.deep.equal([`${zstdKey}: ${reason}`]);
            expect(await world.totals()).to.deep.equal({});
            const [header] = await world.rows("object/");
            expect(header).to.deep.include({ outcome: { S: "failed" }, reason: { S: reason } });
            expect(world.failedLines()).to.deep.equal([]);
        });
    }

    it("keeps a line of 100 MB by its first bytes", async () => {
        const world = await World.create(ownPlace());
        const sequencer = world.putBytes(key, gzipSync(`${"x".repeat(100_000_000)}\n${line()}\n`));

        await world.deliver(key, sequencer, undefined, { MAXIMUM_BYTES: "1000000000" });

        expect(await world.totals()).to.deep.equal(one);
        expect(world.failedLines().map(({ reason }) => reason)).to.deep.equal(["longer than 8388608 bytes"]);
    });

    it("keeps what is compressed in a way that its key does not say, as lines", async () => {
        const world = await World.create(ownPlace());
        const bytes = zstdCompressSync(`${line()}\n`.repeat(100));
        await world.deliver("raw/a.json", world.putBytes("raw/a.json", bytes));

        const kept = world.failedLines();
        const [header] = await world.rows("object/");
        expect(kept).to.not.deep.equal([]);
        expect(await world.totals()).to.deep.equal({});
        expect(header).to.deep.include({ outcome: { S: "done" }, malformed: { N: String(kept.length) } });
    });

    it("takes lines and characters that come in pieces", async () => {
        for (const [pack, name] of [
            [gzipSync, key],
            [zstdCompressSync, zstdKey],
            [Buffer.from, "raw/a.json"],
        ] as const) {
            const world = await World.create(ownPlace());
            const events = ["ü", "𝄞", "\u2028"].map((device) => ({ ...good, device }));
            const bytes = Buffer.from(pack(Buffer.from(events.map((event) => `${line(event)}\r\n`).join(""))));
            const sequencer = world.putBytes(name, bytes);
            world.s3.before = (operation) =>
                operation === "GetObject"
                    ? {
                          statusCode: 200,
                          headers: { etag: '"e"', "content-length": String(bytes.length) },
                          body: Readable.from([...bytes].map((byte) => Buffer.of(byte))),
                      }
                    : undefined;

            await world.deliver(name, sequencer);

            expect(await world.totals()).to.deep.equal(expected(events));
            expect(world.failedLines()).to.deep.equal([]);
        }
    });

    for (const [what, name] of [
        ["spaces and plus signs", "a b+c%2Bd %20.json.gz"],
        ["percent signs that encode nothing", "100%.json.gz%"],
        ["quotes and comments of SQL", `it's "a" -- ; /* b */.json.gz`],
        ["line breaks and control characters", "a\nb\r\n\u0001.json.gz"],
        ["dots for folders, and empty ones", "../raw//./a.json.gz"],
        ["a slash at its end", "folder/"],
        ["any letters", "ü–日本𝄞.json.gz"],
        ["what templates and replacements replace", "{{key}}${key}$&$1$$.json.gz"],
        ["an entry of the ledger", "object/raw/a.json.gz"],
        ["an entry of the ledger for what was counted", "applied/pings/raw/a.json.gz"],
        ["a counter's key", '["a","2026-11-21T04:00:00Z"]'],
        ["a name of all objects", "__proto__"],
        ["1,024 bytes", "é".repeat(510)],
    ] as const) {
        it(`counts an object once whose key has ${what}, and finds it again by that`, async () => {
            const world = await World.create(ownPlace());
            const bytes = Buffer.from(`${line()}\nbroken\n`);
            const whole = `raw/${name}`;
            const sequencer = world.putBytes(whole, whole.endsWith(".gz") ? gzipSync(bytes) : bytes);
            await world.deliver(key, world.put(key, [{ ...good, device: "b" }]));
            const [object] = createdObjects(s3Body(s3Record(encoded(whole), { sequencer })));

            await world.deliver(object!.key, object!.sequencer);
            await world.deliver(object!.key, object!.sequencer);

            expect(object!.key).to.equal(whole);
            expect(await world.totals()).to.deep.equal(expected([good, { ...good, device: "b" }]));
            expect(await world.booked()).to.deep.equal(await world.totals());
            expect(world.failedLines().map(({ object: of }) => of)).to.deep.equal([whole]);
            const [account] = await accountsOf({ client: world.place.client, table: world.ledger }, whole);
            expect(account).to.include({ outcome: "done", sequencer });
        });
    }

    it("books an object that is archived as failed; restored and told of again, it counts", async () => {
        for (const [announced, version] of [
            [{}, "e1"],
            [{ versionId: "v7" }, "v7"],
            [{ eTag: undefined }, ""],
        ] as const) {
            const world = await World.create(ownPlace());
            const sequencer = world.put(key, [good]);
            world.s3.before = () => s3Error(403, "InvalidObjectState");
            const archived = await world.deliver(key, sequencer, undefined, {}, announced);
            const [failed] = await accountsOf({ client: world.place.client, table: world.ledger }, key);
            world.s3.before = () => undefined;

            await world.deliver(key, sequencer, undefined, {}, announced);

            const reason = "archived: restore it, then replay it";
            expect(archived.givenBack).to.deep.equal([`${key}: ${reason}`]);
            expect(failed).to.include({ outcome: "failed", version, reason });
            expect(await world.totals()).to.deep.equal(one);
        }
    });

    it("sums whole numbers beyond 2^53 to the last digit", async () => {
        const sum = [{ name: "volts", type: { kind: "integer", bits: 64 } as const }];
        const world = await World.create(ownPlace(), { ...pings, sum });
        const text = (volts: string) => `{"device":"a","at":"2026-11-21 04:30:00","volts":${volts}}\n`;

        await world.deliver(key, world.putBytes(key, gzipSync(text("9007199254740993") + text("9007199254740993"))));

        expect(await world.totals()).to.deep.equal({ "a 2026-11-21T04:00:00Z": "2 18014398509481986" });
    });

    it("an object that failed counts when it is whole", async () => {
        const world = await World.create(ownPlace());
        await world.deliver(key, world.putBytes(key, Buffer.from("no gzip")));

        await world.deliver(key, world.put(key, [good]));

        expect(await world.totals()).to.deep.equal(one);
    });

    it("an object that is gone is in the books as gone; what was counted of it stays, half of it does not", async () => {
        const world = await World.create(ownPlace());
        await world.deliver(key, "01");
        await world.deliver("raw/b.json", world.putBytes("raw/b.json", Buffer.from(line())));
        world.s3.objects.delete("raw/b.json");
        await world.deliver("raw/b.json", "FF");

        expect((await world.rows("object/")).map(({ outcome }) => outcome!.S)).to.deep.equal(["gone", "gone"]);
        expect(await world.totals()).to.deep.equal(one);
        expect(logged.filter(({ message }) => message === "object no longer there")).to.have.length(2);
    });

    it("an object that is gone is accounted for", async () => {
        const world = await World.create(ownPlace());
        await world.deliver(key, "01");
        await world.deliver(key, "01");

        expect(logged.map(({ message }) => message)).to.deep.equal([
            "object no longer there",
            "object accounted for already",
        ]);
    });

    it("an announcement without a sequencer leaves the books' in place", async () => {
        const world = await World.create(ownPlace());
        const sequencer = world.put(key, [good]);
        await world.deliver(key, sequencer);
        await world.deliver(key, undefined);

        const [header] = await world.rows("object/");
        expect(header!.sequencer).to.deep.equal({ S: sequencer });
    });

    it("an object that is gone before all of it was counted counts nothing", async () => {
        const world = await World.create(ownPlace());
        const many = Array.from({ length: 120 }, (_, index) => ({ ...good, device: `d${index}` }));
        const sequencer = world.put(key, many);
        await world.deliver(key, sequencer, { call: 3, side: "after" });
        const half = Object.keys(await world.totals()).length;
        world.s3.objects.delete(key);

        await world.deliver(key, sequencer);

        expect(half).to.equal(98);
        expect(await world.totals()).to.deep.equal({});
    });

    it("ignores other buckets and prefixes", async () => {
        const world = await World.create(ownPlace());
        await world.deliver("other/a.json", world.putBytes("other/a.json", Buffer.from(line())));

        await world.deliver(key, world.put(key, [good]), undefined, { BUCKET: "another" });

        expect(await world.totals()).to.deep.equal({});
        expect(logged.map(({ message }) => message)).to.deep.equal([
            "object that is not counted ignored",
            "object that is not counted ignored",
        ]);
    });

    it("gives back a message when S3 or DynamoDB refuses", async () => {
        const world = await World.create(ownPlace());
        const sequencer = world.put(key, [good]);
        world.s3.before = () => ({ statusCode: 403, body: "<Error><Code>AccessDenied</Code></Error>" });
        const byS3 = await world.deliver(key, sequencer);
        world.s3.before = () => undefined;
        world.turn = async () => {
            throw Object.assign(new Error("no such table"), { name: "ResourceNotFoundException" });
        };
        const byDynamoDb = await world.deliver(key, sequencer);
        world.turn = async () => {};
        const accepted = await world.deliver(key, sequencer);

        expect(byS3.givenBack[0]).to.match(/^raw\/a\.json\.gz: AccessDenied/);
        expect(byDynamoDb.givenBack).to.deep.equal(["raw/a.json.gz: ResourceNotFoundException: no such table"]);
        expect(accepted.givenBack).to.deep.equal([]);
        expect(await world.totals()).to.deep.equal(one);
    });

    for (const version of ["v7", undefined]) {
        it(`books the object's ${version ? "version id" : "ETag, where the bucket keeps no versions"}`, async () => {
            const world = await World.create(ownPlace());
            const sequencer = world.put(key, [good]);
            if (version) world.s3.objects.get(key)!.headers["x-amz-version-id"] = version;

            await world.deliver(key, sequencer);

            const [header] = await world.rows("object/");
            expect(header!.version!.S).to.match(version ? /^v7$/ : /^"[0-9a-f]{32}"$/);
        });
    }

    it("a rollup that sums another column from now on sums it for what it counts from now on", async () => {
        const place = ownPlace();
        const world = await World.create(place, { ...pings, sum: [] });
        await world.deliver(key, world.put(key, [{ ...good, volts: 2 }]));
        const changed = world.deployed(pings);

        await changed.deliver(key, changed.put(key, [good, { ...good, volts: 5 }]));

        expect(await changed.totals()).to.deep.equal(expected([good, { ...good, volts: 5 }]));
        await changed.deliver(key, changed.put(key, [good]));
        expect(await changed.totals()).to.deep.equal(one);
    });

    it("counts what is announced again without a sequencer, as it is now", async () => {
        const world = await World.create(ownPlace());
        await world.deliver(key, world.put(key, [good]));
        await world.deliver(key, undefined);
        world.put(key, [good, good]);
        await world.deliver(key, undefined);
        world.put("raw/new.json.gz", [good]);
        await world.deliver("raw/new.json.gz", undefined);

        expect(await world.totals()).to.deep.equal(expected([good, good, good]));
    });

    it("keeps books of an object that is replaced for months in few rows, which outlive their header", async () => {
        const world = await World.create(ownPlace());
        const days = 86_400_000;
        for (let week = 0; week < 30; week++) {
            await world.deliver(
                key,
                world.put(key, [
                    { ...good, volts: week },
                    { ...good, device: `d${week}` },
                ]),
            );
            world.now += 7 * days;
        }

        const rows = await world.rows("applied/");
        const [header] = await world.rows("object/");
        expect(await world.totals()).to.deep.equal(
            expected([
                { ...good, volts: 29 },
                { ...good, device: "d29" },
            ]),
        );
        expect(await world.booked()).to.deep.equal(await world.totals());
        expect(rows).to.have.length(1);
        expect(Number(rows[0]!.expires!.N)).to.be.greaterThan(Number(header!.expires!.N));
        expect(Number(header!.expires!.N) * 1000 - (world.now - 7 * days)).to.equal(90 * days);
    });
});

describe("what a line counts for", () => {
    const column = (name: string, type: object) => ({ name, type }) as never;
    const read = lineReader({
        ...pings,
        by: [
            column("s", { kind: "string" }),
            column("i", { kind: "integer", bits: 64 }),
            column("d", { kind: "decimal", precision: 10, scale: 2 }),
            column("b", { kind: "boolean" }),
            column("t", { kind: "timestamp" }),
        ],
        time: column("at", { kind: "string" }),
        sum: [],
    });

    for (const [what, event, name, timestamp] of [
        [
            "values in their one spelling",
            '{"s":"x","i":9007199254740993,"d":1.50,"b":true,"t":"2026-11-21T04:00:00.500Z","at":"2026-11-21"}',
            "x|9007199254740993|1.5|true|2026-11-21 04:00:00.5",
            "2026-11-21T00:00:00Z",
        ],
        [
            "missing ones",
            '{"at":"2026-11-21T23:59:59.999Z","i":null,"t":"2026-11-21 00:00:00"}',
            "\\N|\\N|\\N|\\N|2026-11-21 00:00:00",
            "2026-11-21T23:00:00Z",
        ],
        [
            "texts that look like others",
            '{"s":"a|\\\\N","at":"2026-11-21 00:00:00"}',
            "a\\|\\\\N|\\N|\\N|\\N|\\N",
            "2026-11-21T00:00:00Z",
        ],
        ["an empty text", '{"s":"","at":"2026-11-21 00:00:00"}', "\\E|\\N|\\N|\\N|\\N", "2026-11-21T00:00:00Z"],
    ] as const) {
        it(what, () => {
            expect(read(event)).to.deep.include({ counter: [name, timestamp] });
        });
    }

    it("refuses a text that is no time", () => {
        expect(read('{"at":"yesterday"}')).to.deep.equal({
            reason: "column at: expected YYYY-MM-DD HH:MM:SS or an ISO 8601 time with Z, got another string",
        });
    });
});
