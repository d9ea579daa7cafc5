import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { gunzipSync } from "node:zlib";
import { expect } from "chai";
import { runCommandLine } from "../../../cli/command-line";
import type { Line } from "../../../cli/generate/faults";
import { post } from "../../../cli/generate/post";
import { LocalPipeline } from "../../../local";
import { afterTest } from "../../setup";
import { linesOf, specFile } from "./specs";

const spec = {
    count: 250,
    fields: { id: { type: "sequence" }, page: { type: "choice", values: ["/", "/ä"] } },
    faults: { duplicates: { share: 0.1, within: 5 } },
};

class Written extends Writable {
    text = "";

    override _write(chunk: Buffer, _encoding: string, done: () => void): void {
        this.text += chunk;
        done();
    }
}

async function generate(spec: unknown, args: string[], interrupted: Promise<void> = new Promise(() => {})) {
    const [out, error] = [new Written(), new Written()];
    const exitCode = await runCommandLine(["generate", specFile(spec), ...args], {
        out,
        error,
        interrupted: () => interrupted,
    });
    return { exitCode, out: out.text, error: error.text };
}

/** A server that keeps what it got; `answer` decides about each body. */
async function startServer(answer: RequestListener = (_, response) => response.writeHead(204).end()) {
    const requests: { headers: IncomingHttpHeaders; body: Buffer }[] = [];
    const server = createServer(async (request, response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        requests.push({ headers: request.headers, body: Buffer.concat(chunks) });
        answer(request, response);
    });
    let connections = 0;
    server.on("connection", () => connections++);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    afterTest(() => {
        server.closeAllConnections();
        server.close();
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/click`;
    return { url, requests, connections: () => connections };
}

function folder(): string {
    const path = mkdtempSync(join(tmpdir(), "generate-"));
    afterTest(() => rmSync(path, { recursive: true }));
    return path;
}

describe("eventpipeline generate --out", () => {
    it("writes the lines to a file, in a folder that it makes, and sums them up", async () => {
        const file = join(folder(), "a", "events.ndjson");
        const lines = await linesOf(spec);

        const { exitCode, out } = await generate(spec, ["--out", file]);

        expect(exitCode).to.equal(0);
        expect(readFileSync(file, "utf8")).to.equal(lines.map(({ text }) => `${text}\n`).join(""));
        expect(out).to.match(/^\d+ lines: 250 events, \d+ duplicates in [\d.]+ s\n$/);
        expect(out).to.include(`${lines.length} lines: 250 events, ${lines.length - 250} duplicates`);
    });

    it("gzips a file whose name ends in .gz", async () => {
        const file = join(folder(), "events.ndjson.gz");

        await generate(spec, ["--out", file]);

        expect(gunzipSync(readFileSync(file)).toString().trim().split("\n")).to.have.length(
            (await linesOf(spec)).length,
        );
    });

    it("keeps standard output for the lines", async () => {
        const { out, error } = await generate(spec, ["--out", "-", "--count", "2", "--seed", "-3", "--json"]);

        expect(out).to.equal((await linesOf(spec, { count: 2, seed: -3 })).map(({ text }) => `${text}\n`).join(""));
        expect(JSON.parse(error).generated).to.deep.include({ events: 2, broken: 0 });
    });

    it("ends quietly when its reader has enough", async () => {
        const out = new Writable({
            write(_chunk, _encoding, done) {
                done(Object.assign(new Error("broken pipe"), { code: "EPIPE" }));
            },
        });
        const error = new Written();

        const exitCode = await runCommandLine(["generate", specFile({ ...spec, count: 1e9 }), "--out", "-"], {
            out,
            error,
            interrupted: () => new Promise(() => {}),
        });

        expect(exitCode).to.equal(0);
        expect(error.text).to.match(/ lines: /);
    });

    it("names a file that can't be written, and a wrong spec before it writes anything", async () => {
        const path = folder();
        const file = join(path, "events.ndjson");

        const wrong = await generate({ ...spec, count: -1 }, ["--out", file]);
        const unwritable = await generate(spec, ["--out", path]);

        expect(wrong.exitCode).to.equal(2);
        expect(wrong.error).to.match(/^1 problem in .*spec\.json:\n {2}count: must be an integer/);
        expect(existsSync(file)).to.equal(false);
        expect(unwritable).to.deep.include({
            exitCode: 2,
            error: `--out ${path}: the file can't be written (EISDIR)\n`,
        });
    });

    it("stops when interrupted, and counts just what it wrote", async () => {
        const file = join(folder(), "events.ndjson");
        const soon = new Promise<void>((resolve) => setTimeout(resolve, 200));

        const { exitCode, out, error } = await generate({ ...spec, count: 1e12 }, ["--out", file], soon);

        const written = readFileSync(file, "utf8").split("\n").length - 1;
        expect(exitCode).to.equal(130);
        expect(out).to.include(`${written.toLocaleString("en")} lines: `);
        expect(error).to.equal("Interrupted: there are more events in the spec.\n");
    });

    it("keeps to the rate", async () => {
        const started = performance.now();

        await generate({ ...spec, count: 300, faults: {} }, ["--out", "-", "--rate", "500"]);

        expect(performance.now() - started).to.be.within(390, 10_000);
    });
});

describe("eventpipeline generate --to", () => {
    it("posts batches with the key over one connection, and counts them by status", async () => {
        const server = await startServer();
        const lines = await linesOf(spec);

        const { exitCode, out } = await generate(spec, ["--to", server.url, "--key", "secret", "--batch", "100"]);

        expect(exitCode).to.equal(0);
        expect(server.requests.map(({ body }) => body.toString()).join("")).to.equal(
            lines.map(({ text }) => `${text}\n`).join(""),
        );
        expect(server.requests.map(({ headers }) => headers["x-api-key"])).to.deep.equal([
            "secret",
            "secret",
            "secret",
        ]);
        expect(server.connections()).to.equal(1);
        expect(out).to.match(new RegExp(`^ +204 +3 +${lines.length}$`, "m"));
        expect(out).to.not.include("secret");
    });

    it("compresses, and takes the key from the environment", async () => {
        const server = await startServer();
        process.env.EVENTPIPELINE_KEY = "from the environment";
        afterTest(() => delete process.env.EVENTPIPELINE_KEY);

        await generate(spec, ["--to", server.url, "--gzip"]);

        const [{ headers, body } = server.requests[0]!] = server.requests;
        expect(headers).to.include({ "x-api-key": "from the environment", "content-encoding": "gzip" });
        expect(gunzipSync(body).toString().trim().split("\n")).to.have.length(100);
    });

    it("sends nothing twice: what is sent is what the answers count, whatever they are", async () => {
        let asked = 0;
        const server = await startServer((_, response) => {
            asked++;
            if (asked % 4 === 0) response.destroy();
            else response.writeHead([204, 429, 500][asked % 3]!).end("why\n");
        });

        const { exitCode, out } = await generate({ ...spec, count: 1000 }, [
            ...["--to", server.url, "--batch", "50", "--connections", "4", "--json"],
        ]);

        const { generated, answers, gaveUp } = JSON.parse(out);
        const sum = (name: string) =>
            answers.reduce((total: number, answer: Record<string, number>) => total + answer[name]!, 0);
        expect(exitCode).to.equal(1);
        expect(gaveUp).to.equal(false);
        expect(sum("lines")).to.equal(generated.lines);
        expect(sum("requests")).to.equal(server.requests.length);
        expect(answers.map(({ status }: { status: unknown }) => String(status)).sort()).to.deep.equal([
            "204",
            "429",
            "500",
            "UND_ERR_SOCKET",
        ]);
        expect(answers.find(({ status }: { status: unknown }) => status === 429).body).to.equal("why\n");
        expect(server.connections()).to.be.above(1);
    });

    it("gives up when nobody answers, and says so", async () => {
        const server = await startServer();
        const { port } = new URL(server.url);
        const silent = createServer();
        await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
        const closed = (silent.address() as AddressInfo).port;
        await new Promise((resolve) => silent.close(resolve));
        expect(closed).to.not.equal(Number(port));

        const { exitCode, out } = await generate({ ...spec, count: 1e6 }, ["--to", `http://127.0.0.1:${closed}/`]);

        expect(exitCode).to.equal(1);
        expect(out).to.match(/^ECONNREFUSED +5 +500$/m);
        expect(out).to.match(/^Nobody answers at http:\S+: the rest is not sent\.$/m);
    });

    it("waits for an answer no longer than it should", async () => {
        const server = await startServer(() => {});
        const lines: Line[] = [{ text: "{}", arrival: 0, late: 0 }];

        const posted = await post(
            (async function* () {
                yield lines;
            })(),
            { url: server.url, connections: 1, timeout: 50 },
        );

        expect(posted).to.deep.equal({ answers: [{ status: "timeout", requests: 1, lines: 1 }], gaveUp: false });
    });

    it("prints the counts when it is interrupted", async () => {
        const server = await startServer();
        const soon = new Promise<void>((resolve) => setTimeout(resolve, 300));

        const { exitCode, out } = await generate(spec, ["--to", server.url, "--batch", "1", "--rate", "50"], soon);

        expect(exitCode).to.equal(130);
        expect(server.requests.length).to.be.within(1, 20);
        expect(out).to.match(new RegExp(`^ +204 +${server.requests.length} +${server.requests.length}$`, "m"));
    });

    it("is understood by the collector, with the key and without", async () => {
        const local = await LocalPipeline.start({ program: "examples/shop" });
        afterTest(() => local.stop());
        const key = Object.values(local.invented)[0] ?? "development-key-of-shop";
        const clicks = { count: 250, fields: { page: spec.fields.page } };
        const { url } = local.routes[0]!;

        const known = await generate(clicks, ["--to", url, "--key", key, "--gzip"]);
        const unknown = await generate(clicks, ["--to", url]);

        expect(known.out).to.match(/^ +204 +3 +250$/m);
        expect(known.exitCode).to.equal(0);
        expect(unknown.out).to.match(/^ +401 +3 +250 +\{"message":"a write key is needed/m);
        expect(unknown.exitCode).to.equal(1);
        await local.settle();
        const stored = (await local.report()).objects.filter(({ key }) => key.startsWith(local.ingestPrefix("click")));
        expect(stored.reduce((sum, { events = 0 }) => sum + events, 0)).to.equal(250);
    }).timeout(60_000);
});

describe("eventpipeline generate --ingest", function () {
    this.timeout(60_000);
    const clicks = {
        for: "3h",
        time: { start: "2026-11-14T00:30:00Z", every: "60s" },
        fields: {
            page: { type: "choice", values: ["/", "/about"] },
            clicked_at: { type: "timestamp", late: { share: 0.1, within: "5m" } },
        },
        faults: { duplicates: { share: 0.05, within: 10 }, broken: 0.05 },
    };

    it("runs the program with the clock on the events, and finds every line again", async () => {
        const { exitCode, out } = await generate(clicks, ["--ingest", "click", "examples/shop", "--json"]);

        const { generated, reported, objects, failed } = JSON.parse(out);
        expect(exitCode).to.equal(0);
        expect(generated.events).to.equal(180);
        expect(generated.broken).to.be.above(0);
        expect(reported).to.deep.equal({ stored: generated.lines - generated.broken, rejected: generated.broken });
        expect(failed).to.deep.equal([{ stage: "normalize", reason: "not valid JSON", count: generated.broken }]);
        const hours = objects
            .map(({ key }: { key: string }) => /^raw\/v0\/click\/2026\/11\/14\/(\d\d)\//.exec(key)?.[1])
            .filter(Boolean);
        expect(hours).to.deep.equal(["01", "02", "03", "04"]);
    });

    it("prints the report, and what was made beside what was stored", async () => {
        const { out, exitCode } = await generate({ ...clicks, faults: {} }, [
            ...["--ingest", "click", "examples/shop", "--at", "2026-11-20", "--step", "1d"],
        ]);

        expect(exitCode).to.equal(0);
        expect(out).to.match(/^raw\/v0\/click\/ +1 +180 /m);
        expect(out).to.match(
            /^180 lines: 180 events, \d+ late; the pipeline reports 180 lines stored and 0 lines rejected$/m,
        );
    });

    it("sends events without a time at once, and fails for what was not asked for", async () => {
        const { out, exitCode } = await generate({ count: 10, fields: { pages: { type: "uuid" } } }, [
            ...["--ingest", "click", "examples/shop", "--json"],
        ]);

        expect(exitCode).to.equal(1);
        expect(JSON.parse(out).reported).to.deep.equal({ stored: 0, rejected: 10 });
    });

    it("stops when interrupted, with a report of what it sent", async () => {
        const { out, exitCode } = await generate(clicks, ["--ingest", "click", "examples/shop"], Promise.resolve());

        expect(exitCode).to.equal(130);
        expect(out).to.match(/^0 lines: 0 events; /m);
    });

    it("runs the documentation's example to the end", async () => {
        const out = new Written();

        const exitCode = await runCommandLine(
            ["generate", "examples/shop/clicks.json", "--ingest", "click", "examples/shop", "--step", "6h", "--json"],
            { out, error: process.stderr, interrupted: () => new Promise(() => {}) },
        );

        const { generated, reported, reports } = JSON.parse(out.text);
        expect(exitCode).to.equal(0);
        expect(generated.events).to.equal(2 * 1440);
        for (const fault of ["duplicates", "broken", "moved", "late"]) expect(generated[fault]).to.be.above(0);
        const clicks = reports["processed/v0/pagehour/"].reduce(
            (sum: number, row: { clicks: number }) => sum + row.clicks,
            0,
        );
        expect(clicks).to.equal(reported.stored);
    });

    it("names an ingest that is not there", async () => {
        const { error, exitCode } = await generate(clicks, ["--ingest", "clik", "examples/shop"]);

        expect(exitCode).to.equal(2);
        expect(error).to.match(/^There is no ingest "clik"/);
    });
});

describe("eventpipeline generate", () => {
    for (const [args, message] of [
        [[], /say where the events go: --to, --out or --ingest, one of them/],
        [["--out", "-", "--to", "http://a"], /say where the events go/],
        [["--out", "-", "--gzip"], /--gzip goes with --to/],
        [["--to", "http://a", "--buffer-seconds", "1"], /--buffer-seconds goes with --ingest/],
        [["--ingest", "a", "program", "--rate", "1"], /--rate goes with --to and --out/],
        [["--ingest", "a"], /--ingest needs the program/],
        [["program", "--out", "-"], /a program goes with --ingest, not with --out/],
        [["--to", "nowhere"], /expected an address such as/],
        [["--out", "-", "--count", "1.5"], /an integer from 0 to/],
        [["--out", "-", "--rate", "0"], /a number above 0/],
        [["--out", "-", "--count", "1", "--for", "1h"], /cannot be used with option '--for/],
    ] as [string[], RegExp][]) {
        it(`refuses ${args.join(" ") || "no destination"}, and shows its help`, async () => {
            const { exitCode, error } = await generate(spec, args);

            expect(exitCode).to.equal(2);
            expect(error)
                .to.match(message)
                .and.to.match(/Usage: eventpipeline generate/);
        });
    }

    it("helps with examples", async () => {
        const { exitCode, out } = await generate(spec, ["--help"]);

        expect(exitCode).to.equal(0);
        expect(out).to.match(/\$ eventpipeline generate clicks\.json --to "\$URL"/);
    });
});
