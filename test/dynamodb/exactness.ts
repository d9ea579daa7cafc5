import { setTimeout } from "node:timers/promises";
import { DeleteItemCommand, type TransactWriteItemsCommandInput } from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import fc from "fast-check";
import { type Death, type Event, expected, keepLogs, logged, World } from "../handlers/count-events/world";
import type { Place } from "./tables";

const keys = ["raw/a.json.gz", "raw/b.json.gz"];
const event: fc.Arbitrary<Event> = fc.record({
    device: fc.constantFrom("a", "b", "c"),
    at: fc.integer({ min: 0, max: 3 }).map((hour) => `2026-11-21 0${hour}:30:00`),
    volts: fc.integer({ min: -5, max: 5 }),
});
const death: fc.Arbitrary<Death> = fc.record({
    call: fc.integer({ min: 1, max: 5 }),
    side: fc.constantFrom("before", "after"),
});
/** An object is written, or an announcement delivered; of several workers, each with its own fate. */
const step = fc.oneof(
    fc.record({ put: fc.constantFrom(...keys), events: fc.array(event, { maxLength: 6 }) }),
    fc.record({
        deliver: fc.array(fc.tuple(fc.nat(), fc.option(death, { nil: undefined }), fc.boolean()), {
            minLength: 1,
            maxLength: 3,
        }),
    }),
);

/**
 * A DynamoDB that refuses a transaction over an item that another transaction is at, as AWS's does. DynamoDB Local takes
 * one after the other.
 */
function withConflicts(place: Place): Place {
    const busy = new Set<string>();
    return {
        ...place,
        connect() {
            const client = place.connect();
            client.middlewareStack.add(
                (next, { commandName }) =>
                    async (args) => {
                        if (commandName !== "TransactWriteItemsCommand") return next(args);
                        const items = itemsIn(args.input as TransactWriteItemsCommandInput);
                        if (items.some((item) => busy.has(item))) throw conflict(items.map((item) => busy.has(item)));
                        for (const item of items) busy.add(item);
                        try {
                            await setTimeout(1); // others come meanwhile
                            return await next(args);
                        } finally {
                            for (const item of items) busy.delete(item);
                        }
                    },
                { step: "build" },
            );
            return client;
        },
    };
}

/** Tables and keys of the items that a transaction is about. */
function itemsIn({ TransactItems = [] }: TransactWriteItemsCommandInput): string[] {
    return TransactItems.map(({ Put, Update, Delete }) => {
        const { TableName, ...rest } = (Put ?? Update ?? Delete)!;
        const { entry, subscriber, ...key } = "Item" in rest ? rest.Item! : rest.Key!;
        return JSON.stringify([TableName, entry ? [entry, subscriber] : key]);
    });
}

function conflict(items: boolean[]): Error {
    const CancellationReasons = items.map((isBusy) => ({ Code: isBusy ? "TransactionConflict" : "None" }));
    return Object.assign(new Error("Transaction cancelled"), {
        name: "TransactionCanceledException",
        CancellationReasons,
    });
}

/** `n` events, each in an hour of its own. */
export function hours(n: number, volts = 1): Event[] {
    const start = Date.UTC(2026, 0, 1);
    return Array.from({ length: n }, (_, index) => ({
        device: "a",
        at: new Date(start + index * 3_600_000).toISOString().slice(0, 19).replace("T", " "),
        volts,
    }));
}

/**
 * Counters and books are exact over any DynamoDB. `interleaved`: workers take turns call by call, in an order that is
 * found by chance and can be repeated; otherwise they run as fast as they can.
 */
export function describeExactness(
    place: () => Place,
    { runs, interleaved }: { runs: number; interleaved: boolean },
): void {
    keepLogs();

    it("counts every event of the newest versions once, whatever comes twice, late, in another order, or crashes", async () => {
        await fc.assert(
            fc.asyncProperty(
                fc.scheduler(),
                fc.array(step, { minLength: 2, maxLength: 12 }),
                async (scheduler, steps) => {
                    const world = await World.create(place());
                    if (interleaved) world.turn = () => scheduler.schedule(Promise.resolve());
                    const newest = new Map<string, Event[]>();
                    const announced: [key: string, sequencer: string][] = [];
                    const pending: typeof announced = [];
                    for (const each of steps) {
                        if ("put" in each) {
                            newest.set(each.put, each.events);
                            announced.push([each.put, world.put(each.put, each.events)]);
                            pending.push(announced.at(-1)!);
                        } else if (announced.length > 0) {
                            await all(each.deliver.map(([which, fate, again]) => deliver(which, fate, again)));
                        }
                    }
                    while (pending.length > 0) await all([deliver(-1)]);
                    if (announced.length > 0) await all([deliver(0, undefined, true)]);

                    const counters = await world.totals();
                    expect(counters).to.deep.equal(expected([...newest.values()].flat()));
                    expect(counters).to.deep.equal(await world.booked());

                    /** One that is pending, or any that ever was; what succeeds is no longer pending. */
                    async function deliver(which: number, fate?: Death, again = false) {
                        const from = again || pending.length === 0 ? announced : pending;
                        const [key, sequencer] = from.at(which < 0 ? which : which % from.length)!;
                        const { givenBack, died } = await world.deliver(key, sequencer, fate);
                        const at = pending.findIndex((each) => each[1] === sequencer);
                        if (givenBack.length === 0 && !died && at >= 0) pending.splice(at, 1);
                    }

                    async function all(deliveries: Promise<void>[]) {
                        const done = Promise.all(deliveries);
                        if (interleaved) await scheduler.waitFor(done);
                        else await done;
                    }
                },
            ),
            { numRuns: runs },
        );
    });

    it("goes on after a crash before and after every call, with an object of 250 counters that replaces another", async () => {
        const [first, second] = [hours(250), hours(120, 2)];
        let crashes = 0;
        for (const side of ["before", "after"] as const) {
            for (let call = 1; ; call++) {
                const world = await World.create(place());
                await world.deliver("raw/a.json.gz", world.put("raw/a.json.gz", first));
                const sequencer = world.put("raw/a.json.gz", second);

                const { died } = await world.deliver("raw/a.json.gz", sequencer, { call, side });
                await world.deliver("raw/a.json.gz", sequencer);

                expect(await world.totals(), `${side} call ${call}`).to.deep.equal(expected(second));
                expect(await world.booked(), `${side} call ${call}`).to.deep.equal(expected(second));
                if (!died) break;
                crashes++;
            }
        }
        expect(crashes).to.be.greaterThan(8);
    });

    for (const [what, before, newest] of [
        ["makes no difference", hours(1), hours(1)],
        ["is the first, and empty", undefined, []],
    ] as const) {
        it(`lets no worker write what it read before a newer version came that ${what}`, async () => {
            const world = await World.create(place());
            if (before) await world.deliver("raw/a.json.gz", world.put("raw/a.json.gz", before));
            const older = world.put("raw/a.json.gz", hours(2));
            let calls = 0;
            world.turn = async () => {
                // It has read the header, the object and the rows, and is about to write.
                if (++calls === 3) await world.deliver("raw/a.json.gz", world.put("raw/a.json.gz", [...newest]));
            };

            await world.deliver("raw/a.json.gz", older);

            expect(await world.totals()).to.deep.equal(expected([...newest]));
            expect(await world.booked()).to.deep.equal(expected([...newest]));
        });
    }

    it("reads an object anew that was announced without a sequencer, when another worker was faster", async () => {
        const world = await World.create(place());
        world.put("raw/a.json.gz", hours(2));
        let calls = 0;
        world.turn = async () => {
            if (++calls === 3) await world.deliver("raw/a.json.gz", world.put("raw/a.json.gz", hours(1)));
        };

        await world.deliver("raw/a.json.gz", undefined);

        expect(await world.totals()).to.deep.equal(expected(hours(1)));
        expect(await world.booked()).to.deep.equal(expected(hours(1)));
    });

    it("goes on with the rows of an object whose header has expired before them", async () => {
        const world = await World.create(place());
        await world.deliver("raw/a.json.gz", world.put("raw/a.json.gz", hours(2)));
        const [header] = await world.rows("object/");
        const Key = { entry: header!.entry, subscriber: header!.subscriber } as never;
        await world.place.client.send(new DeleteItemCommand({ TableName: world.ledger, Key }));

        const { givenBack } = await world.deliver("raw/a.json.gz", world.put("raw/a.json.gz", hours(3)));

        expect(givenBack).to.deep.equal([]);
        expect(await world.totals()).to.deep.equal(expected(hours(3)));
        expect(await world.booked()).to.deep.equal(expected(hours(3)));
    });

    for (const counters of [0, 1, 98, 99, 250]) {
        it(`counts an object of ${counters} counters, and nothing when it comes again`, async () => {
            const world = await World.create(place());
            const sequencer = world.put("raw/a.json.gz", hours(counters));

            await world.deliver("raw/a.json.gz", sequencer);
            await world.deliver("raw/a.json.gz", sequencer);

            expect(await world.totals()).to.deep.equal(expected(hours(counters)));
            expect(logged.map(({ message }) => message)).to.deep.equal([
                "object counted",
                "object accounted for already",
            ]);
            const [header] = await world.rows("object/");
            expect(header).to.deep.include({ outcome: { S: "done" }, events: { N: String(counters) } });
            expect(header!.revision!.N).to.equal(String(Math.max(1, Math.ceil(counters / 98))));
        });
    }

    it("cuts books that no item of 400 KB holds, and renews them where they can't be merged", async () => {
        const world = await World.create(place());
        const good = { device: "a", at: "2026-11-21 04:30:00", volts: 1 };
        const events = Array.from({ length: 250 }, (_, index) => ({ ...good, device: `${"d".repeat(2000)}${index}` }));
        await world.deliver("raw/a.json.gz", world.put("raw/a.json.gz", events));
        const before = await world.rows("applied/");
        world.now += 7 * 86_400_000;

        await world.deliver("raw/a.json.gz", world.put("raw/a.json.gz", [...events, good]));

        const rows = await world.rows("applied/");
        const [header] = await world.rows("object/");
        expect(before).to.have.length(3);
        expect(rows.every((row) => Number(row.expires!.N) > Number(header!.expires!.N))).to.equal(true);
        expect(await world.totals()).to.deep.equal(expected([...events, good]));
        expect(await world.booked()).to.deep.equal(await world.totals());
        expect(world.refusals).to.deep.equal([]);
    });

    it("counts objects of 8 workers that add to the same counters at once", async () => {
        const world = await World.create(place());
        const objects = Array.from({ length: 8 }, (_, index) => `raw/${index}.json.gz`);
        const sequencers = objects.map((key) => world.put(key, hours(20)));

        const results = await Promise.all(objects.map((key, index) => world.deliver(key, sequencers[index]!)));

        expect(results.flatMap(({ givenBack }) => givenBack)).to.deep.equal([]);
        expect(await world.totals()).to.deep.equal(expected(objects.flatMap(() => hours(20))));
    });

    it("counts objects of 8 workers whose transactions over the same counters refuse each other", async () => {
        const world = await World.create(withConflicts(place()));
        const objects = Array.from({ length: 8 }, (_, index) => `raw/${index}.json.gz`);
        let left = objects.map((key) => [key, world.put(key, hours(5))] as const);

        while (left.length > 0) {
            const results = await Promise.all(left.map(([key, sequencer]) => world.deliver(key, sequencer)));
            left = left.filter((_, index) => results[index]!.givenBack.length > 0);
        }

        expect(world.refusals).to.include.members(["TransactionCanceledException", "TransactionConflict"]);
        expect(await world.totals()).to.deep.equal(expected(objects.flatMap(() => hours(5))));
        expect(await world.booked()).to.deep.equal(await world.totals());
    });

    it("counts a message once that 8 workers have", async () => {
        const world = await World.create(place());
        const sequencer = world.put("raw/a.json.gz", hours(120));

        await Promise.all(Array.from({ length: 8 }, () => world.deliver("raw/a.json.gz", sequencer)));

        expect(await world.totals()).to.deep.equal(expected(hours(120)));
        expect(await world.booked()).to.deep.equal(expected(hours(120)));
        expect(world.refusals).to.include.members(["TransactionCanceledException", "ConditionalCheckFailed"]);
    });
}
