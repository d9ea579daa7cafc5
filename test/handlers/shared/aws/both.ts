import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import * as sdkDynamoDb from "@aws-sdk/client-dynamodb";
import * as sdkFirehose from "@aws-sdk/client-firehose";
import * as sdkS3 from "@aws-sdk/client-s3";
import type { Command } from "../../../../handlers/shared/aws/client";
import * as ownDynamoDb from "../../../../handlers/shared/aws/dynamodb";
import * as ownFirehose from "../../../../handlers/shared/aws/firehose";
import type { Metadata } from "../../../../handlers/shared/aws/message";
import * as ownS3 from "../../../../handlers/shared/aws/s3";
import { type Given, lambda, loopback, type Manners, type Received, setEnvironment } from "./loopback";
import { signatureOf } from "./signature";

/** The SDK's clients, and ours. */
export const implementations = {
    sdk: { ...sdkS3, ...sdkDynamoDb, ...sdkFirehose },
    own: { ...ownS3, ...ownDynamoDb, ...ownFirehose },
};

export type Operation =
    | "GetObject"
    | "PutObject"
    | "ListObjectsV2"
    | "CreateMultipartUpload"
    | "UploadPart"
    | "CompleteMultipartUpload"
    | "AbortMultipartUpload"
    | "GetItem"
    | "BatchGetItem"
    | "PutItem"
    | "Query"
    | "TransactWriteItems"
    | "PutRecordBatch";

/** One call, by one of them. */
export interface Call {
    operation: Operation;
    input: object;
    maxAttempts?: number;
    environment?: Record<string, string | undefined>;
    signal?: () => AbortSignal;
}

/** What a call came to. */
export interface Outcome {
    /** What went over the network, as far as it matters. */
    requests: object[];
    output?: Record<string, unknown>;
    error?: object;
}

/** What the SDK's client and ours make of a call. */
export async function both(
    call: Call,
    answer?: (received: Received, number: number) => Given,
    manners?: Manners,
): Promise<{ sdk: Outcome; own: Outcome }> {
    return { sdk: await made("sdk", call, answer, manners), own: await made("own", call, answer, manners) };
}

async function made(
    which: keyof typeof implementations,
    { operation, input, maxAttempts, environment, signal }: Call,
    answer?: (received: Received, number: number) => Given,
    manners?: Manners,
): Promise<Outcome> {
    const { received, url } = await loopback(answer, manners);
    setEnvironment({ ...lambda, AWS_ENDPOINT_URL: url, ...environment });
    const client = clientOf(which, operation, maxAttempts);
    const Operation = implementations[which][`${operation}Command`] as never as new (
        input: object,
    ) => Command<Record<string, unknown>>;
    const result: Partial<Outcome> = await client
        .send(new Operation(input), { abortSignal: signal?.() })
        .then(async (output) => ({ output: await plain(operation, output) }))
        .catch((error: Shown) => ({ error: shown(error) }));
    return { requests: received.map((each) => whatMatters(each)), ...result };
}

/** Both are typed by their own commands. */
export function clientOf(which: keyof typeof implementations, operation: Operation, maxAttempts?: number) {
    const { S3Client, DynamoDBClient, FirehoseClient } = implementations[which] as typeof implementations.own;
    if (operation === "PutRecordBatch") return new FirehoseClient({ maxAttempts });
    if (/Item|Query/.test(operation)) return new DynamoDBClient();
    return new S3Client({ responseChecksumValidation: "WHEN_REQUIRED" });
}

/** Headers that only say who asks, how often and when; what is signed is checked by itself. */
const unimportant = /^(amz-sdk-.*|user-agent|x-amz-user-agent|connection|x-amz-date|authorization|host)$/;

function whatMatters(received: Received): object {
    const { method, url, headers, body } = received;
    const [path, query = ""] = url.split("?");
    const { "x-amz-content-sha256": digest, ...important } = Object.fromEntries(
        Object.entries(headers).filter(([name]) => !unimportant.test(name)),
    );
    // The SDK sends the checksum of nothing with a GET.
    if (method === "GET") delete important["x-amz-checksum-crc32"];
    const [, signed, signature] = /SignedHeaders=([^,]+), Signature=(\w+)$/.exec(headers.authorization!)!;
    return {
        method,
        path,
        query: query
            .split("&")
            .map((each) => (each.includes("=") ? each : `${each}=`))
            .sort(),
        headers: important,
        body: bodyOf(received),
        isSigned: signature === signatureOf(received) && digest === createHash("sha256").update(body).digest("hex"),
        scope: /Credential=[^/]+\/\d{8}\/([^,]+),/.exec(headers.authorization!)![1],
        unsigned: Object.keys(important).filter((name) => !signed!.split(";").includes(name)),
    };
}

/** The token of a transaction is another one each time. */
function bodyOf({ headers, body }: Received): unknown {
    if (headers["content-type"]?.startsWith("application/x-amz-json-") !== true) return body.toString("base64");
    const { ClientRequestToken, ...input } = JSON.parse(body.toString());
    return { ...input, hasToken: ClientRequestToken !== undefined };
}

/** What ours says of S3's answers: as much as functions use. Of other services it says all. */
const known: Partial<Record<Operation, string[]>> = {
    GetObject: ["ContentLength", "ContentRange", "ETag", "VersionId"],
    PutObject: [],
    ListObjectsV2: ["NextContinuationToken"],
    CreateMultipartUpload: ["UploadId"],
    UploadPart: ["ETag", "ChecksumCRC32"],
    CompleteMultipartUpload: [],
    AbortMultipartUpload: [],
};

async function plain(operation: Operation, { $metadata, Body, Contents, ...output }: Record<string, unknown>) {
    const { httpStatusCode, requestId } = $metadata as Metadata;
    const isKnown = (name: string) => known[operation]?.includes(name) ?? true;
    const rest = Object.entries(output).filter(([name, value]) => value !== undefined && isKnown(name));
    return {
        ...{ httpStatusCode, requestId, ...Object.fromEntries(rest) },
        ...(Body ? { Body: (await buffer(Body as Readable)).toString("base64") } : {}),
        ...(Contents ? { Contents: (Contents as Listed[]).map(({ Key, Size }) => ({ Key, Size })) } : {}),
    };
}

type Listed = NonNullable<ownS3.ListObjectsV2CommandOutput["Contents"]>[number];

interface Shown extends Error {
    code?: string;
    $metadata?: { httpStatusCode?: number; requestId?: string };
    [detail: string]: unknown;
}

/** What handlers ask of an error. */
function shown(error: Shown): object {
    const { name, message, code, $fault, $metadata, Code, CancellationReasons, Item } = error;
    const network = code !== undefined;
    return {
        ...{ name, code, $fault, Code, CancellationReasons, Item },
        message: network ? code : String(message).split("\n")[0],
        status: $metadata?.httpStatusCode,
        requestId: $metadata?.requestId,
    };
}
