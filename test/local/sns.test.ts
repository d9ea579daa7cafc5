import { ListTopicsCommand, PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { expect } from "chai";
import { Lambda } from "../../local/services/lambda";
import { Sns } from "../../local/services/sns";
import { Sqs } from "../../local/services/sqs";
import { afterTest, arn, queue, rejection, resource, testRuntime, testServer } from "./support";

const topic = resource("aws:sns/topic:Topic", "failures");
const inbox = queue("inbox");
const subscription = resource("aws:sns/topicSubscription:TopicSubscription", "inbox", {
    topic: arn(topic),
    protocol: "sqs",
    endpoint: arn(inbox),
});

/** SNS, and the SDK's client as it is by default. */
async function prepare() {
    const runtime = testRuntime([topic, inbox, subscription]);
    const sqs = new Sqs(runtime);
    const { server } = await testServer(runtime, () => [new Sns(runtime, sqs, new Lambda(runtime, ""))]);
    const client = new SNSClient({
        endpoint: server.url,
        region: "us-east-1",
        credentials: { accessKeyId: "user", secretAccessKey: "secret" },
    });
    afterTest(() => client.destroy());
    return { sqs, client };
}

describe("SNS, called by functions", () => {
    it("publishes with a subject, in any characters", async () => {
        const { sqs, client } = await prepare();
        const Message = 'é & + = % <"x">\nline';

        const { MessageId } = await client.send(
            new PublishCommand({ TopicArn: arn(topic), Subject: "a subject", Message }),
        );

        const [message] = sqs.queue("inbox").receive();
        expect(MessageId).to.be.a("string");
        expect(JSON.parse(message!.body)).to.include({ Type: "Notification", Subject: "a subject", Message });
    });

    it("publishes without a subject", async () => {
        const { sqs, client } = await prepare();

        await client.send(new PublishCommand({ TopicArn: arn(topic), Message: "text" }));

        expect(JSON.parse(sqs.queue("inbox").receive()[0]!.body)).to.not.have.property("Subject");
    });

    it("refuses a topic that is none, as SNS words it", async () => {
        const { client } = await prepare();

        const error = await rejection(client.send(new PublishCommand({ TopicArn: `${arn(topic)}2`, Message: "x" })));

        expect(error.name).to.match(/^NotFound/);
        expect(error.message).to.equal("Topic does not exist");
    });

    it("refuses what is not modelled by name", async () => {
        const { client } = await prepare();
        const MessageAttributes = { a: { DataType: "String", StringValue: "b" } };

        const other = await rejection(client.send(new ListTopicsCommand({})));
        const attributes = await rejection(
            client.send(new PublishCommand({ TopicArn: arn(topic), Message: "x", MessageAttributes })),
        );

        expect(other.message).to.equal("ListTopics is not modelled on this machine");
        expect(attributes.message).to.equal("message attributes are not modelled on this machine");
    });
});
