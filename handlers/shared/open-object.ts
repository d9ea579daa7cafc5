import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { GetObjectCommand, type GetObjectCommandOutput, type S3Client } from "@aws-sdk/client-s3";

/** Where an object is. */
export interface ObjectPlace {
    s3: Pick<S3Client, "send">;
    bucket: string;
    key: string;
}

/** An object as it was when it was opened. */
export interface OpenObject {
    /** Version id, or ETag where the bucket keeps no versions. */
    version: string;
    /** In bytes. */
    length?: number;
    bytes: AsyncGenerator<Buffer>;
}

/** Waits after a broken connection, in milliseconds: an object is asked for again so many times at most. */
const patience = [100, 200, 400, 800, 1_600];

/** Asks for an object. Its bytes are all of them and of one version: where the connection breaks, the rest is asked for. */
export async function openObject(place: ObjectPlace, waits = patience): Promise<OpenObject> {
    const found = await place.s3.send(new GetObjectCommand({ Bucket: place.bucket, Key: place.key }));
    const { VersionId, ETag, ContentLength } = found;
    return { version: VersionId ?? ETag!, length: ContentLength, bytes: bytesOf(place, found, waits) };
}

async function* bytesOf(place: ObjectPlace, found: GetObjectCommandOutput, waits: number[]): AsyncGenerator<Buffer> {
    const { ETag, ContentLength } = found;
    let chunks = chunksOf(found);
    let offset = 0;
    let resumed = 0;
    try {
        for (;;) {
            // Caught is what the connection throws, not what a reader throws at the `yield`.
            const chunk = await chunks.next().then(({ value }) => value, asError);
            if (chunk instanceof Uint8Array) {
                offset += chunk.length;
                yield chunk as Buffer;
                continue;
            }
            if (ContentLength === undefined ? !chunk : offset === ContentLength) return;
            if (ETag === undefined || resumed === waits.length) throw chunk ?? new Error(`${nameOf(place)} is cut off`);
            await sleep(waits[resumed++]);
            chunks = chunksOf(await restOf(place, ETag, offset));
        }
    } finally {
        await chunks.return!();
    }
}

/** By its ETag: a version id would name the object as well, but reading it takes a permission of its own. */
async function restOf(place: ObjectPlace, IfMatch: string, offset: number): Promise<GetObjectCommandOutput> {
    const range = { Range: `bytes=${offset}-`, IfMatch };
    const command = new GetObjectCommand({ Bucket: place.bucket, Key: place.key, ...range });
    const rest = await place.s3.send(command).catch((error) => {
        if (error.name !== "PreconditionFailed" && error.name !== "NoSuchKey") throw error;
        throw new Error(`${nameOf(place)} was replaced or deleted while it was read`, { cause: error });
    });
    if (rest.ContentRange?.startsWith(`bytes ${offset}-`)) return rest;
    throw new Error(`${nameOf(place)}: asked for the bytes from ${offset}, S3 sent ${rest.ContentRange ?? "all"}`);
}

function chunksOf({ Body }: GetObjectCommandOutput): AsyncIterator<Buffer | undefined> {
    return (Body as Readable)[Symbol.asyncIterator]();
}

function asError(error: Error): Error {
    return error;
}

function nameOf({ bucket, key }: ObjectPlace): string {
    return `s3://${bucket}/${key}`;
}
