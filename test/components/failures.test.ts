import { expect } from "chai";
import { Failures } from "../../index";
import { policy, recordResources } from "./record";

const topicArn = "arn:aws:sns:eu-west-1:123456789012:reports";

describe("Failures", () => {
    it("is a topic with a key of its own, which takes alarms, and nothing without TLS", async () => {
        const { inputs } = await recordResources(() => new Failures("reports").topicArn);

        expect(inputs).to.deep.equal({
            "Key reports": {
                description: "Encrypts the notifications of reports",
                enableKeyRotation: true,
                policy: policy(
                    {
                        Sid: "Administer",
                        Effect: "Allow",
                        Principal: { AWS: "arn:aws:iam::123456789012:root" },
                        Action: "kms:*",
                        Resource: "*",
                    },
                    {
                        Sid: "LetAlarmsUse",
                        Effect: "Allow",
                        Principal: { Service: "cloudwatch.amazonaws.com" },
                        Action: ["kms:GenerateDataKey*", "kms:Decrypt"],
                        Resource: "*",
                        Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
                    },
                ),
            },
            "Alias reports-alias": { name: "alias/reports-dev", targetKeyId: "reports-key" },
            "Topic reports": { kmsMasterKeyId: "arn:aws:kms:eu-west-1:123456789012:key/reports-key" },
            "TopicPolicy reports-policy": {
                arn: topicArn,
                policy: policy(
                    {
                        Sid: "TakeAlarms",
                        Effect: "Allow",
                        Principal: { Service: "cloudwatch.amazonaws.com" },
                        Action: "sns:Publish",
                        Resource: topicArn,
                        Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
                    },
                    {
                        Sid: "DenyPlainHttp",
                        Effect: "Deny",
                        Principal: "*",
                        Action: "sns:Publish",
                        Resource: topicArn,
                        Condition: { Bool: { "aws:SecureTransport": "false" } },
                    },
                ),
            },
        });
    });

    it("mails to each address", async () => {
        const emails = ["a@example.com", "b@example.com"];

        const { inputs } = await recordResources(() => new Failures("reports", { emails }).keyArn);

        expect(inputs["TopicSubscription reports-0"]).to.deep.equal({
            topic: topicArn,
            protocol: "email",
            endpoint: "a@example.com",
        });
        expect(inputs["TopicSubscription reports-1"]).to.include({ endpoint: "b@example.com" });
    });
});
