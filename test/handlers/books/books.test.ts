import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import type { S3Client } from "@aws-sdk/client-s3";
import { DuckDBInstance } from "@duckdb/node-api";
import { expect } from "chai";
import { spansOf } from "../../../handlers/books/books";
import { judge } from "../../../handlers/books/judge";
import { eachPiece } from "../../../handlers/books/read-object";
import { rejection, testRuntime } from "../../local/support";
import { click, countsOf, createWorld, hour, joined, nothing, start } from "./world";

const four = "2026-11-21T04:10:00Z";
const parquet = { ...click, format: "parquet", bufferSeconds: 1080 };

describe("books", () => {
    it("balance: what was accepted is delivered, failed or a duplicate", async () => {
        const { accept, deliver, refuse, keep } = await createWorld();
        accept(four, { event_id: "a" }, { event_id: "b" }, { event_id: "b" }, { no: "id" }, "broken", {
            event_id: "bad",
        });
        deliver(four, { event_id: "a" }, { event_id: "b" }, { event_id: "b" }, { no: "id" });
        refuse(four, "record", ["broken", '{"event_id":"bad"}']);

        const { hours, window, notCovered, next } = await keep();

        expect(hours).to.deep.equal([
            {
                ...{ ingest: "click", hour: "2026-11-21T04:00:00.000Z", ...nothing },
                ...{ accepted: 6, delivered: 3, failed: 2, duplicates: 1, examples: [], notes: [] },
            },
        ]);
        expect(window).to.deep.equal({ from: "2026-11-20T07:00:00.000Z", to: "2026-11-21T07:00:00.000Z" });
        expect([notCovered, next]).to.deep.equal([[], undefined]);
    });

    it("say what is missing, and where it is still", async () => {
        const { accept, deliver, keep } = await createWorld();
        const key = accept(four, { event_id: "a" }, { event_id: "b" });
        accept("2026-11-21T04:11:00Z", { event_id: "c" }, { event_id: "c" }, { no: "id" });
        deliver(four, { event_id: "a" });

        const { hours } = await keep();

        expect(countsOf(hours[0]!)).to.deep.equal({ ...nothing, accepted: 5, delivered: 1, duplicates: 1, missing: 3 });
        expect(hours[0]!.examples).to.deep.include({ eventId: "b", backup: key });
        expect(hours[0]!.examples.map(({ eventId }) => eventId)).to.deep.equal(["b", "c"]);
    });

    it("give twenty examples of what is missing, and look for no more than it takes", async () => {
        const { accept, keep, calls } = await createWorld();
        const ids = Array.from({ length: 2001 }, (_, index) => ({ event_id: `${index}` }));
        accept(four, ...ids);
        const last = accept("2026-11-21T04:20:00Z", { event_id: "last" });

        const { hours } = await keep();

        expect(hours[0]!.missing).to.equal(2002);
        expect(hours[0]!.examples).to.have.length(20);
        expect(calls.filter((call) => call === `get ${last}`)).to.have.length(1);
    });

    describe("over the border of two hours", () => {
        it("find an event by its id in the folder before or after", async () => {
            const { accept, deliver, refuse, keep } = await createWorld();
            accept("2026-11-21T04:58:00Z", { event_id: "a" }, { event_id: "b" });
            accept("2026-11-21T05:01:00Z", { event_id: "c" }, { event_id: "bad" });
            deliver("2026-11-21T04:59:00Z", { event_id: "b" }, { event_id: "c" });
            deliver("2026-11-21T05:02:00Z", { event_id: "a" });
            refuse("2026-11-21T04:59:30Z", "record", ['{"event_id":"bad"}']);

            const { hours } = await keep();

            expect(hours.map(countsOf)).to.deep.equal([
                { ...nothing, accepted: 2, delivered: 2 },
                { ...nothing, accepted: 2, delivered: 1, failed: 1 },
            ]);
        });

        it("take what was sent in the hour before for the same event", async () => {
            const { accept, deliver, refuse, keep } = await createWorld();
            accept("2026-11-21T04:30:00Z", { event_id: "a" }, { event_id: "mended", x: "bad" }, { event_id: "bad" });
            accept("2026-11-21T05:10:00Z", { event_id: "a" }, { event_id: "mended" }, { event_id: "bad" });
            deliver("2026-11-21T04:30:00Z", { event_id: "a" });
            deliver("2026-11-21T05:10:00Z", { event_id: "a" }, { event_id: "mended" });
            refuse("2026-11-21T04:30:00Z", "1", ['{"event_id":"mended","x":"bad"}', '{"event_id":"bad"}']);
            refuse("2026-11-21T05:10:00Z", "2", ['{"event_id":"bad"}']);

            const { hours } = await keep();

            expect(hours.map(countsOf)).to.deep.equal([
                { ...nothing, accepted: 3, delivered: 1, failed: 2 },
                { ...nothing, accepted: 3, delivered: 1, failed: 1, duplicates: 1 },
            ]);
        });

        it("carry events without an id, as many as objects can hold that reach over it", async () => {
            const { accept, deliver, keep } = await createWorld();
            accept("2026-11-21T04:55:00Z", { n: 1 }, { n: 2 }, { n: 3 });
            deliver("2026-11-21T04:56:00Z", { n: 1 });
            deliver("2026-11-21T05:01:00Z", { n: 2 }, { n: 3 });
            accept("2026-11-21T05:58:00Z", { n: 4 });
            accept("2026-11-21T06:02:00Z", { n: 5 });
            deliver("2026-11-21T05:59:00Z", { n: 4 }, { n: 5 });

            const { hours } = await keep();

            expect(hours.map(countsOf)).to.deep.equal([
                { ...nothing, accepted: 3, delivered: 1, carried: 2 },
                { ...nothing, accepted: 1, delivered: 4, carried: -3 },
                { ...nothing, accepted: 1, carried: 1 },
            ]);
        });

        it("know what may have come over it from before the first hour", async () => {
            const { accept, deliver, keep } = await createWorld();
            accept("2026-11-21T04:58:00Z", { n: 1 });
            deliver("2026-11-21T05:01:00Z", { n: 1 });

            const { hours } = await keep({ from: "2026-11-21T05:30:00Z", to: "2026-11-21T05:40:00Z" });

            expect(hours.map(countsOf)).to.deep.equal([{ ...nothing, delivered: 1, carried: -1 }]);
        });
    });

    it("tell what Firehose delivered again from what was sent again", async () => {
        const { accept, deliver, put, refuse, keep } = await createWorld();
        accept(four, { event_id: "a" }, { event_id: "b" }, { event_id: "b" }, { n: 1 }, "bad");
        deliver(four, { event_id: "a" }, { event_id: "a" }, { event_id: "b" }, { event_id: "b" }, { n: 1 }, { n: 1 });
        const twin = "2026-11-21T04:20:00Z";
        put("backup/click/", twin, joined([{ event_id: "c" }]), "1");
        put("backup/click/", twin, joined([{ event_id: "c" }]), "2");
        put("raw/v0/click/", twin, joined([{ event_id: "c" }]), "1");
        put("raw/v0/click/", twin, joined([{ event_id: "c" }]), "2");
        put("raw/v0/click/", twin, joined([{ event_id: "b" }]), "3");
        refuse(four, "1", ["bad"]);

        const { hours } = await keep();

        expect(countsOf(hours[0]!)).to.deep.equal({
            ...{ ...nothing, accepted: 6, delivered: 4, failed: 1, duplicates: 1 },
            ...{ again: 4, carried: 0 },
        });
        expect(hours[0]!.notes.map((note) => note.replace(/:.*/, ""))).to.deep.equal([
            "written twice by Firehose",
            "written twice by Firehose",
        ]);
    });

    it("count a failed event once, though it was kept twice", async () => {
        const { accept, refuse, keep } = await createWorld();
        accept(four, "bad", { event_id: "worse", x: 1 });
        for (const record of ["1", "2"]) refuse(four, record, ["bad", '{"event_id":"worse","x":1}']);

        const { hours } = await keep();

        expect(countsOf(hours[0]!)).to.deep.equal({ ...nothing, accepted: 2, failed: 2 });
    });

    it("count records that Firehose gave up, once where their bad lines were kept before", async () => {
        const { accept, giveUp, refuse, keep } = await createWorld();
        const record = joined([{ event_id: "a" }, { n: 1 }, "bad"]);
        accept(four, { event_id: "a" }, { n: 1 }, "bad", { event_id: "b" });
        giveUp(four, [record]);
        refuse(four, record, ["bad"]);
        giveUp(four, ['{"event_id":"b"}'], "format-conversion-failed");

        const { hours } = await keep();

        expect(countsOf(hours[0]!)).to.deep.equal({ ...nothing, accepted: 4, failed: 4 });
    });

    it("tell of events that the backup does not have, beside the sum", async () => {
        const { deliver, refuse, keep } = await createWorld();
        deliver(four, { event_id: "a" }, { event_id: "a" });
        refuse(four, "1", ['{"event_id":"b"}']);

        const { hours } = await keep();

        expect(hours.map(countsOf)).to.deep.equal([{ ...nothing, unknown: 3 }]);
    });

    it("read failed lines of any bytes, and say what is none", async () => {
        const { accept, objects, keep } = await createWorld();
        accept(four, { event_id: "a" });
        const lines = [
            JSON.stringify({ reason: "bad", base64: Buffer.from('{"event_id":"a"}\n').toString("base64") }),
            "not JSON",
            "{}",
            "x".repeat(8 * 1024 * 1024 + 1),
        ];
        const key = "failed/click/normalize/2026/11/21/04/x.json.gz";
        objects.set(key, gzipSync(lines.join("\n")));

        const { hours } = await keep();

        expect(countsOf(hours[0]!)).to.deep.equal({ ...nothing, accepted: 1, failed: 1 });
        expect(hours[0]!.notes).to.deep.equal([`${key}: 3 lines are no failed events`]);
    });

    it("read what can be read of bad objects, and note them", async () => {
        const { accept, put, errors, keep } = await createWorld();
        const whole = joined(Array.from({ length: 5000 }, (_, index) => ({ event_id: `${index}` })));
        const packed = gzipSync(whole);
        accept(four, { event_id: "x" });
        const plain = put("backup/click/", four, Buffer.from(whole));
        const cut = put("backup/click/", four, packed.subarray(0, packed.length / 2));
        put("backup/click/", four, Buffer.alloc(0));
        const absent = accept("2026-11-21T04:40:00Z", { event_id: "gone" });
        errors.set(absent, Object.assign(new Error(), { name: "NoSuchKey" }));

        const { hours } = await keep();

        expect(hours[0]!.accepted).to.be.within(1000, 4999);
        expect(hours[0]!.notes.sort()).to.deep.equal(
            [
                `${plain}: not gzip`,
                `${cut}: not a whole gzip file (unexpected end of file): read up to there`,
                `${absent}: gone since it was listed`,
            ].sort(),
        );
    });

    it("stop where an object unpacks to more than any that Firehose writes", async () => {
        const { accept, context } = await createWorld();
        const key = accept(four, "a", "b", "c".repeat(100));
        const pieces: string[] = [];
        const place = { s3: context.s3, bucket: "lake", mostBytes: 100 };

        const note = await eachPiece(place, key, (piece) => pieces.push(String(piece)));

        expect(note).to.equal(`${key}: more than 100 bytes unpacked: read up to there`);
        expect(pieces.filter((piece) => piece.length > 1)).to.deep.equal([]);
    });

    it("fail of what may go away by trying again", async () => {
        const { accept, errors, keep } = await createWorld();
        errors.set(accept(four, {}), Object.assign(new Error("slow"), { name: "SlowDown" }));

        expect((await rejection(keep())).message).to.equal("slow");
        const Body = Readable.from([gzipSync("{}").subarray(0, 5)]);
        Body.on("data", () => Body.destroy(new Error("cut off")));
        const s3 = { send: async () => ({ Body }) } as unknown as S3Client;
        const place = { s3, bucket: "lake", mostBytes: 100 };
        expect((await rejection(eachPiece(place, "key", () => {}))).message).to.equal("cut off");
    });

    it("are not made up of more events than the function's memory holds, which concerns no other hour", async () => {
        const { accept, context } = await createWorld();
        accept("2026-11-21T03:10:00Z", { event_id: "a" });
        accept("2026-11-21T05:10:00Z", { event_id: "a" }, { event_id: "b" }, { event_id: "c" });
        const place = { s3: context.s3, bucket: "lake", mostBytes: 1000, mostEvents: 2 };
        const from = Date.parse("2026-11-21T03:00:00Z");

        const hours = judge({ place, timeLeft: () => 900_000, isFresh: true }, click, { from, to: from + 3 * hour });
        const [first, second, end] = [await hours.next(), await hours.next(), await hours.next()];

        expect(first.value).to.have.nested.property("books.accepted", 1);
        expect(second.value).to.have.deep.nested.property("books.notes", [
            "not made up: more than 2 events in one place",
        ]);
        expect(end).to.deep.equal({
            done: true,
            value: { ingest: "click", hour: "2026-11-21T05:00:00.000Z", carried: first.value!.carried },
        });
    });

    it("are answered as far as an answer reaches, and then go on", async () => {
        const ingests = Array.from({ length: 1001 }, (_, index) => ({ ...click, name: `${index}` }));
        const { accept, deliver, keep } = await createWorld({ ingests });
        accept("2026-11-21T06:10:00Z", { event_id: "a" });
        deliver("2026-11-21T06:10:00Z", { event_id: "a" });
        const request = { from: "2026-11-21T06:00:00Z" };

        const first = await keep(request);
        const second = await keep({ ...request, next: first.next });

        expect([first, second].map(({ hours }) => hours.length)).to.deep.equal([1000, 1]);
        expect(second.next).to.equal(undefined);
    });

    describe("of Parquet", () => {
        it("read the ids, and count rows without", async () => {
            const { accept, put, keep } = await createWorld({ ingests: [parquet] });
            accept(four, { event_id: "a" }, { event_id: "b" }, { n: 1 }, { n: 2 }, { n: 3 });
            put("raw/v0/click/", four, await parquetOf("VALUES ('a', 1), ('b', 2), (NULL, 3), ('', 4) t(event_id, n)"));
            put("raw/v0/click/", four, await parquetOf("VALUES (1) t(n)"));

            const { hours } = await keep();

            expect(countsOf(hours[0]!)).to.deep.equal({ ...nothing, accepted: 5, delivered: 5 });
        });

        it("note what is unreadable, and read the others; what may go away fails", async () => {
            const { accept, put, errors, keep } = await createWorld({ ingests: [parquet] });
            accept(four, { event_id: "a" }, { event_id: "b" });
            put("raw/v0/click/", four, await parquetOf("VALUES ('a') t(event_id)"));
            const bad = put("raw/v0/click/", "2026-11-21T04:20:00Z", Buffer.from("PAR1, but not really PAR1"));
            const absent = put("raw/v0/click/", "2026-11-21T04:30:00Z", Buffer.from("x"));
            errors.set(absent, Object.assign(new Error(), { name: "NoSuchKey" }));

            const { hours } = await keep();
            hours[0]!.notes.sort();
            errors.set(absent, Object.assign(new Error("slow"), { name: "SlowDown" }));

            expect(countsOf(hours[0]!)).to.deep.equal({ ...nothing, accepted: 2, delivered: 1, missing: 1 });
            expect(hours[0]!.notes[0]).to.match(new RegExp(`^${bad}: unreadable Parquet \\(.*\\): read up to there$`));
            expect(hours[0]!.notes[1]).to.equal(`${absent}: gone since it was listed`);
            expect((await rejection(keep())).message).to.equal("slow");
        });
    });

    it("leave out what a load balancer's log made, and say so", async () => {
        const { accept, deliver, objects, keep } = await createWorld({ ingests: [{ ...click, loadBalancer: true }] });
        accept(four, { event_id: "a" });
        deliver(four, { event_id: "a" });
        const log = "1_elasticloadbalancing_eu-west-1_app.web.1_20261121T0405Z_10.0.0.1_x.json.gz";
        objects.set(`raw/v0/click/2026/11/21/04/${log}`, gzipSync('{"event_id":"b"}\n'));

        const { hours, notCovered } = await keep();

        expect(hours.map(countsOf)).to.deep.equal([{ ...nothing, accepted: 1, delivered: 1 }]);
        expect(notCovered.map(({ ingest }) => ingest)).to.deep.equal(["click"]);
    });

    describe("of hours that are asked for", () => {
        it("are those that are closed, of ingests that there are", async () => {
            const other = { ...click, name: "other", backupPrefix: "backup/other/", layout: "hive_hour" };
            const { accept, put, objects, keep } = await createWorld({ ingests: [click, other] });
            accept("2026-11-21T06:10:00Z", { event_id: "a" });
            accept("2026-11-21T07:10:00Z", { event_id: "b" });
            put("backup/other/", four, joined([{ event_id: "c" }]));
            objects.set("raw/v0/click/year=2026/month=11/day=21/hour=04/x", gzipSync('{"event_id":"c"}'));

            const all = await keep({ from: "2026-11-21T04:00:00Z", to: "2026-11-22" });
            const open = await keep({ ingests: ["click"], open: true });
            const none = await keep({ from: "2026-11-21T07:30:00Z" });

            expect(all.hours.map(({ ingest, hour: of }) => [ingest, of.slice(11, 13)])).to.deep.equal([
                ["click", "06"],
                ["other", "04"],
            ]);
            expect(all.hours[1]).to.include({ delivered: 1 });
            expect(all.window.to).to.equal("2026-11-21T07:00:00.000Z");
            expect(open.hours).to.have.length(2);
            expect(none.hours).to.deep.equal([]);
            expect(none.window).to.deep.equal({ from: "2026-11-21T07:00:00.000Z", to: "2026-11-21T07:00:00.000Z" });
            expect((await rejection(keep({ ingests: ["clik"] }))).message).to.equal(
                "no ingest: clik: there are click, other",
            );
            expect((await rejection(keep({ from: "yesterday" }))).message).to.equal(
                "from: `yesterday` is no time: write it as 2026-11-21T04:00:00Z",
            );
        });

        it("go on where time ran out, and pass over what takes more than a whole invocation has", async () => {
            const { context, accept, keep } = await createWorld();
            for (const time of ["04", "05", "06"]) accept(`2026-11-21T${time}:59:00Z`, { n: time });
            const request = { from: "2026-11-21T04:00:00Z" };
            let asked = 0;

            const whole = await keep(request);
            context.timeLeft = () => (asked++ < 6 ? 900_000 : 0);
            const first = await keep(request);
            context.timeLeft = () => 900_000;
            const second = await keep({ ...request, next: first.next });
            context.timeLeft = () => 0;
            const passed = await keep(request);
            const last = await keep({ ...request, next: { ingest: "click", hour: "2026-11-21T06:00:00Z" } });

            expect(first.next).to.deep.equal({
                ...{ ingest: "click", hour: "2026-11-21T05:00:00.000Z", carried: { least: 1, most: 1 } },
            });
            expect([...first.hours, ...second.hours]).to.deep.equal(whole.hours);
            expect(passed.hours[0]).to.deep.include({
                notes: ["not made up: the time of an invocation is not enough"],
            });
            expect(passed.next).to.deep.equal({ ingest: "click", hour: "2026-11-21T05:00:00.000Z" });
            expect(last.next).to.equal(undefined);
        });
    });

    describe("by the hour", () => {
        it("write down the last hour at first, then each that has no row, and what was missing again", async () => {
            const { accept, deliver, clock, rows, keep } = await createWorld();
            accept("2026-11-21T06:10:00Z", { event_id: "a" });

            const first = await keep({ hourly: true });
            clock.now += 2 * hour;
            deliver("2026-11-21T06:10:00Z", { event_id: "a" });
            const second = await keep({ hourly: true });
            clock.now += hour;
            const third = await keep({ hourly: true });

            expect(first.hours.map(countsOf)).to.deep.equal([{ ...nothing, accepted: 1, missing: 1 }]);
            expect(first.lines[0]).to.deep.include({
                ...{ Pipeline: "web-dev", Ingest: "click", AcceptedEvents: 1, MissingEvents: 1 },
            });
            expect(first.lines[1]).to.include({ level: "warn", message: "books", missing: 1 });
            expect(second.hours.map((each) => [each.hour.slice(11, 13), each.missing])).to.deep.equal([
                ["06", 0],
                ["07", 0],
                ["08", 0],
            ]);
            expect(second.lines.map(({ level }) => level)).to.deep.equal(["info", "info", "info"]);
            expect(third.hours).to.have.length(1);
            const all = (await rows()) as Record<string, Record<string, unknown>>[];
            expect(all.map(({ subscriber }) => subscriber!.S)).to.deep.equal(
                ["06", "07", "08", "09"].map((each) => `2026-11-21T${each}`),
            );
            expect(all[0]).to.deep.include({ entry: { S: "books/click" }, accepted: { N: "1" }, missing: { N: "0" } });
        });

        it("pass on what is under way, keep notes, and leave to the next call what there was no time for", async () => {
            let left = 900_000;
            const other = { ...click, name: "other", backupPrefix: "backup/other/" };
            const { accept, clock, rows, keep, put } = await createWorld({
                ingests: [click, other],
                timeLeft: () => left,
            });
            accept("2026-11-21T06:58:00Z", { n: 1 });
            put("backup/click/", "2026-11-21T06:59:00Z", Buffer.from("plain"));
            await keep({ hourly: true });
            clock.now += hour;
            left = 0;
            const none = await keep({ hourly: true });
            clock.now += hour;
            left = 900_000;
            await keep({ hourly: true });

            expect(none.hours.map(({ notes }) => notes)).to.deep.equal([
                ["not made up: the time of an invocation is not enough"],
            ]);
            const all = (await rows()) as Record<string, Record<string, unknown>>[];
            expect(all.map(({ entry, subscriber }) => `${entry!.S} ${subscriber!.S}`)).to.deep.equal([
                ...["06", "07", "08"].map((each) => `books/click 2026-11-21T${each}`),
                ...["06", "07", "08"].map((each) => `books/other 2026-11-21T${each}`),
            ]);
            expect(all[0]).to.deep.include({ carriedLeast: { N: "1" }, carriedMost: { N: "1" } });
            expect((all[0]!.notes as { L: unknown[] }).L).to.have.length(1);
            expect(all[1]).to.not.have.property("carriedLeast");
        });

        it("follow each other in spans, with what the hour before left", () => {
            const carried = { least: 1, most: 2 };
            const at = (hours: number) => start + hours * hour;

            expect(spansOf([], at(0), at(24))).to.deep.equal([{ from: at(23), to: at(24), carried: undefined }]);
            expect(
                spansOf(
                    [
                        { hour: at(19), missing: 0, carried },
                        { hour: at(21), missing: 3 },
                        { hour: at(22), missing: 0, carried },
                    ],
                    at(0),
                    at(24),
                ),
            ).to.deep.equal([
                { from: at(20), to: at(22), carried },
                { from: at(23), to: at(24), carried },
            ]);
            expect(spansOf([{ hour: at(-1), missing: 0 }], at(0), at(2))).to.deep.equal([
                { from: at(0), to: at(2), carried: undefined },
            ]);
        });
    });
});

/** A Parquet file of what is selected. */
async function parquetOf(selected: string): Promise<Buffer> {
    const file = join(testRuntime().folder, "made.parquet");
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    await connection.run(
        `COPY (SELECT * FROM (${selected.replace(/ t\(.*/, "")}) ${selected.replace(/.* (t\(.*)/, "$1")}) TO '${file}'`,
    );
    connection.closeSync();
    instance.closeSync();
    return readFileSync(file);
}
