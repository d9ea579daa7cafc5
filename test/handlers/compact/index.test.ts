import { createHash } from "node:crypto";
import { expect } from "chai";
import { compactionFile } from "../../../handlers/compact/contract";
import { ownPlace } from "../../dynamodb/tables";
import { invokeBundle } from "../shared/bundled-function";
import { jsonRequest, jsonResponse } from "../shared/fake-service";
import { s3Body, s3Record, sqsEvent } from "../shared/s3-event-messages";
import { clicks, settings } from "./world";

describe("the compact function", () => {
    it("schedules by its compaction and its environment with its own queue, bundled", async () => {
        const place = ownPlace();
        const LEDGER_TABLE = await place.createTable("entry", "subscriber");
        const sent: Record<string, unknown>[] = [];
        const event = sqsEvent(s3Body(s3Record("raw/v0/clicks/2099/11/21/04/a.json.gz")), "unreadable");
        event.Records[0]!.eventSourceARN = "arn:aws:sqs:eu-west-1:123456789012:clicks";

        const response = await invokeBundle(
            {
                name: "compact",
                assetFile: compactionFile,
                asset: clicks,
                environment: { ...settings, LEDGER_TABLE },
                answer: (request) => {
                    if (!request.headers["x-amz-target"]!.startsWith("AmazonSQS")) return place.answer(request);
                    const queueUrl = `http://${request.headers.host}/clicks`;
                    const { operation, input } = jsonRequest(request);
                    sent.push({ operation, ...input });
                    if (operation === "GetQueueUrl") return jsonResponse({ QueueUrl: queueUrl });
                    const md5 = createHash("md5").update(String(input.MessageBody)).digest("hex");
                    return jsonResponse({ MessageId: "1", MD5OfMessageBody: md5 });
                },
            },
            event,
        );

        const wake = { interval: "2099-11-21T04", at: Date.UTC(2099, 10, 21, 5, 10) };
        expect(response).to.deep.equal({ batchItemFailures: [{ itemIdentifier: "m1" }] });
        expect(sent).to.deep.equal([
            { operation: "GetQueueUrl", QueueName: "clicks" },
            {
                operation: "SendMessage",
                QueueUrl: sent[1]?.QueueUrl,
                DelaySeconds: 900,
                MessageBody: JSON.stringify({ wake }),
            },
        ]);
    });
});
