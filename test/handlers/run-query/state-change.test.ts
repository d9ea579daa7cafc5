import { expect } from "chai";
import { attemptOf } from "../../../handlers/shared/runs";
import { jsonError } from "../shared/fake-service";
import { createdObject } from "../shared/s3-event-messages";
import { battery, hour, stateChange, told, World, week } from "./world";

const object = createdObject(`${hour}a`, { versionId: "v1" });

describe("a run that ended", () => {
    for (const how of [
        { error: { Retryable: true } },
        { reason: "HIVE_CURSOR_ERROR: Please reduce your request rate. (Service: Amazon S3; Error Code: SlowDown)" },
        { reason: "GlueException: Rate exceeded" },
    ]) {
        it(`is started again, with another token: ${JSON.stringify(how)}`, async () => {
            const world = await started();

            const { failed } = await world.deliver([world.ended("run-0", "FAILED", how)]);

            expect(failed).to.deep.equal({});
            const [first, second] = world.athena.started;
            expect(second?.ClientRequestToken).to.not.equal(first?.ClientRequestToken);
            expect(second?.ExecutionParameters).to.deep.equal(first?.ExecutionParameters);
            expect(attemptOf(second?.QueryString)).to.deep.equal({ ...attemptOf(first?.QueryString), attempt: 2 });
            const [run] = await world.books.runs("battery");
            expect(run).to.include({ state: "started", attempt: 2, executionId: "run-1" });
            expect(world.notifications).to.deep.equal([]);
        });
    }

    it("is started three times in all, then a notification says why it failed", async () => {
        const world = await started();

        for (const id of ["run-0", "run-1", "run-2"]) {
            await world.deliver([world.ended(id, "FAILED", { error: { Retryable: true }, reason: "engine broke" })]);
        }

        const [run] = await world.books.runs("battery");
        expect(world.athena.started).to.have.length(3);
        expect(run).to.include({ state: "failed", reason: "engine broke", executionId: "run-2", attempt: 3 });
        expect(run?.endedAt).to.equal("2026-11-21T04:00:00.000Z");
        expect(world.notifications).to.deep.equal([
            {
                subject: "fleet: query battery failed",
                message: {
                    pipeline: "fleet",
                    query: "battery",
                    reason: "engine broke",
                    attempts: 3,
                    executionId: "run-2",
                    run: run?.token,
                    console:
                        "https://eu-west-1.console.aws.amazon.com/athena/home?region=eu-west-1#/query-editor/history/run-2",
                    objectCount: 1,
                    objects: [`s3://lake/${hour}a`],
                },
            },
        ]);
    });

    for (const [state, how] of [
        ["FAILED", { error: { Retryable: false }, reason: "INVALID_CAST_ARGUMENT: Cannot cast 'a' to BIGINT" }],
        ["FAILED", { reason: "COLUMN_NOT_FOUND: line 1:8" }],
        ["CANCELLED", { reason: "Query cancelled! : Bytes scanned limit was exceeded" }],
        ["CANCELLED", { reason: "SlowDown", error: { Retryable: true } }],
    ] as const) {
        it(`is not started again: ${state}, ${how.reason}`, async () => {
            const world = await started();

            const { lines } = await world.deliver([world.ended("run-0", state, how)]);

            const [run] = await world.books.runs("battery");
            expect(world.athena.started).to.have.length(1);
            expect(run).to.include({ state: "failed", reason: how.reason, attempt: 1 });
            expect(world.notifications.map(({ message }) => message.reason)).to.deep.equal([how.reason]);
            expect(lines[0]).to.include({ level: "error", message: "query failed", count: 1 });
            expect(lines[0]).to.include({ reason: `query "battery": ${how.reason}` });
        });
    }

    it("says what Athena says, be it little", async () => {
        const world = new World([battery]);
        for (const [key, error] of [
            ["b", { ErrorMessage: "no reason but this" }],
            ["c", undefined],
        ] as const) {
            await world.deliver([told(createdObject(hour + key))]);
            await world.deliver([world.ended(`run-${world.athena.runs.size - 1}`, "FAILED", { error })]);
        }

        expect(world.notifications.map(({ message }) => message.reason)).to.deep.equal([
            "no reason but this",
            "Athena says no more than FAILED",
        ]);
    });

    it("names fifty objects at most, and a subject of a hundred characters", async () => {
        const name = "q".repeat(100);
        const world = new World([{ ...week, name }]);
        const objects = Array.from({ length: 60 }, (_, index) => createdObject(`${hour}${index}`));
        await world.deliver([told(...objects)]);

        await world.deliver([world.ended("run-0", "FAILED")]);

        const [{ subject, message }] = world.notifications as [(typeof world.notifications)[0]];
        expect(subject).to.have.length(100);
        expect(message.objectCount).to.equal(60);
        expect(message.objects).to.have.length(50);
    });

    it("is seen to once, however often it is told", async () => {
        const world = await started();
        const failed = world.ended("run-0", "FAILED", { error: { Retryable: true } });
        await world.deliver([failed]);

        await world.deliver([failed, failed]);
        const final = world.ended("run-1", "CANCELLED", { reason: "by hand" });
        await world.deliver([final]);
        await world.deliver([final, failed]);

        expect(world.athena.started).to.have.length(2);
        expect(world.notifications).to.have.length(1);
    });

    it("is started again by the message that comes again, if the function died before it was", async () => {
        const world = await started();
        const failed = world.ended("run-0", "FAILED", { error: { Retryable: true } });
        world.athena.instead = () => jsonError("InternalServerException", "no");
        const first = await world.deliver([failed]);
        world.athena.instead = () => undefined;

        const second = await world.deliver([failed]);

        expect(first.failed).to.deep.equal({
            m0: ['query "fleet-dev-battery": InternalServerException: no'],
        });
        expect(second.failed).to.deep.equal({});
        expect(world.athena.started).to.have.length(2);
        expect((await world.books.runs("battery"))[0]).to.include({ state: "started", attempt: 2 });
    });

    it("stays as it is until its notification is sent", async () => {
        const world = await started();
        const failed = world.ended("run-0", "FAILED", { reason: "no" });
        world.topic.instead = () => ({ statusCode: 500, body: "" });
        const first = await world.deliver([failed]);
        world.topic.instead = () => undefined;

        await world.deliver([failed]);

        expect(first.failed).to.have.all.keys("m0");
        expect(world.notifications).to.have.length(1);
        expect((await world.books.runs("battery"))[0]).to.include({ state: "failed" });
    });

    it("is known by its statement, though the function died before it wrote down its id", async () => {
        const world = new World([battery]);
        await world.deliver([told(object)], { fate: { call: 3, side: "after" } });
        const [claimed] = await world.books.runs("battery");

        await world.deliver([world.ended("run-0", "FAILED", { reason: "no" })]);

        expect(claimed).to.include({ state: "claimed" }).and.not.have.property("executionId");
        expect((await world.books.runs("battery"))[0]).to.include({ state: "failed", executionId: "run-0" });
    });

    it("is left alone where it succeeded or goes on", async () => {
        const world = await started();

        for (const state of ["RUNNING", "SUCCEEDED"] as const) await world.deliver([world.ended("run-0", state)]);

        expect((await world.books.runs("battery"))[0]).to.include({ state: "started", attempt: 1 });
    });

    it("frees its objects: told of again, they are in a new run", async () => {
        const world = await started();
        await world.deliver([world.ended("run-0", "FAILED")]);

        await world.deliver([told(object)]);

        const runs = await world.books.runs("battery");
        expect(runs.map(({ state }) => state)).to.have.members(["failed", "started"]);
        expect(new Set(runs.map(({ token }) => token)).size).to.equal(2);
    });

    it("is ignored where it is another workgroup's, or a person's", async () => {
        const world = await started();
        world.athena.runs.set("by hand", {
            ...{ id: "run-9", state: "FAILED", at: 0 },
            input: { QueryString: "SELECT 1 -- run it", WorkGroup: "fleet-dev-battery" },
        });
        world.athena.runs.set("forgotten", {
            ...{ id: "run-8", state: "FAILED", at: 0 },
            input: { QueryString: `SELECT 1\n-- run ${"a".repeat(64)}/1`, WorkGroup: "fleet-dev-battery" },
        });

        const { failed, lines } = await world.deliver([
            stateChange("run-9", "fleet-dev-other"),
            stateChange("run-9", "fleet-dev-battery"),
            stateChange("run-8", "fleet-dev-battery"),
        ]);

        expect(failed).to.deep.equal({});
        expect(lines.map(({ message }) => message)).to.have.members([
            "run of another workgroup ignored",
            "run that is not the pipeline's ignored",
            "run that is not the pipeline's ignored",
        ]);
        expect(world.notifications).to.deep.equal([]);
    });

    it("is asked for when its objects are told of again: a stalled run, whose end was never told", async () => {
        const world = await started();
        Object.assign(world.athena.run("run-0"), { state: "FAILED", error: { Retryable: true } });

        await world.deliver([told(object)]);

        expect(world.athena.asked).to.deep.equal(["run-0"]);
        expect((await world.books.runs("battery"))[0]).to.include({ state: "started", attempt: 2 });
    });

    it("lets two workers hear of its end, and is started again once", async () => {
        const world = await started();
        const failed = world.ended("run-0", "FAILED", { error: { Retryable: true } });
        // Another worker is done with it between this one's reading and writing.
        let first = true;
        world.books.before = async (operation) => {
            if (operation !== "PutItem" || !first) return undefined;
            first = false;
            await world.deliver([failed]);
            return undefined;
        };

        const { failed: givenBack } = await world.deliver([failed]);

        expect(givenBack).to.deep.equal({});
        expect(world.athena.started).to.have.length(2);
        expect((await world.books.runs("battery"))[0]).to.include({ state: "started", attempt: 2 });
    });
});

/** A query that runs over an object. */
async function started(): Promise<World> {
    const world = new World([battery]);
    await world.deliver([told(object)]);
    return world;
}
