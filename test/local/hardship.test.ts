import { randomUUID } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { LocalPipeline } from "../../local";
import type { ObjectEntry, RunEntry } from "../../local/journal";

/** Everything that goes wrong on the way of an event, in the real functions and on the real way. */
describe("a pipeline in hardship", function () {
    this.timeout(60_000);
    let local: LocalPipeline;
    let s3: S3Client;
    const bucket = "hardship";
    const key = "a key for tests only";

    beforeEach(async () => {
        local = await LocalPipeline.start({ program: "test/programs/hardship", at: "2026-11-21T04:00:00Z" });
        s3 = new S3Client({
            endpoint: local.endpointUrl,
            region: "us-east-1",
            credentials: { accessKeyId: "test", secretAccessKey: "test" },
        });
    });
    afterEach(async () => {
        s3.destroy();
        await local.stop();
    });

    const post = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = { "x-api-key": key }) =>
        fetch(`${local.urls["hardship-ping-http"]}/ping`, { method: "POST", body, headers });
    const put = (Key: string, body: string | Buffer) =>
        s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: body }));
    const stored = () => local.rows("raw/v0/ping/");
    const runsOf = (query: string) => local.journal.of("run").filter((run) => run.query === query);

    describe("at the collector", () => {
        for (const [what, request, status] of [
            ["no key", () => post("{}", {}), 401],
            ["a wrong key", () => post("{}", { "x-api-key": "a key for tests onlY" }), 401],
            ["a body of 7 MB", () => post("x".repeat(7_000_000)), 413],
            ["an empty body", () => post(""), 400],
            ["broken JSON", () => post('{"id":'), 400],
            ["an unknown column", () => post('{"id":"a","valeu":1}'), 400],
            ["a wrong type", () => post('{"id":"a","value":"1"}'), 400],
        ] as const) {
            it(`refuses ${what} with ${status}, and stores nothing`, async () => {
                const response = await request();
                await local.settle();

                expect(response.status).to.equal(status);
                expect(await stored()).to.deep.equal([]);
            });
        }

        it("refuses an array for its one bad event, names it, and stores nothing", async () => {
            const response = await post('[{"id":"a"},{"id":7},{"id":"c"}]');
            await local.settle();

            expect(response.status).to.equal(400);
            expect(((await response.json()) as { errors: unknown }).errors).to.deep.equal([
                { index: 1, reason: "column id: expected string, got a number" },
            ]);
            expect(await stored()).to.deep.equal([]);
        });

        it("takes gzip, an array, NDJSON and a single event, and stamps each of them", async () => {
            const gzipped = await post(gzipSync('{"id":"a"}'), { "x-api-key": key, "content-encoding": "gzip" });
            const array = await post('[{"id":"b"},{"id":"c"}]', { authorization: `Basic ${btoa(`${key}:`)}` });
            const lines = await post('{"id":"d"}\n{"id":"e"}\n');
            await local.settle();

            const events = await stored();
            expect([gzipped.status, array.status, lines.status]).to.deep.equal([204, 204, 204]);
            expect(events.map(({ id }) => id)).to.have.members(["a", "b", "c", "d", "e"]);
            for (const event of events) expect(event).to.include.keys("event_id", "received_at");
        });
    });

    it("takes arrays over MQTT, and keeps what the topic rule could not put on the stream", async () => {
        const tooMany = Array.from({ length: 501 }, (_, index) => ({ id: `${index}` }));

        await local.publish("pings/a", [{ id: "a" }, { id: "b" }]);
        await local.publish("pings/b", { id: "c" });
        await local.publish("pings/c", tooMany);
        await local.settle();

        const kept = await local.rows("failed/ping/iot/2026/11/21/04/");
        kept.sort((a, b) => String(a.topic).localeCompare(String(b.topic)));
        expect((await stored()).map(({ id }) => id)).to.have.members(["a", "b"]);
        expect(kept.map(({ topic }) => topic)).to.deep.equal(["pings/b", "pings/c"]);
        expect(JSON.stringify(kept[0]!.failures)).to.include("the result is no array");
        expect(JSON.stringify(kept[1]!.failures)).to.include("Member must have length less than or equal to 500");
        expect(JSON.parse(atob(String(kept[1]!.base64OriginalPayload)))).to.deep.equal(tooMany);
        const failures = local.journal.of("failure").filter(({ stage }) => stage === "hardship_ping_iot");
        expect(failures).to.have.length(2);
    });

    it("keeps bad lines with their bytes and reason in the failed store, and lets good ones beside them go on", async () => {
        await local.send("ping", ['{"id":"a","value":1}', '{"id":"b","value":"x"}', "}{", '{"id":"c","value":3}']);
        await local.settle();

        const failures = await local
            .rows("failed/hardship-ping/normalize/")
            .then((rows) => (rows.length > 0 ? rows : local.rows("failed/ping/normalize/")));
        expect((await stored()).map(({ id }) => id)).to.deep.equal(["a", "c"]);
        expect(failures.map(({ line }) => line)).to.have.members(['{"id":"b","value":"x"}', "}{"]);
        expect(failures.map(({ reason }) => reason)).to.include("column value: expected double, got a string");
        expect((await local.report()).failed).to.deep.include({
            stage: "normalize",
            reason: "column value: expected double, got a string",
            count: 1,
        });
    });

    it("reads an object with a space, `=` and `ü` in its key through :new_data", async () => {
        await put("raw/v0/ping/2026/11/21/04/a b=ü.json.gz", gzipSync('{"id":"odd","value":2}\n'));
        await local.settle();

        expect(await local.rows("processed/v0/seen/")).to.deep.equal([{ id: "odd", value: 2 }]);
        expect(runsOf("seen").map(({ trigger }) => trigger)).to.deep.equal([
            ["raw/v0/ping/2026/11/21/04/a b=ü.json.gz"],
        ]);
    });

    it("starts nothing for an empty object under a trigger prefix", async () => {
        await put("raw/v0/ping/2026/11/21/04/empty.json.gz", "");
        await local.settle();

        expect(local.journal.of("run")).to.deep.equal([]);
        expect((await local.report()).failed).to.deep.equal([]);
    });

    it("ignores what lies beside results, and the partial result of a failed query", async () => {
        await put("raw/v0/ping/2026/11/21/04/a.json.gz", gzipSync('{"id":"no number","value":2}\n'));
        await local.settle();
        const [failed] = runsOf("failing");
        await put(`athena/failing/${failed!.executionId}.csv`, '"id"\n"1"\n');
        await put(`athena/seen/${randomUUID()}.csv.metadata`, "binary");
        await put(`athena/seen/${randomUUID()}-manifest.csv`, "s3://hardship/x");
        await local.settle();

        expect(failed!.state).to.equal("FAILED");
        expect(await local.rows("processed/v0/failing/")).to.deep.equal([]);
    });

    it("reports a query that fails, a nested result and a processor that throws, each with its reason", async () => {
        await put("raw/v0/ping/2026/11/21/04/a.json.gz", gzipSync('{"id":"no number","value":2}\n'));
        await local.settle();

        const { failed } = await local.report();
        const reasonOf = (stage: string) => failed.find((failure) => failure.stage.includes(stage))?.reason;
        expect(reasonOf("run-query")).to.match(/query "failing": INVALID_CAST_ARGUMENT/);
        expect(reasonOf("convert-result")).to.match(/CAST\(.* AS JSON\)/);
        expect(reasonOf("thrower")).to.match(/no luck/);
        expect(failed).to.have.length(3);
    });

    it("starts no second run of what succeeded and writes no object when the same messages come again", async () => {
        const path = "raw/v0/ping/2026/11/21/04/a.json.gz";
        await put(path, gzipSync('{"id":"1","value":2}\n'));
        await local.settle();
        const runs = local.journal.of("run");
        const objects = local.journal.of("object");

        await sendAgain("hardship-run-query", path);
        for (const csv of objects.filter((entry) => entry.key.endsWith(".csv"))) {
            await sendAgain("hardship-convert-result", csv.key);
        }
        await local.settle();

        expect(objects.map((entry) => entry.key.split("/")[1])).to.include.members(["seen", "failing"]);
        // What failed for good is tried once more, and only once: its result can't be kept, either.
        const tried = (list: RunEntry[]) => list.filter(({ query }) => query === "nested").length;
        expect(tried(local.journal.of("run"))).to.equal(tried(runs) + 1);
        const succeeded = (list: RunEntry[]) => list.filter(({ query }) => query !== "nested");
        const kept = (list: ObjectEntry[]) => list.filter(({ key }) => !key.startsWith("athena/nested/"));
        expect(succeeded(local.journal.of("run"))).to.deep.equal(succeeded(runs));
        expect(kept(local.journal.of("object"))).to.deep.equal(kept(objects));
    });

    /** Puts the notification of an object into a queue once more. */
    async function sendAgain(queue: string, objectKey: string): Promise<void> {
        const { ETag, VersionId, ContentLength } = await s3.send(
            new HeadObjectCommand({ Bucket: bucket, Key: objectKey }),
        );
        const object = { key: objectKey, size: ContentLength, eTag: JSON.parse(ETag!), versionId: VersionId };
        const record = {
            eventSource: "aws:s3",
            eventName: "ObjectCreated:Put",
            s3: { bucket: { name: bucket }, object },
        };
        const response = await fetch(local.endpointUrl, {
            method: "POST",
            headers: {
                authorization: "AWS4-HMAC-SHA256 Credential=test/20261121/us-east-1/sqs/aws4_request",
                "content-type": "application/x-amz-json-1.0",
                "x-amz-target": "AmazonSQS.SendMessage",
            },
            body: JSON.stringify({ QueueUrl: queue, MessageBody: JSON.stringify({ Records: [record] }) }),
        });
        expect(response.status, await response.text()).to.equal(200);
    }

    it("leaves no broken gzip behind", async () => {
        await put("raw/v0/ping/2026/11/21/04/a.json.gz", gzipSync('{"id":"1","value":2}\n'));
        await local.settle();

        for (const { key: Key } of local.journal.of("object").filter((entry) => entry.key.startsWith("processed/"))) {
            const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
            expect(gunzipSync(await Body!.transformToByteArray()).toString()).to.match(/\n$/);
        }
    });
});
