import { createHash } from "node:crypto";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import type { S3Client } from "@aws-sdk/client-s3";
import { openObject } from "../shared/open-object";
import { Pieces } from "./pieces";
import { Tokens, tokenOf } from "./tokens";

/** Where objects are. */
export interface Place {
    s3: Pick<S3Client, "send">;
    bucket: string;
    /** Of an unpacked object; Firehose writes no more than 128 MB at once. */
    mostBytes: number;
    /** With an `event_id`, of one place and hour. */
    mostEvents: number;
}

/** What reading one object takes. */
type ObjectPlace = Omit<Place, "mostEvents">;

/** What an object holds. */
export class Content {
    /** Of events with an `event_id`. */
    readonly tokens = new Tokens();
    /** Events without one. */
    anonymous = 0;
    /** Why it could not be read, or not to its end. */
    note?: string;

    add(piece: Buffer): void {
        const found = tokenOf(piece);
        if (found) this.tokens.add(found.token);
        else this.anonymous++;
    }

    get events(): number {
        return this.tokens.count + this.anonymous;
    }
}

/** Reads an object of events, which is gzip. */
export async function readEvents(place: Place, key: string): Promise<Content> {
    const content = new Content();
    content.note = await eachPiece(place, key, (piece) => content.add(piece));
    return content;
}

/** Hands out an object's events as they come; says why it could not be read, or not to its end. */
export async function eachPiece(
    place: ObjectPlace,
    key: string,
    take: (piece: Buffer) => void,
): Promise<string | undefined> {
    const pieces = new Pieces();
    const note = await readObject(place, key, "gzip", (chunk) => pieces.push(chunk).forEach(take));
    // What stands before the place at which an object breaks off is half an event.
    if (note === undefined) pieces.end().forEach(take);
    return note;
}

/** The digest of what an object holds; two of the same are the same bytes. */
export async function digestOf(place: Place, key: string): Promise<string> {
    const hash = createHash("sha256");
    const note = await readObject(place, key, "any", (chunk) => hash.update(chunk));
    return note ?? hash.digest("hex");
}

/**
 * Hands out an object's bytes, unpacked if they are gzip, as they must be for `gzip`. Says why they could not be read, or not
 * to their end: nothing of that goes away by trying again.
 */
export async function readObject(
    { s3, bucket, mostBytes }: ObjectPlace,
    key: string,
    form: "gzip" | "any",
    take: (chunk: Buffer) => void,
): Promise<string | undefined> {
    const found = await openObject({ s3, bucket, key }).catch(goneOrThrow);
    if (!found) return gone(key);
    const first = await found.bytes.next();
    if (first.done) return undefined;
    const isGzip = first.value[0] === 0x1f && first.value[1] === 0x8b;
    if (!isGzip && form === "gzip") {
        await found.bytes.return(undefined);
        return `${key}: not gzip`;
    }
    let bytes = 0;
    try {
        const source = from(first.value, found.bytes);
        await (isGzip ? pipeline(source, createGunzip(), read) : pipeline(source, read));
        return undefined;
    } catch (error) {
        if (error instanceof TooLarge) return `${key}: more than ${mostBytes} bytes unpacked: read up to there`;
        if (!/^Z_/.test((error as NodeJS.ErrnoException).code ?? "")) throw error;
        return `${key}: not a whole gzip file (${(error as Error).message}): read up to there`;
    }

    async function read(parts: AsyncIterable<Buffer>): Promise<void> {
        for await (const part of parts) {
            bytes += part.length;
            if (bytes > mostBytes) throw new TooLarge();
            take(part);
        }
    }
}

/** Answers that there is no such object any more; throws all else. */
export function goneOrThrow(error: Error): undefined {
    if (error.name !== "NoSuchKey") throw error;
}

/** Why there is nothing to be read. */
export function gone(key: string): string {
    return `${key}: gone since it was listed`;
}

class TooLarge extends Error {}

async function* from(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
    yield first;
    yield* rest;
}
