import type { FirehoseTransformationEvent } from "aws-lambda";
import { expect } from "chai";
import fc from "fast-check";
import { normalize } from "../../../handlers/normalize/normalize";
import { validator } from "../../../handlers/shared/validate";
import { captureLog } from "../shared/capture-log";
import { batch } from "./batches";
import { FakeBucket } from "./fake-bucket";

const validate = validator([
    { name: "n", type: { kind: "integer", bits: 64 } },
    { name: "t", type: { kind: "timestamp" } },
    { name: "s", type: { kind: "string" } },
]);

/** Transforms a batch; data of the answer as text. */
async function transform(event: FirehoseTransformationEvent, bucket = new FakeBucket()) {
    const store = { client: bucket.client, bucket: "lake", prefix: "failed/pings/" };
    const { result, lines } = await captureLog(() => normalize(event, validate, store));
    const records = result.records.map(({ data = "", ...rest }) => ({
        ...rest,
        text: Buffer.from(data, "base64").toString(),
    }));
    return { response: result, records, lines, bucket };
}

describe("normalize", () => {
    it("passes on good lines, each ended by a newline", async () => {
        const { records, bucket } = await transform(batch(['{"n":1}', '{"n":2}\n{"n":9007199254740993}\n']));

        expect(records).to.deep.equal([
            { recordId: "record-0", result: "Ok", text: '{"n":1}\n' },
            { recordId: "record-1", result: "Ok", text: '{"n":2}\n{"n":9007199254740993}\n' },
        ]);
        expect(bucket.puts).to.equal(0);
    });

    it("respells times in ISO 8601, in each record for itself", async () => {
        const [plain, iso] = ['{"n":1}\n', '{"t":"2026-11-21T04:00:00Z"}\n'];

        const { records } = await transform(batch([iso, plain, iso + iso, plain]));

        const respelled = '{"t":"2026-11-21 04:00:00"}\n';
        expect(records.map(({ text }) => text)).to.deep.equal([respelled, plain, respelled + respelled, plain]);
    });

    it("keeps what is not UTF-8, and passes on the records beside it", async () => {
        const torn = Buffer.from('{"s":"\xc3"}\n', "latin1");

        const { records, bucket } = await transform(batch(['{"s":"ü"}\n', torn, '{"n":1}\n']));

        expect(records.map(({ text }) => text)).to.deep.equal(['{"s":"ü"}\n', "", '{"n":1}\n']);
        expect(bucket.entries()).to.deep.equal([
            { reason: "not valid UTF-8", base64: torn.subarray(0, -1).toString("base64") },
        ]);
    });

    it("passes on the good lines of a mixed record and keeps the bad ones", async () => {
        const { records, bucket } = await transform(batch(['{"n":1}\n{"n":"secret"}\n{"n":2}']));

        expect(records).to.deep.equal([{ recordId: "record-0", result: "Ok", text: '{"n":1}\n{"n":2}\n' }]);
        expect(bucket.entries()).to.deep.equal([
            { reason: "column n: expected bigint, got a string", line: '{"n":"secret"}' },
        ]);
    });

    it("drops a record without a good line, whose lines it keeps", async () => {
        const { records, bucket } = await transform(batch(["broken", Buffer.from([0xff]), "", "\n"]));

        expect(records.map(({ result }) => result)).to.deep.equal(["Dropped", "Dropped", "Dropped", "Dropped"]);
        expect(bucket.entries()).to.deep.equal([
            { reason: "not valid JSON", line: "broken" },
            { reason: "not valid UTF-8", base64: "/w==" },
        ]);
    });

    it("writes the same objects when the batch is repeated, even under other record ids", async () => {
        const contents = ["broken", '{"n":1}\n{"m":1}', "broken"];
        const bucket = new FakeBucket();

        const first = await transform(batch(contents), bucket);
        const before = new Map(bucket.objects);
        const second = await transform(batch(contents, "other"), bucket);

        expect(bucket.objects).to.deep.equal(before);
        expect(second.records.map(({ text }) => text)).to.deep.equal(first.records.map(({ text }) => text));
    });

    it("fails as a whole when bad lines can't be kept, and counts nothing as failed yet", async () => {
        const bucket = new FakeBucket(() => false);

        const { result: error, lines } = await captureLog(() =>
            transform(batch(['{"n":1}', "broken"]), bucket).catch((thrown) => thrown),
        );

        expect(error).to.be.an("error");
        expect(lines).to.deep.equal([]);
    });

    it("logs an error line a reason, and the batch's numbers, but no payload", async () => {
        const { lines } = await transform(batch(['{"n":"secret"}\n{"n":1}', '{"n":"secret"}', "secret"]));

        expect(lines).to.deep.equal([
            {
                level: "error",
                message: "lines refused",
                stage: "normalize",
                reason: "column n: expected bigint, got a string",
                count: 2,
            },
            { level: "error", message: "lines refused", stage: "normalize", reason: "not valid JSON", count: 1 },
            { level: "info", message: "batch", stage: "normalize", records: 3, good: 1, bad: 3 },
        ]);
    });

    it("answers every record once, in order, and never longer than it was asked, for any bytes", async () => {
        const line = fc.constantFrom(
            '{"n":1}',
            '{"t":"2026-11-21T04:00:00Z"}',
            '{"n":1.5}',
            "",
            "\r",
            "\ufeff{}",
            "{}",
        );
        const content = fc.oneof(
            fc.array(line).map((lines) => Buffer.from(lines.join("\n"))),
            fc.uint8Array().map((bytes) => Buffer.from(bytes)),
        );
        await fc.assert(
            fc.asyncProperty(fc.array(content), async (contents) => {
                const event = batch(contents);

                const { response } = await transform(event);

                expect(response.records.map(({ recordId }) => recordId)).to.deep.equal(
                    event.records.map(({ recordId }) => recordId),
                );
                for (const [index, record] of response.records.entries()) {
                    expect(JSON.stringify(record).length).to.be.at.most(JSON.stringify(event.records[index]).length);
                }
            }),
        );
    });

    it("accounts for every line: good or kept", async () => {
        const line = fc.constantFrom('{"n":1}', '{"n":"x"}', '{"m":1}', "x");
        await fc.assert(
            fc.asyncProperty(fc.array(fc.array(line, { minLength: 1 }), { minLength: 1 }), async (records) => {
                const { records: answers, bucket } = await transform(batch(records.map((lines) => lines.join("\n"))));

                const good = answers.flatMap(({ text }) => text.split("\n").slice(0, -1));
                const kept = bucket.puts === 0 ? [] : bucket.entries().map((entry) => entry.line);
                expect([...good, ...kept].sort()).to.deep.equal(records.flat().sort());
            }),
        );
    });
});
