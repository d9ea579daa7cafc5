import { GetObjectTaggingCommand, PutObjectTaggingCommand, S3Client } from "@aws-sdk/client-s3";
import { PublishBatchCommand, SNSClient } from "@aws-sdk/client-sns";
import { expect } from "chai";
import { S3 } from "../../local/services/s3";
import { Sns } from "../../local/services/sns";
import { Sqs } from "../../local/services/sqs";
import { arn, bucket, queue, rejection, resource, testRuntime, testServer } from "./support";

const topic = resource("aws:sns/topic:Topic", "news");
const subscribed = (topicArn: string) =>
    resource("aws:sns/topicSubscription:TopicSubscription", "s", {
        ...{ topic: topicArn, protocol: "sqs", endpoint: arn(queue("inbox")), rawMessageDelivery: true },
    });

async function prepare(topicArn = arn(topic)) {
    const runtime = testRuntime([bucket("lake"), topic, queue("inbox"), subscribed(topicArn)]);
    const s3 = new S3(runtime);
    const sqs = new Sqs(runtime);
    const { server } = await testServer(runtime, (lambda) => [s3, sqs, new Sns(runtime, sqs, lambda)]);
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    const sdk = { endpoint: server.url, region: "us-east-1", credentials, maxAttempts: 1 };
    const sns = new SNSClient(sdk);
    const publish = (messages: string[], TopicArn = topicArn, ids = messages.map((_, index) => `m${index}`)) =>
        sns.send(
            new PublishBatchCommand({
                TopicArn,
                PublishBatchRequestEntries: messages.map((Message, index) => ({ Id: ids[index]!, Message })),
            }),
        );
    return { s3, client: new S3Client({ ...sdk, forcePathStyle: true }), sqs, sns, publish };
}

describe("the local topics' PublishBatch", () => {
    it("publishes each message, and says so by its id", async () => {
        const { publish, sqs } = await prepare();

        const { Successful, Failed } = await publish(["a", "b & <c>"]);

        expect(Successful?.map(({ Id }) => Id)).to.deep.equal(["m0", "m1"]);
        expect(Failed ?? []).to.deep.equal([]);
        const received = sqs.queue("inbox").receive(10);
        expect(received.map(({ body }) => body)).to.deep.equal(["a", "b & <c>"]);
    });

    it("publishes on a topic of somebody else's that the program subscribes to", async () => {
        const { publish } = await prepare("arn:aws:sns:us-east-1:000000000000:theirs");

        expect((await publish(["a"])).Successful).to.have.length(1);
    });

    it("refuses what SNS refuses", async () => {
        const { publish, sns } = await prepare();
        const nameOf = async (promise: Promise<unknown>) => (await rejection(promise)).name;

        expect(await nameOf(publish([]))).to.match(/^EmptyBatchRequest/);
        expect(await nameOf(publish(Array(11).fill("a")))).to.match(/^TooManyEntriesInBatchRequest/);
        expect(await nameOf(publish(["a", "b"], arn(topic), ["x", "x"]))).to.match(/^BatchEntryIdsNotDistinct/);
        expect(await nameOf(publish(["a".repeat(200_000), "b".repeat(100_000)]))).to.match(/^BatchRequestTooLong/);
        expect(await nameOf(publish(["a"], "arn:aws:sns:us-east-1:000000000000:nowhere"))).to.match(/^NotFound/);
        const withAttributes = new PublishBatchCommand({
            TopicArn: arn(topic),
            PublishBatchRequestEntries: [
                { Id: "a", Message: "a", MessageAttributes: { x: { DataType: "String", StringValue: "y" } } },
            ],
        });
        expect(await nameOf(sns.send(withAttributes))).to.match(/^InvalidParameter/);
    });
});

describe("the local objects' tags", () => {
    it("are set all at once, and gone with the next version", async () => {
        const { s3, client } = await prepare();
        const place = { Bucket: "lake", Key: "a b" };
        const tag = (...names: string[]) =>
            client.send(
                new PutObjectTaggingCommand({
                    ...place,
                    Tagging: { TagSet: names.map((Key) => ({ Key, Value: `${Key} & 1` })) },
                }),
            );
        const tags = async () => (await client.send(new GetObjectTaggingCommand(place))).TagSet;
        await s3.put("lake", "a b", Buffer.from("x"));

        const none = await tags();
        await tag("one", "two");
        const two = await tags();
        await tag("three");
        const three = await tags();
        await s3.put("lake", "a b", Buffer.from("y"));

        expect(none).to.deep.equal([]);
        expect(two).to.deep.equal([
            { Key: "one", Value: "one & 1" },
            { Key: "two", Value: "two & 1" },
        ]);
        expect(three).to.deep.equal([{ Key: "three", Value: "three & 1" }]);
        expect(await tags()).to.deep.equal([]);
        expect((await rejection(tag(..."abcdefghijk"))).message).to.equal("Object tags cannot be greater than 10");
        await s3.delete("lake", "a b");
        expect((await rejection(tags())).name).to.equal("NoSuchKey");
    });
});
