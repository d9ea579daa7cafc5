import { expect } from "chai";
import { Subscription, type SubscriptionArgs } from "../../index";
import { subscriptionResources } from "./expected";
import { recordResources } from "./record";

describe("Subscription", () => {
    it("filters by prefix into a queue with dead letters, from which the function takes batches", async () => {
        const { inputs } = await recordResources(
            () => subscribe("thumbs", { prefixes: ["raw/a/", "raw/b/"] }).queueArn,
        );

        expect(inputs).to.deep.equal(
            subscriptionResources("thumbs", {
                topicArn,
                prefixes: ["raw/a/", "raw/b/"],
                functionArn,
                role: "thumbs-role",
                visibilityTimeoutSeconds: 180,
                batchSize: 10,
                batchWindow: 0,
                maximumConcurrency: 10,
            }),
        );
    });

    it("hides a message for six timeouts and the batch window", async () => {
        const { inputs } = await recordResources(
            () =>
                subscribe("thumbs", { functionTimeout: 20, batchSize: 500, batchWindow: 9, maximumConcurrency: 2 })
                    .queueArn,
        );

        expect(inputs["Queue thumbs"]).to.include({ visibilityTimeoutSeconds: 129 });
        expect(inputs["EventSourceMapping thumbs"]).to.deep.include({
            batchSize: 500,
            maximumBatchingWindowInSeconds: 9,
            scalingConfig: { maximumConcurrency: 2 },
        });
    });

    it("says its queues", async () => {
        const { result } = await recordResources(() => {
            const { queueArn, deadLetterQueueArn, deadLetterQueueUrl } = subscribe("thumbs");
            return { queueArn, deadLetterQueueArn, deadLetterQueueUrl };
        });

        expect(result).to.deep.equal({
            queueArn: "arn:aws:sqs:eu-west-1:123456789012:thumbs",
            deadLetterQueueArn: "arn:aws:sqs:eu-west-1:123456789012:thumbs-dead-letters",
            deadLetterQueueUrl: "https://sqs/thumbs-dead-letters",
        });
    });

    it("takes messages only once both queues let them in, and reads only once the role may", async () => {
        const { find } = await recordResources(() => subscribe("thumbs").queueArn);

        expect(find("TopicSubscription", "thumbs").dependencies).to.include.members([
            "Queue thumbs-dead-letters",
            "QueuePolicy thumbs-policy",
            "QueuePolicy thumbs-dead-letters-policy",
        ]);
        expect(find("EventSourceMapping", "thumbs").dependencies).to.include("RolePolicy thumbs-consume");
    });

    it("exists twice in one program", async () => {
        const { inputs } = await recordResources(() => [subscribe("one").queueArn, subscribe("two").queueArn]);

        expect(inputs).to.include.all.keys("Queue one", "Queue two", "TopicSubscription one", "TopicSubscription two");
    });
});

const topicArn = "arn:aws:sns:eu-west-1:123456789012:lake";
const functionArn = "arn:aws:lambda:eu-west-1:123456789012:function:thumbs";

function subscribe(name: string, args: Partial<SubscriptionArgs> = {}) {
    return new Subscription(name, {
        topicArn,
        prefixes: ["raw/"],
        functionArn,
        functionRole: "thumbs-role",
        functionTimeout: 30,
        ...args,
    });
}
