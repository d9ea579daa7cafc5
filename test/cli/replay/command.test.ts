import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { expect } from "chai";
import { runCommandLine } from "../../../cli/command-line";
import { announceDev } from "../../../cli/dev-file";
import { replay } from "../../../cli/replay";
import type { Cloud } from "../../../cli/replay/cloud";
import type { LocalPipeline } from "../../../local";
import { afterTest } from "../../setup";
import { newJournal, startPipeline, targetOf, temporaryFolder } from "./world";

/** A stream that keeps what is written. */
class Written extends Writable {
    text = "";

    override _write(chunk: Buffer, _encoding: string, done: () => void): void {
        this.text += chunk;
        done();
    }
}

async function call(...args: string[]) {
    const [out, error] = [new Written(), new Written()];
    const exitCode = await runCommandLine(["replay", ...args], {
        out,
        error,
        interrupted: () => new Promise(() => {}),
    });
    return { exitCode, out: out.text, error: error.text };
}

/** Makes the pipeline one that `dev` runs, in a folder that commands are given. */
function announce(pipeline: LocalPipeline): string {
    const program = mkdtempSync(join(tmpdir(), "dev-"));
    const { endpointUrl, outputs } = pipeline;
    afterTest(announceDev(program, { pid: process.pid, endpointUrl, outputs }));
    afterTest(() => rmSync(program, { recursive: true, force: true }));
    return program;
}

/** Commands write their journals below the working directory. */
function inFolder(): string {
    const folder = temporaryFolder();
    const before = process.cwd();
    process.chdir(folder);
    afterTest(() => process.chdir(before));
    return folder;
}

describe("eventpipeline replay", function () {
    this.timeout(120_000);

    it("sends what is missing to a running dev, keeps a journal, goes on with it, and says so", async () => {
        const pipeline = await startPipeline({
            faults: { notifications: [{ fault: "drop", to: "2026-11-21T07:00:00Z" }] },
        });
        await pipeline.send("ping", [{ id: "a", value: 1, sent_at: "2026-11-21 04:00:00" }]);
        await pipeline.settle();
        await pipeline.advanceTo("2026-11-21T08:00:00Z");
        const program = announce(pipeline);
        const folder = inFolder();

        const would = await call(program, "--prefix", "raw/v0/ping/", "--dry-run");
        const nothingYet = existsSync(join(folder, ".eventpipeline"));
        const sent = await call(program, "--prefix", "raw/v0/ping/", "--json");
        await pipeline.settle();
        const { journal, ...outcome } = JSON.parse(sent.out);
        const resumed = await call(program, "--resume", journal);
        const printed = await call(program, "--prefix", "raw/v0/ping/", "--rate", "1000");

        expect(would).to.deep.include({ exitCode: 0, error: "" });
        expect(would.out).to.match(/^would send 1 object, \d+ B, to all subscribers$/m);
        expect(would.out).to.match(/^Athena, query\/seen +1 run, 10 MB +0.000050$/m);
        expect(would.out).to.match(/^together +0.00\d+$/m);
        expect(would.out).to.match(/^List prices of us-east-1, November 2026, as if nothing had been handled before;/m);
        expect(nothingYet).to.equal(false);
        expect(outcome).to.deep.include({
            to: "all subscribers",
            unit: "objects",
            sent: 1,
            skipped: 0,
            stopped: false,
        });
        expect(outcome.replay).to.match(/^\d{8}T\d{6}Z-[0-9a-f]{6}$/);
        expect(await pipeline.rows("processed/v0/seen/")).to.deep.equal([{ id: "a", value: 1 }]);
        expect(resumed.out).to.equal("0 objects sent to all subscribers\n1 object sent before left out\n");
        expect(printed.out).to.equal("1 object sent to all subscribers\n");
        expect(readdirSync(join(folder, ".eventpipeline", "replay"))).to.have.length(2);
    });

    it("says what was not sent, and exits with 1", async () => {
        const pipeline = await startPipeline();
        await pipeline.put("failed/ping/other/a.json", "{}", "replayed");
        await pipeline.put("raw/v0/ping/2026/11/21/04/a.json", "{}", "replayed");
        await pipeline.settle();
        const program = announce(pipeline);
        inFolder();
        writeFileSync("keys", "raw/v0/ping/2026/11/21/04/a.json\nraw/v0/ping/gone.json\n");

        const refused = await call(program, "--failed", "ping");
        const gone = await call(program, "--keys", "keys", "--to", "pings");
        const would = await call(program, "--keys", "keys", "--dry-run", "--json");

        expect(refused.exitCode).to.equal(1);
        expect(refused.out).to.match(/^0 records sent to the delivery stream of ping$/m);
        expect(refused.out).to.match(/^failed\/ping\/other\/a.json +lies in none of the folders normalize, /m);
        expect(gone.exitCode).to.equal(1);
        expect(gone.out).to.match(/^1 object sent to rollup\/pings\n\nno longer there *\nraw\/v0\/ping\/gone.json$/m);
        expect(JSON.parse(would.out)).to.deep.include({
            count: 1,
            refused: [{ what: "raw/v0/ping/gone.json", reason: "there is no such object" }],
        });
    });

    it("ends between two batches when it is interrupted, and says how to go on", async () => {
        inFolder();
        let interrupt: (value?: unknown) => void = () => {};
        const interrupted = new Promise((resolve) => {
            interrupt = resolve;
        });
        const keys = Array.from({ length: 300 }, (_, index) => `raw/v0/ping/${index}`);
        const cloud = {
            async *list() {
                yield* keys.map((key) => ({ key, size: 1, lastModified: 0 }));
            },
            head: async (key: string) => ({ key, size: 1, lastModified: 0, eTag: "e" }),
            publish: async () => {
                interrupt();
                return new Map();
            },
        } as unknown as Cloud;
        const out = new Written();
        const outputs = await outputsFile();

        const exitCode = await replay(
            undefined,
            { outputs, prefix: ["raw/"], rate: 1e6 },
            { out, interrupted, cloud: () => cloud },
        );

        expect(exitCode).to.equal(130);
        const [, sent, file] = /^(\d+) objects sent to .*\nstopped before the end: go on with --resume (\S+)$/m.exec(
            out.text,
        )!;
        expect(Number(sent)).to.be.within(10, 290);
        const rest = new Written();
        const again = await replay(
            undefined,
            { outputs, resume: file, rate: 1e6 },
            { out: rest, interrupted: new Promise(() => {}), cloud: () => cloud },
        );
        expect(again).to.equal(0);
        expect(rest.text).to.equal(
            `${300 - Number(sent)} objects sent to all subscribers\n${sent} objects sent before left out\n`,
        );
    });

    it("says how to go on where AWS refuses on the way", async () => {
        inFolder();
        const cloud = {
            async *list() {
                yield { key: "raw/v0/ping/a", size: 1, lastModified: 0 };
            },
            head: async () => {
                throw Object.assign(new Error("token"), { name: "ExpiredToken" });
            },
        } as unknown as Cloud;
        const outputs = await outputsFile();

        const error = await replay(
            undefined,
            { outputs, prefix: ["raw/"] },
            { out: new Written(), interrupted: new Promise(() => {}), cloud: () => cloud },
        ).catch((error) => error);

        expect(error.message).to.match(
            /^the AWS credentials have expired: log in again, and go on with --resume\nwhat was sent is in (\S+): go on with --resume \1$/,
        );
    });

    it("goes on with no other pipeline's replay", async () => {
        const journal = newJournal({ kind: "objects" });
        journal.header.pipeline = "other";
        writeFileSync(journal.file, `${JSON.stringify(journal.header)}\n`);

        const { exitCode, error } = await call("--outputs", await outputsFile(), "--resume", journal.file);

        expect(exitCode).to.equal(2);
        expect(error).to.equal(`--resume ${journal.file}: is of other in replayed, not replayed in the-bucket\n`);
    });

    for (const [args, message] of [
        [[], /^error: say what is replayed: --prefix, --since, /],
        [["--to", "seen"], /^error: say what is replayed: /],
        [
            ["--prefix", "raw/", "--dead-letters", "run-query"],
            /^error: --prefix and --dead-letters do not go together$/m,
        ],
        [["--prefix", "raw/", "--keys", "keys"], /^error: --prefix and --keys do not go together$/m],
        [["--failed", "ping", "--keys", "keys"], /^error: --keys and --failed do not go together$/m],
        [["--failed", "ping", "--to", "seen"], /^error: --to does not go with --failed$/m],
        [["--dead-letters", "run-query", "--again"], /^error: --again does not go with --dead-letters$/m],
        [
            ["--resume", "x", "--prefix", "raw/", "--again"],
            /^error: --resume knows what is replayed: leave out --prefix and --again$/m,
        ],
        [["--since", "yesterday"], /expected a time such as 2026-11-21T04:00:00Z/],
        [["--since", "2026-11-22", "--until", "2026-11-21"], /^error: --since is not before --until$/m],
        [["--prefix", "raw/", "--rate", "0"], /a number above 0/],
        [["--keys", "-", "--outputs", "-"], /^error: --keys and --outputs can't both be standard input$/m],
        [["--keys", "nowhere"], /^--keys nowhere: can't be read \(ENOENT\)$/m],
        [["--prefix", "raw/", "--outputs", "nowhere"], /^say which pipeline: /m],
    ] as [string[], RegExp][]) {
        it(`refuses ${args.join(" ") || "nothing at all"}`, async () => {
            const { exitCode, out, error } = await call("stack", ...args);

            expect(exitCode).to.equal(2);
            expect(out).to.equal("");
            expect(error).to.match(message);
        });
    }

    async function outputsFile(): Promise<string> {
        const queue = { queueUrl: "https://sqs/q", deadLetterQueueUrl: "https://sqs/d" };
        const operations = {
            ...{ pipeline: "replayed", region: "eu-west-1", bucketName: "the-bucket", topicArn: "arn:aws:sns:x" },
            ingests: {},
            queues: { pings: queue },
            subscribers: { "rollup/pings": { prefix: "raw/v0/ping/", queue: "pings" } },
        };
        const file = join(temporaryFolder(), "outputs.json");
        writeFileSync(file, JSON.stringify({ operations }));
        return file;
    }

    it("knows a running dev by what it says", async () => {
        const pipeline = await startPipeline();

        expect(targetOf(pipeline).operations.queues).to.have.all.keys("run-query", "convert-result", "pings", "touch");
    });
});
