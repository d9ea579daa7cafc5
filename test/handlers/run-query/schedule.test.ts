import { expect } from "chai";
import { mostClaimed } from "../../../handlers/run-query/claim";
import type { CreatedObject } from "../../../handlers/shared/s3-events";
import { createdObject } from "../shared/s3-event-messages";
import { battery, hour, keysOf, told, World, week } from "./world";

describe("a query with a minimum interval", () => {
    it("runs at once over the first objects, and later over all that came meanwhile", async () => {
        const world = hourly(battery);
        await world.deliver([told(object("a"), object("b"))]);
        for (const key of ["c", "d", "e"]) {
            pass(world, 60);
            await world.deliver([told(object(key))]);
        }

        await wakeAll(world);

        expect(world.athena.started.map(keysOf)).to.deep.equal([
            ["a", "b"],
            ["c", "d", "e"],
        ]);
        expect(startTimes(world)).to.deep.equal([0, 3_600]);
        const [, run] = await world.books.runs("battery");
        expect(run).to.deep.include({ state: "started", count: 3, claimedAt: "2026-11-21T05:00:00.000Z" });
        expect(run?.objects.map(({ key }) => key)).to.deep.equal(["c", "d", "e"].map((key) => hour + key));
    });

    it("runs at once when the interval is over and nothing came in it", async () => {
        const world = hourly(week);
        await world.deliver([told(object("a"))]);
        pass(world, 3_600);

        await world.deliver([told(object("b"))]);

        expect(startTimes(world)).to.deep.equal([0, 3_600]);
        expect(world.sent).to.deep.equal([]);
    });

    it("sends itself on where the interval is longer than a message can wait", async () => {
        const world = hourly(week);
        await world.deliver([told(object("a"))]);
        await world.deliver([told(object("b"))]);

        const times = await wakeAll(world);

        expect(times).to.deep.equal([900, 1_800, 2_700, 3_600]);
        expect(startTimes(world)).to.deep.equal([0, 3_600]);
    });

    it("is woken once for all that arrives", async () => {
        const world = hourly(week);
        for (const key of ["a", "b", "c", "d"]) await world.deliver([told(object(key))]);

        expect(world.sent).to.have.length(1);
    });

    it("forgets wakes that come twice, or that another one has made superfluous", async () => {
        const world = hourly(week);
        await world.deliver([told(object("a"))]);
        await world.deliver([told(object("b"))]);
        const [wake] = world.sent.splice(0);
        world.time = wake!.at;
        await world.deliver([wake!.body]);

        await world.deliver([wake!.body, wake!.body]);

        expect(world.sent).to.have.length(1);
        await wakeAll(world);
        await world.deliver([wake!.body]);
        expect(startTimes(world)).to.deep.equal([0, 3_600]);
        expect(world.sent).to.deep.equal([]);
    });

    it("is woken though the function died before it had sent that message", async () => {
        for (const call of [3, 4, 5, 6, 7]) {
            for (const side of ["before", "after"] as const) {
                const world = hourly(battery);
                await world.deliver([told(object("a"))]);
                await world.deliver([told(object("b"))], { fate: { call, side } });
                pass(world, 362);

                await world.deliver([told(object("b"))]);
                await wakeAll(world);

                expect(world.athena.started.map(keysOf), `${side} ${call}`).to.deep.equal([["a"], ["b"]]);
                expect(startTimes(world), `${side} ${call}`).to.deep.equal([0, 3_600]);
            }
        }
    });

    it("starts what was closed though the function died before, by whatever message comes next", async () => {
        const world = hourly(battery);
        // Calls: the objects, the schedule, the claim, the schedule, the runs, the closing.
        await world.deliver([told(object("a"))], { fate: { call: 6, side: "after" } });
        expect(world.athena.started).to.deep.equal([]);

        await world.deliver([told(object("b"))]);

        expect(world.athena.started.map(keysOf)).to.deep.equal([["a"]]);
    });

    it("has several runs at a time where one can't name all objects", async () => {
        const world = hourly(battery);
        await world.deliver([told(object("first"))]);
        const objects = Array.from({ length: 3 * mostClaimed + 40 }, (_, index) => object(`${index}`));
        await world.deliver([told(...objects)]);

        await wakeAll(world);

        expect(world.athena.started.map((input) => keysOf(input).length)).to.deep.equal([1, 200, 134]);
        expect(startTimes(world)).to.deep.equal([0, 3_600, 3_600]);
    });

    it("has one run over whole tables however much came, of which it lists the first objects", async () => {
        const world = hourly(week);
        await world.deliver([told(object("first"))]);
        const objects = Array.from({ length: 3 * mostClaimed }, (_, index) => object(`${index}`));
        await world.deliver([told(...objects)]);

        await wakeAll(world);

        const runs = await world.books.runs("week");
        expect(runs.map(({ count }) => count)).to.deep.equal([1, 3 * mostClaimed]);
        expect(runs[1]?.objects).to.have.length(200);
        expect(world.athena.started).to.have.length(2);
    });

    it("closes so many runs as one transaction takes, and the rest in the next interval", async () => {
        const world = hourly({ ...battery, sql: ["-".repeat(262_144), ...battery.sql] }); // one object a run
        await world.deliver([told(object("first"))]);
        const objects = Array.from({ length: 55 }, (_, index) => object(`${index}`));
        await world.deliver([told(...objects)]);

        await wakeAll(world);

        expect(startTimes(world)).to.deep.equal([
            0,
            ...Array.from({ length: 50 }, () => 3_600),
            ...Array.from({ length: 5 }, () => 7_200),
        ]);
    });

    it("reads an object once that was written again while it waited", async () => {
        const world = hourly(battery);
        await world.deliver([told(object("first"))]);
        await world.deliver([told(object("a"))]);
        await world.deliver([told({ ...object("a"), eTag: "e2", sequencer: "0B" })]);

        await wakeAll(world);

        expect(world.athena.started.map(keysOf)).to.deep.equal([["first"], ["a"]]);
    });

    it("is closed once by two workers who find it due", async () => {
        const world = hourly(week);
        await world.deliver([told(object("a"))]);
        await world.deliver([told(object("b"))]);
        pass(world, 3_600);
        let first = true;
        world.books.before = async (operation) => {
            if (operation !== "TransactWriteItems" || !first) return undefined;
            first = false;
            await world.deliver([world.sent[0]!.body]);
            return undefined;
        };

        await world.deliver([world.sent[0]!.body]);

        expect(startTimes(world)).to.deep.equal([0, 3_600]);
    });

    it("keeps a newer schedule's wake where a worker was slow to note its own", async () => {
        const world = hourly(week);
        await world.deliver([told(object("a"))]);
        let first = true;
        world.books.before = async (operation) => {
            if (operation !== "PutItem" || !first) return undefined;
            first = false;
            // Meanwhile the query was woken, ran, and waits again.
            pass(world, 3_600);
            await world.deliver([world.sent.shift()!.body]);
            await world.deliver([told(object("c"))]);
            return undefined;
        };
        await world.deliver([told(object("b"))]);

        await wakeAll(world);

        expect(startTimes(world)).to.deep.equal([0, 3_600, 7_200]);
    });

    it("notes its wake though others joined the run meanwhile", async () => {
        const world = hourly(week);
        await world.deliver([told(object("a"))]);
        let first = true;
        world.books.before = async (operation) => {
            if (operation !== "PutItem" || !first) return undefined;
            first = false;
            await world.deliver([told(object("b"))]); // finds its object waiting: it sends a wake, too
            return undefined;
        };
        await world.deliver([told(object("b"))]);

        await wakeAll(world);

        expect(startTimes(world)).to.deep.equal([0, 3_600]);
    });

    it("gives the message back where the ledger refuses", async () => {
        for (const [operation, key] of [
            ["PutItem", "b"],
            ["TransactWriteItems", "c"],
        ]) {
            const world = hourly(week);
            await world.deliver([told(object("a"))]);
            await world.deliver([told(object("b"))], { fate: { call: 5, side: "before" } });
            world.books.before = (called) =>
                called === operation
                    ? { statusCode: 400, body: JSON.stringify({ __type: "ValidationException", message: "no" }) }
                    : undefined;

            const { failed } = await world.deliver([told(object(key!))]);

            expect(failed, operation).to.have.all.keys("m0");
        }
    });

    it("gives the wake back where the ledger refuses to close its runs", async () => {
        const world = hourly(week);
        await world.deliver([told(object("a"))]);
        await world.deliver([told(object("b"))]);
        pass(world, 3_600);
        world.books.before = (operation) =>
            operation === "TransactWriteItems"
                ? { statusCode: 400, body: JSON.stringify({ __type: "ValidationException", message: "no" }) }
                : undefined;

        const { failed } = await world.deliver([world.sent[0]!.body]);

        expect(failed).to.have.all.keys("m0");
    });

    it("is woken for nothing where it is gone, or nothing waits", async () => {
        const world = hourly(week);

        const { failed, lines } = await world.deliver([
            JSON.stringify({ wake: { query: "week", at: 1 } }),
            JSON.stringify({ wake: { query: "gone", at: 1 } }),
        ]);

        expect(failed).to.deep.equal({});
        expect(lines.map(({ message }) => message)).to.deep.equal(["wake of an unknown query ignored"]);
        expect(world.athena.started).to.deep.equal([]);
    });

    it("lets what waits go when a deployment takes the interval away", async () => {
        const world = hourly(week);
        await world.deliver([told(object("a"))]);
        await world.deliver([told(object("b"))]);
        world.queries = [week];

        await world.deliver([told(object("c"))]);
        await wakeAll(world);

        expect(world.athena.started).to.have.length(3);
        expect((await world.books.runs("week")).map(({ state }) => state)).to.deep.equal(Array(3).fill("started"));
    });
});

const start = Date.UTC(2026, 10, 21, 4);

function hourly(query: World["queries"][0]): World {
    return new World([{ ...query, minimumInterval: 3_600 }]);
}

function object(key: string): CreatedObject {
    return createdObject(hour + key);
}

function pass(world: World, seconds: number): void {
    world.time += seconds * 1000;
}

/** Delivers the messages that the function sends itself, when they come. Returns when, in seconds. */
async function wakeAll(world: World): Promise<number[]> {
    const times: number[] = [];
    for (let wake = world.sent.shift(); wake; wake = world.sent.shift()) {
        world.time = Math.max(world.time, wake.at);
        times.push((world.time - start) / 1000);
        await world.deliver([wake.body]);
    }
    return times;
}

/** When the runs were started, in seconds. */
function startTimes(world: World): number[] {
    return [...world.athena.runs.values()].map(({ at }) => (at - start) / 1000);
}
