import type * as FirehoseSdk from "@aws-sdk/client-firehose";
import type * as S3Sdk from "@aws-sdk/client-s3";
import type * as SnsSdk from "@aws-sdk/client-sns";
import type * as SqsSdk from "@aws-sdk/client-sqs";
import { clientConfig, type Target } from "../target";
import type { Cloud, Failures, ListedObject, ReceivedMessage } from "./cloud";

interface Packages {
    "@aws-sdk/client-firehose": typeof FirehoseSdk;
    "@aws-sdk/client-s3": typeof S3Sdk;
    "@aws-sdk/client-sns": typeof SnsSdk;
    "@aws-sdk/client-sqs": typeof SqsSdk;
}

/** Finds a package that only some commands need. */
export type LoadPackage = <Name extends keyof Packages>(name: Name) => Promise<Packages[Name]>;

/** Longer than a batch takes to be sent on, so that nobody receives its messages meanwhile. */
const visibilitySeconds = 120;
/** A long poll asks all of SQS's servers; a short one may miss what is there. */
const waitSeconds = 5;
/** Where EventBridge and Lambda say in a dead letter why it is one. */
const reasonAttributes = ["ERROR_MESSAGE", "ErrorMessage"];

/** AWS through its SDK, whose packages are loaded when they are needed. */
export function awsOf(target: Target, loadPackage: LoadPackage = (name) => import(name)): Cloud {
    const load = named(loadPackage);
    const { bucketName: Bucket } = target.operations;
    const { endpointUrl } = target;
    const config = clientConfig(target);
    const s3 = once(async () => {
        const sdk = await load("@aws-sdk/client-s3");
        return { sdk, client: new sdk.S3Client({ ...config, forcePathStyle: endpointUrl !== undefined }) };
    });
    const sns = once(async () => {
        const sdk = await load("@aws-sdk/client-sns");
        return { sdk, client: new sdk.SNSClient(config) };
    });
    const sqs = once(async () => {
        const sdk = await load("@aws-sdk/client-sqs");
        return { sdk, client: new sdk.SQSClient(config) };
    });
    const firehose = once(async () => {
        const sdk = await load("@aws-sdk/client-firehose");
        return { sdk, client: new sdk.FirehoseClient(config) };
    });

    return {
        async *list(Prefix) {
            const { sdk, client } = await s3();
            for await (const { Contents = [] } of sdk.paginateListObjectsV2({ client }, { Bucket, Prefix })) {
                yield* Contents.map(
                    ({ Key, Size, LastModified }): ListedObject => ({
                        key: Key!,
                        size: Size!,
                        lastModified: LastModified!.getTime(),
                    }),
                );
            }
        },
        async head(key) {
            const { sdk, client } = await s3();
            try {
                const head = await client.send(new sdk.HeadObjectCommand({ Bucket, Key: key }));
                const { ContentLength, LastModified, ETag = "", VersionId } = head;
                return {
                    key,
                    size: ContentLength!,
                    lastModified: LastModified!.getTime(),
                    eTag: ETag.replaceAll('"', ""),
                    // In a bucket that kept no versions when it was written.
                    ...(VersionId !== undefined && VersionId !== "null" && { versionId: VersionId }),
                };
            } catch (error) {
                if (isMissing(error)) return undefined;
                throw error;
            }
        },
        async read(key) {
            const { sdk, client } = await s3();
            const { Body } = await client.send(new sdk.GetObjectCommand({ Bucket, Key: key }));
            return Buffer.from(await Body!.transformToByteArray());
        },
        async tags(key) {
            const { sdk, client } = await s3();
            const { TagSet = [] } = await client.send(new sdk.GetObjectTaggingCommand({ Bucket, Key: key }));
            return Object.fromEntries(TagSet.map(({ Key, Value }) => [Key!, Value!]));
        },
        async setTags(key, tags) {
            const { sdk, client } = await s3();
            const TagSet = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
            await client.send(new sdk.PutObjectTaggingCommand({ Bucket, Key: key, Tagging: { TagSet } }));
        },
        async publish(TopicArn, messages) {
            const { sdk, client } = await sns();
            const PublishBatchRequestEntries = messages.map((Message, index) => ({ Id: String(index), Message }));
            return failuresOf(await client.send(new sdk.PublishBatchCommand({ TopicArn, PublishBatchRequestEntries })));
        },
        async send(QueueUrl, messages) {
            const { sdk, client } = await sqs();
            const Entries = messages.map((MessageBody, index) => ({ Id: String(index), MessageBody }));
            return failuresOf(await client.send(new sdk.SendMessageBatchCommand({ QueueUrl, Entries })));
        },
        async receive(QueueUrl) {
            const { sdk, client } = await sqs();
            const { Messages = [] } = await client.send(
                new sdk.ReceiveMessageCommand({
                    ...{ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ["All"] },
                    ...{ VisibilityTimeout: visibilitySeconds, WaitTimeSeconds: waitSeconds },
                }),
            );
            return Messages.map(({ MessageId, ReceiptHandle, Body, MessageAttributes = {} }): ReceivedMessage => {
                const reason = reasonAttributes
                    .map((name) => MessageAttributes[name]?.StringValue)
                    .find((text) => text);
                return { id: MessageId!, receipt: ReceiptHandle!, body: Body!, ...(reason && { reason }) };
            });
        },
        async remove(QueueUrl, receipts) {
            const { sdk, client } = await sqs();
            const Entries = receipts.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
            return failuresOf(await client.send(new sdk.DeleteMessageBatchCommand({ QueueUrl, Entries })));
        },
        async count(QueueUrl) {
            const { sdk, client } = await sqs();
            const AttributeNames = ["ApproximateNumberOfMessages" as const];
            const { Attributes } = await client.send(new sdk.GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
            return Number(Attributes!.ApproximateNumberOfMessages);
        },
        async putRecords(DeliveryStreamName, records) {
            const { sdk, client } = await firehose();
            const Records = records.map((Data) => ({ Data }));
            const answer = await client.send(new sdk.PutRecordBatchCommand({ DeliveryStreamName, Records }));
            return new Map(
                answer.RequestResponses!.flatMap(({ ErrorCode, ErrorMessage }, index): [number, string][] =>
                    ErrorCode === undefined ? [] : [[index, `${ErrorCode}: ${ErrorMessage}`]],
                ),
            );
        },
    };
}

/** What the user has to know of an error of AWS, where the SDK's own words do not say what to do. */
export function explained(error: unknown, endpointUrl?: string): Error {
    const { name, message, cause } = error as Error & { cause?: { code?: string } };
    const code = (error as NodeJS.ErrnoException).code ?? cause?.code;
    if (name === "CredentialsProviderError") {
        return new Error(`no AWS credentials: ${message}: set AWS_PROFILE, or log in (aws sso login)`, {
            cause: error,
        });
    }
    if (/^(ExpiredToken|ExpiredTokenException|RequestExpired|TokenRefreshRequired)$/.test(name)) {
        return new Error("the AWS credentials have expired: log in again, and go on with --resume", { cause: error });
    }
    if (/^(AccessDenied|AuthorizationError|KMSAccessDenied)/.test(name)) {
        return new Error(`AWS does not allow it: ${message} (docs/replay.md lists what a replay has to be allowed)`, {
            cause: error,
        });
    }
    if (endpointUrl !== undefined && code === "ECONNREFUSED") {
        return new Error(`nobody answers at ${endpointUrl}: \`eventpipeline dev\` has ended without saying so`, {
            cause: error,
        });
    }
    return error as Error;
}

function isMissing(error: unknown): boolean {
    return ["NotFound", "NoSuchKey"].includes((error as Error).name);
}

function failuresOf({ Failed = [] }: { Failed?: { Id?: string; Code?: string; Message?: string }[] }): Failures {
    return new Map(Failed.map(({ Id, Code, Message }) => [Number(Id), [Code, Message].filter(Boolean).join(": ")]));
}

/** Says which package is missing. */
function named(load: LoadPackage): LoadPackage {
    return (name) =>
        load(name).catch((error) => {
            if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
            throw new Error(`\`eventpipeline replay\` needs the package ${name}: npm install --save-dev ${name}`);
        });
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
    let made: Promise<T> | undefined;
    return () => {
        made ??= make();
        return made;
    };
}
