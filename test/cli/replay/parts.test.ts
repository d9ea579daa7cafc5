import { appendFileSync, chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect } from "chai";
import fc from "fast-check";
import { announceDev, readDevFile } from "../../../cli/dev-file";
import { awsOf, explained, type LoadPackage } from "../../../cli/replay/aws";
import { batchesOf, inLanes, paceOf, sendBatch } from "../../../cli/replay/batches";
import type { Cloud, Failures } from "../../../cli/replay/cloud";
import { costOf, costOfRecords } from "../../../cli/replay/cost";
import { sendDeadLetters } from "../../../cli/replay/dead-letters";
import { destinationOf } from "../../../cli/replay/destination";
import { failedRecords } from "../../../cli/replay/failed-records";
import { Journal } from "../../../cli/replay/journal";
import { sendObjects } from "../../../cli/replay/objects";
import { findTarget } from "../../../cli/target";
import type { Operations } from "../../../plan";
import { rejection } from "../../local/support";
import { afterTest } from "../../setup";
import { atOnce, newJournal, temporaryFolder } from "./world";

const queues = (name: string) => ({ queueUrl: `https://sqs/${name}`, deadLetterQueueUrl: `https://sqs/${name}-dead` });

function operations(changes: Partial<Operations> = {}): Operations {
    return {
        pipeline: "web",
        region: "eu-west-1",
        bucketName: "lake",
        topicArn: "arn:aws:sns:eu-west-1:123456789012:web",
        ingests: { click: { deliveryStreamName: "web-click", failedPrefix: "failed/click/", takesPayloads: true } },
        queues: { "run-query": queues("run-query"), clicks: queues("clicks") },
        subscribers: {
            "query/pages": { prefix: "raw/v0/click/", queue: "run-query", wholeTables: false },
            "query/all": { prefix: "raw/v0/click/", queue: "run-query", wholeTables: true },
            "rollup/clicks": { prefix: "raw/v0/click/", queue: "clicks" },
        },
        ...changes,
    };
}

describe("sending a batch", () => {
    it("sends again what failed, and answers what failed to the end", async () => {
        const calls: string[][] = [];
        const send = async (entries: string[]): Promise<Failures> => {
            calls.push(entries);
            const bad = entries.flatMap((entry, index): [number, string][] =>
                entry === "never" || (entry === "later" && calls.length < 3) ? [[index, "busy"]] : [],
            );
            return new Map(bad);
        };

        const failures = await sendBatch(["a", "later", "b", "never"], send, atOnce);

        expect(calls).to.deep.equal([
            ["a", "later", "b", "never"],
            ["later", "never"],
            ["later", "never"],
            ["never"],
            ["never"],
        ]);
        expect([...failures]).to.deep.equal([[3, "busy"]]);
    });

    it("is cut by number and bytes, and loses nothing", () => {
        const size = fc.integer({ min: 0, max: 30 });
        fc.assert(
            fc.property(fc.array(size), (sizes) => {
                const batches = [...batchesOf(sizes, { entries: 3, bytes: 20 }, (each) => each)];

                expect(batches.flat()).to.deep.equal(sizes);
                for (const batch of batches) {
                    expect(batch.length).to.be.within(1, 3);
                    if (batch.length > 1) expect(batch.reduce((sum, each) => sum + each, 0)).to.be.at.most(20);
                }
            }),
        );
    });

    it("begins nothing more once something failed", async () => {
        const begun: number[] = [];

        const error = await rejection(
            inLanes([1, 2, 3, 4, 5], 1, async (item) => {
                begun.push(item);
                if (item === 2) throw new Error("no more");
            }),
        );

        expect(error.message).to.equal("no more");
        expect(begun).to.deep.equal([1, 2]);
    });

    it("keeps to a rate, and to its end", async () => {
        const controller = new AbortController();
        const pace = paceOf(100, controller.signal);
        const start = Date.now();

        await pace.take(10);
        await pace.take(10);
        const waited = Date.now() - start;
        controller.abort();
        await pace.take(1000);
        await pace.take(1000);

        expect(waited).to.be.within(90, 1000);
        expect(Date.now() - start).to.be.below(2000);
        expect(pace.isStopped()).to.equal(true);
    });
});

describe("sending objects", () => {
    it("stops between two batches, so that the journal has exactly what was sent", async () => {
        const objects = Array.from({ length: 200 }, (_, index) => ({ key: `k${index}`, size: 1, lastModified: 0 }));
        const sent: string[] = [];
        const cloud = {
            head: async (key: string) => ({ key, size: 1, lastModified: 0, eTag: "e" }),
            publish: async (_: string, messages: string[]) => {
                sent.push(...messages.map((each) => JSON.parse(each).Records[0].s3.object.key));
                return new Map();
            },
        } as unknown as Cloud;
        const journal = newJournal();
        const sending = {
            ...{ destination: destinationOf(operations()), again: false, journal },
            pace: { ...atOnce, isStopped: () => sent.length > 0 },
            onProgress() {},
        };

        const result = await sendObjects(cloud, operations(), objects, sending);
        const rest = await sendObjects(cloud, operations(), objects, { ...sending, pace: atOnce });

        expect(result.sent).to.be.below(200);
        expect(rest).to.deep.include({ skipped: result.sent, sent: 200 - result.sent });
        expect(sent.sort()).to.deep.equal(objects.map(({ key }) => key).sort());
    });

    it("announces an object as S3 does, and says what failed by its key", async () => {
        const messages: string[] = [];
        const cloud = {
            head: async (key: string) =>
                key === "gone" ? undefined : { key, size: 7, lastModified: 0, eTag: "e1", versionId: "v1" },
            send: async (_: string, all: string[]) => {
                messages.push(...all);
                const bad = all.findIndex((each) => each.includes('"key":"bad"'));
                return new Map(bad < 0 ? [] : [[bad, "TooBig"]]);
            },
        } as unknown as Cloud;
        const journal = newJournal();
        const objects = ["raw/a b=ü.json", "bad", "gone"].map((key) => ({ key, size: 7, lastModified: 0 }));

        const result = await sendObjects(cloud, operations(), objects, {
            ...{ destination: destinationOf(operations(), "pages"), again: true, journal, pace: atOnce },
            onProgress() {},
        });

        expect(JSON.parse(messages[0]!).Records).to.deep.equal([
            {
                eventVersion: "2.1",
                eventSource: "aws:s3",
                awsRegion: "eu-west-1",
                eventTime: "1970-01-01T00:00:00.000Z",
                eventName: "ObjectCreated:Put",
                s3: {
                    s3SchemaVersion: "1.0",
                    bucket: { name: "lake" },
                    object: { key: "raw/a+b%3D%C3%BC.json", size: 7, eTag: "e1", versionId: "v1" },
                },
                eventpipeline: { replay: journal.header.replay, again: true, query: "pages" },
            },
        ]);
        expect(result.gone).to.deep.equal(["gone"]);
        expect(result.failed).to.deep.equal([{ key: "bad", reason: "TooBig" }]);
        expect(journal.has("raw/a b=ü.json")).to.equal(true);
    });
});

describe("sending dead letters", () => {
    it("never deletes what was not sent, and ends when nothing new comes", async () => {
        const waiting = ["a", "b", "c"];
        const deleted: string[] = [];
        const cloud = {
            receive: async () =>
                waiting
                    .filter((id) => !deleted.includes(id))
                    .map((id) => ({ id, receipt: id, body: id, reason: `why ${id}` })),
            send: async (_: string, all: string[]) =>
                new Map(all.flatMap((body, index): [number, string][] => (body === "b" ? [[index, "refused"]] : []))),
            remove: async (_: string, receipts: string[]) => {
                const kept = new Map(
                    receipts.flatMap((id, index): [number, string][] => (id === "c" ? [[index, "stale receipt"]] : [])),
                );
                deleted.push(...receipts.filter((_, index) => !kept.has(index)));
                return kept;
            },
        } as unknown as Cloud;

        const result = await sendDeadLetters(cloud, queues("q"), { pace: atOnce, onProgress() {} });

        expect(deleted).to.deep.equal(["a"]);
        expect(result).to.deep.equal({
            sent: 1,
            failed: [{ id: "b", reason: "refused" }],
            doubled: [{ id: "c", reason: "stale receipt" }],
            reasons: { "why a": 1, "why b": 1, "why c": 1 },
        });
    });

    it("deletes nothing where nothing was sent", async () => {
        let removed = 0;
        const cloud = {
            receive: async () => [{ id: "a", receipt: "a", body: "a" }],
            send: async () => new Map([[0, "refused"]]),
            remove: async () => {
                removed++;
                return new Map();
            },
        } as unknown as Cloud;

        const result = await sendDeadLetters(cloud, queues("q"), { pace: atOnce, onProgress() {} });

        expect(removed).to.equal(0);
        expect(result).to.deep.include({ sent: 0, failed: [{ id: "a", reason: "refused" }] });
    });
});

describe("a journal", () => {
    it("is read back, but for what a crash cut off, and goes on", () => {
        const journal = newJournal({ kind: "objects" });
        journal.sent(["a", "b"]);
        journal.put("c", 500);
        appendFileSync(journal.file, '{"sent":["d"');

        const opened = Journal.open(journal.file);
        opened.sent(["e"]);

        const again = Journal.open(journal.file);
        expect(["a", "b", "c", "d", "e"].filter((key) => again.has(key))).to.deep.equal(["a", "b", "e"]);
        expect([again.recordsOf("c"), again.recordsOf("a")]).to.deep.equal([500, 0]);
        expect(again.header).to.deep.equal(journal.header);
    });

    it("is refused where it is none", () => {
        const file = join(temporaryFolder(), "x");
        const open = () => Journal.open(file);

        expect(open).to.throw(`--resume ${file}: can't be read (ENOENT)`);
        for (const text of ["", "no json\n", '{"events":[]}\n']) {
            writeFileSync(file, text);
            expect(open, text).to.throw(`--resume ${file}: is no journal of a replay`);
        }
    });
});

describe("records of the failed store", () => {
    const { click } = operations().ingests;
    const base64 = (text: string | Buffer) => Buffer.from(text).toString("base64");
    const texts = (key: string, content: string | Buffer, ingest = click!) =>
        failedRecords(`failed/click/${key}`, Buffer.from(content), ingest).map((record) => record.toString("latin1"));

    for (const { what, key, content, records } of [
        {
            what: "lines that normalize refused",
            key: "normalize/2026/11/21/04/x.json.gz",
            content: gzipSync(
                `{"reason":"r","line":"{\\"a\\":1}"}\n{"reason":"r","base64":"${base64(Buffer.of(0xff))}"}\n`,
            ),
            records: ['{"a":1}\n', "\u00ff\n"],
        },
        {
            what: "records that Firehose could not have transformed, byte by byte",
            key: "processing-failed/2026/11/21/04/x",
            content: `{"rawData":"${base64("a\nb")}"}\n\n{"rawData":"${base64("")}"}`,
            records: ["a\nb", ""],
        },
        {
            what: "records that Firehose could not convert",
            key: "format-conversion-failed/2026/x",
            content: gzipSync(`{"lastErrorCode":"c","rawData":"${base64("{}\n")}"}`),
            records: ["{}\n"],
        },
        {
            what: "what a device published, on one line",
            key: "iot/2026/11/21/04/x.json",
            content: `{"topic":"t","base64OriginalPayload":"${base64('{\n"a":1\n}')}"}`,
            records: ['{ "a":1 }\n'],
        },
    ]) {
        it(`are ${what}`, () => {
            expect(texts(key, content)).to.deep.equal(records);
        });
    }

    for (const { what, key, content = "{}", payloads = true, reason } of [
        { what: "lines of an access log", key: "parse-access-log/x", reason: /^holds lines of a load balancer's log/ },
        { what: "an unknown folder", key: "constructor/x", reason: /^lies in none of the folders normalize, / },
        { what: "an entry without bytes", key: "normalize/x", reason: /^an entry lacks the bytes that were sent$/ },
        { what: "half a gzip file", key: "normalize/x", content: "\u001f\u008b", reason: /^not a whole gzip file: / },
        { what: "no JSON", key: "iot/x", content: "{}\n{", reason: /^line 2 is not JSON$/ },
        {
            what: "payloads that a rule changes",
            key: "iot/x",
            payloads: false,
            reason: /^holds what a device published/,
        },
    ]) {
        it(`refuse ${what}`, () => {
            const read = () => texts(key, Buffer.from(content, "latin1"), { ...click!, takesPayloads: payloads });

            expect(read).to.throw(reason);
        });
    }
});

describe("a destination", () => {
    it("is everybody, or one by its name", () => {
        expect(destinationOf(operations()).subscribers).to.have.length(3);
        expect(destinationOf(operations(), "query/pages")).to.deep.include({
            query: "pages",
            queueUrl: "https://sqs/run-query",
        });
        expect(destinationOf(operations(), "clicks")).to.not.have.any.keys("topicArn", "query");
    });

    it("is refused where it is nobody, or two", () => {
        const twice = operations();
        twice.subscribers["processor/pages"] = { prefix: "a/", queue: "pages" };

        expect(() => destinationOf(twice, "pages")).to.throw("--to pages: say which: query/pages or processor/pages");
        expect(() => destinationOf(operations(), "page")).to.throw("--to: unknown: `page`: did you mean `pages`?");
        expect(() => destinationOf(operations({ topicArn: undefined }))).to.throw("nothing in this pipeline reacts");
    });
});

describe("what a replay costs", () => {
    it("counts runs of up to 98 objects at 10 MB or more, and a message to each queue", () => {
        const objects = Array.from({ length: 99 }, (_, index) => ({
            ...{ key: `raw/v0/click/${index}`, size: 1e9, lastModified: 0 },
        }));
        const under = new Map([["raw/v0/click/", 5e12]]);

        const costs = costOf(operations(), destinationOf(operations()), objects, under);

        expect(costs.map(({ what, quantity }) => `${what}: ${quantity}`)).to.deep.equal([
            "Athena, query/pages: 2 runs, 99,000 MB",
            "Athena, query/all: 2 runs, 10,000,000 MB",
            "SNS: 99 messages",
            "SQS: 594 requests",
            "Lambda: 198 calls",
            "S3: 99 HEAD requests",
        ]);
        expect(costs.slice(0, 3).map(({ dollars }) => Number(dollars.toFixed(7)))).to.deep.equal([
            0.495, 50, 0.0000495,
        ]);
    });

    it("bills records in steps of 5 kB", () => {
        expect(costOfRecords(2, 1024 ** 3)[0]).to.deep.include({ what: "Firehose", dollars: 0.029 });
    });
});

describe("the pipeline that is meant", () => {
    const outputs = { urls: {}, operations: operations() };

    function outputsFile(content: unknown): string {
        const file = join(temporaryFolder(), "outputs.json");
        writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
        return file;
    }

    /** A `pulumi` that prints this, first in the path. */
    function fakePulumi(script: string): void {
        const folder = temporaryFolder();
        writeFileSync(join(folder, "pulumi"), `#!/bin/sh\n${script}\n`);
        chmodSync(join(folder, "pulumi"), 0o755);
        setPath(`${folder}:${process.env.PATH}`);
    }

    function setPath(path: string): void {
        const before = process.env.PATH;
        afterTest(() => {
            process.env.PATH = before;
        });
        process.env.PATH = path;
    }

    it("is that of a stack, whose outputs Pulumi tells", async () => {
        fakePulumi(
            `[ "$*" = "stack output --json --stack acme/web/dev --non-interactive" ] && cat ${outputsFile(outputs)}`,
        );

        expect(await findTarget({ target: "acme/web/dev" })).to.deep.equal({ operations: outputs.operations });
    });

    it("is that of outputs in a file, or the one that is named", async () => {
        const two = { a: operations(), b: operations({ pipeline: "other" }) };

        const one = await findTarget({ outputs: outputsFile(outputs) });
        const other = await findTarget({ outputs: outputsFile(two), pipeline: "other" });

        expect([one.operations.pipeline, other.operations.pipeline]).to.deep.equal(["web", "other"]);
    });

    it("is that of a running dev, until it ends", async () => {
        const folder = temporaryFolder();
        const program = join(folder, "index.ts");
        writeFileSync(program, "");
        const retract = announceDev(program, { pid: 1, endpointUrl: "http://127.0.0.1:1", outputs });

        const found = await findTarget({ target: folder });
        retract();
        const ended = await rejection(findTarget({ target: program }));

        expect(found).to.deep.equal({ operations: outputs.operations, endpointUrl: "http://127.0.0.1:1" });
        expect(ended.message).to.equal(
            `${program}: no \`eventpipeline dev\` runs this program; start it, or name a stack that is deployed`,
        );
    });

    it("stays that of a dev that came later", () => {
        const folder = temporaryFolder();
        const retract = announceDev(folder, { pid: 1, endpointUrl: "http://127.0.0.1:1", outputs });
        announceDev(folder, { pid: 2, endpointUrl: "http://127.0.0.1:2", outputs });

        retract();

        expect(readDevFile(folder)?.pid).to.equal(2);
    });

    it("is not found where the file of a running dev can't be read", async () => {
        const folder = temporaryFolder();
        mkdirSync(join(folder, ".eventpipeline", "dev.json"), { recursive: true });

        expect((await rejection(findTarget({ target: folder }))).message).to.match(/EISDIR/);
    });

    it("is refused where it is not to be found", async () => {
        const messageOf = async (options: Parameters<typeof findTarget>[0]) =>
            (await rejection(findTarget(options))).message;
        const two = { a: operations(), b: operations({ pipeline: "other" }) };

        expect(await messageOf({})).to.match(/^say which pipeline: a stack's name, a program/);
        expect(await messageOf({ target: "a", outputs: "b" })).to.match(/^say which pipeline: /);
        expect(await messageOf({ outputs: "nowhere" })).to.equal("--outputs nowhere: can't be read (ENOENT)");
        expect(await messageOf({ outputs: outputsFile("{") })).to.match(/^--outputs .*: not JSON: /);
        expect(await messageOf({ outputs: outputsFile({ operations: "[secret]" }) })).to.match(
            /has no output with a pipeline's operations: put `export const operations = pipeline.operations;`/,
        );
        expect(await messageOf({ outputs: outputsFile(two) })).to.match(/say --pipeline web or --pipeline other$/);
        expect(await messageOf({ outputs: outputsFile(two), pipeline: "othr" })).to.equal(
            "--pipeline: unknown: `othr`: did you mean `other`?",
        );
        fakePulumi("echo 'error: no stack named prod found' >&2; exit 255");
        expect(await messageOf({ target: "prod" })).to.equal(
            "the outputs of the stack prod: error: no stack named prod found",
        );
        setPath("/nowhere");
        expect(await messageOf({ target: "prod" })).to.match(
            /^prod is no file or folder, and .* Pulumi's command line/,
        );
    });
});

describe("AWS's SDK", () => {
    it("is loaded when it is needed, and named where it is missing", async () => {
        const load = (async (name: string) => {
            throw Object.assign(new Error(`Cannot find package ${name}`), { code: "ERR_MODULE_NOT_FOUND" });
        }) as LoadPackage;
        const cloud = awsOf({ operations: operations() }, load);

        const error = await rejection(cloud.count("https://sqs/q"));

        expect(error.message).to.equal(
            "`eventpipeline replay` needs the package @aws-sdk/client-sqs: npm install --save-dev @aws-sdk/client-sqs",
        );
    });

    it("says of batches what failed, by position", async () => {
        const answers: Record<string, object> = {
            SendMessageBatchCommand: { Failed: [{ Id: "1", Code: "Busy", Message: "later" }] },
            PublishBatchCommand: { Successful: [{ Id: "0" }] },
            DeleteMessageBatchCommand: { Failed: [{ Id: "0", Code: "ReceiptHandleIsInvalid" }] },
        };
        const sdk = new Proxy({} as Record<string, unknown>, {
            get: (_, name: string) =>
                // A promise's value that has a `then` would be waited for.
                name === "then"
                    ? undefined
                    : name.endsWith("Client")
                      ? class {
                            send = async (command: { kind: string }) => answers[command.kind];
                        }
                      : class {
                            kind = name;
                        },
        });
        const cloud = awsOf({ operations: operations() }, (async () => sdk) as unknown as LoadPackage);

        expect([...(await cloud.send("q", ["a", "b"]))]).to.deep.equal([[1, "Busy: later"]]);
        expect([...(await cloud.publish("t", ["a"]))]).to.deep.equal([]);
        expect([...(await cloud.remove("q", ["a"]))]).to.deep.equal([[0, "ReceiptHandleIsInvalid"]]);
    });

    it("speaks of credentials and permissions so that one knows what to do", () => {
        const error = (name: string, message = "m", more = {}) => Object.assign(new Error(message), { name, ...more });
        const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
        const url = "http://127.0.0.1:1";

        expect(explained(error("CredentialsProviderError", "Could not load")).message).to.match(
            /^no AWS credentials: Could not load: set AWS_PROFILE, or log in/,
        );
        expect(explained(error("ExpiredTokenException")).message).to.match(/^the AWS credentials have expired: log in/);
        expect(explained(error("AccessDenied", "not authorized to s3:ListBucket")).message).to.match(
            /^AWS does not allow it: not authorized to s3:ListBucket/,
        );
        expect(explained(refused, url).message).to.match(/^nobody answers at http:\/\/127.0.0.1:1: /);
        expect(explained(refused)).to.equal(refused);
        expect(explained(error("Error", "else")).message).to.equal("else");
    });
});

it("the journal's file says what it is about", () => {
    const journal = newJournal({ kind: "failed", ingest: "click" });

    expect(JSON.parse(readFileSync(journal.file, "utf8"))).to.deep.include({
        pipeline: "replayed",
        request: { kind: "failed", ingest: "click" },
    });
});
