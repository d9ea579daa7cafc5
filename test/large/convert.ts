import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type ResultCompression, type ResultMap, resultMapFile } from "../../handlers/convert-result/contract";
import { runComment } from "../../handlers/shared/runs";
import { FakeAthena } from "../handlers/convert-result/fake-athena";
import { FakeLedger } from "../handlers/shared/fake-ledger";
import { s3Body, s3Record, sqsEvent } from "../handlers/shared/s3-event-messages";
import { Lake } from "./lake";
import { LargeResult } from "./result";

const usage = "npm run test:large [-- GIGABYTES [small | balanced | fast | zstd]]";
/** Whatever the result's size, the function may not take more, in bytes. */
const mostMemory = 120e6;
const id = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
const kinds = { string: "varchar", number: "double", boolean: "boolean", json: "json" } as const;

/** Converts a large result as the built function does, in a process of its own, and says what that took. */
async function main(): Promise<void> {
    const [gigabytes = 4, compression = "balanced"] = process.argv.slice(2);
    if (!(Number(gigabytes) > 0)) throw new Error(`Usage: ${usage}`);
    const result = new LargeResult(Number(gigabytes) * 1e9);
    const athena = new FakeAthena();
    athena.runs.set(id, {
        workGroup: "fleet-dev-large",
        states: ["SUCCEEDED"],
        columns: result.columns.map(({ name, kind }) => [name, kinds[kind]]),
        submitted: "2026-11-21T04:00:00.000Z",
        statement: `SELECT 1${runComment({ token: "a".repeat(64), attempt: 1 })}`,
    });
    const books = new FakeLedger();
    await books.put({ query: "large", state: "started" });
    const lake = new Lake(result, compression === "zstd", (request) =>
        (request.headers["x-amz-target"]!.startsWith("DynamoDB") ? books : athena).answer(request),
    );

    const taken = await converted(result, compression as ResultCompression, await lake.listen()).finally(() =>
        lake.close(),
    );

    await lake.check();
    const [run] = await books.runs("large");
    if (run?.rows !== result.rows) throw new Error(`${run?.rows} rows instead of ${result.rows}`);
    const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
    process.stdout.write(
        `${megabytes(result.bytes)} of CSV, ${result.rows} rows, to ${megabytes(lake.bytes)} (${compression}): ` +
            `${taken.seconds.toFixed(0)} s, ${taken.cpuSeconds.toFixed(0)} s of processors, ${megabytes(taken.memory)} of memory\n`,
    );
    if (taken.memory > mostMemory) throw new Error(`more than ${megabytes(mostMemory)} of memory`);
}

interface Taken {
    seconds: number;
    cpuSeconds: number;
    /** The most at any time, in bytes, all of the process. */
    memory: number;
    answer: unknown;
}

/** What the function's process took, from its start. */
async function converted({ columns }: LargeResult, compression: ResultCompression, endpoint: string): Promise<Taken> {
    const folder = mkdtempSync(join(tmpdir(), "large-"));
    try {
        cpSync("dist/functions/convert-result/index.js", join(folder, "index.js"));
        const types = { string: { kind: "string" }, number: { kind: "float", bits: 64 }, boolean: { kind: "boolean" } };
        const declared = columns.map(({ name, kind }) => ({ name, type: types[kind as keyof typeof types] }));
        const large = { prefix: "reports/large/", mode: "append", compression, columns: declared };
        writeFileSync(join(folder, resultMapFile), JSON.stringify({ results: { large } } as ResultMap));
        const event = JSON.stringify(sqsEvent(s3Body(s3Record(`athena/large/${id}.csv`))));
        const { stdout } = await promisify(execFile)(process.execPath, ["-e", invocation, event], {
            cwd: folder,
            env: {
                PATH: process.env.PATH,
                ...{ BUCKET: "lake", WORKGROUP_PREFIX: "fleet-dev-", LEDGER_TABLE: "ledger" },
                ...{ AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" },
                AWS_ENDPOINT_URL: endpoint,
            },
        });
        const lines = stdout.trimEnd().split("\n");
        const taken = JSON.parse(lines.at(-1)!) as Taken;
        if (JSON.stringify(taken.answer) !== '{"batchItemFailures":[]}') throw new Error(lines.join("\n"));
        return taken;
    } finally {
        rmSync(folder, { recursive: true });
    }
}

const invocation = `
    const context = { awsRequestId: "invocation", getRemainingTimeInMillis: () => 900000 };
    require("./index.js").handler(JSON.parse(process.argv[1]), context).then((answer) => {
        const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
        const taken = { seconds: process.uptime(), cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, memory: maxRSS * 1024 };
        console.log(JSON.stringify({ ...taken, answer }));
    });
`;

main().catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
});
