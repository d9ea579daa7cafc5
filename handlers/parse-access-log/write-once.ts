import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { S3Client } from "@aws-sdk/client-s3";
import { uploadObject } from "../shared/upload-object";

/**
 * Writes chunks as one gzip object of JSON lines, unless it is there already; without chunks, there is no object. It
 * appears when all chunks have come, or not at all. Says whether it was written.
 */
export async function writeOnce(
    s3: S3Client,
    { bucket, key }: { bucket: string; key: string },
    chunks: AsyncGenerator<Buffer>,
): Promise<boolean> {
    const first = await chunks.next();
    if (first.done) return false;
    const params = {
        Bucket: bucket,
        Key: key,
        ContentType: "application/x-ndjson", // and no Content-Encoding: Athena knows gzip by the key's ending
        IfNoneMatch: "*", // written again, it would be announced again, and counted twice
    };
    try {
        await pipeline(withFirst(first.value, chunks), createGzip(), (gzip) => uploadObject(s3, params, gzip));
        return true;
    } catch (error) {
        // An object of this key is this log's, whole.
        if ((error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode === 412) return false;
        throw error;
    }
}

async function* withFirst(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
    yield first;
    yield* rest;
}
