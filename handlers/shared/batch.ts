import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { log } from "./log";

/** A message of the batch, its body read. */
export interface Message<T> {
    id: string;
    content: T;
}

/** Gives a message back to its queue, which delivers it again or, after too many times, dead-letters it. */
export type GiveBack = (messageId: string, reason: unknown) => void;

/**
 * Reads the batch's messages, lets `work` do them together and answers which of them are given back. A body that `read`
 * refuses concerns only its own message; an error that `work` throws concerns all of them.
 */
export async function processBatch<T>(
    event: SQSEvent,
    stage: string,
    read: (body: string) => T,
    work: (messages: Message<T>[], giveBack: GiveBack) => Promise<void>,
): Promise<SQSBatchResponse> {
    const reasons = new Map<string, Set<string>>();
    const messages = readBodies();
    try {
        await work(messages, giveBack);
    } catch (error) {
        for (const { id } of messages) giveBack(id, error);
    }
    return answer();

    function readBodies(): Message<T>[] {
        return event.Records.flatMap(({ messageId: id, body }) => {
            try {
                return [{ id, content: read(body) }];
            } catch (error) {
                giveBack(id, error);
                return [];
            }
        });
    }

    function giveBack(id: string, reason: unknown): void {
        reasons.set(id, (reasons.get(id) ?? new Set()).add(reasonOf(reason)));
    }

    function answer(): SQSBatchResponse {
        for (const [messageId, texts] of reasons) {
            log("warn", "message given back", { messageId, stage, reason: [...texts].join("; ") });
        }
        return { batchItemFailures: [...reasons.keys()].map((itemIdentifier) => ({ itemIdentifier })) };
    }
}

/** Why something failed, as text: services' errors say the most in their name. */
export function reasonOf(reason: unknown): string {
    if (!(reason instanceof Error)) return String(reason);
    return reason.name === "Error" ? reason.message : `${reason.name}: ${reason.message}`;
}
