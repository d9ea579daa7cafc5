import { expect } from "chai";
import { Compression, OutputMode, PlanError, ResultConverter, type ResultConverterArgs } from "../../index";
import { functionResources, subscriptionResources } from "./expected";
import { recordResources } from "./record";

const topicArn = "arn:aws:sns:eu-west-1:123456789012:lake";
const failuresTopicArn = "arn:aws:sns:eu-west-1:123456789012:failures";
const failuresKeyArn = "arn:aws:kms:eu-west-1:123456789012:key/failures";
const bucketArn = "arn:aws:s3:::bucket";
const workgroups = "arn:aws:athena:eu-west-1:123456789012:workgroup";

describe("ResultConverter", () => {
    it("converts what appears below athena/, and writes where results are kept only", async () => {
        const { inputs } = await recordResources(() => converter("results").deadLetterQueueUrl);

        expect(inputs).to.deep.equal({
            ...functionResources("results", {
                bundle: "convert-result",
                files: { "results.json": resultMap },
                environment: {
                    PIPELINE: "web-dev",
                    BUCKET: "bucket",
                    WORKGROUP_PREFIX: "web-dev-",
                    LEDGER_TABLE: "books",
                    FAILURES_TOPIC: failuresTopicArn,
                },
                memorySize: 1024,
                timeout: 300,
                statements: [
                    {
                        Effect: "Allow",
                        Action: ["athena:GetQueryExecution", "athena:GetQueryResults"],
                        Resource: [`${workgroups}/web-dev-pages`, `${workgroups}/web-dev-totals`],
                    },
                    { Effect: "Allow", Action: ["s3:GetBucketLocation", "s3:ListBucket"], Resource: bucketArn },
                    {
                        Effect: "Allow",
                        Action: "s3:GetObject",
                        Resource: [
                            `${bucketArn}/athena/*`,
                            `${bucketArn}/processed/v0/pages/*`,
                            `${bucketArn}/reports/v0/totals/*`,
                        ],
                    },
                    {
                        Effect: "Allow",
                        Action: ["s3:PutObject", "s3:AbortMultipartUpload"],
                        Resource: [`${bucketArn}/processed/v0/pages/*`, `${bucketArn}/reports/v0/totals/*`],
                    },
                    {
                        Effect: "Allow",
                        Action: ["dynamodb:GetItem", "dynamodb:PutItem"],
                        Resource: "arn:aws:dynamodb:eu-west-1:123456789012:table/books",
                    },
                    { Effect: "Allow", Action: "sns:Publish", Resource: failuresTopicArn },
                    {
                        Effect: "Allow",
                        Action: ["kms:GenerateDataKey*", "kms:Decrypt"],
                        Resource: failuresKeyArn,
                        Condition: { StringEquals: { "kms:EncryptionContext:aws:sns:topicArn": failuresTopicArn } },
                    },
                ],
            }),
            ...subscriptionResources("results", {
                topicArn,
                prefixes: ["athena/"],
                functionArn: "arn:aws:lambda:eu-west-1:123456789012:function:results",
                role: "results-role",
                visibilityTimeoutSeconds: 1800,
                batchSize: 1,
                batchWindow: 0,
                maximumConcurrency: 10,
            }),
        });
    });

    it("says its dead-letter queue", async () => {
        const { result } = await recordResources(() => converter("results").deadLetterQueueUrl);

        expect(result).to.equal("https://sqs/results-dead-letters");
    });

    it("refuses columns that cannot be", async () => {
        const results = [{ query: "pages", prefix: "processed/v0/pages/", columns: [{ name: "page", type: "text" }] }];

        const failure = await recordResources(() => converter("results", { results }).deadLetterQueueUrl).catch(
            (error) => error,
        );

        expect(failure).to.be.instanceOf(PlanError);
        expect(failure.message).to.include("results[0].columns[0].type: unknown type `text`");
    });

    it("refuses zstd for what is replaced", async () => {
        const columns = [{ name: "page", type: "string" }];
        const results = [
            { query: "pages", prefix: "processed/v0/pages/", columns, compression: Compression.Zstd },
            { query: "totals", prefix: "reports/", columns, mode: OutputMode.Replace, compression: Compression.Zstd },
        ];

        const failure = await recordResources(() => converter("results", { results }).deadLetterQueueUrl).catch(
            (error) => error,
        );

        expect(failure).to.be.instanceOf(PlanError);
        expect(failure.problems).to.have.length(1);
        expect(failure.message).to.include(
            "results[1].compression: is `zstd`, but the result of the mode `replace` is",
        );
    });

    it("exists twice in one program", async () => {
        const { inputs } = await recordResources(() => [
            converter("one").deadLetterQueueUrl,
            converter("two").deadLetterQueueUrl,
        ]);

        expect(inputs).to.include.all.keys("Function one", "Function two");
    });
});

function converter(name: string, args: Partial<ResultConverterArgs> = {}) {
    return new ResultConverter(name, {
        bucketName: "bucket",
        topicArn,
        workgroupPrefix: "web-dev-",
        ledgerName: "books",
        failuresTopicArn,
        failuresKeyArn,
        results: [
            { query: "pages", prefix: "processed/v0/pages/", columns: [{ name: "page", type: "string" }] },
            {
                query: "totals",
                prefix: "reports/v0/totals/",
                columns: [{ name: "clicks", type: "bigint", comment: "all of them" }],
                mode: OutputMode.Replace,
                compression: Compression.Fast,
            },
        ],
        ...args,
    });
}

const resultMap = {
    results: {
        pages: {
            prefix: "processed/v0/pages/",
            mode: "append",
            columns: [{ name: "page", type: { kind: "string" } }],
        },
        totals: {
            prefix: "reports/v0/totals/",
            mode: "replace",
            compression: "fast",
            columns: [{ name: "clicks", type: { kind: "integer", bits: 64 } }],
        },
    },
};
