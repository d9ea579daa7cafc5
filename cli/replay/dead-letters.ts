import type { Operations } from "../../plan";
import { suggestion } from "../../plan/suggestion";
import { batchesOf, type Pace, sendBatch } from "./batches";
import type { Cloud, ReceivedMessage } from "./cloud";

/** What became of dead letters. */
export interface SentDeadLetters {
    /** Sent to their queue and deleted here. */
    sent: number;
    /** Still in the dead-letter queue, for they could not be sent. */
    failed: { id: string; reason: string }[];
    /** Sent, and still in the dead-letter queue, for they could not be deleted. */
    doubled: { id: string; reason: string }[];
    /** How often which reason was noted on a message. */
    reasons: Record<string, number>;
}

const batch = { entries: 10, bytes: 256 * 1024 };

/** The queues of a name as in `deadLetterQueueUrls`. */
export function queuesOf({ queues, ingests }: Operations, name: string) {
    const found = queues[name];
    if (found) return found;
    if (name.endsWith("-iot") && ingests[name.slice(0, -"-iot".length)]) {
        throw new Error(
            `--dead-letters ${name}: holds what AWS IoT Core could not put on the delivery stream: publish it again, ` +
                "to the `topic` of each message, for the rule to make events of it",
        );
    }
    throw new Error(`--dead-letters: unknown: \`${name}\`: ${suggestion(name, Object.keys(queues))}`);
}

/**
 * Sends the messages of a dead-letter queue to their queue as they are, until there are no more. A message is deleted when
 * it was sent, so that one which is cut off in between is sent twice, but none is lost.
 */
export async function sendDeadLetters(
    cloud: Cloud,
    { queueUrl, deadLetterQueueUrl }: { queueUrl: string; deadLetterQueueUrl: string },
    { pace, onProgress }: { pace: Pace; onProgress(done: number): void },
): Promise<SentDeadLetters> {
    const result: SentDeadLetters = { sent: 0, failed: [], doubled: [], reasons: {} };
    const seen = new Set<string>();
    while (!pace.isStopped()) {
        const received = await cloud.receive(deadLetterQueueUrl);
        const messages = received.filter(({ id }) => !seen.has(id));
        // What comes a second time could not be sent, or deleted.
        if (messages.length === 0) break;
        for (const own of batchesOf(messages, batch, ({ body }) => Buffer.byteLength(body))) await sendOn(own);
    }
    return result;

    async function sendOn(messages: ReceivedMessage[]): Promise<void> {
        for (const { id, reason } of messages) {
            seen.add(id);
            if (reason !== undefined) result.reasons[reason] = (result.reasons[reason] ?? 0) + 1;
        }
        await pace.take(messages.length);
        const unsent = await sendBatch(
            messages,
            (all) =>
                cloud.send(
                    queueUrl,
                    all.map(({ body }) => body),
                ),
            pace,
        );
        const sent = messages.filter((_, index) => !unsent.has(index));
        const receipts = (all: ReceivedMessage[]) => all.map(({ receipt }) => receipt);
        const kept =
            sent.length > 0
                ? await sendBatch(sent, (all) => cloud.remove(deadLetterQueueUrl, receipts(all)), pace)
                : new Map<number, string>();
        result.sent += sent.length - kept.size;
        result.failed.push(...[...unsent].map(([index, reason]) => ({ id: messages[index]!.id, reason })));
        result.doubled.push(...[...kept].map(([index, reason]) => ({ id: sent[index]!.id, reason })));
        onProgress(result.sent);
    }
}
