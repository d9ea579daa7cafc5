import { setTimeout as sleep } from "node:timers/promises";
import { type FirehoseClient, PutRecordBatchCommand } from "@aws-sdk/client-firehose";
import { splitLines } from "../shared/json-lines";
import { logReasons } from "../shared/log-reasons";
import { groups } from "./groups";
import { Refusal } from "./responses";

/** Where events go. */
export interface DeliveryStream {
    client: Pick<FirehoseClient, "send">;
    name: string;
}

/** Firehose bills every record as a multiple of 5 KB: small events share one. */
const joinedRecord = { items: Number.POSITIVE_INFINITY, bytes: 5 * 1024 };
/** PutRecordBatch takes 500 records and 4 MiB, in which the base64 of 3 MB and the JSON around it fit. */
const putBatch = { items: 500, bytes: 3_000_000 };

/** Milliseconds. */
const firstBackoff = 50;
const longestBackoff = 2_000;
const longestCall = 3_000;
/** What a call needs at least, and the answer to the sender after it. */
const shortestCall = 500;
const answering = 500;

const retryAfter = { "retry-after": "5" };

/** A record that is not stored, and why. */
interface Failure {
    record: Buffer;
    code: string;
    /** Sending it again doesn't help. */
    final: boolean;
}

/**
 * Stores lines, each ended by its newline. Of a partly failed batch only the failed records are sent again, as long as
 * `remaining()` milliseconds allow; then the request is refused with what its sender may do. Lines stored until then
 * stay: the sender's own `event_id` tells them from those that are sent again.
 */
export async function store(lines: Buffer[], stream: DeliveryStream, remaining: () => number): Promise<void> {
    const records = groups(lines, joinedRecord).map((group) => Buffer.concat(group));
    let failures = await put(records);
    for (let attempt = 0; failures.length > 0; attempt++) {
        const backoff = Math.random() * Math.min(longestBackoff, firstBackoff * 2 ** attempt);
        if (failures.some(({ final }) => final) || remaining() - backoff < shortestCall + answering)
            throw unstored(failures);
        await sleep(backoff);
        failures = await put(failures.map(({ record }) => record));
    }

    async function put(pending: Buffer[]): Promise<Failure[]> {
        const failed: Failure[] = [];
        for (const batch of groups(pending, putBatch)) failed.push(...(await putOnce(batch)));
        return failed;
    }

    async function putOnce(batch: Buffer[]): Promise<Failure[]> {
        const command = new PutRecordBatchCommand({
            DeliveryStreamName: stream.name,
            Records: batch.map((record) => ({ Data: record })),
        });
        const abortSignal = AbortSignal.timeout(Math.max(0, Math.min(longestCall, remaining() - answering)));
        try {
            const { RequestResponses = [] } = await stream.client.send(command, { abortSignal });
            return batch.flatMap((record, index) => {
                const { RecordId, ErrorCode = "NoAnswer" } = RequestResponses[index] ?? {};
                return RecordId ? [] : [{ record, code: ErrorCode, final: false }];
            });
        } catch (error) {
            return batch.map((record) => ({ record, code: codeOf(error), final: isFinal(error) }));
        }
    }
}

/** A call's error: the name of the service's, or the network's code. */
function codeOf(error: unknown): string {
    const { name, code } = error as NodeJS.ErrnoException;
    return code ?? name;
}

/** The service's own words that the request is wrong. Network errors and the service's own failures pass. */
function isFinal(error: unknown): boolean {
    return (error as { $fault?: string }).$fault === "client" && !isThrottling(codeOf(error));
}

/** Firehose says that a stream takes no more for now in the first of these; all of AWS has the others. */
function isThrottling(code: string): boolean {
    return /^(ServiceUnavailable|Throttl|TooManyRequests|LimitExceeded|RequestLimitExceeded|SlowDown)/.test(code);
}

function unstored(failures: Failure[]): Refusal {
    const throttled = failures.every(({ code }) => isThrottling(code));
    const codes = failures.flatMap(({ record, code }) => splitLines(record).map(() => code));
    logReasons(throttled ? "warn" : "error", "events not stored", "collect", codes);
    return throttled
        ? new Refusal(429, "too many events at the moment: send them again later", retryAfter)
        : new Refusal(503, "not all events could be stored: send them again later", retryAfter);
}
