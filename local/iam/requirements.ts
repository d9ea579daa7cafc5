import { type AwsRequest, account, region } from "../aws";
import type { Context } from "./condition";

/** An action that a call needs to be allowed, by AWS's service authorization reference. */
export interface Need {
    action: string;
    resource: string;
    /** What only this action is told of the request. */
    context?: Context;
    /** Whether AWS has allowed it to all roles of the account by itself. */
    freeForRoles?: boolean;
}

/** What an operation of a service needs; one that is not listed needs the action of its own name, on all resources. */
export function requirementsOf(service: string, operation: string, request: AwsRequest): Need[] {
    return services[service]?.(operation, request) ?? [{ action: `${service}:${operation}`, resource: "*" }];
}

/** ARN of a resource in the account and region of all local pipelines. */
export function arnOf(service: string, resource: string): string {
    return `arn:aws:${service}:${region}:${account}:${resource}`;
}

export const bucketArn = (bucket: string) => `arn:aws:s3:::${bucket}`;
export const objectArn = (bucket: string, key: string) => `${bucketArn(bucket)}/${key}`;

const services: Record<string, (operation: string, request: AwsRequest) => Need[]> = {
    s3: ofS3,
    sqs: (operation, request) => {
        const { QueueUrl, QueueName } = json(request);
        const url = String(QueueUrl ?? QueueName);
        const resource = arnOf("sqs", url.slice(url.lastIndexOf("/") + 1));
        return [{ action: `sqs:${operation.replace(/Batch$/, "")}`, resource }];
    },
    sns: (_operation, { body }) => {
        const resource = new URLSearchParams(body.toString()).get("TopicArn") ?? "*";
        return [{ action: "sns:Publish", resource }];
    },
    lambda: (_operation, { path }) => {
        const name = decodeURIComponent(/\/functions\/([^/]+)\//.exec(path)?.[1] ?? "*");
        const resource = name.startsWith("arn:") ? name : arnOf("lambda", `function:${name}`);
        return [{ action: "lambda:InvokeFunction", resource }];
    },
    kinesis: (operation, request) => {
        const { StreamARN, StreamName } = json(request);
        if (StreamARN === undefined && StreamName === undefined)
            return [{ action: `kinesis:${operation}`, resource: "*" }];
        return [
            { action: `kinesis:${operation}`, resource: String(StreamARN ?? arnOf("kinesis", `stream/${StreamName}`)) },
        ];
    },
    firehose: (operation, request) => {
        const { DeliveryStreamName } = json(request);
        if (DeliveryStreamName === undefined) return [{ action: `firehose:${operation}`, resource: "*" }];
        return [
            { action: `firehose:${operation}`, resource: arnOf("firehose", `deliverystream/${DeliveryStreamName}`) },
        ];
    },
    athena: () => [], // which knows the workgroup of a run, asks by itself
    dynamodb: (operation, request) => ofDynamoDb(operation, json(request)),
    iotdata: (operation, { path }) => {
        const topic = decodeURIComponent(/^\/topics\/(.*)$/.exec(path)?.[1] ?? "*");
        return [
            {
                action: `iot:${operation.startsWith("/") ? "Publish" : operation}`,
                resource: arnOf("iot", `topic/${topic}`),
            },
        ];
    },
};

/** Operations of S3 that are called otherwise than what they need. */
const s3Actions: Record<string, string> = {
    HeadBucket: "ListBucket",
    ListObjectsV2: "ListBucket",
    ListObjectVersions: "ListBucketVersions",
    HeadObject: "GetObject",
    UploadPart: "PutObject",
    CreateMultipartUpload: "PutObject",
    CompleteMultipartUpload: "PutObject",
};
const ofVersions = ["GetObject", "DeleteObject", "GetObjectTagging", "PutObjectTagging"];

function ofS3(operation: string, request: AwsRequest): Need[] {
    const { query, headers, body } = request;
    const { bucket, key } = s3Place(request);
    const action = s3Actions[operation] ?? operation;
    if (operation === "DeleteObjects") {
        const objects = [...body.toString().matchAll(/<Object>(.*?)<\/Object>/gs)].map(([, object]) => object!);
        return objects.map((object) => ({
            action: object.includes("<VersionId>") ? "s3:DeleteObjectVersion" : "s3:DeleteObject",
            resource: objectArn(bucket, unescapeXml(/<Key>(.*?)<\/Key>/s.exec(object)?.[1] ?? "")),
        }));
    }
    if (key === "") return [{ action: `s3:${action}`, resource: bucketArn(bucket), context: listContext(query) }];
    const version = query.get("versionId");
    const name =
        version !== null && ofVersions.includes(action) ? action.replace(/^(\w+?Object)/, "$1Version") : action;
    const resource = objectArn(bucket, key);
    return [
        { action: `s3:${name}`, resource, ...(version !== null && { context: { "s3:versionid": version } }) },
        ...ofSource(headers["x-amz-copy-source"]),
        ...(headers["if-match"] !== undefined && action === "PutObject" ? [{ action: "s3:GetObject", resource }] : []),
        ...(headers["x-amz-tagging"] !== undefined ? [{ action: "s3:PutObjectTagging", resource }] : []),
    ];
}

function ofSource(header: string | undefined): Need[] {
    if (header === undefined) return [];
    const [path = "", version] = header.split("?versionId=");
    const [, bucket = "", key = ""] = /^\/?([^/]*)\/(.*)$/s.exec(decodeURIComponent(path)) ?? [];
    return [
        { action: version === undefined ? "s3:GetObject" : "s3:GetObjectVersion", resource: objectArn(bucket, key) },
    ];
}

/** Bucket and key of a request, path style. */
export function s3Place({ path }: Pick<AwsRequest, "path">): { bucket: string; key: string } {
    const [, bucket = "", key = ""] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
    return { bucket: decode(bucket), key: decode(key) };
}

function decode(text: string): string {
    try {
        return decodeURIComponent(text);
    } catch {
        return text; // S3 refuses it
    }
}

function listContext(query: URLSearchParams): Context {
    const known = ["prefix", "delimiter", "max-keys"].filter((name) => query.has(name));
    return Object.fromEntries(known.map((name) => [`s3:${name}`, query.get(name)!]));
}

const transactions: Record<string, string> = {
    Put: "PutItem",
    Update: "UpdateItem",
    Delete: "DeleteItem",
    ConditionCheck: "ConditionCheckItem",
    Get: "GetItem",
};

/** Transactions need what each of their items would by itself. */
function ofDynamoDb(operation: string, input: Record<string, unknown>): Need[] {
    const need = (action: string, table: unknown): Need => ({
        action: `dynamodb:${action}`,
        resource: String(table).startsWith("arn:") ? String(table) : arnOf("dynamodb", `table/${table}`),
    });
    const { TransactItems, RequestItems, TableName } = input;
    if (Array.isArray(TransactItems)) {
        return TransactItems.flatMap((item: Record<string, { TableName: string }>) =>
            Object.entries(item).map(([kind, { TableName }]) => need(transactions[kind] ?? kind, TableName)),
        );
    }
    if (RequestItems !== undefined) return Object.keys(RequestItems as object).map((table) => need(operation, table));
    return TableName === undefined
        ? [{ action: `dynamodb:${operation}`, resource: "*" }]
        : [need(operation, TableName)];
}

function json({ body }: AwsRequest): Record<string, unknown> {
    try {
        return JSON.parse(body.toString()) as Record<string, unknown>;
    } catch {
        return {}; // the service refuses it
    }
}

function unescapeXml(text: string): string {
    const named: Record<string, string> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };
    return text.replace(
        /&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi,
        (found, hex?: string, decimal?: string, name?: string) => {
            if (name !== undefined) return named[name] ?? found;
            return String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
        },
    );
}
