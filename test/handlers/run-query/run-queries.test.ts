import { expect } from "chai";
import fc from "fast-check";
import type { MappedQuery } from "../../../handlers/run-query/contract";
import { maxObjectsPerRun, maxSqlBytes, runQueries } from "../../../handlers/run-query/run-queries";
import { processBatch } from "../../../handlers/shared/batch";
import { type CreatedObject, createdObjects } from "../../../handlers/shared/s3-events";
import { captureLog } from "../shared/capture-log";
import { jsonError } from "../shared/fake-service";
import { createdObject, s3Body, s3Record, sqsEvent } from "../shared/s3-event-messages";
import { FakeAthena, throttled } from "./fake-athena";

describe("runQueries", () => {
    it("starts a query in its workgroup, over the pipeline's database", async () => {
        const { athena, failed, lines } = await run({ queries: [battery], messages: [[createdObject(`${hour}a`)]] });

        expect(failed).to.deep.equal({});
        expect(athena.started).to.have.length(1);
        expect(athena.started[0]).to.deep.include({
            QueryString: 'SELECT * FROM ping WHERE ("$path" IN (?) AND arrival_hour IN (?))',
            ExecutionParameters: [`'s3://lake/${hour}a'`, "'2026/11/21/04'"],
            QueryExecutionContext: { Catalog: "AwsDataCatalog", Database: "fleet_dev" },
            WorkGroup: "fleet-dev-battery",
        });
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

    it("starts no second run when the same batch is delivered again, in any order", async () => {
        const objects = Array.from({ length: 2 * maxObjectsPerRun }, (_, index) => createdObject(`${hour}${index}`));
        const athena = new FakeAthena();
        await run({ athena, queries: [battery, week], messages: objects.map((object) => [object]) });
        const runs = athena.started.length;

        await fc.assert(
            fc.asyncProperty(fc.shuffledSubarray(objects, { minLength: objects.length }), async (shuffled) => {
                const messages = [shuffled.slice(0, 7), shuffled.slice(7), shuffled.slice(3, 5)];
                const { failed } = await run({ athena, queries: [battery, week], messages });
                expect(failed).to.deep.equal({});
                expect(athena.started).to.have.length(runs);
            }),
            { numRuns: 5 },
        );
    });

    it("starts a run again for a new version of the same key", async () => {
        const athena = new FakeAthena();
        for (const versionId of ["v1", "v2"]) {
            await run({ athena, queries: [battery], messages: [[createdObject(`${hour}a`, { versionId })]] });
        }

        expect(athena.started).to.have.length(2);
    });

    describe("with more objects than a run takes", () => {
        const objects = (count: number) =>
            Array.from({ length: count }, (_, index) => createdObject(`${hour}${index}`));

        it("splits a :new_data query so that each object is in one run", async () => {
            const { athena } = await run({ queries: [battery], messages: [objects(2 * maxObjectsPerRun + 1)] });

            const paths = athena.started.map((input) => input.ExecutionParameters!.slice(0, -1));
            expect(Math.max(...paths.map(({ length }) => length))).to.be.at.most(maxObjectsPerRun);
            expect(new Set(paths.flat()).size).to.equal(2 * maxObjectsPerRun + 1);
            expect(paths.flat()).to.have.length(2 * maxObjectsPerRun + 1);
        });

        it("fills a run before it splits", async () => {
            const { athena } = await run({ queries: [battery], messages: [objects(maxObjectsPerRun)] });

            expect(athena.started).to.have.length(1);
        });

        it("leaves a query over whole tables whole", async () => {
            const { athena } = await run({ queries: [week], messages: [objects(2 * maxObjectsPerRun + 1)] });

            expect(athena.started).to.have.length(1);
        });

        it("keeps the statement within Athena's limit", async () => {
            const long = `/*${"ü".repeat(maxSqlBytes / 2 - 60)}*/ `;
            const { athena } = await run({
                queries: [{ ...battery, sql: [long, ...battery.sql] }],
                messages: [objects(maxObjectsPerRun)],
            });

            const bytes = athena.started.map(({ QueryString }) => Buffer.byteLength(QueryString!));
            expect(bytes.length).to.be.greaterThan(1);
            expect(Math.max(...bytes)).to.be.at.most(maxSqlBytes);
        });

        it("leaves it to Athena to refuse a statement that is too long even for one object", async () => {
            const { athena } = await run({
                queries: [{ ...battery, sql: ["-".repeat(maxSqlBytes), ...battery.sql] }],
                messages: [objects(2)],
            });

            expect(athena.started).to.have.length(2);
        });
    });

    describe("where something fails", () => {
        it("gives back messages whose object a query can't name, and runs everything else", async () => {
            const messages = [[createdObject("raw/v0/ping/late.json")], [createdObject(`${hour}a`)]];

            const { athena, failed } = await run({ queries: [battery, week], messages });

            expect(failed).to.deep.equal({
                m0: [`query "battery": raw/v0/ping/late.json lies in none of the table's arrival_hour folders`],
            });
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
            const athena = new FakeAthena();
            athena.instead = (input) =>
                isRunOf("pong")(input) ? jsonError("InvalidRequestException", "no") : undefined;

            const { failed } = await run({ athena, queries: [pong, week], messages });

            const reason = ['query "pong": InvalidRequestException: no'];
            expect(failed).to.deep.equal({ m0: reason, m2: reason });
            expect(names(athena)).to.deep.equal(["week"]);
        });

        it("asks once only where Athena refuses", async () => {
            let calls = 0;
            const athena = new FakeAthena();
            athena.instead = () => {
                calls++;
                return jsonError("InvalidRequestException", "line 1:8: mismatched input");
            };

            await run({ athena, queries: [week], messages: [[createdObject(`${hour}a`)]] });

            expect(calls).to.equal(1);
        });

        it("backs off with jitter while Athena throttles, then starts the run", async () => {
            const errors = ["TooManyRequestsException", "ThrottlingException", "TooManyRequestsException"];
            const athena = new FakeAthena();
            athena.instead = () => (errors.length > 0 ? jsonError(errors.pop()!, "Rate exceeded") : undefined);

            const { failed, waits } = await run({ athena, queries: [week], messages: [[createdObject(`${hour}a`)]] });

            expect(failed).to.deep.equal({});
            expect(athena.started).to.have.length(1);
            expect(waits).to.deep.equal([250, 500, 1_000]); // half of 500, 1000, 2000: the random number is 0.5
        });

        it("gives up within the time left, and only what is throttled", async () => {
            const athena = new FakeAthena();
            athena.instead = (input) => (isRunOf("battery")(input) ? throttled : undefined);
            const pong = { ...week, name: "pong", trigger: "raw/v0/pong/" };
            const messages = [[createdObject(`${hour}a`)], [createdObject("raw/v0/pong/a")]];

            const { failed, waits } = await run({ athena, queries: [battery, pong], messages, time: 60_000 });

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
        const athena = new FakeAthena();
        const send = athena.client.send.bind(athena.client) as (command: never) => Promise<unknown>;
        athena.client.send = (async (command: never) => {
            most = Math.max(most, ++running);
            return send(command).finally(() => running--);
        }) as never;

        await run({ athena, queries, messages: [[createdObject(`${hour}a`)]] });

        expect(athena.started).to.have.length(40);
        expect(most).to.equal(5);
    });

    it("reads an object with a space, = and ü in its key through :new_data", async () => {
        const athena = new FakeAthena();
        const event = sqsEvent(s3Body(s3Record("raw/v0/ping/2026/11/21/04/a+b%3D%C3%BC%27.json")));

        await captureLog(() =>
            processBatch(event, "run-query", createdObjects, (messages, giveBack) =>
                runQueries(
                    { athena: athena.client, queries: [battery], environment, pace: pace() },
                    messages,
                    giveBack,
                ),
            ),
        );

        expect(athena.started[0]?.ExecutionParameters?.[0]).to.equal(`'s3://lake/${hour}a b=ü''.json'`);
    });
});

const hour = "raw/v0/ping/2026/11/21/04/";

const battery: MappedQuery = {
    name: "battery",
    trigger: "raw/v0/ping/",
    sql: ["SELECT * FROM ping WHERE ", { newData: {} }],
    newData: { prefix: "raw/v0/ping/", partition: ["arrival_hour"] },
};

const week: MappedQuery = { name: "week", trigger: "raw/v0/ping/", sql: ["SELECT 1"] };

const environment = { PIPELINE: "fleet", BUCKET: "lake", DATABASE: "fleet_dev", WORKGROUP_PREFIX: "fleet-dev-" };

interface Case {
    athena?: FakeAthena;
    queries: MappedQuery[];
    messages: CreatedObject[][];
    time?: number;
}

/** Runs the queries for messages m0, m1, …; returns the reasons of those that were given back. */
async function run({ athena = new FakeAthena(), queries, messages, time = 60_000 }: Case) {
    const failed: Record<string, string[]> = {};
    const waits: number[] = [];
    const { lines } = await captureLog(() =>
        runQueries(
            { athena: athena.client, queries, environment, pace: pace(time, waits) },
            messages.map((content, index) => ({ id: `m${index}`, content })),
            (id, reason) => {
                failed[id] = [...(failed[id] ?? []), String(reason)];
            },
        ),
    );
    return { athena, failed, lines, waits };
}

/** A pace whose sleeps take no time but count. */
function pace(time = 60_000, waits: number[] = []) {
    return {
        timeLeft: () => time - sum(waits),
        sleep: async (milliseconds: number) => void waits.push(milliseconds),
        random: () => 0.5,
    };
}

function names(athena: FakeAthena): string[] {
    return athena.started.map(({ WorkGroup }) => WorkGroup!.replace("fleet-dev-", ""));
}

function isRunOf(query: string) {
    return ({ WorkGroup }: { WorkGroup?: string }) => WorkGroup === `fleet-dev-${query}`;
}

function sum(numbers: number[]): number {
    return numbers.reduce((total, number) => total + number, 0);
}
