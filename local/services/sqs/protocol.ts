import { createHash } from "node:crypto";
import { AwsError, type AwsRequest, type AwsResponse, account, type Cause } from "../../runtime";
import type { Attribute } from "../sns-filter";
import type { Message, Queue } from "./queue";

interface Input {
    QueueUrl: string;
    QueueName: string;
    MessageBody: string;
    MessageAttributes?: Record<string, Attribute>;
    DelaySeconds?: number;
    MaxNumberOfMessages?: number;
    VisibilityTimeout?: number;
    ReceiptHandle: string;
    Entries: (Input & { Id: string })[];
}

type Operation = (queue: Queue, input: Input, cause: Cause | undefined) => object;

/** What is answered; anything else is refused by name. */
const operations: Record<string, Operation> = {
    GetQueueUrl: (queue) => ({ QueueUrl: queue.url }),
    GetQueueAttributes: (queue) => ({ Attributes: attributesOf(queue) }),
    SendMessage: send,
    SendMessageBatch: (queue, input, cause) => batch(input, (entry) => send(queue, entry, cause)),
    ReceiveMessage: receive,
    DeleteMessage: remove,
    DeleteMessageBatch: (queue, input) => batch(input, (entry) => remove(queue, entry)),
    ChangeMessageVisibility: changeVisibility,
};

/** SQS's JSON protocol. */
export function answer(findQueue: (urlOrName: string) => Queue, request: AwsRequest): AwsResponse {
    const name = request.headers["x-amz-target"]?.replace("AmazonSQS.", "") ?? "";
    const operation = operations[name];
    if (!operation) throw new AwsError("NotImplemented", `SQS ${name} is not modelled on this machine`, 501);
    const input = JSON.parse(request.body.toString()) as Input;
    const output = operation(findQueue(input.QueueUrl ?? input.QueueName), input, request.cause);
    return { status: 200, headers: { "content-type": "application/x-amz-json-1.0" }, body: JSON.stringify(output) };
}

/** A message's attributes as ReceiveMessage and Lambda's event show them. */
export function systemAttributes(message: Message): Record<string, string> {
    return {
        ApproximateReceiveCount: String(message.receiveCount),
        SentTimestamp: String(message.sentAt),
        SenderId: account,
        ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    };
}

/** The digest by which the SDKs check bodies. */
export function md5(text: string): string {
    return createHash("md5").update(text).digest("hex");
}

function send(queue: Queue, input: Input, cause: Cause | undefined): object {
    const message = queue.send(input.MessageBody, {
        attributes: input.MessageAttributes,
        delaySeconds: input.DelaySeconds,
        cause,
    });
    return { MessageId: message.messageId, MD5OfMessageBody: md5(message.body) };
}

/** Answers at once what is there: the local clock may stand still while somebody waits. */
function receive(queue: Queue, input: Input): object {
    const messages = queue.receive(input.MaxNumberOfMessages ?? 1, input.VisibilityTimeout);
    if (messages.length === 0) return {};
    return {
        Messages: messages.map((message) => ({
            MessageId: message.messageId,
            ReceiptHandle: message.receiptHandle,
            Body: message.body,
            MD5OfBody: md5(message.body),
            Attributes: systemAttributes(message),
            MessageAttributes: message.attributes,
        })),
    };
}

function remove(queue: Queue, input: Input): object {
    queue.delete(input.ReceiptHandle);
    return {};
}

function changeVisibility(queue: Queue, input: Input): object {
    queue.changeVisibility(input.ReceiptHandle, input.VisibilityTimeout!);
    return {};
}

function batch(input: Input, action: (entry: Input) => object): object {
    return { Successful: input.Entries.map((entry) => ({ Id: entry.Id, ...action(entry) })), Failed: [] };
}

function attributesOf(queue: Queue): Record<string, string> {
    const { visible, inFlight, delayed } = queue.counts();
    return {
        QueueArn: queue.arn,
        VisibilityTimeout: String(queue.visibilityTimeout),
        ApproximateNumberOfMessages: String(visible),
        ApproximateNumberOfMessagesNotVisible: String(inFlight),
        ApproximateNumberOfMessagesDelayed: String(delayed),
    };
}
