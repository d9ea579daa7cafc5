import type { Context, SQSEvent, SQSRecord } from "aws-lambda";
import type { CreatedObject } from "../../../handlers/shared/s3-events";

/** An S3 event record as S3 writes it: the key is encoded. */
export function s3Record(key: string, object: Record<string, unknown> = {}) {
    return {
        eventVersion: "2.1",
        eventSource: "aws:s3",
        eventTime: "2026-11-21T04:00:00.000Z",
        eventName: "ObjectCreated:Put",
        s3: {
            bucket: { name: "lake", arn: "arn:aws:s3:::lake" },
            object: { key, size: 100, eTag: "e1", sequencer: "0A", ...object },
        },
    };
}

/** The body of a message with these records, delivered raw. */
export function s3Body(...records: unknown[]): string {
    return JSON.stringify({ Records: records });
}

/** An event of the queue with one message a body, named m0, m1, … */
export function sqsEvent(...bodies: string[]): SQSEvent {
    return { Records: bodies.map((body, index) => ({ messageId: `m${index}`, body, eventSourceARN }) as SQSRecord) };
}

const eventSourceARN = "arn:aws:sqs:eu-west-1:123456789012:queue";

/** An object that was created in the lake. */
export function createdObject(key: string, object: Partial<CreatedObject> = {}): CreatedObject {
    return { bucket: "lake", key, size: 100, eTag: "e1", sequencer: "0A", ...object };
}

/** An invocation's context with time left. */
export function lambdaContext(milliseconds = 60_000): Context {
    return { getRemainingTimeInMillis: () => milliseconds } as Context;
}
