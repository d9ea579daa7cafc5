import { randomBytes } from "node:crypto";
import { expect } from "chai";
import fc from "fast-check";
import { uploadObject } from "../../../handlers/shared/upload-object";
import { FakeS3, s3Error } from "../convert-result/fake-s3";

const partBytes = 8 * 1024 * 1024;
const bytes = randomBytes(4 * partBytes);

describe("uploadObject", () => {
    for (const [what, length, operations] of [
        ["nothing", 0, ["PutObject"]],
        ["little", 1_000, ["PutObject"]],
        ["one part", partBytes, ["PutObject"]],
        ["more", partBytes + 1, [...multipart(2)]],
        ["exactly two parts", 2 * partBytes, [...multipart(2)]],
        ["much", 3 * partBytes + 5, [...multipart(4)]],
    ] as const) {
        it(`writes ${what} as one object`, async () => {
            const s3 = new FakeS3();

            await uploadObject(s3.client, params, from([bytes.subarray(0, length)]));

            expect(Buffer.from(s3.objects.get("key")!.body).equals(bytes.subarray(0, length))).to.equal(true);
            expect(s3.objects.get("key")!.headers).to.deep.equal({ "content-type": "text/x", "x-amz-meta-a": "b" });
            expect(s3.operations).to.deep.equal(operations.map((operation) => `${operation} key`));
        });
    }

    it("writes the same whatever chunks it comes in", async () => {
        const lengths = fc.array(fc.integer({ min: 1, max: 5_000_000 }), { minLength: 1, maxLength: 8 });

        await fc.assert(
            fc.asyncProperty(lengths, async (lengths) => {
                const s3 = new FakeS3();
                const chunk = Buffer.alloc(5_000_000);
                let offset = 0;
                // Each chunk is written over when the next one is asked for.
                async function* chunks() {
                    for (const length of lengths) {
                        const end = Math.min(offset + length, bytes.length);
                        bytes.copy(chunk, 0, offset, end);
                        yield chunk.subarray(0, end - offset);
                        offset = end;
                    }
                }

                await uploadObject(s3.client, params, chunks());

                expect(Buffer.from(s3.objects.get("key")!.body).equals(bytes.subarray(0, offset))).to.equal(true);
            }),
            { numRuns: 10 },
        );
    });

    it("sends its precondition with what makes the object appear", async () => {
        for (const length of [10, partBytes + 10]) {
            const s3 = new FakeS3();
            s3.put("key", "there");

            const error = await failure(
                uploadObject(s3.client, { ...params, IfNoneMatch: "*" }, from([bytes.subarray(0, length)])),
            );

            expect(error.name).to.equal("PreconditionFailed");
            expect(Buffer.from(s3.objects.get("key")!.body).toString()).to.equal("there");
            expect(s3.uploads.size).to.equal(0);
        }
    });

    for (const operation of ["PutObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"]) {
        it(`leaves no object and no parts when ${operation} fails`, async () => {
            const s3 = new FakeS3();
            s3.before = (called) => (called === operation ? s3Error(403, "AccessDenied") : undefined);
            const length = operation === "PutObject" ? 10 : 3 * partBytes;

            const error = await failure(uploadObject(s3.client, params, from([bytes.subarray(0, length)])));

            expect(error.name).to.equal("AccessDenied");
            expect([...s3.objects]).to.deep.equal([]);
            expect(s3.uploads.size).to.equal(0);
        });
    }

    it("says what failed, not that its parts could not be taken away", async () => {
        const s3 = new FakeS3();
        s3.before = (called) => {
            if (called === "CompleteMultipartUpload") return s3Error(403, "AccessDenied");
            return called === "AbortMultipartUpload" ? s3Error(403, "Forbidden") : undefined;
        };

        const error = await failure(uploadObject(s3.client, params, from([bytes.subarray(0, partBytes + 1)])));

        expect(error.name).to.equal("AccessDenied");
    });

    it("leaves no object and no parts when its source dies, and lets go of the source when it dies itself", async () => {
        const s3 = new FakeS3();
        let isOpen = true;
        async function* dying() {
            yield bytes.subarray(0, 2 * partBytes + 1);
            throw new Error("connection lost");
        }
        async function* endless() {
            try {
                for (;;) yield bytes.subarray(0, partBytes);
            } finally {
                isOpen = false;
            }
        }

        const error = await failure(uploadObject(s3.client, params, dying()));
        s3.before = (called) => (called === "UploadPart" ? s3Error(403, "AccessDenied") : undefined);
        await failure(uploadObject(s3.client, params, endless()));

        expect(error.message).to.equal("connection lost");
        expect([...s3.objects]).to.deep.equal([]);
        expect(s3.uploads.size).to.equal(0);
        expect(isOpen).to.equal(false);
    });

    it("takes its parts away only when the last of them has arrived", async () => {
        const s3 = new FakeS3();
        async function* dying() {
            yield bytes.subarray(0, partBytes + 1); // the first part is on its way
            throw new Error("connection lost");
        }

        await failure(uploadObject(s3.client, params, dying()));

        expect(s3.operations.at(-1)).to.equal("AbortMultipartUpload key");
    });

    it("gives S3 a checksum with every part, and that to check them by", async () => {
        const s3 = new FakeS3();
        const algorithms: (string | undefined)[] = [];
        const { answer } = s3;
        s3.answer = (request) => {
            algorithms.push(
                request.headers["x-amz-checksum-algorithm"] ?? request.headers["x-amz-sdk-checksum-algorithm"],
            );
            if ("partNumber" in request.query) expect(request.headers).to.include.keys("x-amz-checksum-crc32");
            return answer.call(s3, request);
        };

        await uploadObject(s3.client, params, from([bytes.subarray(0, 2 * partBytes)]));

        expect(algorithms.slice(0, 3)).to.deep.equal(["CRC32", "CRC32", "CRC32"]);
    });
});

const params = { Bucket: "lake", Key: "key", ContentType: "text/x", Metadata: { a: "b" } };

function multipart(parts: number): string[] {
    return ["CreateMultipartUpload", ...Array(parts).fill("UploadPart"), "CompleteMultipartUpload"];
}

async function* from(chunks: Buffer[]): AsyncGenerator<Buffer> {
    yield* chunks;
}

async function failure(promise: Promise<unknown>): Promise<Error> {
    return promise.then(
        () => expect.fail("it did not fail"),
        (error) => error,
    );
}
