import { randomBytes } from "node:crypto";
import { StartQueryExecutionCommand } from "@aws-sdk/client-athena";
import { ListMultipartUploadsCommand } from "@aws-sdk/client-s3";
import type { SQSBatchResponse } from "aws-lambda";
import { expect } from "chai";
import { type MappedResult, resultMapFile } from "../../../handlers/convert-result/contract";
import { s3Body, s3Record, sqsEvent } from "../../handlers/shared/s3-event-messages";
import { type Account, eventually } from "./account";
import { BundledFunction } from "./function";
import { World } from "./run-query";

const sql = `SELECT * FROM (VALUES ('/a', 3), (NULL, 4)) AS t (page, clicks)`;
/** As Athena writes it. */
const csv = '"page","clicks"\n"/a","3"\n"/b, ""c""","4"\n,"5"\n"",\n';
const rows = [
    { page: "/a", clicks: 3 },
    { page: '/b, "c"', clicks: 4 },
    { page: null, clicks: 5 },
    { page: "", clicks: null },
];
const prefix = "processed/v0/total/";

/** `convert-result` over an emulator's Athena, S3 and DynamoDB; `describe` lets Athena tell of the columns. */
export function describeConvertResult(on: () => Account, describeColumns: (account: Account) => Promise<void>): void {
    describe("convert-result", () => {
        beforeEach(() => describeColumns(on()));

        it("keeps a run's result once, and writes down that it succeeded", async () => {
            const lake = await Lake.create(on());
            const run = await lake.run(csv);

            expect(await lake.tell(run, run)).to.deep.equal([]);

            const [key] = await lake.account.keys(lake.bucket, prefix);
            expect(key).to.match(new RegExp(`^${prefix}run_date=\\d{4}-\\d\\d-\\d\\d/${run}\\.json\\.gz$`));
            expect(await lake.account.lines(lake.bucket, prefix)).to.deep.equal(rows);
            expect(await lake.booked()).to.deep.equal([
                { state: "succeeded", executionId: run, result: key, rows: "4" },
            ]);
        });

        it("writes over nothing when it is told again", async () => {
            const lake = await Lake.create(on());
            const run = await lake.run(csv);
            await lake.tell(run);
            const [key] = await lake.account.keys(lake.bucket, prefix);
            await lake.account.put(lake.bucket, key!, "as it was");

            expect(await lake.tell(run)).to.deep.equal([]);

            expect(await lake.account.text(lake.bucket, key!)).to.equal("as it was");
        });

        it("keeps a result that takes several parts, once too, and leaves no parts behind", async () => {
            const lake = await Lake.create(on());
            const lines = Array.from({ length: 280_000 }, () => `"${randomBytes(32).toString("hex")}","1"\n`);
            const run = await lake.run(`"page","clicks"\n${lines.join("")}`);

            expect(await lake.tell(run)).to.deep.equal([]);
            const [key] = await lake.account.keys(lake.bucket, prefix);
            const { ETag, ContentLength } = await lake.account.head(lake.bucket, key!);
            expect(await lake.tell(run)).to.deep.equal([]);

            expect(ContentLength).to.be.greaterThan(8 * 1024 * 1024);
            expect((await lake.account.text(lake.bucket, key!)).split("\n")).to.have.length(280_001);
            expect((await lake.account.head(lake.bucket, key!)).ETag)
                .to.equal(ETag)
                .and.to.match(/-\d+"$/);
            const command = new ListMultipartUploadsCommand({ Bucket: lake.bucket });
            expect((await lake.account.s3.send(command)).Uploads ?? []).to.deep.equal([]);
        });

        it("lets the newest run's result stand, in whatever order they come", async () => {
            const lake = await Lake.create(on(), { mode: "replace" });
            const older = await lake.run('"page","clicks"\n"older","1"\n');
            // Some tell the time of a submission in seconds.
            await new Promise((resolve) => setTimeout(resolve, 1_100));
            const newer = await lake.run('"page","clicks"\n"newer","2"\n');

            for (const run of [older, newer, older]) expect(await lake.tell(run)).to.deep.equal([]);

            expect(await lake.account.keys(lake.bucket, prefix)).to.deep.equal([`${prefix}latest.json.gz`]);
            expect(await lake.account.lines(lake.bucket, prefix)).to.deep.equal([{ page: "newer", clicks: 2 }]);
        });

        it("lets runs of people be", async () => {
            const lake = await Lake.create(on());
            const run = await lake.start(sql);
            await lake.write(run, csv);

            expect(await lake.tell(run)).to.deep.equal([]);

            expect(await lake.account.keys(lake.bucket, prefix)).to.deep.equal([]);
        });

        it("gives back what it can't read, tells of a result that is gone, and keeps those beside it", async () => {
            const lake = await Lake.create(on());
            const [absent, present] = [await lake.run(undefined), await lake.run(csv)];

            const answer = await lake.deliver("no JSON", lake.created(absent), lake.created(present));

            expect(answer).to.deep.equal(["m0"]);
            expect(await lake.account.lines(lake.bucket, prefix)).to.deep.equal(rows);
            expect((await lake.told()).map(({ executionId }) => executionId)).to.deep.equal([absent]);
        });

        it("keeps nothing of a result that is not as declared, and says once what is wrong", async () => {
            const column = { name: "clicks", type: { kind: "string" as const } };
            const lake = await Lake.create(on(), { columns: [{ name: "page", type: { kind: "string" } }, column] });
            const run = await lake.run(csv);

            expect(await lake.tell(run)).to.deep.equal([]);
            expect(await lake.tell(run)).to.deep.equal([]);

            expect(await lake.account.keys(lake.bucket, prefix)).to.deep.equal([]);
            const [{ state }] = (await lake.booked()) as [{ state: string }];
            expect(state).to.equal("failed");
            const [said, ...more] = await lake.told();
            expect(said!.reason).to.include('column "clicks" is varchar, the query yields integer');
            expect(more).to.deep.equal([]);
        });

        it("keeps nothing and gives the message back where it can't read the ledger", async () => {
            const lake = await Lake.create(on(), {}, { LEDGER_TABLE: "none" });
            const run = await lake.run(csv);

            expect(await lake.tell(run)).to.deep.equal(["m0"]);

            expect(await lake.account.keys(lake.bucket, prefix)).to.deep.equal([]);
        });
    });
}

/** A lake with runs in it, and the function over it. */
export class Lake {
    private constructor(
        private readonly world: World,
        private readonly fn: BundledFunction,
    ) {}

    static async create(account: Account, result: Partial<MappedResult> = {}, settings: object = {}): Promise<Lake> {
        const world = await World.create(account, [{ name: "total", trigger: "raw/v0/click/", sql: [sql] }]);
        const total: MappedResult = {
            prefix,
            mode: "append",
            columns: [
                { name: "page", type: { kind: "string" } },
                { name: "clicks", type: { kind: "integer", bits: 64 } },
            ],
            ...result,
        };
        const { PIPELINE, BUCKET, WORKGROUP_PREFIX, LEDGER_TABLE, FAILURES_TOPIC } = world.environment;
        const fn = new BundledFunction({
            bundle: "convert-result",
            asset: [resultMapFile, { results: { total } }],
            environment: { PIPELINE, BUCKET, WORKGROUP_PREFIX, LEDGER_TABLE, FAILURES_TOPIC, ...settings } as Record<
                string,
                string
            >,
            url: account.url,
        });
        return new Lake(world, fn);
    }

    get account(): Account {
        return this.world.account;
    }

    get bucket(): string {
        return this.world.bucket;
    }

    /** Has `run-query` start a run, and writes its result where Athena would, if there is one. */
    async run(result: string | undefined): Promise<string> {
        const before = await this.account.runs(this.world.workgroup("total"));
        await this.world.tell(`${before.length}.json.gz`);
        const after = await this.account.runs(this.world.workgroup("total"));
        const run = after.find((id) => !before.includes(id))!;
        await this.ended(run);
        if (result !== undefined) await this.write(run, result);
        return run;
    }

    /** Starts a run by hand. */
    async start(QueryString: string): Promise<string> {
        const command = new StartQueryExecutionCommand({ QueryString, WorkGroup: this.world.workgroup("total") });
        const run = (await this.account.athena.send(command)).QueryExecutionId!;
        await this.ended(run);
        return run;
    }

    write(run: string, result: string): Promise<void> {
        return this.account.put(this.bucket, keyOf(run), result);
    }

    tell(...runs: string[]): Promise<string[]> {
        return this.deliver(...runs.map((run) => this.created(run)));
    }

    async deliver(...bodies: string[]): Promise<string[]> {
        const { batchItemFailures } = await this.fn.invoke<SQSBatchResponse>(sqsEvent(...bodies));
        return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    }

    created(run: string): string {
        const record = s3Record(keyOf(run));
        return s3Body({ ...record, s3: { ...record.s3, bucket: { name: this.bucket } } });
    }

    /** The runs in the ledger. */
    async booked(): Promise<Record<string, unknown>[]> {
        const items = await this.account.items(this.world.environment.LEDGER_TABLE!);
        const runs = items.filter(({ entry }) => String(entry).startsWith("run/"));
        return runs.map(({ state, executionId, result, rows }) => ({ state, executionId, result, rows }));
    }

    /** What the topic for failures was told. */
    async told(): Promise<{ reason: string; executionId: string }[]> {
        const messages = await this.account.messages(this.world.failures.url);
        return messages.map((message) => JSON.parse(message));
    }

    private async ended(run: string): Promise<void> {
        await eventually(async () => (await this.world.execution(run)).Status!.State === "SUCCEEDED");
    }
}

function keyOf(run: string): string {
    return `athena/total/${run}.csv`;
}
