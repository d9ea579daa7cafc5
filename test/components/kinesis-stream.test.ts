import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { KinesisStream, type KinesisStreamArgs, PlanError } from "../../index";
import { policy, recordResources } from "./record";

const encryptedForAWeek = { retentionPeriod: 168, encryptionType: "KMS", kmsKeyId: "alias/aws/kinesis" };

describe("KinesisStream", () => {
    it("is an encrypted stream that scales by itself and keeps records for a week", async () => {
        const { inputs, find } = await recordResources(() => outputsOf({}));

        expect(inputs).to.deep.equal({
            "Stream clicks": { ...encryptedForAWeek, streamModeDetails: { streamMode: "ON_DEMAND" } },
        });
        expect(find("Stream", "clicks").parent).to.equal("KinesisStream clicks");
    });

    it("has the shards and the retention that it is told", async () => {
        const { inputs } = await recordResources(() => outputsOf({ shards: pulumi.output(3), retentionHours: 8760 }));

        expect(inputs).to.deep.equal({
            "Stream clicks": {
                ...encryptedForAWeek,
                retentionPeriod: 8760,
                streamModeDetails: { streamMode: "PROVISIONED" },
                shardCount: 3,
            },
        });
    });

    it("creates nothing for a stream that exists", async () => {
        const streamArn = "arn:aws:kinesis:eu-west-1:123456789012:stream/orders";

        const { inputs, result } = await recordResources(() => outputsOf({ streamArn: pulumi.output(streamArn) }));

        expect(inputs).to.deep.equal({});
        expect(result).to.deep.include({ streamName: "orders", streamArn });
    });

    it("says its name, its ARN and what a producer may do", async () => {
        const { result } = await recordResources(() => outputsOf({}));

        const streamArn = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks";
        expect(result).to.deep.equal({
            streamName: "clicks",
            streamArn,
            putPolicy: JSON.stringify(
                policy({ Effect: "Allow", Action: ["kinesis:PutRecord", "kinesis:PutRecords"], Resource: streamArn })
                    .json,
            ),
        });
    });

    it("refuses settings that cannot be", async () => {
        const failure = await recordResources(() => outputsOf({ shards: 0 })).catch((error) => error);

        expect(failure).to.be.instanceOf(PlanError);
        expect(failure.message).to.include("shards: must be a whole number from 1 to 10000");
    });
});

function outputsOf(args: KinesisStreamArgs) {
    const { streamName, streamArn, putPolicy } = new KinesisStream("clicks", args);
    return { streamName, streamArn, putPolicy };
}
