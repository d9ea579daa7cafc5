import { expect } from "chai";
import fc from "fast-check";
import { mostClaimed } from "../../../handlers/run-query/claim";
import type { MappedQuery } from "../../../handlers/run-query/contract";
import { maxSqlBytes } from "../../../handlers/run-query/statement";
import type { CreatedObject } from "../../../handlers/shared/s3-events";
import { jsonError } from "../shared/fake-service";
import { createdObject, s3Body, s3Record } from "../shared/s3-event-messages";
import { throttled } from "./fake-athena";
import { aPace, battery, hour, isRunOf, keysOf, names, told, World, week } from "./world";

describe("runQueries", () => {
    it("starts a query in its workgroup, over the pipeline's database", async () => {
        const { world, athena, failed, lines } = await run({
            queries: [battery],
            messages: [[createdObject(`${hour}a`)]],
        });

        expect(failed).to.deep.equal({});
        expect(athena.started).to.have.length(1);
        expect(athena.started[0]).to.deep.include({
            ExecutionParameters: [`'s3://lake/${hour}a'`, "'2026/11/21/04'"],
            QueryExecutionContext: { Catalog: "AwsDataCatalog", Database: "fleet_dev" },
            WorkGroup: "fleet-dev-battery",
        });
        const [claimed] = await world.books.runs("battery");
        expect(athena.started[0]?.QueryString).to.equal(
            `SELECT * FROM ping WHERE ("$path" IN (?) AND arrival_hour IN (?))\n-- run ${claimed!.token}/1`,
        );
        expect(athena.started[0]?.ClientRequestToken).to.match(/^[0-9a-f]{64}$/);
        expect(lines).to.deep.equal([
            {
                level: "info",
                message: "query started",
                stage: "run-query",
                query: "battery",
                executionId: "run-0",
                count: 1,
            },
        ]);
    });

    it("leaves a run's row alone that another worker has written since it was started", async () => {
        const world = new World([battery]);
        const message = told(createdObject(`${hour}a`));
        world.listen = async (act) => ({ result: await act(), lines: [] });
        world.turn = async () => {
            if (world.athena.started.length === 0) return;
            world.turn = async () => {};
            await world.deliver([message]);
            world.time += 60_000;
        };

        await world.deliver([message]);

        const [row] = await world.books.runs("battery");
        expect(world.athena.started).to.have.length(1);
        expect(row).to.include({ state: "started", executionId: "run-0", startedAt: "2026-11-21T04:00:00.000Z" });
    });

    it("sends no parameters where there are none", async () => {
        const { athena } = await run({ queries: [week], messages: [[createdObject(`${hour}a`)]] });

        expect(athena.started[0]).to.not.have.property("ExecutionParameters");
    });

    it("starts every query of every matching prefix, and no other", async () => {
        const queries = ["raw/", "raw/v0/ping/", "raw/v0/ping/", "raw/v0/pin", "raw/v0/pong/", "processed/"].map(
            (trigger, index) => ({ ...week, name: `q${index}`, trigger }),
        );

        const { athena } = await run({ queries, messages: [[createdObject(`${hour}a`)]] });

        expect(names(athena)).to.have.members(["q0", "q1", "q2", "q3"]).and.have.length(4);
    });

    it("starts one run of a query over all objects of the batch", async () => {
        const messages = [[createdObject(`${hour}a`)], [createdObject(`${hour}b`), createdObject("other/c")], []];

        const { athena } = await run({ queries: [battery, week], messages });

        expect(names(athena)).to.have.members(["battery", "week"]).and.have.length(2);
        expect(athena.started.find(isRunOf("battery"))?.ExecutionParameters).to.have.length(3);
    });

    it("starts nothing for objects without a query", async () => {
        const { athena, failed } = await run({ queries: [battery], messages: [[createdObject("other/a")], []] });

        expect(athena.started).to.deep.equal([]);
        expect(failed).to.deep.equal({});
    });

    it("ignores empty objects and objects of other buckets", async () => {
        const empty = createdObject(`${hour}empty`, { size: 0 });
        const foreign = createdObject(`${hour}foreign`, { bucket: "pond" });

        const { athena, failed, lines } = await run({ queries: [battery], messages: [[empty, foreign]] });

        expect(athena.started).to.deep.equal([]);
        expect(failed).to.deep.equal({});
        expect(lines).to.deep.equal([
            { level: "info", message: "empty object ignored", stage: "run-query", key: `${hour}empty` },
            {
                level: "warn",
                message: "object of another bucket ignored",
                stage: "run-query",
                bucket: "pond",
                key: `${hour}foreign`,
            },
        ]);
    });

    it("takes an object whose size is not told", async () => {
        const { athena } = await run({
            queries: [week],
            messages: [[createdObject(`${hour}a`, { size: Number.NaN })]],
        });

        expect(athena.started).to.have.length(1);
    });

    it("starts no second run when objects are told of again, in any order and any batches", async () => {
        const objects = many(2 * mostClaimed);
        const world = new World([battery, week]);
        await run({ world, messages: objects.map((object) => [object]) });
        const runs = world.athena.started.length;

        await fc.assert(
            fc.asyncProperty(fc.shuffledSubarray(objects), fc.nat({ max: 9 }), async (shuffled, cut) => {
                const messages = [shuffled.slice(0, cut), shuffled.slice(cut), shuffled.slice(3, 5)];
                const { failed } = await run({ world, messages });
                expect(failed).to.deep.equal({});
                expect(world.athena.started).to.have.length(runs);
            }),
            { numRuns: 10 },
        );
    });

    it("starts a run again for a new version of the same key", async () => {
        const world = new World([battery]);
        for (const sequencer of ["0A", "0B"]) {
            const object = createdObject(`${hour}a`, { versionId: `v${sequencer}`, sequencer });
            await run({ world, messages: [[object]] });
        }

        expect(world.athena.started).to.have.length(2);
    });

    describe("with more objects than a run takes", () => {
        it("splits a query so that each object is in one run", async () => {
            const { athena } = await run({ queries: [battery, week], messages: [many(2 * mostClaimed + 1)] });

            const runs = athena.started.filter(isRunOf("battery")).map(keysOf);
            expect(runs.map(({ length }) => length)).to.deep.equal([mostClaimed, mostClaimed, 1]);
            expect(new Set(runs.flat()).size).to.equal(2 * mostClaimed + 1);
            expect(athena.started.filter(isRunOf("week"))).to.have.length(3);
        });

        it("fills a run before it splits", async () => {
            const { athena } = await run({ queries: [battery], messages: [many(mostClaimed)] });

            expect(athena.started).to.have.length(1);
        });

        it("keeps the statement within Athena's limit", async () => {
            const long = `/*${"ü".repeat(maxSqlBytes / 2 - 200)}*/ `;
            const { athena } = await run({
                queries: [{ ...battery, sql: [long, ...battery.sql] }],
                messages: [many(mostClaimed)],
            });

            const bytes = athena.started.map(({ QueryString }) => Buffer.byteLength(QueryString!));
            expect(bytes.length).to.be.greaterThan(1);
            expect(Math.max(...bytes)).to.be.at.most(maxSqlBytes);
            expect(athena.started.flatMap(keysOf)).to.have.length(mostClaimed);
        });

        it("leaves it to Athena to refuse a statement that is too long even for one object", async () => {
            const { athena } = await run({
                queries: [{ ...battery, sql: ["-".repeat(maxSqlBytes), ...battery.sql] }],
                messages: [many(2)],
            });

            expect(athena.started).to.have.length(2);
        });
    });

    describe("where something fails", () => {
        it("refuses objects that a query can't name, and runs everything else", async () => {
            const messages = [[createdObject("raw/v0/ping/late.json")], [createdObject(`${hour}a`)]];

            const { athena, failed } = await run({ queries: [battery, week], messages });

            expect(failed).to.deep.equal({});
            expect(names(athena)).to.have.members(["battery", "week"]);
            expect(athena.started.find(isRunOf("battery"))?.ExecutionParameters).to.have.length(2);
        });

        it("gives back only the messages that a refused query concerns", async () => {
            const pong = { ...week, name: "pong", trigger: "raw/v0/pong/" };
            const messages = [
                [createdObject("raw/v0/pong/a")],
                [createdObject(`${hour}a`)],
                [createdObject("raw/v0/pong/a")],
            ];
            const world = new World([]);
            world.athena.instead = (input) =>
                isRunOf("pong")(input) ? jsonError("InvalidRequestException", "no") : undefined;

            const { athena, failed } = await run({ world, queries: [pong, week], messages });

            const reason = ['query "pong": InvalidRequestException: no'];
            expect(failed).to.deep.equal({ m0: reason, m2: reason });
            expect(names(athena)).to.deep.equal(["week"]);
        });

        it("asks once only where Athena refuses", async () => {
            let calls = 0;
            const world = new World([]);
            world.athena.instead = () => {
                calls++;
                return jsonError("InvalidRequestException", "line 1:8: mismatched input");
            };

            await run({ world, queries: [week], messages: [[createdObject(`${hour}a`)]] });

            expect(calls).to.equal(1);
        });

        it("backs off with jitter while Athena throttles, then starts the run", async () => {
            const errors = ["TooManyRequestsException", "ThrottlingException", "TooManyRequestsException"];
            const world = new World([]);
            world.athena.instead = () => (errors.length > 0 ? jsonError(errors.pop()!, "Rate exceeded") : undefined);

            const { athena, failed, waits } = await run({
                world,
                queries: [week],
                messages: [[createdObject(`${hour}a`)]],
            });

            expect(failed).to.deep.equal({});
            expect(athena.started).to.have.length(1);
            expect(waits).to.deep.equal([250, 500, 1_000]); // half of 500, 1000, 2000: the random number is 0.5
        });

        it("gives up within the time left, and only what is throttled", async () => {
            const world = new World([]);
            world.athena.instead = (input) => (isRunOf("battery")(input) ? throttled : undefined);
            const pong = { ...week, name: "pong", trigger: "raw/v0/pong/" };
            const messages = [[createdObject(`${hour}a`)], [createdObject("raw/v0/pong/a")]];

            const { athena, failed, waits } = await run({ world, queries: [battery, pong], messages, time: 60_000 });

            expect(failed).to.deep.equal({ m0: ['query "battery": TooManyRequestsException: Rate exceeded'] });
            expect(names(athena)).to.deep.equal(["pong"]);
            expect(sum(waits)).to.be.within(40_000, 60_000);
            expect(Math.max(...waits)).to.equal(10_000);
        });

        it("starts nothing when no time is left", async () => {
            const { athena, failed } = await run({ queries: [week], messages: [[createdObject(`${hour}a`)]], time: 0 });

            expect(athena.calls).to.deep.equal([]);
            expect(failed).to.deep.equal({ m0: ['query "week": no time left to start it'] });
        });
    });

    it("starts a few queries at a time", async () => {
        const queries = Array.from({ length: 40 }, (_, index) => ({ ...week, name: `q${index}` }));
        let running = 0;
        let most = 0;
        const world = new World(queries);
        world.turn = async () => {
            most = Math.max(most, ++running);
            await new Promise((resolve) => setImmediate(resolve));
            running--;
        };

        await run({ world, messages: [[createdObject(`${hour}a`)]] });

        expect(world.athena.started).to.have.length(40);
        expect(most).to.equal(5);
    });

    it("reads an object with a space, = and ü in its key through :new_data", async () => {
        const world = new World([battery]);

        await world.deliver([s3Body(s3Record("raw/v0/ping/2026/11/21/04/a+b%3D%C3%BC%27.json"))]);

        expect(world.athena.started[0]?.ExecutionParameters?.[0]).to.equal(`'s3://lake/${hour}a b=ü''.json'`);
    });
});

interface Case {
    world?: World;
    queries?: MappedQuery[];
    messages: CreatedObject[][];
    time?: number;
}

/** Runs the queries for messages m0, m1, …; returns the reasons of those that were given back. */
async function run({ world = new World([]), queries, messages, time }: Case) {
    if (queries) world.queries = queries;
    const waits: number[] = [];
    const pace = aPace(time, waits);
    const bodies = messages.map((objects) => told(...objects));
    return { world, athena: world.athena, waits, ...(await world.deliver(bodies, { pace })) };
}

function many(count: number): CreatedObject[] {
    return Array.from({ length: count }, (_, index) => createdObject(`${hour}${index}`));
}

function sum(numbers: number[]): number {
    return numbers.reduce((total, number) => total + number, 0);
}
