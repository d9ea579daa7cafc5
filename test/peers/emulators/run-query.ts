import { GetQueryExecutionCommand } from "@aws-sdk/client-athena";
import type { SQSBatchResponse } from "aws-lambda";
import { expect } from "chai";
import { type MappedQuery, queryMapFile } from "../../../handlers/run-query/contract";
import { stateChange } from "../../handlers/run-query/world";
import { s3Body, s3Record, sqsEvent } from "../../handlers/shared/s3-event-messages";
import { type Account, eventually } from "./account";
import { BundledFunction } from "./function";

const trigger = "raw/v0/click/";
const hour = `${trigger}2026/11/21/04/`;

/** A query over whole tables: no emulator knows `"$path"`. */
const total: MappedQuery = { name: "total", trigger, sql: ["SELECT 1 AS n"] };

/** `run-query` over an emulator's Athena, DynamoDB and SQS. */
export function describeRunQuery(on: () => Account): void {
    describe("run-query", () => {
        it("starts one run of each query for the objects of a batch, and writes down which has them", async () => {
            const world = await World.create(on(), [total, { ...total, name: "other" }]);

            expect(await world.tell("1.json.gz", "2.json.gz")).to.deep.equal([]);

            for (const query of ["total", "other"]) {
                const statements = await world.statements(query);
                expect(statements).to.have.length(1);
                expect(statements[0]).to.match(/^SELECT 1 AS n\n-- run [0-9a-f]{64}\/1$/);
            }
            expect(await world.states()).to.deep.equal({ started: 6 });
        });

        it("starts nothing twice, however often an object is told of", async () => {
            const world = await World.create(on());

            await world.tell("1.json.gz", "1.json.gz");
            await world.tell("1.json.gz");
            await world.tell("1.json.gz", "2.json.gz");

            expect(await world.statements("total")).to.have.length(2);
        });

        it("gives back the messages that it can't read, and no others", async () => {
            const world = await World.create(on());

            expect(await world.deliver("no JSON", world.created("1.json.gz"), "{}")).to.deep.equal(["m0", "m2"]);
            expect(await world.statements("total")).to.have.length(1);
        });

        it("lets objects wait for each other, and wakes itself for them", async () => {
            const world = await World.create(on(), [{ ...total, minimumInterval: 3 }]);

            await world.tell("1.json.gz");
            await world.tell("2.json.gz");
            await world.tell("3.json.gz");

            expect(await world.statements("total")).to.have.length(1);
            const woken: string[] = [];
            await eventually(async () => woken.push(...(await world.account.messages(world.queue.url))) > 0);
            expect(woken).to.have.length(1);
            expect(await world.deliver(...woken)).to.deep.equal([]);
            expect(await world.statements("total")).to.have.length(2);
        });

        it("starts nothing without its ledger, and gives everything back", async () => {
            const world = await World.create(on(), [total], { LEDGER_TABLE: "none" });

            expect(await world.tell("1.json.gz", "2.json.gz")).to.deep.equal(["m0", "m1"]);
            expect(await world.statements("total")).to.deep.equal([]);
        });
    });
}

/** The same where queries can fail: SNS hears of it. */
export function describeFailedRuns(on: () => Account): void {
    describe("run-query, of a run that failed", () => {
        it("says so once, and why, however often it hears of it", async () => {
            const world = await World.create(on(), [{ ...total, sql: ["SELECT nothing FROM nowhere"] }]);
            await world.tell("1.json.gz");
            const [run] = await world.account.runs(world.workgroup("total"));
            const failed = stateChange(run!, world.workgroup("total"));
            await eventually(async () => (await world.execution(run!)).Status!.State === "FAILED");

            expect(await world.deliver(failed)).to.deep.equal([]);
            expect(await world.deliver(failed, failed)).to.deep.equal([]);

            const [said, ...more] = await world.account.messages(world.failures.url);
            expect(JSON.parse(said!)).to.include({ query: "total", executionId: run, attempts: 1 });
            expect(JSON.parse(said!).reason).to.include("nowhere");
            expect(more).to.deep.equal([]);
        });

        it("starts another one for an object that is told of again", async () => {
            const world = await World.create(on(), [{ ...total, sql: ["SELECT nothing FROM nowhere"] }]);
            await world.tell("1.json.gz");
            const [run] = await world.account.runs(world.workgroup("total"));
            await eventually(async () => (await world.execution(run!)).Status!.State === "FAILED");
            await world.deliver(stateChange(run!, world.workgroup("total")));

            await world.tell("1.json.gz");

            expect(await world.statements("total")).to.have.length(2);
        });

        it("gives the message back when the topic is not there", async () => {
            const topic = "arn:aws:sns:us-east-1:000000000000:none";
            const sql = ["SELECT nothing FROM nowhere"];
            const world = await World.create(on(), [{ ...total, sql }], { FAILURES_TOPIC: topic });
            await world.tell("1.json.gz");
            const [run] = await world.account.runs(world.workgroup("total"));
            await eventually(async () => (await world.execution(run!)).Status!.State === "FAILED");

            expect(await world.deliver(stateChange(run!, world.workgroup("total")))).to.deep.equal(["m0"]);

            expect(await world.states()).to.deep.equal({ started: 2 });
        });
    });
}

/** A lake, a ledger, a topic, workgroups, and the function over them. */
export class World {
    private readonly fn: BundledFunction;

    private constructor(
        readonly account: Account,
        readonly bucket: string,
        readonly queue: { name: string; url: string; arn: string },
        /** Hears of failed runs. */
        readonly failures: { url: string },
        private readonly queries: MappedQuery[],
        readonly environment: Record<string, string>,
    ) {
        const { url } = account;
        this.fn = new BundledFunction({ bundle: "run-query", asset: [queryMapFile, { queries }], environment, url });
    }

    static async create(account: Account, queries = [total], settings: object = {}): Promise<World> {
        const bucket = await account.bucket();
        const topic = await account.topic();
        const environment = {
            PIPELINE: `shop-${bucket}`,
            BUCKET: bucket,
            DATABASE: "default",
            WORKGROUP_PREFIX: `${bucket}-`,
            LEDGER_TABLE: await account.table(),
            FAILURES_TOPIC: topic,
            ...settings,
        };
        for (const { name } of queries) await account.workgroup(`${bucket}-${name}`, bucket, name);
        const failures = await account.subscribed(topic);
        return new World(account, bucket, await account.queue(), failures, queries, environment);
    }

    /** Another instance of the function. */
    other(): World {
        const { account, bucket, queue, failures, queries, environment } = this;
        return new World(account, bucket, queue, failures, queries, environment);
    }

    /** Tells of objects, a message each; the answer is which messages are given back. */
    tell(...names: string[]): Promise<string[]> {
        return this.deliver(...names.map((name) => this.created(name)));
    }

    async deliver(...bodies: string[]): Promise<string[]> {
        const records = sqsEvent(...bodies).Records.map((each) => ({ ...each, eventSourceARN: this.queue.arn }));
        const { batchItemFailures } = await this.fn.invoke<SQSBatchResponse>({ Records: records });
        return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    }

    created(name: string): string {
        const record = s3Record(hour + name);
        return s3Body({ ...record, s3: { ...record.s3, bucket: { name: this.bucket } } });
    }

    workgroup(query: string): string {
        return `${this.bucket}-${query}`;
    }

    async execution(QueryExecutionId: string) {
        return (await this.account.athena.send(new GetQueryExecutionCommand({ QueryExecutionId }))).QueryExecution!;
    }

    /** What was started of a query; emulators list the runs of all workgroups. */
    async statements(query: string): Promise<string[]> {
        const ids = await this.account.runs(this.workgroup(query));
        const runs = await Promise.all(ids.map((id) => this.execution(id)));
        return runs.filter((run) => run.WorkGroup === this.workgroup(query)).map((run) => run.Query!);
    }

    /** How many objects its runs have. */
    async claimed(): Promise<number> {
        const items = await this.account.items(this.environment.LEDGER_TABLE!);
        return items.reduce((sum, { count = 0 }) => sum + Number(count), 0);
    }

    /** How many rows of the ledger there are of each outcome. */
    async states(): Promise<Record<string, number>> {
        const states: Record<string, number> = {};
        for (const { state, outcome } of await this.account.items(this.environment.LEDGER_TABLE!)) {
            states[`${state ?? outcome}`] = (states[`${state ?? outcome}`] ?? 0) + 1;
        }
        return states;
    }
}
