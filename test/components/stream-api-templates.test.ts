import { expect } from "chai";
import fc from "fast-check";
import {
    describeResponse,
    putRecordRequest,
    putRecordResponse,
    putRecordsRequest,
    putRecordsResponse,
} from "../../components/sources/stream-api/templates";
import { type TemplateInput, Templates } from "../../local/services/rest-api/mapping";

const streamArn = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks";

/** The templates are evaluated as the local runtime does it. */
describe("the stream API's templates", () => {
    let templates: Templates;

    before(async () => {
        templates = await Templates.load();
    });

    function evaluate(template: string, body: unknown, input: Partial<TemplateInput> = {}) {
        const text = typeof body === "string" ? body : JSON.stringify(body);
        const made = templates.evaluate(template, {
            ...{ path: {}, querystring: {}, header: {}, stageVariables: {}, context: { requestId: "r-1" } },
            ...input,
            body: text,
        });
        return { ...made, json: JSON.parse(made.text) };
    }

    const decoded = (data: string) => Buffer.from(data, "base64").toString();

    describe("a record", () => {
        it("is the body, digit for digit, on one line", () => {
            const { json } = evaluate(putRecordRequest(streamArn), '{\r\n  "a": 1.50,\n  "n": 9007199254740993\n}');

            expect(json).to.include({ StreamARN: streamArn, PartitionKey: "r-1" });
            expect(decoded(json.Data)).to.equal('{    "a": 1.50,   "n": 9007199254740993 }');
        });

        it("keeps the body's text, and has the sender's partition key, whatever they hold", () => {
            fc.assert(
                fc.property(
                    fc.string({ unit: "grapheme" }),
                    fc.string({ unit: "binary", minLength: 1 }),
                    (text, key) => {
                        const body = JSON.stringify({ text });

                        const { json } = evaluate(putRecordRequest(streamArn), body, {
                            querystring: { partitionKey: key },
                        });

                        expect(json.PartitionKey).to.equal(key);
                        expect(JSON.parse(decoded(json.Data))).to.deep.equal({ text });
                    },
                ),
            );
        });

        it("is answered with its place", () => {
            const { json, status } = evaluate(putRecordResponse, { ShardId: "shardId-0", SequenceNumber: "49" });

            expect(json).to.deep.equal({ shardId: "shardId-0", sequenceNumber: "49" });
            expect(status).to.equal(undefined);
        });
    });

    describe("records", () => {
        it("are one for each event, spread over the shards", () => {
            const body = '[{"a":"it\'s \\"x\\"\\n"},{"n":9007199254740993,"d":0.5},\n{"list":[1,null,{"b":true}]}]';

            const { json } = evaluate(putRecordsRequest(streamArn), body);

            expect(json.StreamARN).to.equal(streamArn);
            expect(json.Records.map(({ PartitionKey }: { PartitionKey: string }) => PartitionKey)).to.deep.equal([
                "r-1/0",
                "r-1/1",
                "r-1/2",
            ]);
            expect(json.Records.map(({ Data }: { Data: string }) => decoded(Data))).to.deep.equal([
                '{"a":"it\'s \\"x\\"\\n"}',
                '{"n":9007199254740993,"d":0.5}',
                '{"list":[1,null,{"b":true}]}',
            ]);
        });

        it("stay together under the sender's partition key", () => {
            const { json } = evaluate(putRecordsRequest(streamArn), [{}, {}], { querystring: { partitionKey: "o'k" } });

            expect(json.Records.map(({ PartitionKey }: { PartitionKey: string }) => PartitionKey)).to.deep.equal([
                "o'k",
                "o'k",
            ]);
        });

        it("are answered with their number when all are stored", () => {
            const { json, status } = evaluate(putRecordsResponse, { FailedRecordCount: 0, Records: [{}, {}] });

            expect(json).to.deep.equal({ stored: 2 });
            expect(status).to.equal(undefined);
        });

        it("are answered 503 with the places of those that are not", () => {
            const stored = { SequenceNumber: "49", ShardId: "shardId-0" };
            const busy = { ErrorCode: "ProvisionedThroughputExceededException", ErrorMessage: "Rate exceeded …" };
            const broken = { ErrorCode: "InternalFailure", ErrorMessage: "…" };

            const { json, status } = evaluate(putRecordsResponse, {
                FailedRecordCount: 2,
                Records: [stored, busy, stored, broken],
            });

            expect(status).to.equal(503);
            expect(json).to.deep.equal({
                message: "not all events are stored: send again those that failed",
                failed: [
                    { index: 1, error: "ProvisionedThroughputExceededException" },
                    { index: 3, error: "InternalFailure" },
                ],
            });
        });
    });

    for (const [error, expected] of [
        ["ProvisionedThroughputExceededException", 429],
        ["KMSThrottlingException", 429],
        ["LimitExceededException", 429],
        ["ValidationException", 400],
        ["InvalidArgumentException", 400],
        ["ResourceNotFoundException", 503],
        ["InternalFailure", 503],
        [undefined, 503],
    ] as const) {
        it(`make ${expected} of ${error ?? "an error without a name"}, and name neither stream nor account`, () => {
            for (const template of [putRecordResponse, putRecordsResponse, describeResponse("clicks")]) {
                const { json, status, text } = evaluate(template, {
                    ...(error && { __type: error }),
                    message: `Stream clicks under account 123456789012 …`,
                });

                expect(status).to.equal(expected);
                expect(json).to.have.all.keys("message");
                expect(text).not.to.match(/123456789012|clicks/);
            }
        });
    }
});
