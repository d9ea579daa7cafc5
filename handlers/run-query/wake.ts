import { GetQueueUrlCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import type { Context } from "./context";

/** A message that a query sends itself: to be woken when its interval is over. */
export interface Wake {
    query: string;
    /** When it was to come, milliseconds since 1970: tells it from others. */
    at: number;
}

/** SQS's longest delay, in seconds. */
const longestDelay = 900;

/** Sends a query a message for a time, or for the farthest time that a message may wait. Returns when it comes. */
export async function sendWake({ sqs, queueName, now }: Context, query: string, time: number): Promise<number> {
    const at = Math.min(time, now() + longestDelay * 1000);
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: queueName }));
    const DelaySeconds = Math.max(0, Math.ceil((at - now()) / 1000));
    await sqs.send(
        new SendMessageCommand({ QueueUrl, DelaySeconds, MessageBody: JSON.stringify({ wake: { query, at } }) }),
    );
    return at;
}
