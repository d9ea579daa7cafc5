import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { expect } from "chai";
import { runCommandLine } from "../../cli/command-line";

/** A stream that keeps what is written, and tells when something is. */
class Written extends Writable {
    text = "";
    private waiting: [pattern: RegExp, resolve: (match: RegExpExecArray) => void][] = [];

    override _write(chunk: Buffer, _encoding: string, done: () => void): void {
        this.text += chunk;
        for (const [pattern, resolve] of this.waiting) if (pattern.test(this.text)) resolve(pattern.exec(this.text)!);
        done();
    }

    async until(pattern: RegExp): Promise<RegExpExecArray> {
        return pattern.exec(this.text) ?? new Promise((resolve) => this.waiting.push([pattern, resolve]));
    }
}

describe("the command line", function () {
    this.timeout(60_000);
    let folder: string;
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "command-line-"));
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    async function call(...args: string[]) {
        const out = new Written();
        const error = new Written();
        const exitCode = await runCommandLine(args, { out, error, interrupted: async () => {} });
        return { exitCode, out: out.text, error: error.text };
    }

    function file(name: string, text: string): string {
        writeFileSync(join(folder, name), text);
        return join(folder, name);
    }

    describe("run", () => {
        it("prints objects, runs, the report and what failed as tables, and exits with 1 for the failures", async () => {
            const events = file("events.ndjson", '{"id":"a","value":1.5}\n{"id":"b","value":"x"}\n');

            const { exitCode, out } = await call("run", "test/programs/hardship", "--events", `ping=${events}`);

            expect(exitCode).to.equal(1);
            expect(out).to.match(/^raw\/v0\/ping\/ +1 +1 +\d+ B$/m);
            expect(out).to.match(/^backup\/ping\/ +1 {3,}\d+ B$/m);
            expect(out).to.match(/^ +1 {2}seen +1 +1 +\d+ B +0$/m);
            expect(out).to.match(/^processed\/v0\/seen\/ {2}1 row\nid +value\na +1.5$/m);
            expect(out).to.match(/^normalize +1 {2}column value: expected double, got a string$/m);
            expect(out).to.match(/^thrower|^hardship-thrower.*no luck/m);
            expect(out).to.match(/^hardship: \d+ objects, 3 query runs, 4 failed, [\d.]+ s$/m);
        });

        it("prints one JSON document", async () => {
            const events = file("events.csv", "id,occurred_at,felt\na,2026-11-20 04:00:00,\nb,2026-11-20 05:00:00,3\n");

            const { exitCode, out } = await call(
                ...["run", "examples/earthquakes", "--events", `earthquake=${events}`, "--json"],
                ...["--event-time", "occurred_at", "--buffer-seconds", "1"],
            );

            const { objects, runs, reports, failed, skipped } = JSON.parse(out);
            expect(exitCode).to.equal(0);
            expect({ failed, skipped }).to.deep.equal({ failed: [], skipped: [] });
            expect(objects.filter((object: { events?: number }) => object.events === 1)).to.not.be.empty;
            expect(
                runs.map(({ query, tier, state, rows }: Record<string, unknown>) => ({ query, tier, state, rows })),
            ).to.deep.equal([
                { query: "networkday", tier: 1, state: "SUCCEEDED", rows: 1 },
                { query: "networkweek", tier: 2, state: "SUCCEEDED", rows: 1 },
                { query: "networkday", tier: 1, state: "SUCCEEDED", rows: 1 },
                { query: "networkweek", tier: 2, state: "SUCCEEDED", rows: 1 },
            ]);
            expect(runs[0].trigger).to.have.length(1);
            expect(reports["reports/v0/networkweek/"]).to.deep.equal([
                { network: null, earthquakes: 2, days: 1, strongest: null, strongest_place: null, felt: 3 },
            ]);
        });

        it("injects the faults of a file, and prints them in a table or in the document", async () => {
            const events = file("events.ndjson", '{"id":"a","occurred_at":"2026-11-20 04:00:00","felt":3}\n');
            const faults = file(
                "faults.json",
                JSON.stringify({
                    seed: 3,
                    calls: [{ service: "s3", action: "PutObject", cut: "after", times: 1 }],
                    notifications: { drop: 0 },
                }),
            );
            const args = ["run", "examples/earthquakes", "--events", `earthquake=${events}`, "--faults", faults];

            const printed = await call(...args);
            const json = await call(...args, "--json");

            expect(printed.exitCode).to.equal(0);
            expect(printed.out).to.match(/^Injected faults {2}seed 3$/m);
            expect(printed.out).to.match(/^calls\[0\] +cut after +earthquakes-convert-result s3:PutObject +1$/m);
            expect(printed.out).to.match(/^never: notifications\.drop$/m);
            expect(JSON.parse(json.out).faults).to.deep.equal({
                seed: 3,
                injected: [
                    {
                        ...{ rule: "calls[0]", fault: "cut after" },
                        ...{ where: "earthquakes-convert-result s3:PutObject", count: 1 },
                    },
                ],
                idle: ["notifications.drop"],
            });
        });

        it("refuses faults that can't be read or followed", async () => {
            const events = file("events.ndjson", "{}\n");
            const withFaults = (faults: string) =>
                call("run", "examples/earthquakes", "--events", `earthquake=${events}`, "--faults", faults);

            const missing = await withFaults("nowhere.json");
            const broken = await withFaults(file("broken.json", "{seed:1}"));
            const wrong = await withFaults(file("wrong.json", '{"seed":-1,"crash":[]}'));

            expect(missing.exitCode).to.equal(2);
            expect(missing.error).to.include("argument 'nowhere.json' is invalid. the file can't be read (ENOENT).");
            expect(broken.error).to.match(/is invalid\. not JSON: /);
            expect(wrong).to.deep.include({ exitCode: 2, out: "" });
            expect(wrong.error).to.match(
                /^2 problems in the faults:\n {2}seed: expected a whole number from 0\n {2}crash: /,
            );
        });

        it("refuses events that begin before their table, instead of storing what no query sees", async () => {
            const events = file("events.ndjson", '{"id":"a","occurred_at":"2018-01-31 04:00:00"}\n');
            const args = [
                "run",
                "examples/earthquakes",
                "--events",
                `earthquake=${events}`,
                "--event-time",
                "occurred_at",
            ];

            const refused = await call(...args);
            const shifted = await call(...args, "--at", "2026-11-14");

            expect(refused).to.deep.equal({
                exitCode: 2,
                out: "",
                error:
                    "The events begin on 2018-01-31, but the table earthquake on 2026-01-01: let them begin later with --at, " +
                    "or say `since` in the program\n",
            });
            expect(shifted.exitCode).to.equal(0);
        });

        for (const [what, option, names, only] of [
            [
                "a field that no event has",
                "occured_at",
                'no event has a time in "occured_at": did you mean `occurred_at`?',
            ],
            ["a field without a time", "id", 'no event has a time in "id": there is `occurred_at`'],
            ["the only field", "id", 'no event has a time in "id": the events have no other field', '{"id":"a"}'],
        ] as const) {
            it(`refuses to follow ${what}, which would leave the clock in 1970`, async () => {
                const events = file("events.ndjson", only ?? '{"id":"a","occurred_at":"2026-11-14 04:00:00"}\n');

                const refused = await call(
                    "run",
                    "examples/earthquakes",
                    "--events",
                    `earthquake=${events}`,
                    "--event-time",
                    option,
                );

                expect(refused).to.deep.equal({ exitCode: 2, out: "", error: `--event-time: ${names}\n` });
            });
        }

        it("names an ingest, a file or a program that is not there", async () => {
            const events = file("events.ndjson", "{}\n");

            const ingest = await call("run", "examples/earthquakes", "--events", `quake=${events}`);
            const missing = await call("run", "examples/earthquakes", "--events", "earthquake=nowhere.ndjson");
            const program = await call("run", "examples/nowhere", "--events", `quake=${events}`);

            expect(ingest).to.deep.include({
                exitCode: 2,
                error: 'There is no ingest "quake": there is `earthquake`\n',
            });
            expect(missing.error).to.equal("--events earthquake=nowhere.ndjson: the file can't be read (ENOENT)\n");
            expect(program).to.deep.include({ exitCode: 1, error: "There is no program at examples/nowhere\n" });
        });

        for (const [args, message] of [
            [["--events", "ping"], /expected NAME=FILE/],
            [["--events", "a=b", "--step", "6"], /expected a number and s, m, h or d/],
            [["--events", "a=b", "--at", "soon"], /expected a time such as/],
            [["--events", "a=b", "--buffer-seconds", "901"], /seconds from 0 to 900/],
            [["--events", "a=b", "--config", "key"], /expected KEY=VALUE/],
            [[], /nothing to send: say --events NAME=FILE, --objects PREFIX=FOLDER, or both/],
            [["--objects", "exports=a"], /the prefix must end in \//],
        ] as const) {
            it(`refuses ${args.join(" ") || "no events"}, and shows its help`, async () => {
                const { exitCode, error } = await call("run", "examples/fleet", ...args);

                expect(exitCode).to.equal(2);
                expect(error)
                    .to.match(message)
                    .and.to.match(/Usage: eventpipeline run/);
            });
        }
    });

    describe("check", () => {
        it("prints the tables, and what starts what", async () => {
            const { exitCode, out } = await call("check", "examples/fleet");

            expect(exitCode).to.equal(0);
            expect(out).to.match(
                /^deviceping +raw\/v0\/deviceping\/ +arrival_hour +device_id string, battery double, /m,
            );
            expect(out).to.match(
                /^ +2 +processed\/v0\/devicebattery\/ +query batteryweek +reports\/v0\/batteryweek\/ \(replace\)$/m,
            );
            expect(out).to.match(/^ +processed\/v0\/devicebattery\/ +processor forecast +processed\/v0\/forecast\/$/m);
        });

        it("prints the plan as JSON", async () => {
            const { out } = await call("check", "examples/earthquakes", "--json");

            const { ok, plans } = JSON.parse(out);
            expect(ok).to.equal(true);
            expect(
                plans.earthquakes.queries.map(({ name, tier }: Record<string, unknown>) => [name, tier]),
            ).to.deep.equal([
                ["networkday", 1],
                ["networkweek", 2],
            ]);
        });

        it("prints everything that is wrong, each with the argument's path, and exits with 1", async () => {
            const text = await call("check", "test/programs/wrong");
            const json = await call("check", "test/programs/wrong", "--json");

            expect(text.exitCode).to.equal(1);
            expect(text.out).to.equal(
                "2 problems in the arguments:\n" +
                    "  ingest.ping.columns[0].type: unknown type `text`: did you mean `string`?\n" +
                    '  queries["raw/v0/ping/"][0].sql: unknown table `pong`: did you mean `ping`?\n',
            );
            expect(JSON.parse(json.out)).to.deep.include({ ok: false });
            expect(JSON.parse(json.out).problems.map(({ path }: { path: string }) => path)).to.deep.equal([
                "ingest.ping.columns[0].type",
                'queries["raw/v0/ping/"][0].sql',
            ]);
        });

        it("says so where a program has no pipeline", async () => {
            const program = file("index.js", "const s3 = require('@pulumi/aws/s3'); new s3.Bucket('a');");
            const { NODE_PATH } = process.env;
            process.env.NODE_PATH = join(process.cwd(), "node_modules");

            const { out } = await call("check", program);

            if (NODE_PATH === undefined) delete process.env.NODE_PATH;
            else process.env.NODE_PATH = NODE_PATH;
            expect(out).to.equal("The program has no EventPipeline; its resources are fine.\n");
        });
    });

    describe("dev", () => {
        it("prints the collector's address, and a posted event's way to the second-tier report within seconds", async () => {
            const out = new Written();
            let interrupt = () => {};
            const interrupted = new Promise<void>((resolve) => {
                interrupt = resolve;
            });
            const rules = { calls: [{ service: "s3", action: "PutObject", cut: "after", times: 1 }] };
            const faults = file("faults.json", JSON.stringify(rules));
            const ended = runCommandLine(["dev", "examples/fleet", "--buffer-seconds", "1", "--faults", faults], {
                out,
                error: process.stderr,
                interrupted: () => interrupted,
            });
            const [, url] = await out.until(/^POST (http:\S+)$/m);

            const sentAt = new Date().toISOString().replace("T", " ").replace("Z", "");
            const response = await fetch(url!, {
                method: "POST",
                headers: { "x-api-key": "development-key-of-fleet" },
                body: JSON.stringify({ device_id: "a", battery: 0.25, sent_at: sentAt }),
            });
            await out.until(/reports\/v0\/batteryweek\/latest\.json\.gz.*\nhour +battery\n\S+ \S+ +0\.25$/m);
            interrupt();

            expect(response.status).to.equal(204);
            expect(await ended).to.equal(0);
            expect(out.text).to.match(/^AWS_ENDPOINT_URL=http:\/\/127\.0\.0\.1:\d+ /m);
            expect(out.text).to.match(/^MQTT mqtt:\/\/127\.0\.0\.1:\d+$/m);
            expect(out.text).to.match(/POST \/deviceping → 204/);
            expect(out.text).to.match(/fault calls\[0\]: cut after: fleet-convert-result s3:PutObject$/m);
            expect(out.text).to.match(/query devicebattery succeeded: 1 row, \d+ B scanned/);
        });

        it("says which Kinesis streams take records, and where", async () => {
            const { out } = await call("dev", "test/programs/kinesis");

            expect(out).to.match(/^Kinesis http:\/\/127\.0\.0\.1:\d+ stream web-click-kinesis$/m);
        });

        it("says which settings it made up", async () => {
            const { out } = await call("dev", "examples/fleet", "--stack", "other");

            expect(out).to.match(/^config fleet:webKey = \S{16,} {2}\(made up for this run\)$/m);
        });
    });

    it("helps", async () => {
        const help = await call("--help");
        const nothing = await call("fly");

        expect(help.exitCode).to.equal(0);
        expect(help.out)
            .to.match(/run \[options\] <program>/)
            .and.to.match(/PROGRAM is the folder/);
        expect(nothing.exitCode).to.equal(2);
        expect(nothing.error).to.match(/unknown command 'fly'/);
    });
});
