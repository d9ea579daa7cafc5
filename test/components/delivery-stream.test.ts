import { expect } from "chai";
import { DeliveryStream, type DeliveryStreamArgs, IngestPartitions, PlanError } from "../../index";
import { functionResources } from "./expected";
import { policy, recordResources } from "./record";

const streamArn = "arn:aws:firehose:eu-west-1:123456789012:deliverystream/clicks";
const lambdaArn = "arn:aws:lambda:eu-west-1:123456789012:function:clicks-normalize:$LATEST";
const roleArn = "arn:aws:iam::123456789012:role/clicks-role";
const bucketArn = "arn:aws:s3:::bucket";

describe("DeliveryStream", () => {
    it("stores lines as they come, each ended by a newline", async () => {
        const { inputs } = await recordResources(() => stream("clicks").streamArn);

        expect(inputs).to.deep.equal({
            ...roleAndLog({ prefixes: ["raw/v0/clicks/", "failed/clicks/"] }),
            "FirehoseDeliveryStream clicks": {
                destination: "extended_s3",
                serverSideEncryption: { enabled: true, keyType: "AWS_OWNED_CMK" },
                extendedS3Configuration: {
                    ...intoHourFolders,
                    processingConfiguration: { enabled: true, processors: [{ type: "AppendDelimiterToRecord" }] },
                    s3BackupMode: "Disabled",
                },
            },
        });
    });

    it("checks lines by their columns, and keeps them as they came", async () => {
        const { inputs } = await recordResources(() => stream("clicks", { columns }).streamArn);

        expect(inputs).to.deep.equal({
            ...functionResources("clicks-normalize", {
                bundle: "normalize",
                files: {
                    "columns.json": [
                        { name: "page", type: { kind: "string" } },
                        { name: "event_id", type: { kind: "string" } },
                        { name: "received_at", type: { kind: "timestamp" } },
                    ],
                },
                environment: { FAILED_BUCKET: "bucket", FAILED_PREFIX: "failed/clicks/" },
                memorySize: 512,
                timeout: 60,
                statements: [
                    {
                        Effect: "Allow",
                        Action: "s3:PutObject",
                        Resource: [`${bucketArn}/failed/clicks/*`],
                    },
                ],
            }),
            ...roleAndLog({
                prefixes: ["raw/v0/clicks/", "failed/clicks/"],
                statements: [
                    {
                        Effect: "Allow",
                        Action: ["s3:PutObject", "s3:AbortMultipartUpload"],
                        Resource: [`${bucketArn}/backup/clicks/*`],
                    },
                    {
                        Effect: "Allow",
                        Action: ["lambda:InvokeFunction", "lambda:GetFunctionConfiguration"],
                        Resource: lambdaArn,
                    },
                ],
            }),
            "FirehoseDeliveryStream clicks": {
                destination: "extended_s3",
                serverSideEncryption: { enabled: true, keyType: "AWS_OWNED_CMK" },
                extendedS3Configuration: {
                    ...intoHourFolders,
                    processingConfiguration: {
                        enabled: true,
                        processors: [
                            {
                                type: "Lambda",
                                parameters: [{ parameterName: "LambdaArn", parameterValue: lambdaArn }],
                            },
                        ],
                    },
                    s3BackupMode: "Enabled",
                    s3BackupConfiguration: {
                        roleArn,
                        bucketArn,
                        prefix: "backup/clicks/",
                        compressionFormat: "GZIP",
                        bufferingSize: 64,
                        bufferingInterval: 300,
                    },
                },
            },
        });
    });

    it("converts to Parquet by a table that its role may look at", async () => {
        const parquet = { databaseName: "lake", tableName: "clicks" };

        const { inputs } = await recordResources(() => stream("clicks", { parquet }).streamArn);

        expect(inputs).to.deep.equal({
            ...roleAndLog({
                prefixes: ["raw/v0/clicks/", "failed/clicks/"],
                statements: [
                    {
                        Effect: "Allow",
                        Action: ["glue:GetTable", "glue:GetTableVersion", "glue:GetTableVersions"],
                        Resource: ["catalog", "database/lake", "table/lake/clicks"].map(
                            (resource) => `arn:aws:glue:eu-west-1:123456789012:${resource}`,
                        ),
                    },
                ],
            }),
            "FirehoseDeliveryStream clicks": {
                destination: "extended_s3",
                serverSideEncryption: { enabled: true, keyType: "AWS_OWNED_CMK" },
                extendedS3Configuration: {
                    ...intoHourFolders,
                    fileExtension: ".parquet",
                    compressionFormat: "UNCOMPRESSED",
                    dataFormatConversionConfiguration: {
                        inputFormatConfiguration: { deserializer: { openXJsonSerDe: { caseInsensitive: false } } },
                        outputFormatConfiguration: { serializer: { parquetSerDe: { compression: "SNAPPY" } } },
                        schemaConfiguration: { ...parquet, roleArn },
                    },
                    s3BackupMode: "Disabled",
                },
            },
        });
    });

    it("checks lines before it converts them, and keeps them as they came in gzip", async () => {
        const parquet = { databaseName: "lake", tableName: "clicks" };

        const { find } = await recordResources(() => stream("clicks", { columns, parquet }).streamArn);

        const { extendedS3Configuration } = find("FirehoseDeliveryStream", "clicks").inputs;
        expect(extendedS3Configuration).to.have.nested.property("processingConfiguration.processors[0].type", "Lambda");
        expect(extendedS3Configuration).to.have.nested.property("s3BackupConfiguration.compressionFormat", "GZIP");
        expect(extendedS3Configuration).to.have.property("fileExtension", ".parquet");
    });

    it("calls the folders of the hours as Hive does", async () => {
        const { find } = await recordResources(() => stream("clicks", { partitions: IngestPartitions.Hive }).streamArn);

        expect(find("FirehoseDeliveryStream", "clicks").inputs.extendedS3Configuration).to.have.property(
            "prefix",
            "raw/v0/clicks/year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/hour=!{timestamp:HH}/",
        );
    });

    it("takes folders and buffers of its own", async () => {
        const { find } = await recordResources(
            () =>
                stream("clicks", {
                    columns,
                    errorPrefix: "failed/web/",
                    backupPrefix: "backup/web/",
                    bufferMegabytes: 5,
                    bufferSeconds: 0,
                    transformBufferMegabytes: 0.5,
                    transformBufferSeconds: 10,
                }).streamArn,
        );

        const { extendedS3Configuration } = find("FirehoseDeliveryStream", "clicks").inputs;
        expect(extendedS3Configuration).to.deep.include({
            errorOutputPrefix: "failed/web/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd/HH}/",
            bufferingSize: 5,
            bufferingInterval: 0,
        });
        expect(extendedS3Configuration).to.have.nested.property("s3BackupConfiguration.prefix", "backup/web/");
        expect(extendedS3Configuration)
            .to.have.nested.property("processingConfiguration.processors[0].parameters")
            .that.deep.equals([
                { parameterName: "LambdaArn", parameterValue: lambdaArn },
                { parameterName: "BufferSizeInMBs", parameterValue: "0.5" },
                { parameterName: "BufferIntervalInSeconds", parameterValue: "10" },
            ]);
    });

    it("says its name, its ARN and what a producer may do", async () => {
        const { result } = await recordResources(() => {
            const { streamName, streamArn, putPolicy } = stream("clicks");
            return { streamName, streamArn, putPolicy };
        });

        expect(result).to.deep.equal({
            streamName: "clicks",
            streamArn,
            putPolicy: JSON.stringify(
                policy({
                    Effect: "Allow",
                    Action: ["firehose:PutRecord", "firehose:PutRecordBatch"],
                    Resource: streamArn,
                }).json,
            ),
        });
    });

    it("reads a Kinesis stream, which keeps and encrypts the records until then", async () => {
        const kinesisStreamArn = "arn:aws:kinesis:eu-west-1:123456789012:stream/source";

        const { inputs, result } = await recordResources(() => stream("clicks", { kinesisStreamArn }).putPolicy);

        expect(inputs).to.deep.equal({
            ...roleAndLog({
                prefixes: ["raw/v0/clicks/", "failed/clicks/"],
                statements: [
                    {
                        Effect: "Allow",
                        Action: [
                            "kinesis:DescribeStream",
                            "kinesis:GetRecords",
                            "kinesis:GetShardIterator",
                            "kinesis:ListShards",
                        ],
                        Resource: kinesisStreamArn,
                    },
                    {
                        Effect: "Allow",
                        Action: "kms:Decrypt",
                        Resource: "arn:aws:kms:eu-west-1:123456789012:key/*",
                        Condition: { StringEquals: { "kms:EncryptionContext:aws:kinesis:arn": kinesisStreamArn } },
                    },
                ],
            }),
            "FirehoseDeliveryStream clicks": {
                destination: "extended_s3",
                kinesisSourceConfiguration: { kinesisStreamArn, roleArn },
                extendedS3Configuration: {
                    ...intoHourFolders,
                    processingConfiguration: { enabled: true, processors: [{ type: "AppendDelimiterToRecord" }] },
                    s3BackupMode: "Disabled",
                },
            },
        });
        expect(result).to.equal(
            JSON.stringify(
                policy({
                    Effect: "Allow",
                    Action: ["kinesis:PutRecord", "kinesis:PutRecords"],
                    Resource: kinesisStreamArn,
                }).json,
            ),
        );
    });

    it("starts once its role may work, and after what it is told to wait for", async () => {
        const { find } = await recordResources(() => {
            const first = stream("first");
            return stream("clicks", {}, { dependsOn: first }).streamArn;
        });

        expect(find("FirehoseDeliveryStream", "clicks").dependencies).to.include.members([
            "RolePolicy clicks-policy",
            "FirehoseDeliveryStream first",
        ]);
    });

    it("refuses columns that cannot be", async () => {
        const wrong = { columns: [{ name: "page", type: "text" }] };

        const failure = await recordResources(() => stream("clicks", wrong).streamArn).catch((error) => error);

        expect(failure).to.be.instanceOf(PlanError);
        expect(failure.message).to.include("columns[0].type: unknown type `text`");
    });

    it("exists twice in one program", async () => {
        const { inputs } = await recordResources(() => [stream("one").streamArn, stream("two").streamArn]);

        expect(inputs).to.include.all.keys("FirehoseDeliveryStream one", "FirehoseDeliveryStream two");
    });
});

const columns = [{ name: "page", type: "string" }];

function stream(name: string, args: Partial<DeliveryStreamArgs> = {}, opts?: { dependsOn: DeliveryStream }) {
    return new DeliveryStream(name, { bucketName: "bucket", prefix: "raw/v0/clicks/", ...args }, opts);
}

const intoHourFolders = {
    roleArn,
    bucketArn,
    prefix: "raw/v0/clicks/!{timestamp:yyyy/MM/dd/HH}/",
    errorOutputPrefix: "failed/clicks/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd/HH}/",
    fileExtension: ".json.gz",
    compressionFormat: "GZIP",
    bufferingSize: 64,
    bufferingInterval: 300,
    cloudwatchLoggingOptions: { enabled: true, logGroupName: "clicks-log", logStreamName: "delivery" },
};

function roleAndLog({ prefixes, statements = [] }: { prefixes: string[]; statements?: unknown[] }) {
    return {
        "LogGroup clicks-log": { retentionInDays: 30 },
        "LogStream clicks-log": { name: "delivery", logGroupName: "clicks-log" },
        "Role clicks-role": {
            assumeRolePolicy: policy({
                Effect: "Allow",
                Principal: { Service: "firehose.amazonaws.com" },
                Action: "sts:AssumeRole",
                Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
            }),
        },
        "RolePolicy clicks-policy": {
            role: "clicks-role",
            policy: policy(
                {
                    Effect: "Allow",
                    Action: ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
                    Resource: bucketArn,
                },
                {
                    Effect: "Allow",
                    Action: ["s3:PutObject", "s3:AbortMultipartUpload"],
                    Resource: prefixes.map((prefix) => `${bucketArn}/${prefix}*`),
                },
                {
                    Effect: "Allow",
                    Action: "logs:PutLogEvents",
                    Resource: "arn:aws:logs:eu-west-1:123456789012:log-group:clicks-log:log-stream:delivery",
                },
                ...statements,
            ),
        },
    };
}
