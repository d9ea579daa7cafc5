import { expect } from "chai";
import fc from "fast-check";
import { keepLogs, logged } from "../count-events/world";
import { clicks, hour, start, World } from "./world";

const key = (name: string, folder = "2026/11/21/04") => `raw/v0/clicks/${folder}/${name}.json.gz`;

/** A world in which these objects have come, and were announced. */
async function worldWith(names: string[], changes: Partial<World> = {}, compaction = clicks): Promise<World> {
    const world = Object.assign(await World.create(compaction), changes);
    for (const name of names) world.put(key(name));
    return world;
}

/** A world in which the hour of these objects is to be seen to now. */
async function dueWorld(names: string[], changes: Partial<World> = {}): Promise<World> {
    const world = await worldWith(names, changes);
    while (world.queue.some(({ body }) => body.includes("Records"))) await world.deliver(world.queue[0]!);
    world.queue.splice(1);
    world.queue[0]!.at = world.now = start + hour + 600_000;
    return world;
}

describe("compacting", () => {
    keepLogs();

    it("waits until an hour is over and its last objects are there, by one message that sends itself on", async () => {
        const world = await worldWith(["a", "b"]);

        await world.deliver(world.queue[0]!);
        await world.deliver(world.queue[0]!);
        const { body, at } = world.queue[0]!;
        world.now = at;
        await world.deliver(world.queue[0]!);

        expect(JSON.parse(body)).to.deep.equal({
            wake: { interval: "2026-11-21T04", at: start + hour + 600_000 },
        });
        expect(at).to.equal(start + 900_000);
        expect(world.queue.map((message) => [message.body, message.at])).to.deep.equal([[body, start + 1_800_000]]);
        expect(world.executions).to.deep.equal([]);
    });

    it("makes Parquet of exactly the objects that are there, in the folders of the hour", async () => {
        const world = await worldWith(["a", "b", "it's c"]);

        await world.drain();

        expect(world.executions.map(({ statement }) => statement)).to.deep.equal([
            [
                'UNLOAD (SELECT "page", "event_id" FROM "clicks"',
                'WHERE "arrival_hour" IN (\'2026/11/21/04\') AND "$path" IN (' +
                    "'s3://lake/raw/v0/clicks/2026/11/21/04/a.json.gz', 's3://lake/raw/v0/clicks/2026/11/21/04/b.json.gz', " +
                    "'s3://lake/raw/v0/clicks/2026/11/21/04/it''s c.json.gz'))",
                "TO 's3://lake/athena/clicks_parquet/files/2026-11-21T04/1-1/' WITH (format = 'PARQUET', compression = 'SNAPPY')",
            ].join("\n"),
        ]);
        expect(world.parquetKeys()).to.deep.equal([
            "parquet/v0/clicks/year=2026/month=11/day=21/hour=04/run-1-0000.parquet",
            "parquet/v0/clicks/year=2026/month=11/day=21/hour=04/run-1-0001.parquet",
        ]);
        expect(world.parquet()).to.deep.equal(world.json());
        expect(logged.at(-1)).to.include({ message: "interval compacted", interval: "2026-11-21T04", count: 2 });
    });

    it("names the folders of Hive's layout, and takes a day together", async () => {
        const world = await World.create({ ...clicks, every: "day", partition: ["year", "month", "day", "hour"] });
        for (const at of ["04", "05"]) world.put(key("a", `year=2026/month=11/day=21/hour=${at}`));

        await world.drain();

        expect(world.executions).to.have.length(1);
        expect(world.executions[0]!.statement).to.include(
            `WHERE "year" IN ('2026') AND "month" IN ('11') AND "day" IN ('21') AND "hour" IN ('04', '05') AND`,
        );
        expect(world.parquetKeys()[0]).to.match(/^parquet\/v0\/clicks\/year=2026\/month=11\/day=21\/run-1-0000/);
        expect(world.now).to.be.at.least(start + 20 * hour + 600_000);
    });

    it("adds what comes late as files of their own, some time after, together", async () => {
        const world = await worldWith(["a"]);
        await world.drain();
        world.now = start + 9 * hour;
        for (const name of ["b", "c"]) world.put(key(name));

        await world.drain();

        expect(world.executions).to.have.length(2);
        expect(world.parquet()).to.deep.equal(world.json());
        expect(world.now).to.be.within(start + 9 * hour + 600_000, start + 9 * hour + 1_200_000);
    });

    it("does nothing for an object that is announced again, be it after years", async () => {
        const world = await worldWith(["a"]);
        await world.drain();
        world.now += 1_000 * 24 * hour;
        world.announce(key("a"));

        await world.drain();

        expect(world.executions).to.have.length(1);
        const rows = (await world.ledger()).filter((row) => String(row.subscriber!.S).startsWith("run/"));
        expect(rows.map((row) => row.expires)).to.deep.equal([undefined]);
    });

    it("ignores objects of other buckets and in no hour's folder, and messages for other intervals", async () => {
        const world = await World.create();
        for (const folder of ["2026/11/21", "2026/02/30/04", "2026/11/21/24", "year=2026/month=11/day=21/hour=04"])
            world.put(key("a", folder));
        world.announce("elsewhere/2026/11/21/04/a.json.gz");
        const s3 = { bucket: { name: "other" }, object: { key: key("a") } };
        for (const body of [
            JSON.stringify({ Records: [{ eventName: "ObjectCreated:Put", s3 }] }),
            JSON.stringify({ wake: { interval: "2026-11-21", at: 0 } }),
            JSON.stringify({ wake: { interval: "2026-11-21T25", at: 0 } }),
        ])
            world.queue.push({ body, at: start, receives: 0 });

        await world.drain();

        expect(world.executions).to.deep.equal([]);
        expect(await world.ledger()).to.deep.equal([]);
        expect(logged.map(({ message }) => message)).to.deep.equal([
            ...Array(6).fill("object that is in no hour's folder ignored"),
            ...Array(2).fill("interval of another compaction ignored"),
        ]);
    });

    it("looks again each minute while Athena is at work", async () => {
        const world = await dueWorld(["a"], { running: 2 });

        await world.drain();

        expect(world.now).to.equal(start + hour + 600_000 + 3 * 60_000);
        expect(world.parquet()).to.deep.equal(world.json());
    });

    it("reads all pages of a long listing, and cuts what one statement can't name", async () => {
        const names = Array.from({ length: 1_200 }, (_, index) => String(index));
        const world = await World.create();
        for (const name of names) world.objects.set(key(name), [key(name)]);
        for (const index of [1, 2, 3]) world.objects.set(key(`${index}${"x".repeat(900)}`), [`long ${index}`]);
        world.page = 500;
        world.announce(key("1"));

        await world.drain();

        expect(world.executions).to.have.length(2);
        expect(world.parquet()).to.have.length(1_203);
    });

    it("cuts a statement before it grows too long", async () => {
        const world = await World.create();
        const names = Array.from({ length: 300 }, (_, index) => `${index}${"x".repeat(900)}`);
        for (const name of names) world.objects.set(key(name), [key(name)]);
        world.announce(key(names[0]!));

        await world.drain();

        expect(world.executions).to.have.length(2);
        expect(world.executions.every(({ statement }) => statement.length < 262_144)).to.equal(true);
        expect(world.parquet()).to.deep.equal(world.json());
    });

    it("adds nothing where the objects hold no rows, or are gone", async () => {
        const world = await dueWorld(["a"]);
        world.objects.set(key("a"), []);

        await world.drain();

        expect(world.executions.map(({ state }) => state)).to.deep.equal(["SUCCEEDED"]);
        expect(world.parquetKeys()).to.deep.equal([]);
    });

    it("adds nothing where nothing is there", async () => {
        const world = await dueWorld(["a"]);
        world.objects.delete(key("a"));

        await world.drain();

        expect(world.executions).to.deep.equal([]);
    });

    it("starts a run that failed again, each time into a folder of its own", async () => {
        const world = await worldWith(["a"], { fates: ["FAILED", "CANCELLED"] });

        await world.drain();

        expect(world.executions.map(({ statement }) => /files\/([^']*)/.exec(statement)![1])).to.deep.equal([
            "2026-11-21T04/1-1/",
            "2026-11-21T04/1-2/",
            "2026-11-21T04/1-3/",
        ]);
        expect(world.parquet()).to.deep.equal(world.json());
        expect(logged.filter(({ level }) => level === "warn").map(({ reason }) => reason)).to.deep.equal([
            "throttled",
            "Athena says no more than CANCELLED",
        ]);
    });

    it("gives up a run that fails three times, until its message is redriven", async () => {
        const world = await dueWorld(["a"], { fates: ["FAILED", "FAILED", "FAILED"] });
        await world.drain();
        const attempts = world.executions.length;
        const dead = world.dead.map(({ body }) => JSON.parse(body).wake.interval);
        world.redrive();
        const reason = await world.deliver(world.queue[0]!);
        world.now += 3 * hour;

        await world.drain();

        expect([attempts, dead]).to.deep.equal([3, ["2026-11-21T04"]]);
        expect(reason).to.equal("Error: 2026-11-21T04: run 1 failed: throttled");
        expect(world.executions).to.have.length(4);
        expect(world.parquet()).to.deep.equal(world.json());
    });

    it("brings other runs of the interval forward though one fails", async () => {
        const world = await dueWorld(["a"], { fates: ["FAILED", "FAILED", "FAILED"] });
        await world.drain();
        world.put(key("b"));

        await world.drain();

        expect(world.parquet()).to.deep.equal([key("b")]);
    });

    it("takes each object once and starts each run once, though several workers are woken at once", async () => {
        await fc.assert(
            fc.asyncProperty(fc.scheduler(), fc.boolean(), async (scheduler, late) => {
                const world = await dueWorld(["a", "b"]);
                world.turn = () => scheduler.schedule(Promise.resolve());
                const works = [1, 2, 3].map(() => world.deliver(world.queue[0]!, undefined, true));
                const comes = scheduler.schedule(Promise.resolve()).then(() => {
                    if (late) world.objects.set(key("c"), [key("c")]);
                });
                await scheduler.waitFor(Promise.all([...works, comes]));
                world.turn = async () => {};

                await world.drain();

                expect(world.parquet()).to.deep.equal(world.json());
                expect(world.dead).to.deep.equal([]);
                expect(world.executions.length).to.equal((await runsOf(world)).length);
            }),
            { numRuns: 60 },
        );
    });

    it("lets no worker put a run in the place of one that another has added meanwhile", async () => {
        const world = await dueWorld(["a"]);
        world.turn = async (operation) => {
            if (operation !== "PutItemCommand") return;
            world.turn = async () => {};
            world.objects.set(key("b"), [key("b")]);
            await world.deliver(world.queue[0]!, undefined, true);
        };
        await world.deliver(world.queue[0]!, undefined, true);
        const runs = await runsOf(world);

        await world.drain();

        expect(runs).to.deep.equal([{ state: "done", attempt: "1", objects: ["a", "b"] }]);
        expect(world.parquet()).to.deep.equal(world.json());
        expect(world.dead).to.deep.equal([]);
    });

    it("lets no slow worker take a run back that another has brought to its end", async () => {
        const world = await dueWorld(["a"], { fates: ["FAILED"] });
        await world.deliver(world.queue[0]!, undefined, true);
        world.turn = async (operation) => {
            if (operation !== "UpdateItemCommand") return;
            world.turn = async () => {};
            for (const _ of ["failed, again", "done"]) await world.deliver(world.queue[0]!, undefined, true);
        };
        await world.deliver(world.queue[0]!, undefined, true);

        expect(await runsOf(world)).to.deep.equal([{ state: "done", attempt: "2", objects: ["a"] }]);
        expect(world.parquet()).to.deep.equal(world.json());
    });

    it("gives a message back where a service refuses, naming the interval", async () => {
        for (const operation of ["GetItemCommand", "SendMessageCommand"]) {
            const world = await worldWith(["a"]);
            world.instead = refuse(operation);

            const reason = await world.deliver(world.queue[0]!);

            expect(reason, operation).to.equal("Error: 2026-11-21T04: Throttled: too much");
        }
        for (const operation of ["PutItemCommand", "StartQueryExecutionCommand", "UpdateItemCommand"]) {
            const world = await dueWorld(["a"]);
            world.instead = refuse(operation);

            const reason = await world.deliver(world.queue[0]!);

            expect(reason, operation).to.equal("Error: 2026-11-21T04: Throttled: too much");
            world.instead = () => undefined;
            await world.drain();
            expect(world.parquet(), operation).to.deep.equal(world.json());
        }
    });

    it("copies what is missing of a run whose worker died between two copies", async () => {
        const world = await dueWorld(["a", "b", "c"], { files: 3 });
        let copies = 0;
        world.instead = (command) =>
            command.constructor.name === "CopyObjectCommand" && ++copies === 2 ? refuse("")(command, true) : undefined;
        await world.deliver(world.queue[0]!);
        world.now += 60_000;
        const reason = await world.deliver(world.queue[0]!);

        await world.drain();

        expect(reason).to.include("Throttled");
        expect(world.parquet()).to.deep.equal(world.json());
        expect(world.executions).to.have.length(1);
    });

    it("refuses a manifest that names files elsewhere", async () => {
        const world = await dueWorld(["a"]);
        await world.deliver(world.queue[0]!);
        world.now += 60_000;
        world.instead = ({ constructor: { name } }) =>
            name === "GetObjectCommand" ? { Body: { transformToString: async () => "s3://lake/secret\n" } } : undefined;

        const reason = await world.deliver(world.queue[0]!);

        expect(reason).to.include("names a file that lies elsewhere: s3://lake/secret");
        expect(world.parquetKeys()).to.deep.equal([]);
    });

    it("gives up where others always add runs before it", async () => {
        const world = await dueWorld(["a"]);
        world.instead = ({ constructor: { name } }) => {
            if (name !== "PutItemCommand") return undefined;
            throw Object.assign(new Error("no"), { name: "ConditionalCheckFailedException" });
        };

        const reason = await world.deliver(world.queue[0]!);

        expect(reason).to.include("too many others add runs at the same time");
    });

    it("leaves a failed attempt to the worker that was faster", async () => {
        const world = await dueWorld(["a"], { fates: ["FAILED"] });
        await world.deliver(world.queue[0]!);
        world.now += 60_000;
        await Promise.all([1, 2].map(() => world.deliver(world.queue[0]!, undefined, true)));

        await world.drain();

        expect(world.executions).to.have.length(2);
        expect(world.parquet()).to.deep.equal(world.json());
    });
});

/** The ledger's rows of runs, of each object its name. */
async function runsOf(world: World) {
    const rows = (await world.ledger()).filter((row) => String(row.subscriber!.S).startsWith("run/"));
    return rows.map(({ state, attempt, objects }) => ({
        state: state!.S,
        attempt: attempt!.N,
        objects: (objects!.L as { S: string }[]).map(({ S }) => /(\w+)\.json\.gz$/.exec(S)![1]),
    }));
}

function refuse(operation: string) {
    return ({ constructor: { name } }: { constructor: { name: string } }, always = false) => {
        if (always || name === operation) throw Object.assign(new Error("too much"), { name: "Throttled" });
        return undefined;
    };
}
