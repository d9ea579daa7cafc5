import { createHash } from "node:crypto";
import { S3Client } from "@aws-sdk/client-s3";
import { answeredBy, type GivenResponse, type SentRequest } from "../shared/fake-service";

/** An object of the fake bucket. */
export interface StoredObject {
    body: Uint8Array;
    headers: Record<string, string>;
}

/** S3's operations on objects, with the preconditions of writes. */
export class FakeS3 {
    readonly objects = new Map<string, StoredObject>();
    /** Uploads in progress, by id: parts by number. */
    readonly uploads = new Map<string, { headers: Record<string, string>; parts: Map<number, Uint8Array> }>();
    /** Operations in order, e.g. `PutObject reports/latest.json.gz`. */
    readonly operations: string[] = [];
    /** Faults, or what happens meanwhile: answers a call instead of S3, or lets it go on. */
    before: (operation: string, key: string) => GivenResponse | undefined = () => undefined;

    readonly client = new S3Client({
        ...answeredBy((request) => this.answer(request)),
        forcePathStyle: true,
        maxAttempts: 1,
    });
    private nextUpload = 0;

    put(key: string, body: Uint8Array | string, headers: Record<string, string> = {}): void {
        this.objects.set(key, { body: Buffer.from(body), headers });
    }

    /** How often the operation was called. */
    count(operation: string): number {
        return this.operations.filter((entry) => entry.startsWith(`${operation} `)).length;
    }

    /** The answer to a request. */
    answer(request: SentRequest): GivenResponse {
        const key = decodeURIComponent(request.path.replace(/^\/lake\//, ""));
        const operation = operationOf(request);
        this.operations.push(`${operation} ${key}`);
        return this.before(operation, key) ?? this[operation](key, request);
    }

    private GetObject(key: string): GivenResponse {
        const object = this.objects.get(key);
        return object ? { ...this.HeadObject(key), body: object.body } : s3Error(404, "NoSuchKey");
    }

    private HeadObject(key: string): GivenResponse {
        const object = this.objects.get(key);
        if (!object) return { statusCode: 404 };
        return {
            statusCode: 200,
            headers: { ...object.headers, etag: eTag(object.body), "content-length": String(object.body.length) },
        };
    }

    private PutObject(key: string, { headers, body }: SentRequest): GivenResponse {
        return this.refusal(key, headers) ?? this.write(key, body as Uint8Array, headers);
    }

    private CreateMultipartUpload(_key: string, { headers }: SentRequest): GivenResponse {
        const id = `upload-${this.nextUpload++}`;
        this.uploads.set(id, { headers, parts: new Map() });
        return xml(`<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);
    }

    private UploadPart(_key: string, { query, body }: SentRequest): GivenResponse {
        // A copy, as over a network: who sent it may use its memory again.
        this.uploads.get(query.uploadId!)!.parts.set(Number(query.partNumber), Buffer.from(body as Uint8Array));
        return { statusCode: 200, headers: { etag: eTag(body as Uint8Array) } };
    }

    private CompleteMultipartUpload(key: string, { query, headers }: SentRequest): GivenResponse {
        const refusal = this.refusal(key, headers);
        if (refusal) return refusal;
        const upload = this.uploads.get(query.uploadId!)!;
        this.uploads.delete(query.uploadId!);
        const parts = [...upload.parts].sort(([a], [b]) => a - b).map(([, part]) => part);
        this.write(key, Buffer.concat(parts), upload.headers);
        return xml("<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>");
    }

    private AbortMultipartUpload(_key: string, { query }: SentRequest): GivenResponse {
        this.uploads.delete(query.uploadId!);
        return { statusCode: 204 };
    }

    private refusal(key: string, headers: Record<string, string>): GivenResponse | undefined {
        const present = this.objects.get(key);
        const refused =
            (headers["if-none-match"] === "*" && present) ||
            (headers["if-match"] && (!present || eTag(present.body) !== headers["if-match"]));
        return refused ? s3Error(412, "PreconditionFailed") : undefined;
    }

    private write(key: string, body: Uint8Array, headers: Record<string, string>): GivenResponse {
        const kept = Object.entries(headers).filter(([name]) => /^(x-amz-meta-|content-(type|encoding)$)/.test(name));
        this.objects.set(key, { body, headers: Object.fromEntries(kept) });
        return { statusCode: 200, headers: { etag: eTag(body) } };
    }
}

/** An error as S3 answers it. */
export function s3Error(statusCode: number, code: string): GivenResponse {
    return { ...xml(`<Error><Code>${code}</Code><Message>${code}</Message></Error>`), statusCode };
}

function operationOf({ method, query }: SentRequest) {
    const multipart = "uploadId" in query || "uploads" in query;
    switch (method) {
        case "GET":
            return "GetObject";
        case "HEAD":
            return "HeadObject";
        case "PUT":
            return multipart ? "UploadPart" : "PutObject";
        case "POST":
            return "uploads" in query ? "CreateMultipartUpload" : "CompleteMultipartUpload";
        default:
            return "AbortMultipartUpload";
    }
}

function xml(body: string): GivenResponse {
    return { statusCode: 200, headers: { "content-type": "application/xml" }, body: `<?xml version="1.0"?>${body}` };
}

function eTag(body: Uint8Array): string {
    return `"${createHash("md5").update(body).digest("hex")}"`;
}
