import { encodeEventKey } from "../../local/services/s3/keys";
import type { Operations } from "../../plan";
import { batchesOf, inLanes, type Pace, sendBatch } from "./batches";
import type { Cloud, CurrentObject, ListedObject } from "./cloud";
import type { Destination } from "./destination";
import type { Journal } from "./journal";

/** What became of the objects. */
export interface SentObjects {
    sent: number;
    /** Sent before, as the journal says. */
    skipped: number;
    /** Keys of objects that were deleted meanwhile. */
    gone: string[];
    failed: { key: string; reason: string }[];
}

/** How they are sent. */
export interface ObjectSending {
    destination: Destination;
    /** Whether they are handled though the ledger says that they were. */
    again: boolean;
    journal: Journal;
    pace: Pace;
    /** Hears how many are done. */
    onProgress(done: number): void;
}

/** Both services take 10 messages, of 256 KB together. */
const batch = { entries: 10, bytes: 256 * 1024 };
/** A message is a key of 1,024 bytes at most, encoded, and little else. */
const messageBytes = 4 * 1024;
const lanes = 8;

/** Announces each object as S3 did when it was written. */
export async function sendObjects(
    cloud: Cloud,
    operations: Operations,
    objects: ListedObject[],
    { destination, again, journal, pace, onProgress }: ObjectSending,
): Promise<SentObjects> {
    const { topicArn, queueUrl, query } = destination;
    const left = objects.filter(({ key }) => !journal.has(key));
    const result: SentObjects = { sent: 0, skipped: objects.length - left.length, gone: [], failed: [] };
    const send = (messages: string[]) =>
        topicArn === undefined ? cloud.send(queueUrl!, messages) : cloud.publish(topicArn, messages);

    await inLanes(
        batchesOf(left, batch, () => messageBytes),
        lanes,
        async (own) => {
            await pace.take(own.length);
            if (pace.isStopped()) return;
            const now = await Promise.all(own.map(({ key }) => cloud.head(key)));
            const there = now.filter((object) => object !== undefined);
            const messages = there.map((object) => messageOf(operations, object, { journal, again, query }));
            const failures = messages.length > 0 ? await sendBatch(messages, send, pace) : new Map<number, string>();
            const sent = there.filter((_, index) => !failures.has(index)).map(({ key }) => key);
            journal.sent(sent);
            result.sent += sent.length;
            result.gone.push(...own.filter((_, index) => !now[index]).map(({ key }) => key));
            result.failed.push(...[...failures].map(([index, reason]) => ({ key: there[index]!.key, reason })));
            onProgress(result.sent + result.gone.length + result.failed.length);
        },
    );
    return result;
}

/**
 * The announcement of an object in the shape of S3's own, but for the sequencer, which nobody can ask for: for what it is
 * now, since an older version can't be read by a table.
 */
function messageOf(
    { bucketName, region }: Operations,
    { key, size, eTag, versionId, lastModified }: CurrentObject,
    { journal, again, query }: { journal: Journal; again: boolean; query?: string },
): string {
    const object = { key: encodeEventKey(key), size, eTag, ...(versionId !== undefined && { versionId }) };
    return JSON.stringify({
        Records: [
            {
                eventVersion: "2.1",
                eventSource: "aws:s3",
                awsRegion: region,
                eventTime: new Date(lastModified).toISOString(),
                eventName: "ObjectCreated:Put",
                s3: { s3SchemaVersion: "1.0", bucket: { name: bucketName }, object },
                eventpipeline: {
                    replay: journal.header.replay,
                    ...(again && { again }),
                    ...(query !== undefined && { query }),
                },
            },
        ],
    });
}
