import * as sqs from "@pulumi/aws/sqs";
import type * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { FanOut, type FanOutArgs, PlanError } from "../../index";
import { json, policy, recordResources } from "./record";

const topicArn = "arn:aws:sns:eu-west-1:123456789012:lake";
const fromBucket = {
    StringEquals: { "aws:SourceAccount": "123456789012" },
    ArnEquals: { "aws:SourceArn": "arn:aws:s3:::bucket" },
};
const fromRule = {
    StringEquals: { "aws:SourceAccount": "123456789012" },
    ArnEquals: { "aws:SourceArn": "arn:aws:events:eu-west-1:123456789012:rule/lake" },
};

describe("FanOut", () => {
    it("lets the bucket announce its new objects on an encrypted topic", async () => {
        const { inputs, result } = await recordResources(() => outputsOf(fanOut("lake")));

        expect(inputs).to.deep.equal({
            ...topicResources({
                keyUser: { Service: "s3.amazonaws.com" },
                keyCondition: fromBucket,
                publisher: { Service: "s3.amazonaws.com" },
                condition: fromBucket,
            }),
            "BucketNotification lake-notification": {
                bucket: "bucket",
                topics: [
                    { topicArn, events: ["s3:ObjectCreated:*"], filterPrefix: "raw/" },
                    { topicArn, events: ["s3:ObjectCreated:*"], filterPrefix: "athena/", filterSuffix: ".csv" },
                ],
            },
        });
        expect(result).to.deep.equal({
            topicArn,
            topicPolicy: topicPolicy(topicArn, { Service: "s3.amazonaws.com" }, fromBucket),
            bucketNotification: notification(topicArn),
        });
    });

    it("writes the notification once the topic takes it", async () => {
        const { find } = await recordResources(() => fanOut("lake").topicArn);

        expect(find("BucketNotification", "lake-notification").dependencies).to.include("TopicPolicy lake-policy");
    });

    for (const [eventBridge, announcing, name] of [
        [false, "BucketNotification", "lake-notification"],
        [true, "EventTarget", "lake-target"],
    ] as const) {
        it(`announces once what it is told to wait for is there, which may need the topic: ${announcing}`, async () => {
            const { find } = await recordResources(() => {
                const subscribers: pulumi.Resource[] = [];
                const dependsOn = Promise.resolve(subscribers);
                const { topicArn } = fanOut("lake", { eventBridge }, { dependsOn });
                subscribers.push(new sqs.Queue("later", { tags: { topicArn } }));
                return topicArn;
            });

            expect(find(announcing, name).dependencies).to.include("Queue later");
        });
    }

    it("uses a topic that exists, and says what it and the bucket need", async () => {
        const existing = "arn:aws:sns:eu-west-1:123456789012:owned";

        const { inputs, result } = await recordResources(() => outputsOf(fanOut("lake", { topicArn: existing })));

        expect(inputs).to.deep.equal({});
        expect(result).to.deep.equal({
            topicArn: existing,
            topicPolicy: topicPolicy(existing, { Service: "s3.amazonaws.com" }, fromBucket),
            bucketNotification: notification(existing),
        });
    });

    it("hears through EventBridge, without touching the bucket", async () => {
        const { inputs, result } = await recordResources(() => outputsOf(fanOut("lake", { eventBridge: true })));

        expect(inputs).to.deep.equal({
            ...topicResources({
                keyUser: { Service: "events.amazonaws.com" },
                keyCondition: {
                    ArnLike: { "kms:EncryptionContext:aws:sns:topicArn": "arn:aws:sns:eu-west-1:123456789012:*" },
                },
                publisher: { Service: "events.amazonaws.com" },
                condition: fromRule,
            }),
            "EventRule lake": {
                description: "New objects of lake",
                eventPattern: json({
                    source: ["aws.s3"],
                    "detail-type": ["Object Created"],
                    detail: {
                        bucket: { name: ["bucket"] },
                        object: { key: [{ prefix: "raw/" }, { wildcard: "athena/*.csv" }] },
                    },
                }),
            },
            "EventTarget lake-target": { rule: "lake", arn: topicArn, inputTransformer },
        });
        expect(result).to.deep.equal({
            topicArn,
            topicPolicy: topicPolicy(topicArn, { Service: "events.amazonaws.com" }, fromRule),
            bucketNotification: JSON.stringify({ EventBridgeConfiguration: {} }),
        });
    });

    it("sends EventBridge's events on once the topic takes them", async () => {
        const { find } = await recordResources(() => fanOut("lake", { eventBridge: true }).topicArn);

        expect(find("EventTarget", "lake-target").dependencies).to.include("TopicPolicy lake-policy");
    });

    it("makes S3's shape of an EventBridge event, with and without a version", () => {
        const event = {
            region: '"eu-west-1"',
            time: '"2026-11-21T04:00:00Z"',
            bucket: '"bucket"',
            key: '"raw/a \\"b\\".gz"',
            size: "12",
            etag: '"abc"',
            sequencer: '"00"',
        };

        const [versioned, plain] = ["v1", ""].map((version) => JSON.parse(filled({ ...event, version })));

        const record = {
            eventSource: "aws:events",
            eventName: "Object Created",
            awsRegion: "eu-west-1",
            eventTime: "2026-11-21T04:00:00Z",
            s3: {
                bucket: { name: "bucket" },
                object: { key: 'raw/a "b".gz', size: 12, eTag: "abc", versionId: "v1", sequencer: "00" },
            },
        };
        expect(versioned).to.deep.equal({ Records: [record] });
        expect(plain.Records[0].s3.object.versionId).to.equal("");
    });

    it("refuses a topic that exists together with EventBridge", async () => {
        const failure = await recordResources(() => fanOut("lake", { topicArn, eventBridge: true }).topicArn).catch(
            (error) => error,
        );

        expect(failure).to.be.instanceOf(PlanError);
        expect(failure.message).to.include("eventBridge: does not go with `topicArn`");
    });

    it("exists twice in one program", async () => {
        const { inputs } = await recordResources(() => [fanOut("one").topicArn, fanOut("two").topicArn]);

        expect(inputs).to.include.all.keys("Topic one", "Topic two", "Alias one-alias", "Alias two-alias");
    });
});

function fanOut(name: string, args: Partial<FanOutArgs> = {}, opts?: pulumi.ComponentResourceOptions) {
    const folders = [{ prefix: "raw/" }, { prefix: "athena/", suffix: ".csv" }];
    return new FanOut(name, { bucketName: "bucket", folders, ...args }, opts);
}

function outputsOf({ topicArn, topicPolicy, bucketNotification }: FanOut) {
    return { topicArn, topicPolicy, bucketNotification };
}

interface Expected {
    keyUser: unknown;
    keyCondition: unknown;
    publisher: unknown;
    condition: unknown;
}

function topicResources({ keyUser, keyCondition, publisher, condition }: Expected) {
    return {
        "Key lake": {
            description: "Encrypts the announcements of new objects of lake",
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
                    Sid: "Announce",
                    Effect: "Allow",
                    Principal: keyUser,
                    Action: ["kms:GenerateDataKey*", "kms:Decrypt"],
                    Resource: "*",
                    Condition: keyCondition,
                },
            ),
        },
        "Alias lake-alias": { name: "alias/lake-dev", targetKeyId: "lake-key" },
        "Topic lake": { kmsMasterKeyId: "arn:aws:kms:eu-west-1:123456789012:key/lake-key" },
        "TopicPolicy lake-policy": {
            arn: topicArn,
            policy: json(JSON.parse(topicPolicy(topicArn, publisher, condition))),
        },
    };
}

function topicPolicy(arn: string, publisher: unknown, condition: unknown): string {
    return JSON.stringify({
        Version: "2012-10-17",
        Statement: [
            {
                Sid: "Announce",
                Effect: "Allow",
                Principal: publisher,
                Action: "sns:Publish",
                Resource: arn,
                Condition: condition,
            },
            {
                Sid: "DenyPlainHttp",
                Effect: "Deny",
                Principal: "*",
                Action: "sns:Publish",
                Resource: arn,
                Condition: { Bool: { "aws:SecureTransport": "false" } },
            },
        ],
    });
}

function notification(arn: string): string {
    const entry = (...FilterRules: unknown[]) => ({
        TopicArn: arn,
        Events: ["s3:ObjectCreated:*"],
        Filter: { Key: { FilterRules } },
    });
    return JSON.stringify({
        TopicConfigurations: [
            entry({ Name: "prefix", Value: "raw/" }),
            entry({ Name: "prefix", Value: "athena/" }, { Name: "suffix", Value: ".csv" }),
        ],
    });
}

const template =
    '{"Records":[{"eventSource":"aws:events","eventName":"Object Created","awsRegion":<region>,"eventTime":<time>,' +
    '"s3":{"bucket":{"name":<bucket>},"object":{"key":<key>,"size":<size>,"eTag":<etag>,"versionId":"<version>",' +
    '"sequencer":<sequencer>}}}]}';

const inputTransformer = {
    inputPaths: {
        region: "$.region",
        time: "$.time",
        bucket: "$.detail.bucket.name",
        key: "$.detail.object.key",
        size: "$.detail.object.size",
        etag: "$.detail.object.etag",
        version: "$.detail.object.version-id",
        sequencer: "$.detail.object.sequencer",
    },
    inputTemplate: template,
};

/** As EventBridge fills a template. */
function filled(values: Record<string, string>): string {
    return template.replace(/<(\w+)>/g, (_, name: string) => values[name] ?? "");
}
