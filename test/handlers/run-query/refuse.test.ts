import { expect } from "chai";
import type { CreatedObject } from "../../../handlers/shared/s3-events";
import { jsonError } from "../shared/fake-service";
import { createdObject, s3Body, s3Record } from "../shared/s3-event-messages";
import { aPace, battery, hour, keysOf, told, World, week } from "./world";

const late = "raw/v0/ping/late.json";
const reason = "the key lies in none of the table's arrival_hour folders";

describe("an object that a query can't name", () => {
    it("is in the ledger as failed, and a notification says why; its message is done", async () => {
        const world = new World([battery]);

        const { failed, lines } = await world.deliver([told(version("v1", "0A"))]);

        expect(failed).to.deep.equal({});
        expect(world.athena.started).to.deep.equal([]);
        expect(await accountOf(world)).to.deep.equal({
            ...{ outcome: "failed", reason, version: "v1", sequencer: "0A", executionId: "invocation" },
            at: "2026-11-21T04:00:00.000Z",
        });
        expect(world.notifications).to.deep.equal([
            {
                subject: "fleet: query battery failed",
                message: {
                    ...{ pipeline: "fleet", query: "battery", reason, objectCount: 1, objects: [`s3://lake/${late}`] },
                    console:
                        "https://eu-west-1.console.aws.amazon.com/s3/object/lake?region=eu-west-1&prefix=raw%2Fv0%2Fping%2Flate.json",
                },
            },
        ]);
        expect(lines).to.deep.equal([
            {
                level: "error",
                message: "query failed",
                stage: "run-query",
                reason: `query "battery": ${reason}: ${late}`,
                count: 1,
            },
        ]);
    });

    it("is told of once, however often it is announced, and again at its next version", async () => {
        const world = new World([battery]);
        const first = told(version("v1", "0A"));
        await world.deliver([first, first]);
        await world.deliver([first]);
        const once = world.notifications.length;

        await world.deliver([told(version("v2", "0B"))]);
        await world.deliver([first]);

        expect(once).to.equal(1);
        expect(world.notifications).to.have.length(2);
        expect(await accountOf(world)).to.include({ outcome: "failed", version: "v2" });
    });

    it("is told of again where a replay insists, once", async () => {
        const world = new World([battery]);
        await world.deliver([told(version("v1", "0A"))]);
        const record = s3Record(late, { versionId: "v1", sequencer: undefined });
        const replay = s3Body({ ...record, eventpipeline: { replay: "r1", again: true } });

        await world.deliver([replay]);
        await world.deliver([replay]);

        expect(world.notifications).to.have.length(2);
        expect(await accountOf(world)).to.include({ outcome: "failed", sequencer: "0A", again: "r1" });
    });

    it("is no matter of a query over whole tables", async () => {
        const world = new World([week]);

        await world.deliver([told(createdObject(late))]);

        expect(world.athena.started).to.have.length(1);
        expect(world.notifications).to.deep.equal([]);
    });

    it("shares a notification with all that fail for the same reason, a hundred at a time", async () => {
        const world = new World([battery]);
        const objects = Array.from({ length: 120 }, (_, index) => createdObject(`raw/v0/ping/${index}`));
        const long = createdObject(hour + "k".repeat(1_000));

        const { lines } = await world.deliver([told(...objects, long)]);

        const told_ = world.notifications.map(({ message }) => [message.reason, message.objectCount]);
        expect(told_).to.have.deep.members([
            [reason, 98],
            [reason, 22],
            ["the key is with its bucket longer than the 1024 characters of Athena's parameters", 1],
        ]);
        expect(lines.map((line) => line.reason)).to.include(`query "battery": ${reason}: raw/v0/ping/0 and 97 more`);
        expect(world.books.rows().map(({ outcome }) => outcome!.S)).to.deep.equal(Array(121).fill("failed"));
    });

    it("is in a run once the query's table has its folder, though it was refused", async () => {
        const world = new World([battery]);
        await world.deliver([told(createdObject(late))]);
        world.queries = [{ ...battery, newData: { prefix: "raw/v0/ping/" } }];

        await world.deliver([told(createdObject(late))]);

        expect(world.athena.started).to.have.length(1);
        const [run] = await world.books.runs("battery");
        expect(run?.objects.map(({ key }) => key)).to.deep.equal([late]);
        expect(await accountOf(world)).to.include({ outcome: "started", executionId: run?.token });
    });

    it("is left to the run that has it, though the query's table has its folder no more", async () => {
        const world = new World([{ ...battery, newData: { prefix: "raw/v0/ping/" } }]);
        await world.deliver([told(createdObject(late))]);
        world.queries = [battery];

        await world.deliver([told(createdObject(late))]);

        expect(world.athena.started).to.have.length(1);
        expect(await accountOf(world)).to.include({ outcome: "started" });
        expect(world.notifications).to.deep.equal([]);
    });

    it("comes again until it is told and written down", async () => {
        const world = new World([battery]);
        const message = told(createdObject(late));
        world.topic.instead = () => ({ statusCode: 500, body: "" });
        const untold = await world.deliver([message, told(createdObject(`${hour}a`))]);
        world.topic.instead = () => undefined;
        world.books.before = (operation) =>
            operation === "TransactWriteItems" ? jsonError("ValidationException", "no") : undefined;
        const unwritten = await world.deliver([message]);
        const before = await accountOf(world);
        world.books.before = () => undefined;

        const { failed } = await world.deliver([message]);

        expect(untold.failed).to.have.all.keys("m0");
        expect(world.athena.started.map(keysOf)).to.deep.equal([["a"]]);
        expect(unwritten.failed).to.deep.equal({ m0: ['query "battery": ValidationException: no'] });
        expect(before).to.equal(undefined);
        expect(failed).to.deep.equal({});
        expect(await accountOf(world)).to.include({ outcome: "failed" });
        expect(world.notifications).to.have.length(2);
    });

    it("is written down at its newest version where another worker was between reading and writing", async () => {
        const world = new World([battery]);
        let isFirst = true;
        world.books.before = async (operation) => {
            if (operation !== "TransactWriteItems" || !isFirst) return undefined;
            isFirst = false;
            await world.deliver([told(version("v1", "0A"))]);
            return undefined;
        };
        const waits: number[] = [];

        const { failed } = await world.deliver([told(version("v2", "0B"))], { pace: aPace(60_000, waits) });

        expect(failed).to.deep.equal({});
        expect(waits).to.deep.equal([100]);
        expect(await accountOf(world)).to.include({ outcome: "failed", version: "v2" });
    });
});

function version(versionId: string, sequencer: string): CreatedObject {
    return createdObject(late, { versionId, sequencer });
}

/** What the ledger says of the object, without its key and expiry. */
async function accountOf(world: World): Promise<Record<string, string | undefined> | undefined> {
    const [row] = await world.books.objectRows(late);
    if (!row) return undefined;
    const { entry, subscriber, expires, ...account } = row;
    return Object.fromEntries(Object.entries(account).map(([name, { S }]) => [name, S]));
}
