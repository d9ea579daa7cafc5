import { isUtf8 } from "node:buffer";
import { gzipSync } from "node:zlib";
import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { FirehoseTransformationEventRecord } from "aws-lambda";
import { failedRecordName } from "../shared/failed-record";
import type { BadLine } from "./sift";

/** Where bad lines are kept. */
export interface FailedStore {
    client: Pick<S3Client, "send">;
    bucket: string;
    /** Ends in `/`. */
    prefix: string;
}

/** A record and those of its lines that are kept. */
export interface FailedLines {
    record: FirehoseTransformationEventRecord;
    bad: BadLine[];
}

/** Uploads at once. */
const lanes = 16;

/**
 * Keeps bad lines as one object a record: gzip NDJSON, each line `{ reason, line }` with the line's text, or `base64`
 * where it is not UTF-8. Key and content follow from the record, so that a repeated batch writes the same objects.
 * Throws if one could not be written.
 */
export async function keepFailed(failed: FailedLines[], store: FailedStore): Promise<void> {
    const waiting = byKey(failed, store.prefix).entries();
    await Promise.all(Array.from({ length: lanes }, uploadWaiting));

    async function uploadWaiting(): Promise<void> {
        for (const [key, bad] of waiting) await upload(key, bad);
    }

    async function upload(key: string, bad: BadLine[]): Promise<void> {
        const body = gzipSync(bad.map((line) => `${JSON.stringify(entryOf(line))}\n`).join(""));
        try {
            await store.client.send(new PutObjectCommand({ Bucket: store.bucket, Key: key, Body: body }));
        } catch (cause) {
            const { name } = cause as Error;
            throw new Error(`failed store: could not write s3://${store.bucket}/${key}: ${name}`, { cause });
        }
    }
}

/** The objects' lines. Records that came in the same millisecond with the same bytes share an object. */
function byKey(failed: FailedLines[], prefix: string): Map<string, BadLine[]> {
    const objects = new Map<string, BadLine[]>();
    for (const { record, bad } of failed) {
        const key = prefix + keyOf(record);
        objects.set(key, (objects.get(key) ?? []).concat(bad));
    }
    return objects;
}

/** Made of what stays the same when Firehose repeats a batch. */
function keyOf({ approximateArrivalTimestamp, data }: FirehoseTransformationEventRecord): string {
    const hour = new Date(approximateArrivalTimestamp).toISOString().slice(0, 13).replace(/[-T]/g, "/");
    return `normalize/${hour}/${failedRecordName(approximateArrivalTimestamp, data)}.json.gz`;
}

function entryOf({ reason, bytes }: BadLine): Record<string, string> {
    return isUtf8(bytes) ? { reason, line: bytes.toString() } : { reason, base64: bytes.toString("base64") };
}
