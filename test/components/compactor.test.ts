import { expect } from "chai";
import { CompactionInterval, Compactor, type CompactorArgs, EventPipeline, PlanError } from "../../index";
import { functionResources, subscriptionResources } from "./expected";
import { json, recordResources } from "./record";

const table = {
    name: "clicks",
    prefix: "raw/v0/clicks/",
    partition: "arrival_hour" as const,
    columns: [{ name: "page", type: "string" }],
};
const topicArn = "arn:aws:sns:eu-west-1:123456789012:topic";

function create(args: Partial<CompactorArgs> = {}) {
    const places = { bucketName: "lake", databaseName: "web", topicArn, ledgerName: "books" };
    return new Compactor("clicks", { ...places, table, every: CompactionInterval.Day, ...args });
}

describe("Compactor", () => {
    it("has a workgroup and a function that may do no more than it needs, and a queue that it sends itself messages on", async () => {
        const { inputs } = await recordResources(() => create({ pipeline: "web" }).deadLetterQueueUrl);

        const glue = (resource: string) => `arn:aws:glue:eu-west-1:123456789012:${resource}`;
        expect(inputs).to.deep.equal({
            "Workgroup clicks": {
                name: "web-dev-clicks_parquet",
                description: "Makes Parquet of clicks",
                forceDestroy: true,
                configuration: {
                    enforceWorkgroupConfiguration: true,
                    publishCloudwatchMetricsEnabled: true,
                    bytesScannedCutoffPerQuery: 1_099_511_627_776,
                    engineVersion: { selectedEngineVersion: "Athena engine version 3" },
                    resultConfiguration: {
                        outputLocation: "s3://lake/athena/clicks_parquet/",
                        expectedBucketOwner: "123456789012",
                        encryptionConfiguration: { encryptionOption: "SSE_S3" },
                    },
                },
            },
            ...functionResources("clicks", {
                bundle: "compact",
                files: {
                    "compaction.json": {
                        name: "clicks_parquet",
                        table: "clicks",
                        prefix: "raw/v0/clicks/",
                        partition: ["arrival_hour"],
                        columns: ["page"],
                        every: "day",
                        output: "parquet/v0/clicks/",
                    },
                },
                environment: {
                    BUCKET: "lake",
                    DATABASE: "web",
                    WORKGROUP: "web-dev-clicks_parquet",
                    LEDGER_TABLE: "books",
                    WAIT_SECONDS: "600",
                },
                memorySize: 256,
                timeout: 120,
                statements: [
                    {
                        Effect: "Allow",
                        Action: ["athena:StartQueryExecution", "athena:GetQueryExecution"],
                        Resource: "arn:aws:athena:eu-west-1:123456789012:workgroup/web-dev-clicks_parquet",
                    },
                    {
                        Effect: "Allow",
                        Action: "glue:GetDatabase",
                        Resource: [glue("catalog"), glue("database/default"), glue("database/web")],
                    },
                    {
                        Effect: "Allow",
                        Action: ["glue:GetTable", "glue:GetPartitions"],
                        Resource: [glue("catalog"), glue("database/web"), glue("table/web/clicks")],
                    },
                    { Effect: "Allow", Action: "s3:GetBucketLocation", Resource: "arn:aws:s3:::lake" },
                    {
                        Effect: "Allow",
                        Action: "s3:ListBucket",
                        Resource: "arn:aws:s3:::lake",
                        Condition: { StringLike: { "s3:prefix": ["raw/v0/clicks/*", "athena/clicks_parquet/*"] } },
                    },
                    {
                        Effect: "Allow",
                        Action: "s3:GetObject",
                        Resource: ["arn:aws:s3:::lake/raw/v0/clicks/*", "arn:aws:s3:::lake/athena/clicks_parquet/*"],
                    },
                    {
                        Effect: "Allow",
                        Action: ["s3:PutObject", "s3:AbortMultipartUpload"],
                        Resource: ["arn:aws:s3:::lake/athena/clicks_parquet/*"],
                    },
                    {
                        Effect: "Allow",
                        Action: "s3:PutObject",
                        Resource: ["arn:aws:s3:::lake/parquet/v0/clicks/*"],
                    },
                    {
                        Effect: "Allow",
                        Action: ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem"],
                        Resource: "arn:aws:dynamodb:eu-west-1:123456789012:table/books",
                    },
                ],
            }),
            ...subscriptionResources("clicks", {
                topicArn,
                prefixes: ["raw/v0/clicks/"],
                functionArn: "arn:aws:lambda:eu-west-1:123456789012:function:clicks",
                role: "clicks-role",
                visibilityTimeoutSeconds: 720,
                batchSize: 10,
                batchWindow: 0,
                maximumConcurrency: 2,
            }),
            "RolePolicy clicks-wake": {
                role: "clicks-role",
                policy: json({
                    Version: "2012-10-17",
                    Statement: [
                        {
                            Effect: "Allow",
                            Action: ["sqs:GetQueueUrl", "sqs:SendMessage"],
                            Resource: "arn:aws:sqs:eu-west-1:123456789012:clicks",
                        },
                    ],
                }),
            },
        });
    });

    it("names its workgroup after itself where no pipeline is named, and waits as long as its buffer takes", async () => {
        const { inputs } = await recordResources(() => create({ bufferSeconds: 900 }).deadLetterQueueUrl);

        expect(inputs["Workgroup clicks"]!.name).to.equal("clicks-dev-clicks_parquet");
        expect(inputs["Function clicks"]!.environment).to.deep.include({
            variables: {
                ...{ BUCKET: "lake", DATABASE: "web", WORKGROUP: "clicks-dev-clicks_parquet", LEDGER_TABLE: "books" },
                WAIT_SECONDS: "1200",
            },
        });
    });

    for (const [what, args, problem] of [
        [
            "no folders of hours",
            { table: { ...table, partition: undefined } },
            "table.partition: must be `arrival_hour`",
        ],
        ["folders of days", { table: { ...table, partition: "run_date" as const } }, "table.partition: must be"],
        ["Parquet", { table: { ...table, format: "parquet" as const } }, "makes Parquet of JSON, but the ingest's"],
    ] as const) {
        it(`refuses a table with ${what}`, async () => {
            const failure = await recordResources(() => create(args)).catch((error) => error);

            expect(failure).to.be.instanceOf(PlanError);
            expect(failure.message).to.include(problem);
        });
    }

    it("is part of a pipeline whose ingest says so, with a table, the ledger and a dead-letter queue", async () => {
        const { inputs, result, resources } = await recordResources(() => {
            const pipeline = new EventPipeline("web", {
                ingest: { clicks: { columns: table.columns, compact: { every: "hour" }, bufferSeconds: 60 } },
            });
            return { urls: pipeline.deadLetterQueueUrls, ledger: pipeline.ledgerTableName };
        });

        expect(result).to.deep.equal({
            urls: { clicks_parquet: "https://sqs/web-clicks_parquet-dead-letters" },
            ledger: "web-ledger",
        });
        expect(inputs["CatalogTable web-clicks_parquet"]).to.deep.include({
            name: "clicks_parquet",
            partitionKeys: ["year", "month", "day", "hour"].map((name) => ({ name, type: "string" })),
        });
        expect(inputs["Function web-clicks_parquet"]!.environment).to.deep.include({
            variables: {
                ...{ BUCKET: "web", DATABASE: "web_dev", WORKGROUP: "web-dev-clicks_parquet" },
                ...{ LEDGER_TABLE: "web-ledger", WAIT_SECONDS: "360" },
            },
        });
        const stream = resources.find(({ type }) => type.endsWith(":FirehoseDeliveryStream"))!;
        expect(stream.dependencies.some((each) => each.includes("web-clicks_parquet"))).to.equal(true);
    });
});
