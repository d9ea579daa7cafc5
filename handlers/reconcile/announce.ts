import { SendMessageBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { ListedObject } from "./list-objects";

/** Messages of one SendMessageBatch. */
const mostEntries = 10;

/**
 * Announces objects to a queue as S3 does: one record a message, so that one that can't be handled holds up no other.
 * Returns those that the queue did not take.
 */
export async function announce(
    sqs: Pick<SQSClient, "send">,
    queueUrl: string,
    bucket: string,
    objects: ListedObject[],
): Promise<Set<ListedObject>> {
    const refused = new Set<ListedObject>();
    for (let sent = 0; sent < objects.length; sent += mostEntries) {
        const batch = objects.slice(sent, sent + mostEntries);
        const Entries = batch.map((object, index) => ({
            Id: String(index),
            MessageBody: JSON.stringify({ Records: [recordOf(bucket, object)] }),
        }));
        const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
        for (const { Id } of Failed) refused.add(batch[Number(Id)]!);
    }
    return refused;
}

/** Without a sequencer, which only S3 knows: then readers look at the object itself. */
function recordOf(bucket: string, { key, size, eTag, versionId, lastModified }: ListedObject) {
    return {
        eventVersion: "2.1",
        eventSource: "aws:s3",
        eventTime: new Date(lastModified).toISOString(),
        eventName: "ObjectCreated:Put",
        s3: {
            s3SchemaVersion: "1.0",
            bucket: { name: bucket },
            object: { key: encoded(key), size, eTag, ...(versionId !== undefined && { versionId }) },
        },
    };
}

/** S3 encodes keys as forms do, slashes left as they are. */
function encoded(key: string): string {
    return encodeURIComponent(key).replaceAll("%2F", "/").replaceAll("%20", "+");
}
