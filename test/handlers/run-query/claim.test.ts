import { DeleteItemCommand } from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import { ledgerKey } from "../../../handlers/shared/ledger";
import { runEntry } from "../../../handlers/shared/ledger-contract";
import { jsonError } from "../shared/fake-service";
import { createdObject, s3Body, s3Record } from "../shared/s3-event-messages";
import { aPace, battery, hour, keysOf, told, World, week } from "./world";

const [a, b] = ["a", "b"].map((key) => createdObject(hour + key, { versionId: "v1", sequencer: "0A" })) as [
    ReturnType<typeof createdObject>,
    ReturnType<typeof createdObject>,
];

describe("the ledger of query runs", () => {
    it("says of every object which run has it, and of every run what its objects are", async () => {
        const world = new World([battery]);

        await world.deliver([told(a, b)]);

        const [run] = await world.books.runs("battery");
        expect(run).to.deep.equal({
            ...{ query: "battery", token: run!.token, state: "started", attempt: 1, revision: 2, count: 2 },
            objects: [
                { key: `${hour}a`, version: "v1" },
                { key: `${hour}b`, version: "v1" },
            ],
            executionId: "run-0",
            claimedAt: "2026-11-21T04:00:00.000Z",
            startedAt: "2026-11-21T04:00:00.000Z",
        });
        const [row] = await world.books.objectRows(`${hour}a`);
        expect(row).to.deep.include({
            subscriber: { S: "query/battery" },
            outcome: { S: "started" },
            version: { S: "v1" },
            sequencer: { S: "0A" },
            executionId: { S: run!.token },
        });
        expect(row).to.have.property("expires");
    });

    for (const call of [1, 2, 3, 4]) {
        for (const side of ["before", "after"] as const) {
            it(`has one run of an object though the function dies ${side} its call ${call}`, async () => {
                const world = new World([battery]);

                const { died } = await world.deliver([told(a)], { fate: { call, side } });
                const { failed } = await world.deliver([told(b), told(a)]);

                expect(died).to.equal(true);
                expect(failed).to.deep.equal({});
                expect(world.athena.started.flatMap(keysOf).sort()).to.deep.equal(["a", "b"]);
                expect((await world.books.runs("battery")).map(({ state }) => state)).to.not.include("claimed");
            });
        }
    }

    it("does with an older version nothing: it can't be read any more", async () => {
        const world = new World([battery]);
        await world.deliver([told({ ...a, versionId: "v2", sequencer: "0B" })]);

        await world.deliver([told(a)]);

        expect(world.athena.started).to.have.length(1);
    });

    it("takes of two versions in a batch the newer one, in any order", async () => {
        const newer = { ...a, versionId: "v2", sequencer: "0B" };
        for (const objects of [
            [a, newer],
            [newer, a],
        ]) {
            const world = new World([battery]);

            await world.deliver([told(...objects)]);

            const [run] = await world.books.runs("battery");
            expect(run?.objects).to.deep.equal([{ key: `${hour}a`, version: "v2" }]);
        }
    });

    for (const [what, again, runs] of [
        ["the same version without a sequencer", { ...a, sequencer: undefined }, 1],
        ["another version without a sequencer", { ...a, versionId: "v2", sequencer: undefined }, 2],
        ["another version id", { ...a, versionId: "v2", sequencer: "0B" }, 2],
    ] as const) {
        it(`starts ${runs} for ${what}`, async () => {
            const world = new World([battery]);
            await world.deliver([told(a)]);

            await world.deliver([told(again)]);

            expect(world.athena.started).to.have.length(runs);
        });
    }

    it("knows versions by tag and sequencer where the bucket keeps none", async () => {
        const world = new World([battery]);
        const object = (more: object) => createdObject(`${hour}a`, { eTag: "e1", sequencer: "0A", ...more });
        const runsAfter = async (more: object) => {
            await world.deliver([told(object(more))]);
            return world.athena.started.length;
        };

        expect(await runsAfter({ sequencer: undefined })).to.equal(1);
        expect(await runsAfter({})).to.equal(1);
        expect(await runsAfter({ sequencer: "0B" })).to.equal(1);
        expect(await runsAfter({ eTag: "e2", sequencer: "0C" })).to.equal(2);
        expect(await runsAfter({ eTag: "e2", sequencer: "0D" })).to.equal(3);
        expect(await runsAfter({ eTag: undefined, sequencer: "0E" })).to.equal(4);
    });

    it("starts a run for an object whose run it has forgotten", async () => {
        const world = new World([battery]);
        await world.deliver([told(a)]);
        const { client, table } = world.books.ledger;
        const [run] = await world.books.runs("battery");
        const Key = ledgerKey(runEntry(run!.token), "query/battery");
        await client.send(new DeleteItemCommand({ TableName: table, Key }));

        await world.deliver([told(a)]);

        expect(world.athena.started).to.have.length(2);
    });

    it("gives two workers who hear of the same objects at the same time different runs, or the same", async () => {
        const world = new World([battery]);
        let first = true;
        world.books.before = async (operation) => {
            if (operation !== "TransactWriteItems" || !first) return undefined;
            first = false;
            await world.deliver([told(a)]);
            return undefined;
        };

        const { failed } = await world.deliver([told(a, b)]);

        expect(failed).to.deep.equal({});
        expect(world.athena.started.map(keysOf)).to.deep.equal([["a"], ["b"]]);
    });

    it("waits a moment where others are in the way, and gives up in time", async () => {
        const world = new World([battery]);
        world.books.before = (operation) => {
            if (operation !== "TransactWriteItems") return undefined;
            const error = jsonError("TransactionCanceledException", "cancelled");
            const CancellationReasons = [{ Code: "TransactionConflict" }, { Code: "None" }];
            return { ...error, body: JSON.stringify({ ...JSON.parse(String(error.body)), CancellationReasons }) };
        };
        const waits: number[] = [];

        const { failed } = await world.deliver([told(a)], { pace: aPace(1_000, waits) });

        expect(failed).to.deep.equal({
            m0: ['query "battery": no time left: others change the ledger at the same time'],
        });
        expect(waits).to.deep.equal(Array.from({ length: 10 }, () => 100));
    });

    it("gives messages back where the ledger refuses", async () => {
        const world = new World([battery]);
        world.books.before = (operation) =>
            operation === "TransactWriteItems" ? jsonError("ValidationException", "no") : undefined;

        const { failed } = await world.deliver([told(a)]);

        expect(failed).to.deep.equal({ m0: ['query "battery": ValidationException: no'] });
    });

    it("is read to its end, though DynamoDB answers in parts", async () => {
        const world = new World([week]);
        const objects = Array.from({ length: 5 }, (_, index) => createdObject(`${hour}${index}`));
        await world.deliver([told(...objects)]);
        let asked = 0;
        const { answer } = world.books;
        world.books.answer = async (request) => {
            const answered = await answer.call(world.books, request);
            if (!request.headers["x-amz-target"]!.endsWith("BatchGetItem") || asked++ > 0) return answered;
            const { Responses } = JSON.parse(String(answered.body));
            const [kept, left] = [Responses.ledger.slice(0, 2), Responses.ledger.slice(2)];
            const Keys = left.map(({ entry, subscriber }: Record<string, unknown>) => ({ entry, subscriber }));
            const body = JSON.stringify({ Responses: { ledger: kept }, UnprocessedKeys: { ledger: { Keys } } });
            return { ...answered, headers: { "content-type": "application/x-amz-json-1.0" }, body };
        };

        await world.deliver([told(...objects)]);

        expect(asked).to.equal(3); // twice for the objects, once for their run
        expect(world.athena.started).to.have.length(1);
    });

    it("ends a message in peace whose run was started with another text, before a deployment", async () => {
        const world = new World([battery]);
        await world.deliver([told(a)], { fate: { call: 3, side: "after" } });
        world.queries = [{ ...battery, sql: ["SELECT 1 WHERE ", { newData: {} }] }];

        const { failed, lines } = await world.deliver([told(a)]);

        expect(failed).to.deep.equal({});
        expect(world.athena.started).to.have.length(1);
        expect(lines[0]).to.include({ level: "warn", message: "query had been started before its SQL was changed" });
    });

    it("goes on with other runs where one can't be started", async () => {
        const world = new World([battery]);
        await world.deliver([told(a)], { fate: { call: 2, side: "after" } });
        let calls = 0;
        world.athena.instead = () => (calls++ === 0 ? jsonError("InternalServerException", "no") : undefined);

        const { failed } = await world.deliver([told(a), told(b)]);

        expect(failed).to.have.all.keys("m0", "m1");
        expect(world.athena.started.map(keysOf)).to.deep.equal([["b"]]);
    });

    it("runs a replay again that shall be, once, and leaves what was announced to the run that has it", async () => {
        const world = new World([battery]);
        const replay = replayOf({ key: a.key, versionId: "v1" }, { replay: "r1", again: true });
        await world.deliver([told(a, b)]);

        await world.deliver([replayOf({ key: a.key, versionId: "v1" }, { replay: "r0" })]);
        const plain = world.athena.started.length;
        await world.deliver([replay, told(a)]);
        await world.deliver([told(a), replay]);
        await world.deliver([told(a)]);
        const once = world.athena.started.map(keysOf);
        await world.deliver([replayOf({ key: a.key, versionId: "v1" }, { replay: "r2", again: true })]);
        await world.deliver([replay]);

        expect(plain).to.equal(1);
        expect(once).to.deep.equal([["a", "b"], ["a"]]);
        expect(world.athena.started.map(keysOf)).to.deep.equal([["a", "b"], ["a"], ["a"]]);
        expect(new Set((await world.books.runs("battery")).map(({ token }) => token)).size).to.equal(3);
        const [row] = await world.books.objectRows(a.key);
        expect(row).to.deep.include({ sequencer: { S: "0A" }, again: { S: "r2" } });
    });

    it("runs a replay for one query for that alone", async () => {
        const other = { ...battery, name: "other" };
        const world = new World([battery, other]);

        await world.deliver([replayOf({ key: a.key }, { replay: "r1", query: "other" })]);
        const alone = world.athena.started.map(({ WorkGroup }) => WorkGroup);
        await world.deliver([replayOf({ key: a.key }, { replay: "r2", query: "other", again: true }), told(b)]);

        expect(alone).to.have.length(1);
        expect(alone[0]).to.match(/other$/);
        expect(
            world.athena.started.slice(1).map((run) => [run.WorkGroup!.replace(/.*-/, ""), keysOf(run)]),
        ).to.have.deep.members([
            ["battery", ["b"]],
            ["other", ["a", "b"]],
        ]);
    });
});

/** The message of a replay, which knows no sequencer. */
function replayOf({ key, ...object }: { key: string; versionId?: string }, eventpipeline: object): string {
    return s3Body({ ...s3Record(key, { sequencer: undefined, ...object }), eventpipeline });
}
