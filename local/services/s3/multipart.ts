import { createHash, randomBytes } from "node:crypto";
import { AwsError } from "../../runtime";
import type { PutOptions, Store, StoredObject, WriteCondition } from "./store";

/** A part as the completion names it. */
export interface UploadedPart {
    number: number;
    etag: string;
}

interface Upload {
    bucket: string;
    key: string;
    options: PutOptions;
    parts: Map<number, { etag: string; bytes: Buffer }>;
}

/** Every part but the last has at least this many bytes. */
const smallestPart = 5 * 1024 * 1024;

/** Multipart uploads that are under way: invisible until they are completed. */
export class Uploads {
    private readonly uploads = new Map<string, Upload>();

    constructor(private readonly store: Store) {}

    /** Begins one and returns its id. */
    create(bucket: string, key: string, options: PutOptions): string {
        const id = randomBytes(32).toString("base64url");
        this.uploads.set(id, { bucket, key, options, parts: new Map() });
        return id;
    }

    /** Adds a part, or replaces the one of this number, and returns its ETag. */
    addPart(bucket: string, key: string, id: string, number: number, bytes: Buffer): string {
        const etag = createHash("md5").update(bytes).digest("hex");
        this.find(bucket, key, id).parts.set(number, { etag, bytes });
        return etag;
    }

    /** Makes the object of the parts named. */
    async complete(
        bucket: string,
        key: string,
        id: string,
        named: UploadedPart[],
        condition: WriteCondition,
    ): Promise<StoredObject> {
        const upload = this.find(bucket, key, id);
        if (named.length === 0) throw new AwsError("MalformedXML", "The XML you provided names no parts");
        const parts = named.map(({ number, etag }, index) => {
            if (index > 0 && number <= named[index - 1]!.number) {
                throw new AwsError("InvalidPartOrder", "The list of parts was not in ascending order.");
            }
            const part = upload.parts.get(number);
            if (part?.etag !== etag) {
                throw new AwsError("InvalidPart", `Part ${number} was not uploaded, or has another ETag.`);
            }
            if (index < named.length - 1 && part.bytes.length < smallestPart) {
                throw new AwsError("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size");
            }
            return part.bytes;
        });

        const digests = named.map(({ etag }) => Buffer.from(etag, "hex"));
        const object = await this.store.put(bucket, key, Buffer.concat(parts), {
            ...upload.options,
            condition,
            etag: `${createHash("md5").update(Buffer.concat(digests)).digest("hex")}-${named.length}`,
            eventName: "ObjectCreated:CompleteMultipartUpload",
        });
        this.uploads.delete(id);
        return object;
    }

    /** Forgets it and its parts. */
    abort(bucket: string, key: string, id: string): void {
        this.find(bucket, key, id);
        this.uploads.delete(id);
    }

    private find(bucket: string, key: string, id: string): Upload {
        const upload = this.uploads.get(id);
        if (upload?.bucket === bucket && upload.key === key) return upload;
        throw new AwsError("NoSuchUpload", "The specified multipart upload does not exist.", 404);
    }
}
