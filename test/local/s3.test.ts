import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import {
    AbortMultipartUploadCommand,
    CompleteMultipartUploadCommand,
    CopyObjectCommand,
    CreateMultipartUploadCommand,
    DeleteObjectCommand,
    DeleteObjectsCommand,
    GetBucketLocationCommand,
    GetBucketTaggingCommand,
    GetObjectCommand,
    HeadBucketCommand,
    HeadObjectCommand,
    ListObjectsV2Command,
    ListObjectVersionsCommand,
    PutObjectCommand,
    S3Client,
    UploadPartCommand,
    UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { expect } from "chai";
import fc from "fast-check";
import { S3 } from "../../local/services/s3";
import { decodeChunks } from "../../local/services/s3/chunks";
import { encodeEventKey, keyPath } from "../../local/services/s3/keys";
import { afterTest, bucket, rejection, resource, start, testRuntime, testServer, versioning } from "./support";

const Bucket = "lake";
const megabyte = 1024 * 1024;

const weirdKeys = [
    "with space.json",
    "run_date=2026-11-21/ü.json",
    "plus+plus",
    "100%/%2B/%",
    `'single' "double"`,
    "a/../b/./c",
    "double//slash",
    "trailing/",
    "..",
    "*?[abc]{x}",
    "日本/🚀",
    "a&b<c>;--;/*",
    "question?mark#hash",
    "new\nline",
    `long/${"x".repeat(1000)}`,
];

describe("local S3", () => {
    describe("by the SDK", () => {
        it("keeps bytes, metadata and type", async () => {
            const { client } = await prepare();

            const put = await client.send(
                new PutObjectCommand({
                    Bucket,
                    Key: "a",
                    Body: "text",
                    ContentType: "text/plain",
                    ContentEncoding: "identity",
                    Metadata: { who: "me" },
                }),
            );
            const got = await client.send(new GetObjectCommand({ Bucket, Key: "a" }));
            const head = await client.send(new HeadObjectCommand({ Bucket, Key: "a" }));

            expect(await got.Body?.transformToString()).to.equal("text");
            expect(put.ETag).to.equal('"1cb251ec0d568de6a929b520c4aed8d1"');
            for (const answer of [got, head]) {
                expect(answer).to.deep.include({
                    ETag: put.ETag,
                    ContentLength: 4,
                    ContentType: "text/plain",
                    ContentEncoding: "identity",
                    Metadata: { who: "me" },
                    LastModified: new Date(start),
                });
            }
        });

        for (const key of weirdKeys) {
            it(`keeps the key ${JSON.stringify(key.slice(0, 30))}`, async () => {
                const { client, s3 } = await prepare();

                await client.send(new PutObjectCommand({ Bucket, Key: key, Body: key }));
                const got = await client.send(new GetObjectCommand({ Bucket, Key: key }));
                const listed = await client.send(new ListObjectsV2Command({ Bucket, EncodingType: "url" }));
                await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: key }] } }));

                expect(await got.Body?.transformToString()).to.equal(key);
                expect(decodeListed(listed.Contents?.[0]?.Key)).to.equal(key);
                expect(s3.list(Bucket)).to.deep.equal([]);
            });
        }

        it("takes large and empty objects", async () => {
            const { client } = await prepare();
            const body = Buffer.alloc(9 * megabyte, "abc");

            await client.send(new PutObjectCommand({ Bucket, Key: "large", Body: body }));
            await client.send(new PutObjectCommand({ Bucket, Key: "empty", Body: "" }));
            const large = await client.send(new GetObjectCommand({ Bucket, Key: "large" }));
            const empty = await client.send(new GetObjectCommand({ Bucket, Key: "empty" }));

            expect(body.equals((await large.Body?.transformToByteArray()) ?? Buffer.alloc(0))).to.equal(true);
            expect(await empty.Body?.transformToString()).to.equal("");
        });

        it("reads ranges", async () => {
            const { client } = await prepare({ digits: "0123456789" });
            const read = async (Range: string) => {
                const got = await client.send(new GetObjectCommand({ Bucket, Key: "digits", Range }));
                return [await got.Body?.transformToString(), got.ContentRange];
            };

            expect(await read("bytes=2-4")).to.deep.equal(["234", "bytes 2-4/10"]);
            expect(await read("bytes=7-")).to.deep.equal(["789", "bytes 7-9/10"]);
            expect(await read("bytes=7-99")).to.deep.equal(["789", "bytes 7-9/10"]);
            expect(await read("bytes=-3")).to.deep.equal(["789", "bytes 7-9/10"]);
            expect(await read("bytes=-99")).to.deep.equal(["0123456789", "bytes 0-9/10"]);
            expect(await read("lines=1")).to.deep.equal(["0123456789", undefined]);
            expect((await rejection(read("bytes=10-"))).name).to.equal("InvalidRange");
        });

        it("reads and writes under conditions", async () => {
            const { client } = await prepare({ a: "1" });
            const etag = (await client.send(new HeadObjectCommand({ Bucket, Key: "a" }))).ETag;
            const put = (Key: string, conditions: object) =>
                client.send(new PutObjectCommand({ Bucket, Key, Body: "2", ...conditions }));
            const get = (conditions: object) => client.send(new GetObjectCommand({ Bucket, Key: "a", ...conditions }));

            expect((await rejection(put("a", { IfNoneMatch: "*" }))).name).to.equal("PreconditionFailed");
            expect((await rejection(put("a", { IfMatch: '"other"' }))).name).to.equal("PreconditionFailed");
            expect((await rejection(put("b", { IfMatch: etag }))).name).to.equal("NoSuchKey");
            expect((await rejection(put("a", { IfNoneMatch: '"other"' }))).name).to.equal("NotImplemented");
            expect((await rejection(get({ IfMatch: '"other"' }))).name).to.equal("PreconditionFailed");
            expect((await rejection(get({ IfNoneMatch: etag }))).$metadata).to.include({ httpStatusCode: 304 });
            expect((await get({ IfMatch: "*" })).ETag).to.equal(etag);
            await put("b", { IfNoneMatch: "*" });
            expect((await put("a", { IfMatch: etag })).ETag).not.to.equal(etag);
            expect((await get({ IfMatch: '"other", *'.slice(9) })).ETag).not.to.equal(etag);
        });

        it("lets one of many writers in", async () => {
            const { client } = await prepare();
            const write = () => client.send(new PutObjectCommand({ Bucket, Key: "once", Body: "x", IfNoneMatch: "*" }));

            const results = await Promise.allSettled(Array.from({ length: 8 }, write));

            expect(results.filter(({ status }) => status === "fulfilled")).to.have.length(1);
        });

        it("says what is not there", async () => {
            const { client } = await prepare();

            const missing = await rejection(client.send(new GetObjectCommand({ Bucket, Key: "missing" })));
            const head = await rejection(client.send(new HeadObjectCommand({ Bucket, Key: "missing" })));
            const elsewhere = await rejection(client.send(new GetObjectCommand({ Bucket: "other", Key: "a" })));
            const version = await rejection(
                client.send(new GetObjectCommand({ Bucket, Key: "a", VersionId: "unknown" })),
            );

            expect(missing.name).to.equal("NoSuchKey");
            expect(head.name).to.equal("NotFound");
            expect(elsewhere.name).to.equal("NoSuchBucket");
            expect(version.name).to.equal("NoSuchVersion");
        });

        it("lists by prefix and delimiter, page by page, in the order of UTF-8", async () => {
            const keys = ["a", "a/b", "a/b/c", "b", "raw/1", "raw/2", "raw/x/1", "raw/x/2", "z", "\uffff", "🚀"];
            const { client } = await prepare(Object.fromEntries(keys.map((key) => [key, ""])));
            const list = (others: object) => client.send(new ListObjectsV2Command({ Bucket, ...others }));

            const all = await list({});
            const folder = await list({ Prefix: "raw/", Delimiter: "/" });
            const after = await list({ StartAfter: "raw/x/1", Prefix: "raw/" });
            const pages: string[] = [];
            let ContinuationToken: string | undefined;
            do {
                const page = await list({ MaxKeys: 2, Delimiter: "/", ContinuationToken });
                expect(page.KeyCount).to.be.lessThanOrEqual(2);
                pages.push(...(page.Contents ?? []).map(({ Key }) => Key!));
                pages.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix!));
                ContinuationToken = page.NextContinuationToken;
                expect(page.IsTruncated).to.equal(ContinuationToken !== undefined);
            } while (ContinuationToken);
            const none = await list({ MaxKeys: 0 });

            expect(all.Contents?.map(({ Key }) => Key)).to.deep.equal(keys);
            expect(folder.Contents?.map(({ Key }) => Key)).to.deep.equal(["raw/1", "raw/2"]);
            expect(folder.CommonPrefixes).to.deep.equal([{ Prefix: "raw/x/" }]);
            expect(after.Contents?.map(({ Key }) => Key)).to.deep.equal(["raw/x/2"]);
            expect(pages.sort()).to.deep.equal(["a", "a/", "b", "raw/", "z", "\uffff", "🚀"].sort());
            expect(none.KeyCount).to.equal(0);
        });

        for (const versioned of [true, false]) {
            it(`lists versions, the newest of a key first, page by page, ${versioned ? "with" : "without"} versioning`, async () => {
                const { client, s3 } = await prepare({}, versioned ? [versioning(Bucket)] : []);
                for (const key of ["a b", "a b", "a", "c", "d", "a"]) await s3.put(Bucket, key, Buffer.from(key));
                s3.delete(Bucket, "c");
                const list = (others: object) => client.send(new ListObjectVersionsCommand({ Bucket, ...others }));

                const all = await list({});
                const after = await list({ KeyMarker: "a b", EncodingType: "url" });
                const pages: (string | undefined)[][] = [];
                let markers: object | undefined = {};
                while (markers) {
                    const page = await list({ MaxKeys: 2, Prefix: "a", EncodingType: "url", ...markers });
                    pages.push((page.Versions ?? []).map(({ Key }) => Key));
                    const { NextKeyMarker = "", NextVersionIdMarker: VersionIdMarker } = page;
                    markers = page.IsTruncated
                        ? { KeyMarker: NextKeyMarker.replace("+", " "), VersionIdMarker }
                        : undefined;
                }

                const current = (key: string) => s3.get(Bucket, key)?.versionId ?? "null";
                expect(all.Versions?.map(({ Key, IsLatest }) => [Key, IsLatest])).to.deep.equal(
                    versioned
                        ? [
                              ["a", true],
                              ["a", false],
                              ["a b", true],
                              ["a b", false],
                              ["c", false],
                              ["d", true],
                          ]
                        : [
                              ["a", true],
                              ["a b", true],
                              ["d", true],
                          ],
                );
                expect(all.Versions?.find(({ Key, IsLatest }) => Key === "a b" && IsLatest)?.VersionId).to.equal(
                    current("a b"),
                );
                expect(after.Versions?.map(({ Key }) => Key)).to.deep.equal(versioned ? ["c", "d"] : ["d"]);
                expect(pages).to.deep.equal(
                    versioned
                        ? [
                              ["a", "a"],
                              ["a+b", "a+b"],
                          ]
                        : [["a", "a+b"]],
                );
            });
        }

        it("keeps versions in versioned buckets", async () => {
            const { client, s3 } = await prepare({}, [versioning(Bucket)]);
            const put = async (Body: string) =>
                (await client.send(new PutObjectCommand({ Bucket, Key: "a", Body }))).VersionId;
            const get = async (VersionId?: string) => {
                const got = await client.send(new GetObjectCommand({ Bucket, Key: "a", VersionId }));
                return [await got.Body?.transformToString(), got.VersionId];
            };
            const first = await put("one");
            const second = await put("two");

            expect(await get()).to.deep.equal(["two", second]);
            expect(await get(first)).to.deep.equal(["one", first]);
            await client.send(new DeleteObjectCommand({ Bucket, Key: "a" }));
            expect((await rejection(get())).name).to.equal("NoSuchKey");
            expect(await get(second)).to.deep.equal(["two", second]);
            const third = await put("three");
            await client.send(new DeleteObjectCommand({ Bucket, Key: "a", VersionId: third }));
            await client.send(
                new DeleteObjectsCommand({
                    Bucket,
                    Delete: {
                        Objects: [
                            { Key: "a", VersionId: second },
                            { Key: "b", VersionId: "x" },
                        ],
                        Quiet: true,
                    },
                }),
            );
            expect(s3.list(Bucket)).to.deep.equal([]);
            expect((await rejection(get(second))).name).to.equal("NoSuchVersion");
        });

        it("copies, with or without new metadata", async () => {
            const { client } = await prepare();
            await client.send(new PutObjectCommand({ Bucket, Key: "ü 1", Body: "x", Metadata: { a: "1" } }));
            const copy = (Key: string, others: object = {}) =>
                client.send(
                    new CopyObjectCommand({ Bucket, Key, CopySource: `lake/${encodeURIComponent("ü 1")}`, ...others }),
                );
            const metadata = async (Key: string) =>
                (await client.send(new HeadObjectCommand({ Bucket, Key }))).Metadata;

            const { CopyObjectResult } = await copy("same");
            await copy("new", { MetadataDirective: "REPLACE", Metadata: { b: "2" } });
            const missing = await rejection(copy("none", { CopySource: "/lake/missing?versionId=1" }));

            expect(CopyObjectResult?.ETag).to.equal('"9dd4e461268c8034f5c8564e155c67a6"');
            expect(await metadata("same")).to.deep.equal({ a: "1" });
            expect(await metadata("new")).to.deep.equal({ b: "2" });
            expect(missing.name).to.equal("NoSuchKey");
        });

        it("deletes what is there and what is not", async () => {
            const { client, s3 } = await prepare({ a: "", b: "", c: "" });

            await client.send(new DeleteObjectCommand({ Bucket, Key: "a" }));
            await client.send(new DeleteObjectCommand({ Bucket, Key: "missing" }));
            const deleted = await client.send(
                new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "b" }, { Key: "missing" }] } }),
            );

            expect(deleted.Deleted?.map(({ Key }) => Key)).to.deep.equal(["b", "missing"]);
            expect(s3.list(Bucket).map(({ key }) => key)).to.deep.equal(["c"]);
        });

        it("knows the bucket and its region", async () => {
            const { client } = await prepare();

            await client.send(new HeadBucketCommand({ Bucket }));
            const { LocationConstraint } = await client.send(new GetBucketLocationCommand({ Bucket }));

            expect(LocationConstraint ?? "").to.equal("");
            expect((await rejection(client.send(new HeadBucketCommand({ Bucket: "other" })))).name).to.equal(
                "NotFound",
            );
        });

        it("refuses by name what it does not model", async () => {
            const { client } = await prepare();

            const tagging = await rejection(client.send(new GetBucketTaggingCommand({ Bucket })));
            const copied = await rejection(
                client.send(
                    new UploadPartCopyCommand({ Bucket, Key: "a", UploadId: "u", PartNumber: 1, CopySource: "lake/b" }),
                ),
            );

            expect(tagging.message).to.equal("S3 GET bucket?tagging is not modelled on this machine");
            expect(tagging.$metadata).to.include({ httpStatusCode: 501 });
            expect(copied.message).to.equal("S3 UploadPartCopy is not modelled on this machine");
        });

        it("refuses keys of more than 1,024 bytes and wrong checksums", async () => {
            const { client } = await prepare();

            const long = await rejection(client.send(new PutObjectCommand({ Bucket, Key: "ü".repeat(513), Body: "" })));
            const wrong = await rejection(
                client.send(new PutObjectCommand({ Bucket, Key: "a", Body: "x", ChecksumCRC32: "AAAAAA==" })),
            );

            expect(long.name).to.equal("KeyTooLongError");
            expect(wrong.name).to.equal("BadDigest");
        });

        it("takes multipart uploads", async () => {
            const { client, s3 } = await prepare();
            const body = Buffer.alloc(12 * megabyte, "0123456789");

            const done = await new Upload({
                client,
                params: { Bucket, Key: "big", Body: body, Metadata: { a: "b" } },
            }).done();

            const object = s3.get(Bucket, "big")!;
            expect(done.ETag).to.match(/^"[0-9a-f]{32}-3"$/);
            expect(object.metadata).to.deep.equal({ a: "b" });
            expect(body.equals(await s3.read(object))).to.equal(true);
        });

        it("checks the parts of multipart uploads, and shows nothing until they are complete", async () => {
            const { client, s3 } = await prepare({ there: "" });
            const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key: "m" }));
            const part = async (PartNumber: number, Body: string | Buffer) => {
                const { ETag } = await client.send(
                    new UploadPartCommand({ Bucket, Key: "m", UploadId, PartNumber, Body }),
                );
                return { PartNumber, ETag };
            };
            const complete = (Parts: object[], others: object = {}) =>
                client.send(
                    new CompleteMultipartUploadCommand({
                        Bucket,
                        Key: "m",
                        UploadId,
                        MultipartUpload: { Parts },
                        ...others,
                    }),
                );
            const [small, large, last] = [
                await part(1, "x"),
                await part(2, Buffer.alloc(5 * megabyte)),
                await part(3, "y"),
            ];

            expect(s3.get(Bucket, "m")).to.equal(undefined);
            expect((await rejection(complete([small, large]))).name).to.equal("EntityTooSmall");
            expect((await rejection(complete([large, small]))).name).to.equal("InvalidPartOrder");
            expect((await rejection(complete([{ PartNumber: 9, ETag: '"x"' }]))).name).to.equal("InvalidPart");
            expect((await rejection(complete([]))).name).to.equal("MalformedXML");
            expect((await rejection(complete([large], { IfMatch: "x" }))).name).to.equal("NoSuchKey");
            await complete([large, last], { IfNoneMatch: "*" });
            expect(s3.get(Bucket, "m")?.size).to.equal(5 * megabyte + 1);
            expect((await rejection(complete([large]))).name).to.equal("NoSuchUpload");
        });

        it("aborts multipart uploads", async () => {
            const { client } = await prepare();
            const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key: "m" }));
            const abort = () => client.send(new AbortMultipartUploadCommand({ Bucket, Key: "m", UploadId }));

            await abort();

            expect((await rejection(abort())).name).to.equal("NoSuchUpload");
        });
    });

    describe("as a store", () => {
        it("tells of every object, when it can be read, and writes it down", async () => {
            const { s3, runtime } = await prepare();
            const heard: [string, string][] = [];
            s3.onCreated((object, eventName) => heard.push([readFileSync(object.file, "utf8"), eventName]));

            await s3.put(Bucket, "x.json.gz", gzipSync('{"a":1}\n\n  \n{"a":2}'), { cause: { keys: ["k"], tier: 2 } });
            await s3.put(Bucket, "x.ndjson", Buffer.from("1\n2\n"));
            await s3.put(Bucket, "x.csv", Buffer.from("1\n"));
            await s3.put(Bucket, "broken.json.gz", Buffer.from("no gzip"));

            expect(heard.map(([, eventName]) => eventName)).to.deep.equal(Array(4).fill("ObjectCreated:Put"));
            expect(heard[1]?.[0]).to.equal("1\n2\n");
            expect(runtime.journal.of("object").map(({ key, events }) => [key, events])).to.deep.equal([
                ["x.json.gz", 2],
                ["x.ndjson", 2],
                ["x.csv", undefined],
                ["broken.json.gz", undefined],
            ]);
            expect(s3.get(Bucket, "x.json.gz")?.cause).to.deep.equal({ keys: ["k"], tier: 2 });
        });

        it("gives later writes greater sequencers", async () => {
            const { s3 } = await prepare();

            const first = await s3.put(Bucket, "a", Buffer.from(""));
            const second = await s3.put(Bucket, "a", Buffer.from(""));

            expect(first.sequencer).to.match(/^[0-9A-F]{18}$/);
            expect(second.sequencer > first.sequencer).to.equal(true);
        });

        it("leaves nothing behind of a refused write", async () => {
            const { s3, runtime } = await prepare({ a: "" });

            await rejection(s3.put(Bucket, "a", Buffer.from(""), { condition: { ifNoneMatch: "*" } }));

            expect(readdirSync(`${runtime.folder}/s3/.incoming`)).to.deep.equal([]);
        });

        it("knows the buckets that the program registers and those that it adopts", async () => {
            const { s3 } = await prepare({}, [
                resource("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", "s", {
                    extendedS3Configuration: { bucketArn: "arn:aws:s3:::adopted" },
                }),
                resource("aws:glue/catalogTable:CatalogTable", "t", {
                    storageDescriptor: { location: "s3://other.bucket/raw/" },
                }),
            ]);

            expect(s3.bucketNames()).to.have.members(["lake", "adopted", "other.bucket"]);
            expect(["lake", "adopted", "other.bucket"].map((name) => s3.isAdopted(name))).to.deep.equal([
                false,
                true,
                true,
            ]);
        });

        it("gives every key a path of its own below its bucket", () => {
            fc.assert(
                fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (one, other) => {
                    const parts = keyPath(one).split("/");
                    expect(
                        parts.every((part) => part !== "" && !/^\.+$/.test(part) && Buffer.byteLength(part) <= 255),
                    ).to.equal(true);
                    expect(keyPath(one)).not.to.match(/[*?[\]{}=\\]/);
                    if (one !== other) expect(keyPath(one)).not.to.equal(keyPath(other));
                    expect(keyPath(`${one}/x`).startsWith(`${keyPath(one)}/`)).to.equal(false);
                }),
            );
        });

        it("ends long paths as the key ends", () => {
            expect(keyPath(`raw/${"x".repeat(1000)}.json.gz`)).to.match(/^raw%2F\/x{100}%[0-9a-f]{64}\.json\.gz$/);
        });
    });

    it("spells keys in events as S3 does", () => {
        expect(encodeEventKey("raw/v0/ü/a b+c=d(1)'*~.json")).to.equal("raw/v0/%C3%BC/a+b%2Bc%3Dd%281%29%27*%7E.json");
        fc.assert(
            fc.property(fc.string({ unit: "grapheme" }), (key) => {
                expect(decodeURIComponent(encodeEventKey(key).replaceAll("+", " "))).to.equal(key);
            }),
        );
    });

    it("decodes signed chunks, and refuses what is none", () => {
        const body = Buffer.from(
            "3;chunk-signature=a\r\nabc\r\n2;chunk-signature=b\r\nde\r\n0;chunk-signature=c\r\n\r\n",
        );

        expect(decodeChunks(body).bytes.toString()).to.equal("abcde");
        expect(() => decodeChunks(Buffer.from("abc"))).to.throw("aws-chunked");
        expect(decodeChunks(Buffer.from("0\r\nx-amz-checksum-crc32:AAAA==")).trailers).to.deep.equal({
            "x-amz-checksum-crc32": "AAAA==",
        });
    });
});

async function prepare(objects: Record<string, string> = {}, resources: ReturnType<typeof resource>[] = []) {
    const runtime = testRuntime([bucket(Bucket), ...resources]);
    const s3 = new S3(runtime);
    for (const [key, body] of Object.entries(objects)) await s3.put(Bucket, key, Buffer.from(body));
    const { server } = await testServer(runtime, () => [s3]);
    const client = new S3Client({
        endpoint: server.url,
        region: "us-east-1",
        credentials: { accessKeyId: "user", secretAccessKey: "local" },
        forcePathStyle: true,
    });
    afterTest(() => client.destroy());
    return { runtime, s3, client, server };
}

function decodeListed(key = ""): string {
    return decodeURIComponent(key.replaceAll("+", " "));
}
