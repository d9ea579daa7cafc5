import { crc32 } from "node:zlib";
import { AwsError, type AwsRequest, type AwsResponse } from "../../runtime";
import { decodeChunks } from "./chunks";
import { encodeListedKey } from "./keys";
import type { UploadedPart, Uploads } from "./multipart";
import type { PutOptions, Store, StoredObject, WriteCondition } from "./store";
import { parseXml, s3Xml } from "./xml";

/** A request with its address taken apart. */
interface Call {
    store: Store;
    uploads: Uploads;
    bucket: string;
    key: string;
    request: AwsRequest;
}

interface Operation {
    name: string;
    method: string;
    on: "bucket" | "object";
    /** Query parameters that it has, besides those of any request. */
    query?: string[];
    /** Those of them that tell it from others. */
    needs?: string[];
    answer(call: Call): Promise<AwsResponse> | AwsResponse;
}

/** What is answered; anything else is refused by name. The first that fits counts. */
const operations: Operation[] = [
    { name: "HeadBucket", method: "HEAD", on: "bucket", answer: () => ({ status: 200 }) },
    { name: "GetBucketLocation", method: "GET", on: "bucket", needs: ["location"], answer: getBucketLocation },
    {
        name: "ListObjectsV2",
        method: "GET",
        on: "bucket",
        needs: ["list-type"],
        query: ["prefix", "delimiter", "max-keys", "continuation-token", "start-after", "encoding-type", "fetch-owner"],
        answer: listObjects,
    },
    {
        name: "ListObjectVersions",
        method: "GET",
        on: "bucket",
        needs: ["versions"],
        query: ["prefix", "max-keys", "key-marker", "version-id-marker", "encoding-type"],
        answer: listVersions,
    },
    { name: "DeleteObjects", method: "POST", on: "bucket", needs: ["delete"], answer: deleteObjects },
    { name: "GetObjectTagging", method: "GET", on: "object", needs: ["tagging"], answer: getTags },
    { name: "PutObjectTagging", method: "PUT", on: "object", needs: ["tagging"], answer: putTags },
    { name: "HeadObject", method: "HEAD", on: "object", query: ["versionId"], answer: getObject },
    { name: "GetObject", method: "GET", on: "object", query: ["versionId"], answer: getObject },
    { name: "UploadPart", method: "PUT", on: "object", needs: ["uploadId", "partNumber"], answer: uploadPart },
    { name: "PutObject", method: "PUT", on: "object", answer: putOrCopyObject },
    { name: "CreateMultipartUpload", method: "POST", on: "object", needs: ["uploads"], answer: createUpload },
    { name: "CompleteMultipartUpload", method: "POST", on: "object", needs: ["uploadId"], answer: completeUpload },
    { name: "AbortMultipartUpload", method: "DELETE", on: "object", needs: ["uploadId"], answer: abortUpload },
    { name: "DeleteObject", method: "DELETE", on: "object", query: ["versionId"], answer: deleteObject },
];

/** The operation's name, such as `PutObject`; of one that is not modelled, its method. */
export function operationName(request: AwsRequest): string {
    try {
        return findOperation(request, /^\/[^/]*\/./.test(request.path) ? "object" : "bucket").name;
    } catch {
        return request.method;
    }
}

/** S3's REST protocol over a store, path style: `/bucket/key`. */
export async function answer(store: Store, uploads: Uploads, request: AwsRequest): Promise<AwsResponse> {
    const [, bucket = "", key = ""] = /^\/([^/]*)\/?(.*)$/s.exec(request.path)!.map(decode);
    const operation = findOperation(request, key ? "object" : "bucket");
    if (!store.hasBucket(bucket)) {
        throw new AwsError("NoSuchBucket", `The specified bucket does not exist: ${bucket}`, 404);
    }
    const body = decodeBody(request);
    return operation.answer({ store, uploads, bucket, key, request: { ...request, body } });
}

function decode(part: string): string {
    try {
        return decodeURIComponent(part);
    } catch {
        throw new AwsError("InvalidURI", "Couldn't parse the specified URI.");
    }
}

function findOperation({ method, query }: AwsRequest, on: "bucket" | "object"): Operation {
    const given = [...query.keys()].filter((name) => name !== "x-id" && !/^x-amz-/i.test(name));
    const found = operations.find((operation) => {
        const { needs = [], query: others = [] } = operation;
        return (
            operation.method === method &&
            operation.on === on &&
            needs.every((name) => given.includes(name)) &&
            given.every((name) => needs.includes(name) || others.includes(name))
        );
    });
    if (found) return found;
    const spelled = `${method} ${on}${given.length > 0 ? `?${given.join("&")}` : ""}`;
    throw new AwsError("NotImplemented", `S3 ${query.get("x-id") ?? spelled} is not modelled on this machine`, 501);
}

/** Undoes aws-chunked, which the SDKs use to send a checksum after the bytes, and checks the sum. */
function decodeBody({ headers, body }: AwsRequest): Buffer {
    const chunked = headers["x-amz-content-sha256"]?.startsWith("STREAMING-");
    const { bytes, trailers } = chunked ? decodeChunks(body) : { bytes: body, trailers: {} as Record<string, string> };
    const expected = trailers["x-amz-checksum-crc32"] ?? headers["x-amz-checksum-crc32"];
    if (expected !== undefined && Buffer.from(expected, "base64").readUInt32BE() !== crc32(bytes)) {
        throw new AwsError("BadDigest", "The CRC32 you specified did not match the calculated checksum.");
    }
    return bytes;
}

async function getObject({ store, bucket, key, request: { method, query, headers } }: Call): Promise<AwsResponse> {
    const versionId = query.get("versionId");
    const object = versionId ? store.getVersion(bucket, key, versionId) : store.get(bucket, key);
    if (!object) {
        if (versionId) throw new AwsError("NoSuchVersion", "The specified version does not exist.", 404);
        throw new AwsError("NoSuchKey", "The specified key does not exist.", 404);
    }
    if (headers["if-match"] && !namesEtag(headers["if-match"], object)) {
        throw new AwsError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412);
    }
    if (headers["if-none-match"] && namesEtag(headers["if-none-match"], object)) {
        return { status: 304, headers: { etag: quoted(object) } };
    }

    const range = readRange(headers.range, object.size);
    const size = range ? range.end - range.start + 1 : object.size;
    const bytes = method === "HEAD" || size === 0 ? undefined : await store.read(object);
    return {
        status: range ? 206 : 200,
        headers: {
            "accept-ranges": "bytes",
            "content-length": String(size),
            "content-type": object.contentType,
            "last-modified": new Date(object.lastModified).toUTCString(),
            etag: quoted(object),
            ...versionHeader(object),
            ...(object.contentEncoding && { "content-encoding": object.contentEncoding }),
            ...(range && { "content-range": `bytes ${range.start}-${range.end}/${object.size}` }),
            ...Object.fromEntries(
                Object.entries(object.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]),
            ),
        },
        body: range ? bytes?.subarray(range.start, range.end + 1) : bytes,
    };
}

function getTags({ store, bucket, key }: Call): AwsResponse {
    const tags = Object.entries(existing(store, bucket, key).tags ?? {});
    return xml("Tagging", { TagSet: { Tag: tags.map(([Key, Value]) => ({ Key, Value })) } });
}

/** All tags at once: those that are not named are gone. */
function putTags({ store, bucket, key, request: { body } }: Call): AwsResponse {
    const { TagSet } = parseXml<{ TagSet?: { Tag?: { Key: string; Value: string }[] } }>(body, "Tagging");
    const tags = TagSet?.Tag ?? [];
    if (tags.length > mostTags) throw new AwsError("BadRequest", `Object tags cannot be greater than ${mostTags}`);
    existing(store, bucket, key).tags = Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
    return { status: 200 };
}

const mostTags = 10;

function existing(store: Store, bucket: string, key: string): StoredObject {
    const object = store.get(bucket, key);
    if (!object) throw new AwsError("NoSuchKey", "The specified key does not exist.", 404);
    return object;
}

/** `bytes=0-9`, `bytes=10-` or `bytes=-5`; what S3 does not understand it ignores. */
function readRange(header: string | undefined, size: number): { start: number; end: number } | undefined {
    const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
    if (!from && !to) return undefined;
    const start = from ? Number(from) : Math.max(0, size - Number(to));
    const end = from && to ? Math.min(Number(to), size - 1) : size - 1;
    if (start > end) throw new AwsError("InvalidRange", "The requested range is not satisfiable", 416);
    return { start, end };
}

async function putOrCopyObject(call: Call): Promise<AwsResponse> {
    if (call.request.headers["x-amz-copy-source"]) return copyObject(call);
    const { store, bucket, key, request } = call;
    const object = await store.put(bucket, key, request.body, {
        ...described(request),
        cause: request.cause,
        condition: conditionOf(request),
    });
    return { status: 200, headers: { etag: quoted(object), ...versionHeader(object) } };
}

async function copyObject({ store, bucket, key, request }: Call): Promise<AwsResponse> {
    const [path = "", versionId] = request.headers["x-amz-copy-source"]!.split("?versionId=");
    const [, fromBucket = "", fromKey = ""] = /^\/?([^/]*)\/(.*)$/s.exec(decodeURIComponent(path)) ?? [];
    const source = versionId ? store.getVersion(fromBucket, fromKey, versionId) : store.get(fromBucket, fromKey);
    if (!source) throw new AwsError("NoSuchKey", "The specified key does not exist.", 404);

    const replaced = request.headers["x-amz-metadata-directive"] === "REPLACE";
    const { metadata, contentType, contentEncoding } = source;
    const object = await store.put(bucket, key, await store.read(source), {
        ...(replaced ? described(request) : { metadata, contentType, contentEncoding }),
        cause: request.cause,
        condition: conditionOf(request),
        eventName: "ObjectCreated:Copy",
    });
    const content = { LastModified: isoDate(object), ETag: quoted(object) };
    return xml("CopyObjectResult", content, versionHeader(object));
}

function deleteObject({ store, bucket, key, request: { query } }: Call): AwsResponse {
    const versionId = query.get("versionId");
    if (versionId) store.deleteVersion(bucket, key, versionId);
    else store.delete(bucket, key);
    return { status: 204 };
}

function deleteObjects({ store, bucket, request: { body } }: Call): AwsResponse {
    const { Object: objects = [], Quiet } = parseXml<{
        Object?: { Key: string; VersionId?: string }[];
        Quiet?: string;
    }>(body, "Delete");
    for (const { Key, VersionId } of objects) {
        if (VersionId) store.deleteVersion(bucket, Key, VersionId);
        else store.delete(bucket, Key);
    }
    return xml("DeleteResult", Quiet === "true" ? {} : { Deleted: objects.map(({ Key }) => ({ Key })) });
}

function listObjects({ store, bucket, request: { query } }: Call): AwsResponse {
    const prefix = query.get("prefix") ?? "";
    const delimiter = query.get("delimiter") ?? "";
    const maxKeys = Math.min(Number(query.get("max-keys") ?? 1000), 1000);
    const token = query.get("continuation-token");
    const after = token ? Buffer.from(token, "base64url").toString() : (query.get("start-after") ?? "");
    const encode = query.get("encoding-type") === "url" ? encodeListedKey : (key: string) => key;

    const entries = new Map<string, StoredObject | undefined>();
    let truncated = false;
    for (const object of store.list(bucket, prefix)) {
        const cut = delimiter ? object.key.indexOf(delimiter, prefix.length) : -1;
        const entry = cut < 0 ? object.key : object.key.slice(0, cut + delimiter.length);
        if (entries.has(entry) || Buffer.compare(Buffer.from(entry), Buffer.from(after)) <= 0) continue;
        if (entries.size === maxKeys) {
            truncated = true;
            break;
        }
        entries.set(entry, cut < 0 ? object : undefined);
    }

    const names = [...entries.keys()];
    return xml("ListBucketResult", {
        Name: bucket,
        Prefix: encode(prefix),
        ...(delimiter && { Delimiter: encode(delimiter) }),
        ...(query.has("encoding-type") && { EncodingType: "url" }),
        MaxKeys: maxKeys,
        KeyCount: names.length,
        IsTruncated: truncated,
        ...(truncated && { NextContinuationToken: Buffer.from(names.at(-1) ?? "").toString("base64url") }),
        Contents: [...entries.values()].flatMap((object) => (object ? [listed(object)] : [])),
        CommonPrefixes: names.filter((name) => !entries.get(name)).map((name) => ({ Prefix: encode(name) })),
    });

    function listed(object: StoredObject): object {
        return {
            Key: encode(object.key),
            LastModified: isoDate(object),
            ETag: quoted(object),
            Size: object.size,
            StorageClass: "STANDARD",
        };
    }
}

/** Newest first within a key. Delete markers are not kept here, so none are listed. */
function listVersions({ store, bucket, request: { query } }: Call): AwsResponse {
    const prefix = query.get("prefix") ?? "";
    const maxKeys = Math.min(Number(query.get("max-keys") ?? 1000), 1000);
    const keyMarker = query.get("key-marker") ?? "";
    const versionMarker = query.get("version-id-marker");
    const encode = query.get("encoding-type") === "url" ? encodeListedKey : (key: string) => key;

    const all = store.listVersions(bucket, prefix);
    const marked = all.findIndex(({ key, versionId = "null" }) => key === keyMarker && versionId === versionMarker);
    const rest =
        marked >= 0
            ? all.slice(marked + 1)
            : all.filter(({ key }) => Buffer.compare(Buffer.from(key), Buffer.from(keyMarker)) > 0);
    const page = rest.slice(0, maxKeys);
    const last = rest.length > maxKeys ? page.at(-1) : undefined;
    return xml("ListVersionsResult", {
        Name: bucket,
        Prefix: encode(prefix),
        KeyMarker: encode(keyMarker),
        ...(query.has("encoding-type") && { EncodingType: "url" }),
        MaxKeys: maxKeys,
        IsTruncated: last !== undefined,
        ...(last && { NextKeyMarker: encode(last.key), NextVersionIdMarker: last.versionId ?? "null" }),
        Version: page.map((object) => ({
            Key: encode(object.key),
            VersionId: object.versionId ?? "null",
            IsLatest: store.get(bucket, object.key) === object,
            LastModified: isoDate(object),
            ETag: quoted(object),
            Size: object.size,
            StorageClass: "STANDARD",
        })),
    });
}

function getBucketLocation(): AwsResponse {
    // Empty: us-east-1.
    return xml("LocationConstraint", {});
}

function createUpload({ uploads, bucket, key, request }: Call): AwsResponse {
    return xml("InitiateMultipartUploadResult", {
        Bucket: bucket,
        Key: key,
        UploadId: uploads.create(bucket, key, { ...described(request), cause: request.cause }),
    });
}

function uploadPart({ uploads, bucket, key, request: { query, headers, body } }: Call): AwsResponse {
    if (headers["x-amz-copy-source"]) {
        throw new AwsError("NotImplemented", "S3 UploadPartCopy is not modelled on this machine", 501);
    }
    const etag = uploads.addPart(bucket, key, query.get("uploadId")!, Number(query.get("partNumber")), body);
    return { status: 200, headers: { etag: `"${etag}"` } };
}

async function completeUpload({ uploads, bucket, key, request }: Call): Promise<AwsResponse> {
    const { Part = [] } = parseXml<{ Part?: { PartNumber: string; ETag: string }[] }>(
        request.body,
        "CompleteMultipartUpload",
    );
    const parts = Part.map(
        (part): UploadedPart => ({ number: Number(part.PartNumber), etag: part.ETag.replaceAll('"', "") }),
    );
    const uploadId = request.query.get("uploadId")!;
    const object = await uploads.complete(bucket, key, uploadId, parts, conditionOf(request));
    const content = { Bucket: bucket, Key: key, ETag: quoted(object) };
    return xml("CompleteMultipartUploadResult", content, versionHeader(object));
}

function abortUpload({ uploads, bucket, key, request }: Call): AwsResponse {
    uploads.abort(bucket, key, request.query.get("uploadId")!);
    return { status: 204 };
}

/** What the headers of a write say about the object. */
function described({ headers }: AwsRequest): PutOptions {
    const metadata = Object.entries(headers).flatMap(([name, value]) =>
        name.startsWith("x-amz-meta-") ? [[name.slice("x-amz-meta-".length), value]] : [],
    );
    const encodings = (headers["content-encoding"] ?? "").split(",").map((encoding) => encoding.trim());
    const contentEncoding = encodings.filter((encoding) => encoding && encoding !== "aws-chunked").join(",");
    return {
        metadata: Object.fromEntries(metadata),
        contentType: headers["content-type"],
        ...(contentEncoding && { contentEncoding }),
    };
}

function conditionOf({ headers }: AwsRequest): WriteCondition {
    const ifNoneMatch = headers["if-none-match"];
    if (ifNoneMatch !== undefined && ifNoneMatch !== "*") {
        throw new AwsError("NotImplemented", "A write takes If-None-Match: * only", 501);
    }
    return { ifNoneMatch, ifMatch: headers["if-match"] };
}

function namesEtag(header: string, object: StoredObject): boolean {
    return header === "*" || header.replaceAll('"', "") === object.etag;
}

function quoted(object: StoredObject): string {
    return `"${object.etag}"`;
}

function versionHeader(object: StoredObject): Record<string, string> {
    return object.versionId ? { "x-amz-version-id": object.versionId } : {};
}

function isoDate(object: StoredObject): string {
    return new Date(object.lastModified).toISOString();
}

function xml(root: string, content: object, headers: Record<string, string> = {}): AwsResponse {
    return { status: 200, headers: { "content-type": "application/xml", ...headers }, body: s3Xml(root, content) };
}
