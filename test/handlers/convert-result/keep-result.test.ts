import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import fc from "fast-check";
import { keepResult, type Result } from "../../../handlers/convert-result/keep-result";
import { Refusal } from "../../../handlers/convert-result/refusal";
import { answeredBy } from "../shared/fake-service";
import { FakeS3, s3Error } from "./fake-s3";

const runKey = "processed/x/run_date=2026-11-21/id-1.json.gz";
const zstdKey = "processed/x/run_date=2026-11-21/id-1.json.zst";

describe("keepResult", () => {
    it("writes one gzip object of JSON lines under the run's date and id", async () => {
        const s3 = lake();

        const kept = await keepResult(s3.client, result());

        expect(kept).to.deep.equal({ key: runKey, rows: 2, isNew: true });
        expect(linesOf(s3, runKey)).to.deep.equal([{ a: "x" }, { a: null }]);
        expect(s3.objects.get(runKey)?.headers).to.deep.equal({
            "content-type": "application/x-ndjson",
            "x-amz-meta-submitted": "2026-11-21T23:59:59.999Z",
            "x-amz-meta-execution-id": "id-1",
        });
    });

    it("makes it as small as it is told, balanced by default", async () => {
        const rows = Array.from({ length: 20_000 }, (_, row) => `"${(row * 7919) % 1_000} of ${row % 57}"\n`);
        const sizes: number[] = [];

        for (const compression of ["small", "balanced", undefined, "fast"] as const) {
            const s3 = lake(`"a"\n${rows.join("")}`);
            await keepResult(s3.client, result({ compression }));
            sizes.push(s3.objects.get(runKey)!.body.length);
            expect(linesOf(s3, runKey)).to.have.length(20_000);
        }

        const [small, balanced, unsaid, fast] = sizes;
        expect(unsaid).to.equal(balanced);
        expect(small).to.be.lessThan(balanced!);
        // Of the same few words over and over, it is even smaller.
        expect(fast).not.to.equal(balanced);
    });

    it("writes one zstd object, which its key says", async () => {
        const s3 = lake();

        const kept = await keepResult(s3.client, result({ compression: "zstd" }));

        const { body, headers } = s3.objects.get(zstdKey)!;
        expect(kept).to.deep.equal({ key: zstdKey, rows: 2, isNew: true });
        expect(String(zstdDecompressSync(body))).to.equal('{"a":"x"}\n{"a":null}\n');
        expect(headers).to.include({ "content-type": "application/x-ndjson", "x-amz-meta-execution-id": "id-1" });
        expect(headers).to.not.have.property("content-encoding");
    });

    for (const [before, after, key] of [
        ["zstd", undefined, zstdKey],
        ["zstd", "fast", zstdKey],
        ["small", "zstd", runKey],
        [undefined, "zstd", runKey],
        ["zstd", "zstd", zstdKey],
    ] as const) {
        it(`keeps it once where its compression was changed meanwhile: ${before} to ${after}`, async () => {
            const s3 = lake();
            await keepResult(s3.client, result({ compression: before }));
            const objects = [...s3.objects];

            const kept = await keepResult(s3.client, result({ compression: after }));

            expect(kept).to.deep.equal({ key, rows: 2, isNew: false });
            expect([...s3.objects]).to.deep.equal(objects);
            expect(objects).to.have.length(2);
        });
    }

    it("keeps nothing where it can't see whether it is there already", async () => {
        const s3 = lake();
        s3.before = (operation) => (operation === "HeadObject" ? { statusCode: 403 } : undefined);

        await failure(keepResult(s3.client, result()));

        expect(s3.count("PutObject")).to.equal(0);
    });

    it("keeps a result without rows", async () => {
        const s3 = lake('"a"\n');

        const kept = await keepResult(s3.client, result());

        expect(kept.rows).to.equal(0);
        expect(linesOf(s3, runKey)).to.deep.equal([]);
    });

    it("changes nothing when the run's result is kept already", async () => {
        const s3 = lake();
        await keepResult(s3.client, result());
        const before = s3.objects.get(runKey);

        const kept = await keepResult(s3.client, result());

        expect(kept).to.deep.equal({ key: runKey, rows: 2, isNew: false });
        expect(s3.objects.get(runKey)).to.equal(before);
    });

    it("writes again when another write was in progress", async () => {
        const s3 = lake();
        let conflicts = 2;
        s3.before = (operation) => {
            return operation === "PutObject" && conflicts-- > 0
                ? s3Error(409, "ConditionalRequestConflict")
                : undefined;
        };

        const kept = await keepResult(s3.client, result());

        expect(kept.rows).to.equal(2);
        expect(s3.count("PutObject")).to.equal(3);
    });

    it("gives up after a few conflicts", async () => {
        const s3 = lake();
        s3.before = (operation) => (operation === "PutObject" ? s3Error(409, "ConditionalRequestConflict") : undefined);

        const error = await failure(keepResult(s3.client, result()));

        expect(error.name).to.equal("ConditionalRequestConflict");
        expect(s3.count("PutObject")).to.equal(5);
    });

    for (const mode of ["append", "replace"] as const) {
        it(`is done when the response of a write is lost, under the same key: ${mode}`, async () => {
            const s3 = lake();
            const { answer } = s3;
            let lost = false;
            s3.answer = (request) => {
                const answered = answer.call(s3, request);
                if (request.method !== "PUT" || lost) return answered;
                lost = true;
                return s3Error(503, "SlowDown");
            };
            await failure(keepResult(s3.client, result({ mode })));
            const objects = [...s3.objects];

            const kept = await keepResult(s3.client, result({ mode }));

            expect(kept).to.deep.include({ rows: 2, isNew: false });
            expect([...s3.objects]).to.deep.equal(objects);
            expect(objects).to.have.length(2);
        });
    }

    for (const mode of ["append", "replace"] as const) {
        it(`is kept once by workers that take turns in any order: ${mode}`, async () => {
            await fc.assert(
                fc.asyncProperty(fc.scheduler(), async (scheduler) => {
                    const s3 = lake();
                    const { answer } = s3;
                    const client = new S3Client({
                        ...answeredBy((request) =>
                            scheduler.schedule(Promise.resolve()).then(() => answer.call(s3, request)),
                        ),
                        ...{ forcePathStyle: true, maxAttempts: 1 },
                    });

                    const works = [1, 2, 3].map(() => keepResult(client, result({ mode })));
                    const kept = await scheduler.waitFor(Promise.all(works));

                    expect(kept.filter(({ isNew }) => isNew)).to.have.length(1);
                    expect(linesOf(s3, kept[0]!.key)).to.deep.equal([{ a: "x" }, { a: null }]);
                    expect([...s3.objects.keys()]).to.have.length(2);
                }),
                { numRuns: 30 },
            );
        });
    }

    describe("with a large result", () => {
        // Text that gzip can't make smaller than two parts.
        const rows = Array.from({ length: 300 }, () => randomBytes(48_000).toString("base64"));
        const large = `"a"\n${rows.map((row) => `"${row}"\n`).join("")}`;

        it("uploads parts of 8 MB to one object of one gzip member", async () => {
            const s3 = lake(large);
            const parts: number[] = [];
            s3.before = (operation) => {
                if (operation === "CompleteMultipartUpload") {
                    for (const upload of s3.uploads.values()) parts.push(...sizes(upload.parts));
                }
                return undefined;
            };

            const kept = await keepResult(s3.client, result());

            expect(kept.rows).to.equal(300);
            expect(linesOf(s3, runKey).map(({ a }) => a)).to.deep.equal(rows);
            expect(isOneMember(s3.objects.get(runKey)!.body)).to.equal(true);
            expect(parts[0]).to.equal(8 * 1024 * 1024);
            expect(parts).to.have.length(2);
            expect(s3.objects.get(runKey)?.headers).to.include({ "x-amz-meta-execution-id": "id-1" });
        });

        it("changes nothing when the run's result is kept already", async () => {
            const s3 = lake(large);
            s3.put(runKey, "kept");

            const kept = await keepResult(s3.client, result());

            expect(kept).to.deep.equal({ key: runKey, rows: 300, isNew: false });
            expect(Buffer.from(s3.objects.get(runKey)!.body).toString()).to.equal("kept");
            expect(s3.uploads.size).to.equal(0);
        });

        it("replaces an older run's by the condition that it is still there", async () => {
            const s3 = lake(large);
            await keepResult(lakeWith(s3, '"a"\n"old"\n').client, replacing("2026-11-21T01:00:00.000Z", "id-0"));
            s3.put("athena/q/id.csv", large);

            const kept = await keepResult(s3.client, replacing("2026-11-21T02:00:00.000Z", "id-1"));

            expect(kept.rows).to.equal(300);
            expect(linesOf(s3, latestKey)).to.have.length(300);
        });

        for (const megabytes of [0, 1, 9, 15]) {
            it(`leaves no object and no parts when its source dies after ${megabytes} MB`, async () => {
                const s3 = lake();
                s3.before = (operation) => (operation === "GetObject" ? dyingAfter(large, megabytes) : undefined);

                const error = await failure(keepResult(s3.client, result()));

                expect(error.message).to.equal("connection lost");
                expect([...s3.objects.keys()]).to.deep.equal(["athena/q/id.csv"]);
                expect(s3.uploads.size).to.equal(0);
            });
        }

        for (const operation of ["CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"]) {
            it(`leaves no object and no parts when ${operation} fails`, async () => {
                const s3 = lake(large);
                s3.before = (called) => (called === operation ? s3Error(403, "AccessDenied") : undefined);

                const error = await failure(keepResult(s3.client, result()));

                expect(error.name).to.equal("AccessDenied");
                expect([...s3.objects.keys()]).to.deep.equal(["athena/q/id.csv"]);
                expect(s3.uploads.size).to.equal(0);
            });
        }

        it("leaves nothing when the CSV breaks off", async () => {
            const s3 = lake(large.slice(0, -2));

            const error = await failure(keepResult(s3.client, result()));

            expect(error.message).to.contain("its last quote is not closed");
            expect([...s3.objects.keys()]).to.deep.equal(["athena/q/id.csv"]);
            expect(s3.uploads.size).to.equal(0);
        });
    });

    it("is refused for good when its CSV is gone", async () => {
        const error = await failure(keepResult(new FakeS3().client, result()));

        expect(error).to.be.instanceOf(Refusal);
        expect(error.message).to.equal("its CSV is no longer there");
    });

    describe("in replace mode", () => {
        it("keeps one object, of the newest run", async () => {
            const s3 = lake();

            await keepResult(s3.client, replacing("2026-11-21T01:00:00.000Z", "id-1"));
            const kept = await keepResult(
                lakeWith(s3, '"a"\n"new"\n').client,
                replacing("2026-11-21T01:00:00.001Z", "id-0"),
            );

            expect(kept).to.deep.equal({ key: latestKey, rows: 1, isNew: true });
            expect(linesOf(s3, latestKey)).to.deep.equal([{ a: "new" }]);
            expect(s3.objects.get(latestKey)?.headers).to.include({
                "x-amz-meta-submitted": "2026-11-21T01:00:00.001Z",
                "x-amz-meta-execution-id": "id-0",
            });
        });

        it("neither overwrites a newer run's object nor its own", async () => {
            const s3 = lake();
            await keepResult(s3.client, replacing("2026-11-21T02:00:00.000Z", "id-1"));
            const before = s3.objects.get(latestKey);

            const older = await keepResult(s3.client, replacing("2026-11-21T01:59:59.999Z", "id-9"));
            const same = await keepResult(s3.client, replacing("2026-11-21T02:00:00.000Z", "id-1"));

            const there = { key: latestKey, rows: 2, isNew: false };
            expect([older, same]).to.deep.equal([there, there]);
            expect(s3.objects.get(latestKey)).to.equal(before);
            expect(s3.count("PutObject")).to.equal(1);
        });

        it("overwrites an object that names no run", async () => {
            const s3 = lake();
            s3.put(latestKey, "by hand");

            const kept = await keepResult(s3.client, replacing("2026-11-21T01:00:00.000Z", "id-1"));

            expect(kept.rows).to.equal(2);
        });

        it("looks again when another run wrote meanwhile, and gives way to a newer one", async () => {
            for (const [meanwhile, winner] of [
                ["2026-11-21T01:30:00.000Z", "id-1"],
                ["2026-11-21T02:30:00.000Z", "id-2"],
            ] as const) {
                const s3 = lake();
                await keepResult(s3.client, replacing("2026-11-21T01:00:00.000Z", "id-0"));
                s3.before = (operation) => {
                    if (operation !== "PutObject") return undefined;
                    s3.before = () => undefined;
                    s3.put(latestKey, meanwhile, {
                        "x-amz-meta-submitted": meanwhile,
                        "x-amz-meta-execution-id": "id-2",
                    });
                    return undefined;
                };

                await keepResult(s3.client, replacing("2026-11-21T02:00:00.000Z", "id-1"));

                expect(s3.objects.get(latestKey)?.headers["x-amz-meta-execution-id"]).to.equal(winner);
            }
        });

        it("gives up when others always write first", async () => {
            const s3 = lake();
            s3.before = (operation) => (operation === "PutObject" ? s3Error(412, "PreconditionFailed") : undefined);

            const error = await failure(keepResult(s3.client, replacing("2026-11-21T01:00:00.000Z", "id-1")));

            expect(error.name).to.equal("PreconditionFailed");
            expect(s3.count("PutObject")).to.equal(5);
        });

        it("fails when it can't look", async () => {
            const s3 = lake();
            s3.before = (operation) => (operation === "HeadObject" ? { statusCode: 403 } : undefined);

            await failure(keepResult(s3.client, replacing("2026-11-21T01:00:00.000Z", "id-1")));

            expect(s3.count("PutObject")).to.equal(0);
        });

        it("ends with the same object whatever the order of the runs and however often they come", async () => {
            const run = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 }));

            await fc.assert(
                fc.asyncProperty(fc.array(run, { minLength: 1, maxLength: 6 }), async (runs) => {
                    const s3 = lake();

                    for (const [second, id] of runs) {
                        await keepResult(s3.client, replacing(`2026-11-21T00:00:0${second}.000Z`, `id-${id}`));
                    }

                    const newest = runs
                        .map(([second, id]) => `2026-11-21T00:00:0${second}.000Z id-${id}`)
                        .sort()
                        .at(-1);
                    const { headers } = s3.objects.get(latestKey)!;
                    expect(`${headers["x-amz-meta-submitted"]} ${headers["x-amz-meta-execution-id"]}`).to.equal(newest);
                }),
                { numRuns: 30 },
            );
        });
    });
});

const latestKey = "processed/x/latest.json.gz";

function result(overrides: Partial<Result> = {}): Result {
    return {
        bucket: "lake",
        csv: "athena/q/id.csv",
        columns: [{ name: "a", kind: "string" }],
        executionId: "id-1",
        submitted: new Date("2026-11-21T23:59:59.999Z"),
        prefix: "processed/x/",
        mode: "append",
        ...overrides,
    };
}

function replacing(submitted: string, executionId: string): Result {
    return result({ mode: "replace", submitted: new Date(submitted), executionId });
}

/** A bucket with one of Athena's CSVs in it. */
function lake(csv = '"a"\n"x"\n\n'): FakeS3 {
    return lakeWith(new FakeS3(), csv);
}

function lakeWith(s3: FakeS3, csv: string): FakeS3 {
    s3.put("athena/q/id.csv", csv);
    return s3;
}

function linesOf(s3: FakeS3, key: string): Record<string, unknown>[] {
    const text = gunzipSync(s3.objects.get(key)!.body).toString();
    return text
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line));
}

/** A gzip member ends with the length of its own content: all of it only where there is one member. */
function isOneMember(gzip: Uint8Array): boolean {
    return Buffer.from(gzip).readUInt32LE(gzip.length - 4) === gunzipSync(gzip).length;
}

function sizes(parts: Map<number, Uint8Array>): number[] {
    return [...parts].sort(([a], [b]) => a - b).map(([, part]) => part.length);
}

/** A download that breaks off. */
function dyingAfter(csv: string, megabytes: number) {
    const bytes = Buffer.from(csv);
    async function* chunks() {
        for (let start = 0; start < megabytes * 1e6; start += 64_000) yield bytes.subarray(start, start + 64_000);
        throw new Error("connection lost");
    }
    return { statusCode: 200, body: Readable.from(chunks()) };
}

async function failure(promise: Promise<unknown>): Promise<Error> {
    return promise.then(
        () => expect.fail("it did not fail"),
        (error) => error,
    );
}
