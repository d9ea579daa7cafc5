import { expect } from "chai";
import fc from "fast-check";
import type { HourBooks } from "../../../handlers/books/contract";
import { click, createWorld, hour, joined, minute } from "./world";

/** An event of a record; `back` records before, one with this id was sent already. */
interface Event {
    id?: string;
    isBad: boolean;
    text: string;
}

/** A record, as Firehose accepts it. */
interface Arrived {
    at: number;
    events: Event[];
    newline: boolean;
    /** Whether an object ends with it. */
    cuts: { backup: boolean; table: boolean };
    /** Whether Firehose delivers it twice. */
    again: boolean;
}

const begin = Date.parse("2026-11-21T02:30:00Z");
/** Firehose's longest buffer. */
const buffer = 15 * minute;

describe("books of whatever is sent, cut, sent again and delivered again", function () {
    this.timeout(120_000);

    it("are those of a plain model, with a table's object lost or not", async () => {
        await fc.assert(
            fc.asyncProperty(arrivals(fc.constant(true)), fc.option(fc.nat()), async (records, lost) => {
                const backup = objectsOf(records, ({ cuts }) => cuts.backup);
                const table = tableOf(records);
                const left = table.filter((_, index) => lost === null || index !== lost % table.length);

                const hours = await booksOf(records, backup, left);

                expect(hours.filter(({ accepted }) => accepted > 0).map(rowOf)).to.deep.equal(model(backup, left));
            }),
            { numRuns: 100 },
        );
    });

    it("balance without ids, too, and miss nothing that is there", async () => {
        await fc.assert(
            fc.asyncProperty(arrivals(fc.boolean()), async (records) => {
                const hours = await booksOf(
                    records,
                    objectsOf(records, ({ cuts }) => cuts.backup),
                    tableOf(records),
                );

                const accepted = hours.reduce((sum, each) => sum + each.accepted, 0);
                expect(accepted).to.equal(records.flatMap(({ events }) => events).length);
                for (const { accepted, delivered, failed, duplicates, missing, carried } of hours) {
                    expect(missing).to.equal(0);
                    expect(delivered + failed + duplicates + carried).to.equal(accepted);
                }
            }),
            { numRuns: 100 },
        );
    });
});

/** By hour of the backup's folders: what came of each event in the order in which they were accepted. */
function model(backup: Arrived[][], table: Arrived[][]) {
    const delivered = new Set(table.flatMap((object) => object.flatMap(({ events }) => events.map(({ id }) => id))));
    const seen = new Set<string | undefined>();
    const hours = new Map<string, ReturnType<typeof rowOf>>();
    for (const object of backup) {
        const name = timeOf(object).slice(0, 13);
        const row = hours.get(name) ?? { hour: name, accepted: 0, delivered: 0, failed: 0, duplicates: 0, missing: 0 };
        hours.set(name, row);
        for (const { id, isBad } of object.flatMap(({ events }) => events)) {
            row.accepted++;
            if (isBad) row.failed++;
            else if (seen.has(id)) row.duplicates++;
            else if (delivered.has(id)) row.delivered++;
            else row.missing++;
            if (!isBad) seen.add(id);
        }
    }
    return [...hours.values()];
}

function rowOf({ hour, accepted, delivered, failed, duplicates, missing }: Omit<HourBooks, "ingest">) {
    return { hour: hour.slice(0, 13), accepted, delivered, failed, duplicates, missing };
}

function arrivals(isNamed: fc.Arbitrary<boolean>): fc.Arbitrary<Arrived[]> {
    const event = fc.record({ back: fc.nat({ max: 2 }), which: fc.nat({ max: 3 }), isNamed });
    const record = fc.record({
        ...{ gap: fc.nat({ max: 9 }), events: fc.array(event, { minLength: 1, maxLength: 4 }) },
        ...{ newline: fc.boolean(), again: fc.boolean() },
        cuts: fc.record({ backup: fc.boolean(), table: fc.boolean() }),
    });
    return fc.array(record, { maxLength: 30 }).map((records) => {
        let at = begin;
        return records.map(({ gap, events, ...rest }, index) => {
            at += gap * minute;
            return {
                at,
                ...rest,
                events: events.map(({ back, which, isNamed }) => eventOf(index - back, which, isNamed)),
            };
        });
    });
}

/** Every fourth is no event that the table takes. */
function eventOf(record: number, which: number, isNamed: boolean): Event {
    const id = `${record}-${which}`;
    const isBad = which === 3;
    const text = JSON.stringify({ ...(isNamed && { event_id: id }), [isBad ? "bad" : "good"]: { n: [which] } });
    return { ...(isNamed && { id }), isBad, text };
}

/** What `normalize` passes on, as objects. */
function tableOf(records: Arrived[]): Arrived[][] {
    const good = records.map((each) => ({ ...each, events: each.events.filter(({ isBad }) => !isBad) }));
    const passed = good.filter(({ events }) => events.length > 0);
    return objectsOf(
        passed.flatMap((each) => (each.again ? [each, each] : [each])),
        ({ cuts }) => cuts.table,
    );
}

/** Records that follow each other, until an object is full or its buffer's time is over. */
function objectsOf(records: Arrived[], isCut: (record: Arrived) => boolean): Arrived[][] {
    const objects: Arrived[][] = [];
    let isFull = true;
    for (const record of records) {
        if (isFull || record.at - objects.at(-1)![0]!.at >= buffer) objects.push([]);
        objects.at(-1)!.push(record);
        isFull = isCut(record);
    }
    return objects;
}

async function booksOf(records: Arrived[], backup: Arrived[][], table: Arrived[][]): Promise<HourBooks[]> {
    const world = await createWorld({ ingests: [{ ...click, bufferSeconds: 1200 }] });
    world.clock.now = begin + 24 * hour;
    for (const object of backup) {
        const texts = object.map(
            ({ events, newline }) => events.map(({ text }) => text).join("\n") + (newline ? "\n" : ""),
        );
        world.put("backup/click/", timeOf(object), texts.join(""));
    }
    for (const object of table) {
        const texts = object.flatMap(({ events }) => events.map(({ text }) => text));
        world.put("raw/v0/click/", timeOf(object), joined(texts));
    }
    for (const [index, { at, events }] of records.entries()) {
        const bad = events.filter(({ isBad }) => isBad).map(({ text }) => text);
        if (bad.length > 0) world.refuse(new Date(at).toISOString(), `record ${index}`, bad);
    }
    return (await world.keep({ from: "2026-11-21T00:00:00Z" })).hours;
}

function timeOf(object: Arrived[]): string {
    return new Date(object[0]!.at).toISOString();
}
