import { gunzipSync } from "node:zlib";
import { expect } from "chai";
import type { MappedResult } from "../../../handlers/convert-result/contract";
import { convertResults } from "../../../handlers/convert-result/convert-result";
import { type Run, runComment } from "../../../handlers/shared/runs";
import type { CreatedObject } from "../../../handlers/shared/s3-events";
import { captureLog } from "../shared/capture-log";
import { FakeLedger } from "../shared/fake-ledger";
import { jsonError } from "../shared/fake-service";
import { FakeTopic } from "../shared/fake-topic";
import { createdObject } from "../shared/s3-event-messages";
import { environment } from "./environment";
import { FakeAthena, type KnownRun } from "./fake-athena";
import { FakeS3, s3Error } from "./fake-s3";

const id = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
const csv = `athena/battery/${id}.csv`;
const token = "a".repeat(64);

describe("convertResults", () => {
    it("keeps a succeeded run's result under its query's prefix and its date", async () => {
        const { s3, failed, lines } = await convert({});

        const key = `processed/battery/run_date=2026-11-21/${id}.json.gz`;
        expect(failed).to.deep.equal({});
        expect(gunzipSync(s3.objects.get(key)!.body).toString()).to.equal(
            '{"device_id":"a","battery":0.4}\n{"device_id":"b","battery":null}\n',
        );
        expect(lines).to.deep.equal([
            {
                level: "info",
                message: "result kept",
                stage: "convert-result",
                query: "battery",
                executionId: id,
                key,
                count: 2,
            },
        ]);
    });

    it("keeps one object in replace mode", async () => {
        const { s3, failed } = await convert({ result: { mode: "replace" } });

        expect(failed).to.deep.equal({});
        expect(written(s3)).to.deep.equal(["processed/battery/latest.json.gz"]);
    });

    it("changes nothing when the same message comes again", async () => {
        const first = await convert({});
        const before = new Map(first.s3.objects);

        const { s3, failed, lines } = await convert({ s3: first.s3 });

        expect(failed).to.deep.equal({});
        expect([...s3.objects]).to.deep.equal([...before]);
        expect(lines.map(({ message }) => message)).to.deep.equal(["this result or a newer one is there already"]);
    });

    it("writes into the ledger that the run succeeded, with its result and rows", async () => {
        const { run } = await convert({});

        expect(run).to.include({
            ...{ state: "succeeded", executionId: id, rows: 2, endedAt: "2026-11-21T05:00:00.000Z" },
            result: `processed/battery/run_date=2026-11-21/${id}.json.gz`,
        });
    });

    for (const mode of ["append", "replace"] as const) {
        it(`writes the same into the ledger when it died before it could: ${mode}`, async () => {
            const first = await convert({ result: { mode } });

            const { run } = await convert({ s3: first.s3, result: { mode } });

            expect(run).to.deep.equal(first.run);
        });
    }

    it("writes it of a run whose start nobody noted, and once", async () => {
        const books = await booksOf({ ...started, state: "claimed", executionId: undefined });
        await convert({ books });

        const { run } = await convert({ books });

        expect(run).to.include({ state: "succeeded", executionId: id, revision: 2 });
    });

    it("gives the message back where the ledger can't be written: then it comes again", async () => {
        const books = await booksOf(started);
        books.before = (operation) => (operation === "PutItem" ? jsonError("ValidationException", "no") : undefined);

        const { failed } = await convert({ books });

        expect(failed).to.deep.equal({ m0: [`${csv}: ValidationException: no`] });
    });

    it("keeps the result of a run that the ledger has forgotten", async () => {
        const { s3, lines } = await convert({ books: new FakeLedger() });

        expect(written(s3)).to.have.length(1);
        expect(lines[0]).to.include({ level: "warn", message: "the ledger has forgotten the run", query: "battery" });
    });

    for (const statement of ["SELECT 1", "SELECT 1 -- run me"]) {
        it(`leaves the result of a person's run where it is: ${statement}`, async () => {
            const { s3, run, lines } = await convert({ run: { statement } });

            expect(written(s3)).to.deep.equal([]);
            expect(run).to.include({ state: "started" });
            expect(lines[0]).to.include({ message: "result of a run that is not the pipeline's ignored", key: csv });
        });
    }

    for (const key of [
        `athena/battery/${id}.csv.metadata`,
        `athena/battery/${id}-manifest.csv`,
        `athena/battery/${id}.txt`,
        `athena/${id}.csv`,
        `athena/battery/Unsaved/2026/11/21/${id}.csv`,
        `athena/battery/${id.toUpperCase()}.csv`,
        "athena/battery/report.csv",
        `raw/athena/battery/${id}.csv`,
    ]) {
        it(`ignores ${key}`, async () => {
            const { athena, s3, failed, lines } = await convert({ object: createdObject(key) });

            expect(failed).to.deep.equal({});
            expect(written(s3)).to.deep.equal([]);
            expect(athena.operations).to.deep.equal([]);
            expect(lines).to.deep.equal([
                { level: "info", message: "object that is no result ignored", stage: "convert-result", key },
            ]);
        });
    }

    it("ignores objects of other buckets", async () => {
        const { athena, lines } = await convert({ object: createdObject(csv, { bucket: "pond" }) });

        expect(athena.operations).to.deep.equal([]);
        expect(lines[0]).to.include({ level: "warn", message: "object of another bucket ignored", bucket: "pond" });
    });

    for (const state of ["FAILED", "CANCELLED"]) {
        it(`drops what a run that ${state} left behind`, async () => {
            const { s3, failed, lines } = await convert({ run: { states: [state] } });

            expect(failed).to.deep.equal({});
            expect(written(s3)).to.deep.equal([]);
            expect(lines[0]).to.include({ level: "warn", query: "battery", key: csv, state });
        });
    }

    it("waits for a run that is just ending", async () => {
        const { s3, failed, waits } = await convert({ run: { states: ["QUEUED", "RUNNING", "SUCCEEDED"] } });

        expect(failed).to.deep.equal({});
        expect(written(s3)).to.have.length(1);
        expect(waits).to.deep.equal([250, 500]);
    });

    for (const state of ["QUEUED", "RUNNING"]) {
        it(`gives back the message of a run that stays ${state}`, async () => {
            const { s3, failed, waits } = await convert({ run: { states: [state] } });

            expect(failed).to.deep.equal({ m0: [`${csv}: its run has not ended yet`] });
            expect(written(s3)).to.deep.equal([]);
            expect(waits.reduce((total, wait) => total + wait)).to.be.lessThan(10_000);
        });
    }

    it("ignores a file that no run wrote", async () => {
        const { failed, lines } = await convert({ run: undefined });

        expect(failed).to.deep.equal({});
        expect(lines[0]).to.include({ level: "warn", message: "result of another's run ignored", key: csv });
    });

    for (const workGroup of ["primary", "boats-dev-battery", "fleet-dev-week"]) {
        it(`ignores a run of the workgroup ${workGroup}`, async () => {
            const { s3, failed, lines } = await convert({ run: { workGroup } });

            expect(failed).to.deep.equal({});
            expect(written(s3)).to.deep.equal([]);
            expect(lines[0]).to.include({ level: "warn", workgroup: workGroup, key: csv });
        });
    }

    for (const query of ["week", "constructor"]) {
        it(`gives back the result of ${query}, a query that is not declared`, async () => {
            const key = `athena/${query}/${id}.csv`;

            const { failed } = await convert({ object: createdObject(key), run: { workGroup: `fleet-dev-${query}` } });

            expect(failed).to.deep.equal({ m0: [`${key}: the pipeline has no query "${query}"`] });
        });
    }

    it("refuses a result with nested types, and says how to write them", async () => {
        const columns: [string, string][] = [
            ["device_id", "varchar"],
            ["battery", "array"],
        ];

        const { s3, run } = await convert({ run: { columns } });

        expect(run?.reason).to.equal(
            'its result can\'t be kept: column "battery" is double, the query yields array: write CAST(… AS JSON) AS battery',
        );
        expect(written(s3)).to.deep.equal([]);
    });

    describe("refuses for good", () => {
        const ragged = '"device_id","battery"\n"a"\n';
        const reason = "its result can't be kept: the CSV's row at byte 22: 1 cells instead of 2";

        it("a result that is not the CSV it should be: its run failed, and a notification says why", async () => {
            const { s3, failed, run, topic, lines } = await convert({ text: ragged });

            expect(failed).to.deep.equal({});
            expect(written(s3)).to.deep.equal([]);
            expect(run).to.include({ state: "failed", reason, executionId: id, endedAt: "2026-11-21T05:00:00.000Z" });
            expect(topic.notifications).to.deep.equal([
                {
                    subject: "fleet: query battery failed",
                    message: {
                        ...{ pipeline: "fleet", query: "battery", reason, attempts: 1, executionId: id, run: token },
                        console: `https://eu-west-1.console.aws.amazon.com/athena/home?region=eu-west-1#/query-editor/history/${id}`,
                        ...{ objectCount: 1, objects: ["s3://lake/raw/a"] },
                    },
                },
            ]);
            expect(lines).to.deep.equal([
                {
                    level: "error",
                    message: "query failed",
                    stage: "convert-result",
                    reason: `query "battery": ${reason}`,
                    executionId: id,
                    count: 1,
                },
            ]);
        });

        for (const [what, given, why] of [
            ["a cell that is of another kind", { text: '"device_id","battery"\n"a","full"\n' }, "holds no number"],
            ["a CSV that is cut off", { text: '"device_id","battery"\n"a","0.4' }, "the file is cut off"],
            ["an empty CSV", { text: "" }, "the CSV is empty: a result has a header"],
            ["another column", { run: { columns: [["device_id", "varchar"]] } }, 'the result has no column "battery"'],
            ["a CSV that is no longer there", { text: undefined }, "its CSV is no longer there"],
        ] as [string, Case, string][]) {
            for (const mode of ["append", "replace"] as const) {
                it(`${what}: ${mode}`, async () => {
                    const { failed, run, topic } = await convert({ ...given, result: { mode } });

                    expect(failed).to.deep.equal({});
                    expect(run).to.include({ state: "failed" }).and.property("reason").include(why);
                    expect(topic.notifications.map(({ message }) => message.reason)).to.deep.equal([run?.reason]);
                });
            }
        }

        it("once: what failed stays so, for its objects may be in another run by now", async () => {
            const first = await convert({ text: ragged });

            const { s3, failed, run, topic, lines } = await convert({ books: first.books });

            expect(failed).to.deep.equal({});
            expect(written(s3)).to.deep.equal([]);
            expect(run).to.include({ state: "failed", reason });
            expect(topic.notifications).to.deep.equal([]);
            expect(lines[0]).to.include({ level: "info", message: "result of a run that failed ignored", key: csv });
        });

        it("but not where a replay insists, once what was declared is mended", async () => {
            const first = await convert({ text: ragged });
            const object = createdObject(csv, { again: "r1" });
            const still = await convert({ text: ragged, books: first.books, object });

            const { s3, run } = await convert({ books: first.books, object });

            expect(still.run).to.include({ state: "failed", reason });
            expect(still.topic.notifications).to.have.length(1);
            expect(written(s3)).to.have.length(1);
            expect(run).to.include({ state: "succeeded", rows: 2 });
        });

        it("only what was told of: until then the message comes again", async () => {
            const books = await booksOf(started);
            const topic = new FakeTopic();
            topic.instead = () => ({ statusCode: 500, body: "" });

            const { failed, run } = await convert({ text: ragged, books, topic });

            expect(failed).to.have.all.keys("m0");
            expect(run).to.include({ state: "started" });
        });

        it("not a run whose result another worker has kept meanwhile", async () => {
            const books = await booksOf(started);
            books.before = async (operation) => {
                if (operation !== "PutItem") return undefined;
                books.before = () => undefined;
                await convert({ books });
                return undefined;
            };

            const { failed, run } = await convert({ text: ragged, books });

            expect(failed).to.deep.equal({});
            expect(run).to.include({ state: "succeeded", rows: 2 });
        });

        it("neither a run that succeeded nor one that the ledger has forgotten: the message is given back", async () => {
            const succeeded = await convert({ text: ragged, books: await booksOf({ ...started, state: "succeeded" }) });
            const forgotten = await convert({ text: ragged, books: new FakeLedger() });

            const reasons = { m0: [`${csv}: the CSV's row at byte 22: 1 cells instead of 2`] };
            expect([succeeded.failed, forgotten.failed]).to.deep.equal([reasons, reasons]);
            expect([...succeeded.topic.notifications, ...forgotten.topic.notifications]).to.deep.equal([]);
            expect(succeeded.run).to.include({ state: "succeeded" });
        });
    });

    for (const operation of ["GetQueryExecution", "GetQueryResults"]) {
        it(`gives back the message when ${operation} fails`, async () => {
            const athena = new FakeAthena();
            athena.instead = (called) =>
                called === operation ? jsonError("InvalidRequestException", "no") : undefined;

            const { failed } = await convert({ athena });

            expect(failed).to.deep.equal({ m0: [`${csv}: InvalidRequestException: no`] });
        });
    }

    it("gives back the message whose CSV can't be read now", async () => {
        const s3 = new FakeS3();
        s3.before = (operation) => (operation === "GetObject" ? s3Error(503, "SlowDown") : undefined);

        const { failed, run } = await convert({ s3 });

        expect(failed).to.have.all.keys("m0");
        expect(run).to.include({ state: "started" });
    });

    it("converts every object of a message though one of them fails", async () => {
        const lost = "athena/battery/00000000-0000-0000-0000-000000000000.csv";
        const athena = new FakeAthena();
        athena.runs.set(lost.slice("athena/battery/".length, -".csv".length), knownRun({ states: ["RUNNING"] }));

        const { s3, failed } = await convert({ athena, objects: [createdObject(lost), createdObject(csv)] });

        expect(failed).to.deep.equal({ m0: [`${lost}: its run has not ended yet`] });
        expect(written(s3)).to.have.length(1);
    });
});

interface Case {
    athena?: FakeAthena;
    s3?: FakeS3;
    object?: CreatedObject;
    objects?: CreatedObject[];
    books?: FakeLedger;
    topic?: FakeTopic;
    run?: Partial<KnownRun>;
    text?: string;
    result?: Partial<MappedResult>;
}

/** Converts the objects of one message m0; the battery query's run has succeeded unless the case says otherwise. */
async function convert(given: Case) {
    const { athena = new FakeAthena(), s3 = new FakeS3(), object = createdObject(csv), objects = [object] } = given;
    const { text } = { text: '"device_id","battery"\n"a","0.4"\n"b",\n', ...given };
    if (!("run" in given) || given.run) athena.runs.set(id, knownRun(given.run));
    if (text !== undefined) s3.put(csv, text);
    const battery: MappedResult = {
        prefix: "processed/battery/",
        mode: "append",
        columns: [
            { name: "device_id", type: { kind: "string" } },
            { name: "battery", type: { kind: "float", bits: 64 } },
        ],
        ...given.result,
    };
    const { books = await booksOf(started), topic = new FakeTopic() } = given;
    const failed: Record<string, string[]> = {};
    const waits: number[] = [];
    const { lines } = await captureLog(() =>
        convertResults(
            {
                athena: athena.client,
                s3: s3.client,
                ledger: books.ledger,
                now: () => Date.UTC(2026, 10, 21, 5),
                sns: topic.client,
                environment,
                results: { battery },
                sleep: async (milliseconds) => void waits.push(milliseconds),
            },
            [{ id: "m0", content: objects }],
            (messageId, reason) => {
                failed[messageId] = [...(failed[messageId] ?? []), (reason as Error).message];
            },
        ),
    );
    const [run] = await books.runs("battery");
    return { athena, s3, books, topic, run, failed, lines, waits };
}

/** A run as run-query leaves it. */
const started: Partial<Run> = { query: "battery", token, state: "started", executionId: id };

async function booksOf(run: Partial<Run>): Promise<FakeLedger> {
    const books = new FakeLedger();
    await books.put(run);
    return books;
}

function knownRun(run: Partial<KnownRun> = {}): KnownRun {
    return {
        workGroup: "fleet-dev-battery",
        states: ["SUCCEEDED"],
        columns: [
            ["device_id", "varchar"],
            ["battery", "double"],
        ],
        submitted: "2026-11-21T04:00:00.123Z",
        statement: `SELECT 1${runComment({ token, attempt: 1 })}`,
        ...run,
    };
}

function written(s3: FakeS3): string[] {
    return [...s3.objects.keys()].filter((key) => key.startsWith("processed/"));
}
