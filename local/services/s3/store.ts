import { createHash } from "node:crypto";
import { mkdirSync, renameSync, rmSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { newBytes } from "../../identifiers";
import { AwsError, type Cause, type Runtime } from "../../runtime";
import { unpack } from "../../unpack";
import { compareKeys, keyPath } from "./keys";
import { Objects } from "./objects";

/** An object in a bucket. */
export interface StoredObject {
    bucket: string;
    key: string;
    size: number;
    /** Without the quotes that the HTTP header has. */
    etag: string;
    /** Present in versioned buckets. */
    versionId?: string;
    /** Grows with every write; S3 promises that for one key only. */
    sequencer: string;
    /** Milliseconds since 1970. */
    lastModified: number;
    /** Where its bytes lie, an absolute path. */
    file: string;
    metadata: Record<string, string>;
    /** Set after the object was written. */
    tags?: Record<string, string>;
    contentType: string;
    contentEncoding?: string;
    /** What made it appear; absent for what came from outside. */
    cause?: Cause;
}

/** What a write may say beside key and bytes. */
export interface PutOptions {
    metadata?: Record<string, string>;
    contentType?: string;
    contentEncoding?: string;
    cause?: Cause;
    /** The write is refused unless this holds at the moment of writing. */
    condition?: WriteCondition;
    /** How the object comes about. @default "ObjectCreated:Put" */
    eventName?: CreatedEvent;
    /** Set where it is not the MD5 of the bytes, as for multipart uploads. */
    etag?: string;
    /** How many events it holds. @default counted in newline-delimited JSON, unknown in all else */
    events?: number;
}

export interface WriteCondition {
    /** `*`: nothing is there yet. */
    ifNoneMatch?: string;
    /** The object there has this ETag. */
    ifMatch?: string;
}

export type CreatedEvent = "ObjectCreated:Put" | "ObjectCreated:Copy" | "ObjectCreated:CompleteMultipartUpload";

interface Bucket {
    versioned: boolean;
    current: Objects<StoredObject>;
    /** Every version that was not deleted for good, by version id. */
    versions: Map<string, StoredObject>;
}

/** Buckets and their objects: the index in memory, the bytes on disk under `<folder>/s3/<bucket>/`. */
export class Store {
    private readonly buckets = new Map<string, Bucket>();
    private readonly listeners: ((object: StoredObject, eventName: CreatedEvent) => void)[] = [];
    private writes = 0;

    constructor(protected readonly runtime: Runtime) {}

    /** Makes a bucket; one that is there stays as it is. */
    addBucket(name: string, versioned = false): void {
        if (!this.buckets.has(name)) this.buckets.set(name, { versioned, current: new Objects(), versions: new Map() });
    }

    hasBucket(name: string): boolean {
        return this.buckets.has(name);
    }

    /** Hears of every new object, after it can be read. */
    onCreated(listener: (object: StoredObject, eventName: CreatedEvent) => void): void {
        this.listeners.push(listener);
    }

    /** Writes an object; it appears whole or not at all. */
    async put(bucket: string, key: string, body: Buffer, options: PutOptions = {}): Promise<StoredObject> {
        this.bucket(bucket);
        if (Buffer.byteLength(key) > 1024) throw new AwsError("KeyTooLongError", "Your key is too long");
        const incoming = join(this.runtime.folder, "s3", ".incoming", String(++this.writes));
        await mkdir(dirname(incoming), { recursive: true });
        await writeFile(incoming, body);
        const events = options.events ?? (await countEvents(key, body));

        const object = this.commit(bucket, key, incoming, body, options);
        this.runtime.journal.write({
            kind: "object",
            bucket,
            key,
            bytes: body.length,
            ...(events !== undefined && { events }),
        });
        for (const listener of this.listeners) listener(object, options.eventName ?? "ObjectCreated:Put");
        return object;
    }

    /** The current version. */
    get(bucket: string, key: string): StoredObject | undefined {
        return this.bucket(bucket).current.get(key);
    }

    getVersion(bucket: string, key: string, versionId: string): StoredObject | undefined {
        const object = this.bucket(bucket).versions.get(versionId);
        return object?.key === key ? object : undefined;
    }

    /** The current objects whose keys start with `prefix`, in S3's order: by the keys' UTF-8 bytes. */
    list(bucket: string, prefix = ""): StoredObject[] {
        return this.bucket(bucket).current.of(prefix);
    }

    /** All versions of the objects whose keys start with `prefix`: in order of the keys, newest first. */
    listVersions(bucket: string, prefix = ""): StoredObject[] {
        const { versioned, versions } = this.bucket(bucket);
        if (!versioned) return this.list(bucket, prefix);
        const own = [...versions.values()].filter((object) => object.key.startsWith(prefix)).reverse();
        return own.sort((a, b) => compareKeys(a.key, b.key));
    }

    /** Names of all buckets. */
    bucketNames(): string[] {
        return [...this.buckets.keys()];
    }

    read(object: StoredObject): Promise<Buffer> {
        return readFile(object.file);
    }

    /** Deletes the current version; a versioned bucket keeps its bytes. True if there was one. */
    delete(bucketName: string, key: string): boolean {
        const bucket = this.bucket(bucketName);
        const object = bucket.current.get(key);
        if (!object) return false;
        bucket.current.delete(key);
        if (bucket.versioned) this.keepAside(object);
        else rmSync(object.file);
        return true;
    }

    /** Deletes one version for good. */
    deleteVersion(bucketName: string, key: string, versionId: string): void {
        const object = this.getVersion(bucketName, key, versionId);
        if (!object) return;
        const bucket = this.bucket(bucketName);
        bucket.versions.delete(versionId);
        if (bucket.current.get(key) === object) bucket.current.delete(key);
        rmSync(object.file);
    }

    /** Nothing here waits, so that a condition is checked and the object replaced at one moment. */
    private commit(bucketName: string, key: string, incoming: string, body: Buffer, options: PutOptions): StoredObject {
        const bucket = this.bucket(bucketName);
        const previous = bucket.current.get(key);
        try {
            checkCondition(previous, options.condition);
        } catch (error) {
            rmSync(incoming);
            throw error;
        }

        const now = this.runtime.clock.now();
        const object: StoredObject = {
            bucket: bucketName,
            key,
            size: body.length,
            etag: options.etag ?? createHash("md5").update(body).digest("hex"),
            sequencer: sequencer(now, ++this.writes),
            lastModified: now,
            file: join(this.runtime.folder, "s3", bucketName, keyPath(key)),
            metadata: options.metadata ?? {},
            contentType: options.contentType ?? "binary/octet-stream",
            ...(bucket.versioned && { versionId: newBytes(this.runtime, key, 24).toString("base64url") }),
            ...(options.contentEncoding && { contentEncoding: options.contentEncoding }),
            ...(options.cause && { cause: options.cause }),
        };
        if (previous && bucket.versioned) this.keepAside(previous);
        mkdirSync(dirname(object.file), { recursive: true });
        renameSync(incoming, object.file);
        bucket.current.set(object);
        if (object.versionId) bucket.versions.set(object.versionId, object);
        return object;
    }

    /** Moves the bytes of a version that is no longer current out of the tree that queries read. */
    private keepAside(object: StoredObject): void {
        const aside = join(this.runtime.folder, "s3", ".versions", object.versionId!);
        mkdirSync(dirname(aside), { recursive: true });
        renameSync(object.file, aside);
        object.file = aside;
    }

    private bucket(name: string): Bucket {
        const bucket = this.buckets.get(name);
        if (!bucket) throw new AwsError("NoSuchBucket", `The specified bucket does not exist: ${name}`, 404);
        return bucket;
    }
}

function checkCondition(previous: StoredObject | undefined, condition: WriteCondition = {}): void {
    const failed = () =>
        new AwsError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412);
    if (condition.ifNoneMatch === "*" && previous) throw failed();
    if (condition.ifMatch === undefined) return;
    if (!previous) throw new AwsError("NoSuchKey", "The specified key does not exist.", 404);
    if (condition.ifMatch.replaceAll('"', "") !== previous.etag) throw failed();
}

/** 18 upper-case hex digits that grow with time and, within a millisecond, with the writes. */
function sequencer(now: number, write: number): string {
    return ((BigInt(now) << 24n) | BigInt(write & 0xffffff)).toString(16).toUpperCase().padStart(18, "0");
}

/** Lines with something on them, where the key says newline-delimited JSON. */
async function countEvents(key: string, body: Buffer): Promise<number | undefined> {
    if (!/\.(json|ndjson|jsonl)(\.gz|\.zst)?$/.test(key)) return undefined;
    const bytes = await unpack(key, body).catch(() => undefined);
    if (!bytes) return undefined;
    let events = 0;
    for (let start = 0; start < bytes.length; ) {
        const newline = bytes.indexOf(10, start);
        const end = newline < 0 ? bytes.length : newline;
        if (bytes.subarray(start, end).some((byte) => byte > 32)) events++;
        start = end + 1;
    }
    return events;
}
