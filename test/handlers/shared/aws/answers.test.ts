import { expect } from "chai";
import { afterTest } from "../../../setup";
import { both, type Call, type Operation, type Outcome } from "./both";
import type { Given, Received } from "./loopback";

type Answer = Given | ((received: Received, number: number) => Given);

const object = { Bucket: "lake", Key: "raw/a" };
const upload = { ...object, UploadId: "id" };
const inputs: Record<Operation, object> = {
    GetObject: object,
    PutObject: { ...object, Body: Buffer.from("a") },
    ListObjectsV2: { Bucket: "lake" },
    CreateMultipartUpload: object,
    UploadPart: { ...upload, PartNumber: 1, Body: Buffer.from("a") },
    CompleteMultipartUpload: { ...upload, MultipartUpload: { Parts: [{ ETag: '"a"', PartNumber: 1 }] } },
    AbortMultipartUpload: upload,
    GetItem: { TableName: "t", Key: {} },
    BatchGetItem: { RequestItems: {} },
    PutItem: { TableName: "t", Item: {} },
    Query: { TableName: "t" },
    TransactWriteItems: { TransactItems: [] },
    PutRecordBatch: { DeliveryStreamName: "s", Records: [] },
};

const list = `<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>lake</Name><Prefix>a</Prefix>
  <NextContinuationToken>1/x+y==</NextContinuationToken><KeyCount>2</KeyCount><IsTruncated>true</IsTruncated>
  <Contents><Key>a &amp; b/&lt;c&gt; ü&#13;</Key><Size>12</Size><ETag>&quot;x&quot;</ETag></Contents>
  <Contents><Key>a2</Key><Size>0</Size></Contents>
</ListBucketResult>`;

const answers: [what: string, operation: Operation, answer: Answer][] = [
    [
        "an object",
        "GetObject",
        {
            headers: {
                ...{ "content-length": "3", etag: '"e"', "x-amz-version-id": "v1", "x-amz-request-id": "request" },
                ...{ "content-type": "text/plain", "x-amz-meta-a": "b", "x-amz-checksum-crc64nvme": "AAAAAAAAAAA=" },
            },
            body: "abc",
        },
    ],
    ["an object without a version", "GetObject", { headers: { etag: '"e"' }, body: "abc" }],
    ["a part of an object", "GetObject", { status: 206, headers: { "content-range": "bytes 1-2/3" }, body: "bc" }],
    ["an object that holds an error", "GetObject", { body: "<Error><Code>NoSuchKey</Code></Error>" }],
    ["that an object is written", "PutObject", { headers: { etag: '"e"', "x-amz-version-id": "v" } }],
    ["objects", "ListObjectsV2", { body: list }],
    ["one object", "ListObjectsV2", { body: list.replace(/<Contents>.*\n(?= *<Contents>)/, "") }],
    ["no objects", "ListObjectsV2", { body: "<ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>" }],
    ["an upload", "CreateMultipartUpload", { body: "<R><UploadId>2~a/b</UploadId></R>" }],
    ["a part", "UploadPart", { headers: { etag: '"p"', "x-amz-checksum-crc32": "AAAAAA==" } }],
    ["that an upload is complete", "CompleteMultipartUpload", { body: "<R><ETag>x</ETag></R>" }],
    ["that an upload is gone", "AbortMultipartUpload", { status: 204 }],
    [
        "an item",
        "GetItem",
        {
            headers: { "x-amzn-requestid": "request", "x-amz-crc32": "1" },
            body: '{"Item":{"a":{"S":"ü"},"n":{"N":"12345678901234567890"},"B":{"M":{"B":{"B":"AP8="}}},"BS":{"BS":["AA==",""]}}}',
        },
    ],
    ["no item", "GetItem", { body: "{}" }],
    ["nothing", "PutItem", {}],
    ["items", "BatchGetItem", { body: '{"Responses":{"t":[{"a":{"BOOL":true}}]},"UnprocessedKeys":{}}' }],
    [
        "a page",
        "Query",
        { body: '{"Items":[{"a":{"L":[{"NULL":true}]}}],"Count":1,"LastEvaluatedKey":{"a":{"B":"AA=="}}}' },
    ],
    [
        "records",
        "PutRecordBatch",
        { body: '{"FailedPutCount":1,"RequestResponses":[{"RecordId":"1"},{"ErrorCode":"X","ErrorMessage":"y"}]}' },
    ],
];

const canceled = `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"cancelled",
    "CancellationReasons":[{"Code":"None"},{"Code":"ConditionalCheckFailed","Message":"m","Item":{"b":{"B":"AP8="}}}]}`;

const refusals: [what: string, operation: Operation, answer: Answer][] = [
    ...[
        ...([
            [404, "NoSuchKey"],
            [412, "PreconditionFailed"],
            [416, "InvalidRange"],
            [403, "AccessDenied"],
            [409, "ConditionalRequestConflict"],
        ] as const),
        ...([
            [403, "InvalidObjectState"],
            [404, "NoSuchBucket"],
            [301, "PermanentRedirect"],
            [400, "RequestTimeout"],
            [503, "SlowDown"],
            [500, "InternalError"],
        ] as const),
    ].flatMap(([status, code]): typeof refusals =>
        (["GetObject", "PutObject"] as const).map((operation) => [
            `${status} ${code} of ${operation}`,
            operation,
            { status, headers: { "x-amz-request-id": "r" }, body: s3Error(code) },
        ]),
    ),
    ["501 of something unheard of", "GetObject", { status: 501, body: s3Error("NotImplemented") }],
    ["404 without a body", "GetObject", { status: 404 }],
    ["403 without a body", "GetObject", { status: 403 }],
    ["412 without a body", "PutObject", { status: 412 }],
    ["503 without a body", "PutObject", { status: 503 }],
    ["404 of an upload that is gone", "UploadPart", { status: 404, body: s3Error("NoSuchUpload") }],
    ["an error that comes as success", "CompleteMultipartUpload", { body: s3Error("InternalError") }],
    ["no XML", "GetObject", { status: 502, body: "Bad Gateway" }],
    ["no XML where it should be", "ListObjectsV2", { body: "<html><p></html>" }],
    ["an XML of one word", "PutObject", { status: 400, body: "<Error/>" }],
    ["a page of HTML", "GetObject", { status: 503, body: "<html><body>Service Unavailable</body></html>" }],
    ["a broken connection", "GetObject", "broken"],
    ["a broken connection", "PutRecordBatch", "broken"],
    ["half an answer", "GetItem", { headers: { "content-length": "100" }, body: '{"Item', cut: true }],
    ["half an error", "PutObject", { status: 500, headers: { "content-length": "100" }, body: "<Err", cut: true }],
    [
        "a cancelled transaction",
        "TransactWriteItems",
        { status: 400, headers: { "x-amzn-requestid": "r" }, body: canceled },
    ],
    [
        "a conflict with another transaction",
        "TransactWriteItems",
        { status: 400, body: canceled.replace("ConditionalCheckFailed", "TransactionConflict") },
    ],
    [
        "a condition that does not hold",
        "PutItem",
        { status: 400, body: '{"__type":"ConditionalCheckFailedException","message":"no","Item":{"a":{"B":"AA=="}}}' },
    ],
    ...[
        ...["TransactionInProgressException", "ThrottlingException", "ProvisionedThroughputExceededException"],
        ...["RequestLimitExceeded", "ResourceNotFoundException", "TransactionConflictException", "InternalServerError"],
        ...["ValidationException", "AccessDeniedException", "IdempotentParameterMismatchException", "Odd"],
    ].map((code): (typeof refusals)[0] => [
        code,
        "TransactWriteItems",
        {
            status: code === "InternalServerError" ? 500 : 400,
            body: `{"__type":"com.amazon.coral#${code}","message":"m"}`,
        },
    ]),
    ...["ServiceUnavailableException", "InternalFailure"].map((code): (typeof refusals)[0] => [
        code,
        "PutRecordBatch",
        { status: 503, body: `{"__type":"${code}","message":"m"}` },
    ]),
    [
        "a name in a header",
        "PutRecordBatch",
        { status: 400, headers: { "x-amzn-errortype": "LimitExceededException:http://x/" } },
    ],
    ["a name as a code", "PutRecordBatch", { status: 400, body: '{"code":"ResourceNotFoundException","message":"m"}' }],
    ["a name as a Code", "PutRecordBatch", { status: 400, body: '{"Code":"Odd","Message":"m"}' }],
    ["an error without a name", "GetItem", { status: 400, body: '{"message":"m"}' }],
    ["an error without a body", "GetItem", { status: 429 }],
    ["no JSON", "GetItem", { status: 502, body: "<html>" }],
    ["no JSON where it should be", "GetItem", { body: "<html>" }],
];

describe("an answer to the functions' own clients", () => {
    beforeEach(() => withChance(0)); // without pauses
    for (const [what, operation, answer] of answers) {
        it(`is read as the SDK reads it: ${what}`, async () => {
            const { sdk, own } = await compare({ operation, input: inputs[operation] }, answer);

            expect(own.error).to.equal(undefined);
            expect(own.output).to.deep.equal(sdk.output);
        });
    }

    for (const [what, operation, answer] of refusals) {
        it(`is the SDK's error, after as many attempts: ${what}`, async () => {
            const { sdk, own } = await compare({ operation, input: inputs[operation] }, answer);

            expect(own.output).to.equal(undefined);
            expect(own.error).to.deep.equal(sdk.error);
        });
    }

    it("is none where an upload should be complete and nothing is said", async () => {
        const call = { operation: "CompleteMultipartUpload", input: inputs.CompleteMultipartUpload } as const;
        const { sdk, own } = await compare(call, {});

        expect(own.requests).to.have.length(3);
        expect(own.error).to.deep.equal({ ...sdk.error, $fault: "server" }); // of whom the SDK says nothing
    });

    it("that fails once is asked for again", async () => {
        const flaky: Answer = (_, number) => (number === 1 ? { status: 500 } : { headers: { etag: '"e"' }, body: "a" });

        const { own } = await compare({ operation: "GetObject", input: object }, flaky);

        expect(own.requests).to.have.length(2);
        expect(own.output).to.include({ ETag: '"e"' });
    });

    for (const [what, operation, status, pauses] of [
        ["a failure", "GetItem", 500, [24, 49, 99]],
        ["a failure", "GetObject", 500, [49, 99]],
        ["being too fast", "GetItem", 429, [999, 1_998, 3_996]],
        ["being too fast", "PutObject", 429, [999, 1_998]],
    ] as const) {
        it(`that is ${what} is followed by the SDK's pauses: ${operation}`, async () => {
            withChance(0.999);
            const slept = withoutSleep();

            await compare({ operation, input: inputs[operation] }, { status });

            expect(slept).to.deep.equal([...pauses, ...pauses]);
        });
    }

    it("that says when to come again is believed, within reason", async () => {
        const slept = withoutSleep();

        await compare({ operation: "GetObject", input: object }, { status: 503, headers: { "retry-after": "2" } });

        expect(slept).to.have.length(4);
        for (const pause of slept) expect(pause).to.be.within(1_900, 2_000);
    });

    it("is waited for only once where that is wanted", async () => {
        const { own } = await compare(
            { operation: "PutRecordBatch", input: inputs.PutRecordBatch, maxAttempts: 1 },
            { status: 503 },
        );

        expect(own.requests).to.have.length(1);
    });
});

function withChance(value: number): void {
    const { random } = Math;
    Math.random = () => value;
    afterTest(() => {
        Math.random = random;
    });
}

/** Pauses end at once, and are written down. The network's own timers are left alone. */
function withoutSleep(): number[] {
    const slept: number[] = [];
    const { setTimeout: start } = globalThis;
    globalThis.setTimeout = ((action: () => void, milliseconds = 0) => {
        if (!isRetry()) return start(action, milliseconds);
        slept.push(milliseconds);
        return start(action, 0);
    }) as never;
    afterTest(() => {
        globalThis.setTimeout = start;
    });
    return slept;
}

function isRetry(): boolean {
    return /StandardRetryStrategy/.test(new Error().stack!);
}

async function compare(call: Call, answer: Answer): Promise<{ sdk: Outcome; own: Outcome }> {
    const outcomes = await both(call, typeof answer === "function" ? answer : () => answer);
    expect(outcomes.own.requests).to.deep.equal(outcomes.sdk.requests);
    return outcomes;
}

function s3Error(code: string): string {
    return `<?xml version="1.0"?>\n<Error><Code>${code}</Code><Message>said &amp; done</Message><Key>raw/a</Key></Error>`;
}
