import { expect } from "chai";
import fc from "fast-check";
import { both, type Call, type Operation } from "./both";

const object = { Bucket: "lake", Key: "raw/2026/11/a.json.gz" };
const upload = { ...object, UploadId: "2~up/load+id==" };
const key = { entry: { S: "object#a" }, subscriber: { S: "rollup/x" } };

const calls: Record<string, Call> = {
    "an object": { operation: "GetObject", input: object },
    "the rest of an object": { operation: "GetObject", input: { ...object, Range: "bytes=5-", IfMatch: '"etag"' } },
    "an object that is written": { operation: "PutObject", input: { ...object, Body: Buffer.from("body") } },
    "an empty object": { operation: "PutObject", input: { ...object, Body: Buffer.alloc(0) } },
    "an object of a type, if it is new": {
        operation: "PutObject",
        input: { ...object, Body: Buffer.from("é"), ContentType: "application/x-ndjson", IfNoneMatch: "*" },
    },
    "an object in place of another": {
        operation: "PutObject",
        input: { ...object, Body: new Uint8Array([0, 255]), IfMatch: '"a"', IfNoneMatch: undefined },
    },
    "a large object": { operation: "PutObject", input: { ...object, Body: Buffer.alloc(3_000_000, 7) } },
    "the begin of an upload": {
        operation: "CreateMultipartUpload",
        input: { ...object, ContentType: "text/x", ChecksumAlgorithm: "CRC32" },
    },
    "a part": {
        operation: "UploadPart",
        input: { ...upload, PartNumber: 2, Body: Buffer.from("part"), ChecksumAlgorithm: "CRC32" },
    },
    "the end of an upload": {
        operation: "CompleteMultipartUpload",
        input: {
            ...upload,
            IfNoneMatch: "*",
            MultipartUpload: {
                Parts: [
                    { PartNumber: 1, ETag: '"a<&>b"', ChecksumCRC32: "AAAA+w==" },
                    { PartNumber: 2, ETag: '"c"', ChecksumCRC32: undefined },
                ],
            },
        },
    },
    "an upload that is given up": { operation: "AbortMultipartUpload", input: upload },
    "a list": { operation: "ListObjectsV2", input: { Bucket: "lake", Prefix: "raw/a b/", StartAfter: "raw/a b/ä+" } },
    "more of a list": { operation: "ListObjectsV2", input: { Bucket: "lake", ContinuationToken: "1/x+y==" } },
    "an item": { operation: "GetItem", input: { TableName: "ledger", Key: key, ConsistentRead: true } },
    items: { operation: "BatchGetItem", input: { RequestItems: { ledger: { Keys: [key], ConsistentRead: true } } } },
    "an item that is written": {
        operation: "PutItem",
        input: { TableName: "ledger", Item: { ...key, n: { N: "1" } } },
    },
    "a query": {
        operation: "Query",
        input: { TableName: "ledger", KeyConditionExpression: "#e = :e", Limit: undefined, ConsistentRead: true },
    },
    "a transaction": {
        operation: "TransactWriteItems",
        input: {
            TransactItems: [{ Put: { TableName: "ledger", Item: key } }, { Delete: { TableName: "l", Key: key } }],
        },
    },
    records: {
        operation: "PutRecordBatch",
        input: {
            DeliveryStreamName: "pings",
            Records: [
                { Data: Buffer.from('{"é":1}\n') },
                { Data: new Uint8Array([0, 255]) },
                { Data: Buffer.alloc(0) },
            ],
        },
    },
};

describe("a request of the functions' own clients", () => {
    for (const [what, call] of Object.entries(calls)) {
        it(`is the SDK's: ${what}`, async () => same(call));
    }

    it("is the SDK's without a session, too", () =>
        same({ ...calls["an object"]!, environment: { AWS_SESSION_TOKEN: undefined } }));

    it("tells Lambda what it is part of", () =>
        same({
            ...calls["an object that is written"]!,
            environment: { AWS_LAMBDA_FUNCTION_NAME: "normalize", _X_AMZN_TRACE_ID: "Root=1-5759e988;Sampled=1" },
        }));

    it("is the SDK's whatever the key is", async () => {
        const odd = fc.constantFrom(
            "/",
            "//",
            "..",
            ".",
            "+",
            " ",
            "%",
            "%2F",
            "?",
            "#",
            "&",
            "=",
            "~",
            "*",
            "'",
            "(",
            "!",
            ")",
            "\u0001",
            "ü",
            "€",
            "😀",
            "a",
            ":",
            "@",
            "$",
            ",",
            ";",
            "|",
            "\\",
            '"',
            "<",
            "{",
        );
        const keys = fc.array(fc.oneof(odd, fc.string({ unit: "grapheme", maxLength: 3 })), {
            minLength: 1,
            maxLength: 6,
        });

        await fc.assert(
            fc.asyncProperty(
                keys.map((parts) => parts.join("")).filter((key) => key !== ""),
                async (Key) => {
                    await same({ operation: "GetObject", input: { Bucket: "lake", Key } });
                    await same({
                        operation: "ListObjectsV2",
                        input: { Bucket: "lake", Prefix: Key, StartAfter: `${Key}/` },
                    });
                },
            ),
            { numRuns: 60, examples: [["a//b/../c"], ["/a"], ["a/./b?c=d"], ["."], ["a b+c%20d"]] },
        );
    });

    it("is the SDK's whatever the body is", async () => {
        const bytes = fc.uint8Array({ maxLength: 2_000 });

        await fc.assert(
            fc.asyncProperty(bytes, fc.nat(10), async (whole, from) => {
                const Body = whole.subarray(Math.min(from, whole.length)); // a part of a larger buffer
                await same({ operation: "PutObject", input: { ...object, Body } });
                await same({
                    operation: "PutRecordBatch",
                    input: { DeliveryStreamName: "s", Records: [{ Data: Body }] },
                });
            }),
            { numRuns: 40 },
        );
    });

    it("is the SDK's whatever an item holds", async () => {
        await fc.assert(
            fc.asyncProperty(fc.dictionary(fc.string({ minLength: 1 }), attribute), async (Item) =>
                same({ operation: "PutItem", input: { TableName: "ledger", Item } }),
            ),
            { numRuns: 60, examples: [[{ B: { B: new Uint8Array([1]) } }], [{ toJSON: { BS: [new Uint8Array()] } }]] },
        );
    });

    it("carries one token through all attempts of a transaction", async () => {
        const bodies: string[] = [];

        await both(calls["a transaction"]!, ({ body }) => {
            bodies.push(/"ClientRequestToken":"([^"]+)"/.exec(body.toString())![1]!);
            return { status: 500 };
        });

        const [first, ...others] = [...new Set(bodies)];
        expect(bodies).to.have.length(8);
        expect(first).to.match(/^[0-9a-f-]{36}$/);
        expect(others, "the other client's").to.have.length(1);
    });
});

const { attribute } = fc.letrec((tie) => ({
    attribute: fc.oneof(
        { maxDepth: 3 },
        fc.record({ S: fc.string({ unit: "grapheme" }) }),
        fc.record({ N: fc.integer().map(String) }),
        fc.record({ B: fc.uint8Array({ maxLength: 20 }) }),
        fc.record({ BS: fc.array(fc.uint8Array({ maxLength: 5 }), { maxLength: 3 }) }),
        fc.record({ SS: fc.array(fc.string(), { maxLength: 3 }) }),
        fc.constantFrom({ BOOL: true }, { NULL: true }),
        fc.record({ L: fc.array(tie("attribute"), { maxLength: 3 }) }),
        fc.record({ M: fc.dictionary(fc.string(), tie("attribute"), { maxKeys: 3 }) }),
    ),
}));

const answers: Partial<Record<Operation, string>> = {
    CompleteMultipartUpload: "<CompleteMultipartUploadResult><ETag>a</ETag></CompleteMultipartUploadResult>",
};

async function same(call: Call): Promise<void> {
    const { sdk, own } = await both(call, () => ({ body: answers[call.operation] }));
    expect(own.requests).to.have.length(1);
    expect(own.requests).to.deep.equal(sdk.requests);
    expect(own.requests[0]).to.include({ isSigned: true });
}
