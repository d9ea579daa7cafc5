import { spawn, spawnSync } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { purchases } from "../../examples/web-application/generate";
import { capture, LocalPipeline, type Report } from "../../local";
import { afterTest } from "../setup";
import { duckdb } from "./run-example";

const folder = "examples/web-application";
const hasBoto3 = spawnSync("python3", ["-c", "import boto3"]).status === 0;
const producers = [
    {
        file: "producer.ts",
        command: [process.execPath, "--require", "ts-node/register/transpile-only", `${folder}/producer.ts`],
        runs: true,
    },
    { file: "producer.py", command: ["python3", `${folder}/producer.py`], runs: hasBoto3 },
] as const;

describe("the web application example", () => {
    it("lets the application's role put on the stream, and nothing else", async () => {
        const { resources, outputs } = await capture({ program: folder, config: { applicationRole: "web" } });

        const { role, policy } = resources.find(({ name }) => name === "application")!.inputs;
        expect(role).to.equal("web");
        expect(JSON.parse(String(policy)).Statement).to.deep.equal([
            {
                Effect: "Allow",
                Action: ["firehose:PutRecord", "firehose:PutRecordBatch"],
                Resource: "arn:aws:firehose:us-east-1:000000000000:deliverystream/site-purchase",
            },
        ]);
        expect(outputs.policies).to.deep.equal({ purchase: policy });
    });
});

for (const { file, command, runs } of producers) {
    const name = `the web application example, with ${file}`;
    (runs ? describe : describe.skip)(runs ? name : `${name} (skipped: python3 has no boto3)`, function () {
        this.timeout(60_000);

        describe("on this machine", () => {
            const events = purchases();
            const columns = {
                product: "VARCHAR",
                amount: "DECIMAL(10,2)",
                purchased_at: "TIMESTAMP",
                event_id: "VARCHAR",
            };
            let local: LocalPipeline;
            let report: Report;
            before(async () => {
                local = await LocalPipeline.start({ program: folder, at: "2026-11-21" });
                const { purchase: stream } = local.outputs.streams as Record<string, string>;
                for (const part of [events.slice(0, 3500), events.slice(3500)]) {
                    const { status, unsent, said } = await produce(
                        command,
                        stream!,
                        part.map(lineOf),
                        local.endpointUrl,
                    );
                    expect({ status, unsent, said }).to.deep.equal({
                        status: 0,
                        unsent: "",
                        said: `site-purchase: ${part.length} events stored, 0 not\n`,
                    });
                    await local.settle();
                }
                report = await local.report();
            });
            after(() => local?.stop());

            it("stores every purchase once, as it was sent", async () => {
                const stored = await local.rows("raw/v0/purchase/");

                expect(report.failed).to.deep.equal([]);
                expect(Object.keys(report.reports)).to.have.members([
                    "processed/v0/productday/",
                    "reports/v0/bestsellers/",
                ]);
                expect(stored.map(({ event_id, product, amount }) => [event_id, product, amount])).to.deep.equal(
                    events.map(({ event_id, product, amount }) => [event_id, product, amount]),
                );
            });

            it("counts by product and day as plain DuckDB does, each delivery by itself", async () => {
                const expected = await duckdb(
                    events,
                    columns,
                    `SELECT product, strftime(date_trunc('day', purchased_at), '%Y-%m-%d %H:%M:%S.%g') AS day,
                            count(*)::INT AS purchases, sum(amount)::DOUBLE AS revenue, max(amount)::DOUBLE AS largest
                     FROM events GROUP BY product, day, split_part(event_id, '-', 2)::INT <= 3500`,
                );

                expect(report.runs.filter(({ query }) => query === "productday")).to.have.length(2);
                expect(report.reports["processed/v0/productday/"]).to.have.deep.members(expected);
            });

            it("lists the bestsellers as plain DuckDB does from the raw events", async () => {
                const expected = await duckdb(
                    events,
                    columns,
                    `SELECT product, count(*)::INT AS purchases, sum(amount)::DOUBLE AS revenue,
                            max(amount)::DOUBLE AS largest
                     FROM events GROUP BY product ORDER BY 3 DESC, 1`,
                );

                expect(report.reports["reports/v0/bestsellers/"]).to.deep.equal(expected);
            });
        });

        describe("where Firehose fails", () => {
            /** 40 events of 1 KB, so five share a record. */
            const events = Array.from({ length: 40 }, (_, index) => lineOf({ index, text: "x".repeat(980) }));
            const fails = (...failing: number[]) => ({ failing });

            it("sends again what a call that succeeded did not store, and nothing else", async () => {
                const firehose = await scriptedFirehose([fails(1, 4, 6), fails(0, 2), fails(1), fails()]);

                const { status, unsent, said } = await produce(command, "clicks", events, firehose.url);

                const [first, second, third, fourth] = firehose.calls;
                expect({ status, unsent, said }).to.deep.equal({
                    status: 0,
                    unsent: "",
                    said: "clicks: 40 events stored, 0 not\n",
                });
                expect(first).to.have.length(8);
                expect(second).to.deep.equal([first![1], first![4], first![6]]);
                expect(third).to.deep.equal([first![1], first![6]]);
                expect(fourth).to.deep.equal([first![6]]);
                expect(firehose.calls).to.have.length(4);
                expect(firehose.stored().sort()).to.deep.equal([...events].sort());
            });

            it("gives back what is not stored after eight attempts, and goes on with the rest", async () => {
                const many = Array.from({ length: 2600 }, (_, index) => lineOf({ index, text: "x".repeat(980) }));
                const firehose = await scriptedFirehose([fails(0, 3), ...Array(7).fill(fails(0, 1)), fails()]);

                const { status, unsent, said } = await produce(command, "clicks", many, firehose.url);

                const [first] = firehose.calls;
                expect(firehose.calls.map(({ length }) => length)).to.deep.equal([500, 2, 2, 2, 2, 2, 2, 2, 20]);
                expect(status).to.equal(1);
                expect(unsent).to.equal(first![0]! + first![3]!);
                expect(said).to.equal(
                    "2 of 500 records are not stored: ServiceUnavailableException\nclicks: 2590 events stored, 10 not\n",
                );
                expect([...firehose.stored(), ...linesOf(unsent)].sort()).to.deep.equal([...many].sort());
            });

            it("sends a call again that fails as a whole", async () => {
                const firehose = await scriptedFirehose([{ status: 500, code: "InternalFailure" }, fails(2), fails()]);

                const { status } = await produce(command, "clicks", events, firehose.url);

                const [failed, first, second] = firehose.calls;
                expect(status).to.equal(0);
                expect(first).to.deep.equal(failed);
                expect(second).to.deep.equal([first![2]]);
            });

            it("gives back everything, and names the reason, where the stream is none", async () => {
                const firehose = await scriptedFirehose([{ status: 400, code: "ResourceNotFoundException" }]);

                const { status, unsent, said } = await produce(command, "clicks", events, firehose.url);

                expect(status).to.equal(1);
                expect(linesOf(unsent)).to.deep.equal(events);
                expect(said)
                    .to.match(/^8 of 8 records are not stored: .*ResourceNotFoundException.*scripted/)
                    .and.to.match(/\nclicks: 0 events stored, 40 not\n$/);
                expect(firehose.calls).to.have.length(1);
            });
        });

        describe("with events of all sizes", () => {
            it("ends each line, joins small ones up to 5 KB, and leaves empty ones out", async () => {
                const firehose = await scriptedFirehose([]);
                const events = Array.from({ length: 3000 }, (_, index) =>
                    lineOf({ index, text: "ü\u2028".repeat((index * 37) % 400) }),
                );
                const input = [...events.slice(0, 10), "\n", " \n", ...events.slice(10)];
                input.push(input.pop()!.trimEnd());

                const { status, said } = await produce(command, "clicks", input, firehose.url);

                const records = firehose.calls.flat();
                const sizes = records.map((record) => Buffer.byteLength(record));
                expect({ status, said }).to.deep.equal({ status: 0, said: "clicks: 3000 events stored, 0 not\n" });
                expect(firehose.stored()).to.deep.equal(events);
                expect(Math.max(...sizes)).to.be.at.most(5 * 1024);
                expect(records.filter((record) => !record.endsWith("\n"))).to.deep.equal([]);
                for (const [index, size] of sizes.slice(1).entries())
                    expect(sizes[index]! + Buffer.byteLength(linesOf(records[index + 1]!)[0]!), `${size}`).to.be.above(
                        5 * 1024,
                    );
            });

            it("keeps within 500 records and 4 MiB, and gives back an event that is larger than any record", async () => {
                const firehose = await scriptedFirehose([]);
                const large = Array.from({ length: 6 }, (_, index) => lineOf({ index, text: "x".repeat(900_000) }));
                const tooLarge = lineOf({ text: "x".repeat(1_100_000) });

                const { status, unsent, said } = await produce(
                    command,
                    "clicks",
                    [large[0]!, tooLarge, ...large.slice(1)],
                    firehose.url,
                );

                expect(status).to.equal(1);
                expect(unsent === tooLarge).to.equal(true);
                expect(said).to.equal(
                    "an event of 1100012 bytes is more than Firehose takes\nclicks: 6 events stored, 1 not\n",
                );
                expect(firehose.calls.map(({ length }) => length)).to.deep.equal([3, 3]);
                expect(firehose.stored()).to.have.length(6);
            });

            it("sends nothing where there is nothing", async () => {
                const firehose = await scriptedFirehose([]);

                const { status } = await produce(command, "clicks", [], firehose.url);

                expect({ status, calls: firehose.calls }).to.deep.equal({ status: 0, calls: [] });
            });
        });

        it("says how it is called", async () => {
            const { status, said } = await produce(command, undefined, [], "http://127.0.0.1:1");

            expect(status).to.equal(1);
            expect(said).to.match(/usage: .*producer\.\w\w STREAM < events\.ndjson > unsent\.ndjson/);
        });
    });
}

/** Runs a producer with these lines as its standard input. */
async function produce(command: readonly string[], stream: string | undefined, lines: string[], endpointUrl: string) {
    const [file, ...args] = command;
    const child = spawn(file!, [...args, ...(stream ? [stream] : [])], {
        env: {
            PATH: process.env.PATH,
            AWS_ENDPOINT_URL: endpointUrl,
            AWS_REGION: "us-east-1",
            AWS_DEFAULT_REGION: "us-east-1",
            AWS_ACCESS_KEY_ID: "local",
            AWS_SECRET_ACCESS_KEY: "local",
            NODE_NO_WARNINGS: "1",
        },
    });
    let unsent = "";
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
        unsent += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
        said += text;
    });
    // One that ends early reads no more.
    child.stdin.on("error", () => {});
    child.stdin.end(lines.join(""));
    const status = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
    return { status, unsent, said };
}

type Answer = { failing: number[] } | { status: number; code: string };

/** A Firehose that answers calls as the script says, one after another, and those after it with success. */
async function scriptedFirehose(script: Answer[]) {
    const calls: string[][] = [];
    const stored: string[] = [];
    const server = createServer(async (request, response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk);
        const { Records } = JSON.parse(Buffer.concat(chunks).toString()) as { Records: { Data: string }[] };
        const records = Records.map(({ Data }) => Buffer.from(Data, "base64").toString());
        const answer = script[calls.push(records) - 1] ?? { failing: [] };
        const [status, body] =
            "code" in answer ? [answer.status, refusal(answer.code)] : [200, accept(records, answer)];
        response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    afterTest(() => {
        server.closeAllConnections();
        server.close();
    });
    return {
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        /** The records of each call. */
        calls,
        /** The lines of all records that were stored. */
        stored: () => stored.flatMap(linesOf),
    };

    function accept(records: string[], { failing }: { failing: number[] }) {
        stored.push(...records.filter((_, index) => !failing.includes(index)));
        return {
            FailedPutCount: failing.length,
            RequestResponses: records.map((_, index) =>
                failing.includes(index)
                    ? { ErrorCode: "ServiceUnavailableException", ErrorMessage: "Slow down." }
                    : { RecordId: `record-${index}` },
            ),
        };
    }
}

function refusal(code: string) {
    return { __type: code, message: "scripted" };
}

function lineOf(event: object): string {
    return `${JSON.stringify(event)}\n`;
}

/** The lines of a text, each with its newline. */
function linesOf(text: string): string[] {
    return text.match(/[^\n]*\n/g) ?? [];
}
