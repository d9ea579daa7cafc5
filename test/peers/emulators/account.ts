/** What the tests make and see in an emulator, through the real SDK. */
import { gunzipSync } from "node:zlib";
import { AthenaClient, CreateWorkGroupCommand, ListQueryExecutionsCommand } from "@aws-sdk/client-athena";
import { CreateTableCommand, DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import {
    CreateDeliveryStreamCommand,
    type ExtendedS3DestinationConfiguration,
    FirehoseClient,
} from "@aws-sdk/client-firehose";
import { LambdaClient } from "@aws-sdk/client-lambda";
import {
    CreateBucketCommand,
    GetObjectCommand,
    HeadObjectCommand,
    ListObjectsV2Command,
    PutBucketNotificationConfigurationCommand,
    PutObjectCommand,
    S3Client,
} from "@aws-sdk/client-s3";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";

/** An account in an emulator. */
export class Account {
    readonly s3: S3Client;
    readonly firehose: FirehoseClient;
    readonly athena: AthenaClient;
    readonly dynamoDb: DynamoDBClient;
    readonly sns: SNSClient;
    readonly sqs: SQSClient;
    readonly lambda: LambdaClient;
    private made = 0;

    constructor(readonly url: string) {
        const credentials = { accessKeyId: "test", secretAccessKey: "test" };
        const configuration = { endpoint: url, region: "us-east-1", credentials };
        this.s3 = new S3Client({ ...configuration, forcePathStyle: true });
        this.firehose = new FirehoseClient(configuration);
        this.athena = new AthenaClient(configuration);
        this.dynamoDb = new DynamoDBClient(configuration);
        this.sns = new SNSClient(configuration);
        this.sqs = new SQSClient(configuration);
        this.lambda = new LambdaClient(configuration);
    }

    async bucket(): Promise<string> {
        const Bucket = this.newName("bucket");
        await this.s3.send(new CreateBucketCommand({ Bucket }));
        return Bucket;
    }

    /** A table with two text keys. */
    async table(partitionKey = "entry", sortKey = "subscriber"): Promise<string> {
        const TableName = this.newName("table");
        const keys = [partitionKey, sortKey];
        await this.dynamoDb.send(
            new CreateTableCommand({
                TableName,
                BillingMode: "PAY_PER_REQUEST",
                AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
                KeySchema: keys.map((AttributeName, index) => ({ AttributeName, KeyType: index ? "RANGE" : "HASH" })),
            }),
        );
        return TableName;
    }

    /** All items of a table, as plain values. */
    async items(TableName: string): Promise<Record<string, unknown>[]> {
        const { Items = [] } = await this.dynamoDb.send(new ScanCommand({ TableName }));
        return Items.map((item) =>
            Object.fromEntries(Object.entries(item).map(([name, { S, N, ...rest }]) => [name, S ?? N ?? rest])),
        );
    }

    /** A delivery stream as components make it, to the folder `raw/` of a bucket, but for these settings. */
    async deliveryStream(bucket: string, settings: Partial<ExtendedS3DestinationConfiguration> = {}): Promise<string> {
        const DeliveryStreamName = this.newName("stream");
        await this.firehose.send(
            new CreateDeliveryStreamCommand({
                DeliveryStreamName,
                ExtendedS3DestinationConfiguration: {
                    BucketARN: `arn:aws:s3:::${bucket}`,
                    RoleARN: "arn:aws:iam::000000000000:role/delivery",
                    Prefix: "raw/!{timestamp:yyyy/MM/dd/HH}/",
                    ErrorOutputPrefix: "failed/",
                    CompressionFormat: "GZIP",
                    FileExtension: ".json.gz",
                    ...settings,
                },
            }),
        );
        return DeliveryStreamName;
    }

    /** A workgroup whose results go where components let them go. */
    async workgroup(name: string, bucket: string, query: string): Promise<void> {
        const OutputLocation = `s3://${bucket}/athena/${query}/`;
        const Configuration = { EnforceWorkGroupConfiguration: true, ResultConfiguration: { OutputLocation } };
        await this.athena.send(new CreateWorkGroupCommand({ Name: name, Configuration }));
    }

    /** Ids of the runs in a workgroup. */
    async runs(WorkGroup: string): Promise<string[]> {
        return (await this.athena.send(new ListQueryExecutionsCommand({ WorkGroup }))).QueryExecutionIds ?? [];
    }

    async put(bucket: string, key: string, body: string | Buffer): Promise<void> {
        await this.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
    }

    async keys(bucket: string, prefix = ""): Promise<string[]> {
        const { Contents = [] } = await this.s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
        return Contents.map(({ Key }) => Key!);
    }

    async bytes(bucket: string, key: string): Promise<Buffer> {
        const { Body } = await this.s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        return Buffer.from(await Body!.transformToByteArray());
    }

    /** The text of an object, out of gzip if it is in it. */
    async text(bucket: string, key: string): Promise<string> {
        const bytes = await this.bytes(bucket, key);
        return String(bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes);
    }

    /** The lines of all objects below a prefix, as JSON. */
    async lines(bucket: string, prefix: string): Promise<Record<string, unknown>[]> {
        const texts = await Promise.all((await this.keys(bucket, prefix)).map((key) => this.text(bucket, key)));
        return texts.flatMap((text) => text.trimEnd().split("\n")).map((line) => JSON.parse(line));
    }

    head(bucket: string, key: string) {
        return this.s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    }

    async topic(): Promise<string> {
        return (await this.sns.send(new CreateTopicCommand({ Name: this.newName("topic") }))).TopicArn!;
    }

    async queue(): Promise<{ name: string; url: string; arn: string }> {
        const name = this.newName("queue");
        const { QueueUrl } = await this.sqs.send(new CreateQueueCommand({ QueueName: name }));
        const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] });
        return { name, url: QueueUrl!, arn: (await this.sqs.send(command)).Attributes!.QueueArn! };
    }

    /** A queue that hears what a topic says, or what of it the policy lets through. */
    async subscribed(topic: string, filter?: object) {
        const queue = await this.queue();
        const Attributes: Record<string, string> = { RawMessageDelivery: "true" };
        if (filter) {
            Attributes.FilterPolicyScope = "MessageBody";
            Attributes.FilterPolicy = JSON.stringify(filter);
        }
        const subscription = { TopicArn: topic, Protocol: "sqs", Endpoint: queue.arn, Attributes };
        await this.sns.send(new SubscribeCommand(subscription));
        return queue;
    }

    /** A queue that hears of new objects in a folder of a bucket, or of those that the policy lets through. */
    async announced(Bucket: string, folder: string, filter?: object) {
        const topic = await this.announcing(Bucket, folder);
        return this.subscribed(topic, filter);
    }

    /** A topic that announces new objects in a folder of a bucket. */
    async announcing(Bucket: string, folder: string): Promise<string> {
        const TopicArn = await this.topic();
        const Filter = { Key: { FilterRules: [{ Name: "prefix" as const, Value: folder }] } };
        const announcement = { TopicArn, Events: ["s3:ObjectCreated:*" as const], Filter };
        const NotificationConfiguration = { TopicConfigurations: [announcement] };
        await this.s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }));
        return TopicArn;
    }

    /** Bodies of the messages that a queue holds. */
    async messages(url: string): Promise<string[]> {
        const command = new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 });
        return ((await this.sqs.send(command)).Messages ?? []).map(({ Body }) => Body!);
    }

    private newName(kind: string): string {
        return `${kind}-${++this.made}`;
    }
}

/** Waits until it is true, for an emulator that goes on working after it has answered. */
export async function eventually(isSo: () => Promise<boolean>): Promise<void> {
    for (const end = Date.now() + 10_000; !(await isSo()); ) {
        if (Date.now() > end) throw new Error("it never came true");
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
}
