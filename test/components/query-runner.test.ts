import { expect } from "chai";
import { PlanError, type QueryArgs, QueryRunner, type QueryRunnerArgs } from "../../index";
import { functionResources, subscriptionResources } from "./expected";
import { json, policy, recordResources } from "./record";

const topicArn = "arn:aws:sns:eu-west-1:123456789012:lake";
const failuresTopicArn = "arn:aws:sns:eu-west-1:123456789012:failures";
const failuresKeyArn = "arn:aws:kms:eu-west-1:123456789012:key/failures";
const bucketArn = "arn:aws:s3:::bucket";
const glue = "arn:aws:glue:eu-west-1:123456789012";
const workgroups = "arn:aws:athena:eu-west-1:123456789012:workgroup";

describe("QueryRunner", () => {
    it("gives each query a workgroup, and starts them with no more rights than that takes", async () => {
        const { inputs } = await recordResources(() => runner("reports").workgroupPrefix);

        expect(inputs).to.deep.equal({
            "Workgroup reports-pages": workgroup("pages", { trigger: "raw/v0/clicks/" }),
            "Workgroup reports-totals": workgroup("totals", { trigger: "processed/v0/pages/", cutoff: 20_000_000 }),
            ...functionResources("reports", {
                bundle: "run-query",
                files: { "queries.json": queryMap },
                environment: {
                    PIPELINE: "reports-dev",
                    BUCKET: "bucket",
                    DATABASE: "lake_db",
                    WORKGROUP_PREFIX: "reports-dev-",
                    LEDGER_TABLE: "books",
                    FAILURES_TOPIC: failuresTopicArn,
                },
                memorySize: 256,
                timeout: 60,
                statements,
            }),
            ...subscriptionResources("reports", {
                topicArn,
                prefixes: ["raw/v0/clicks/", "processed/v0/pages/"],
                functionArn: "arn:aws:lambda:eu-west-1:123456789012:function:reports",
                role: "reports-role",
                visibilityTimeoutSeconds: 362,
                batchSize: 98,
                batchWindow: 2,
                maximumConcurrency: 5,
                ruleArn: "arn:aws:events:eu-west-1:123456789012:rule/reports",
            }),
            "EventRule reports": {
                description: "Failed runs of reports",
                eventPattern: json({
                    source: ["aws.athena"],
                    "detail-type": ["Athena Query State Change"],
                    detail: { currentState: ["FAILED", "CANCELLED"], workgroupName: [{ prefix: "reports-dev-" }] },
                }),
            },
            "EventTarget reports": {
                rule: "reports",
                arn: "arn:aws:sqs:eu-west-1:123456789012:reports",
                deadLetterConfig: { arn: "arn:aws:sqs:eu-west-1:123456789012:reports-dead-letters" },
            },
        });
    });

    it("lets a query with a minimum interval send itself messages, and tells the function of it", async () => {
        const queries = { "raw/v0/clicks/": [{ ...pages, minimumInterval: 3_600 }] };

        const { inputs } = await recordResources(() => runner("reports", { queries }).workgroupPrefix);

        expect(inputs["RolePolicy reports-wake"]).to.deep.equal({
            role: "reports-role",
            policy: policy({
                Effect: "Allow",
                Action: ["sqs:GetQueueUrl", "sqs:SendMessage"],
                Resource: "arn:aws:sqs:eu-west-1:123456789012:reports",
            }),
        });
        expect(JSON.stringify(inputs["Function reports"])).to.include("minimumInterval");
    });

    it("hears of failed runs once its queue takes them", async () => {
        const { find } = await recordResources(() => runner("reports").workgroupPrefix);

        expect(find("EventTarget", "reports").dependencies).to.include.members([
            "QueuePolicy reports-policy",
            "QueuePolicy reports-dead-letters-policy",
        ]);
    });

    it("says what its workgroups' names begin with, and its dead-letter queue", async () => {
        const { result } = await recordResources(() => {
            const { workgroupPrefix, deadLetterQueueUrl } = runner("reports", { pipeline: "web" });
            return { workgroupPrefix, deadLetterQueueUrl };
        });

        expect(result).to.deep.equal({
            workgroupPrefix: "web-dev-",
            deadLetterQueueUrl: "https://sqs/reports-dead-letters",
        });
    });

    it("may start its queries before it is called", async () => {
        const { find } = await recordResources(() => runner("reports").workgroupPrefix);

        expect(find("Function", "reports").dependencies).to.include("RolePolicy reports-policy");
        expect(find("RolePolicy", "reports-policy").dependencies).to.include.members([
            "Workgroup reports-pages",
            "Workgroup reports-totals",
        ]);
    });

    it("refuses a query over a table that it does not know", async () => {
        const queries = { "raw/v0/clicks/": [{ ...pages, sql: "SELECT page, count(*) AS clicks FROM visits" }] };

        const failure = await recordResources(() => runner("reports", { queries }).workgroupPrefix).catch(
            (error) => error,
        );

        expect(failure).to.be.instanceOf(PlanError);
        expect(failure.message).to.include('queries["raw/v0/clicks/"][0].sql: unknown table `visits`');
    });

    it("exists twice in one program", async () => {
        const { inputs } = await recordResources(() => [runner("one").workgroupPrefix, runner("two").workgroupPrefix]);

        expect(inputs["Workgroup one-pages"]).to.include({ name: "one-dev-pages" });
        expect(inputs["Workgroup two-pages"]).to.include({ name: "two-dev-pages" });
    });
});

const columns = [
    { name: "page", type: "string" },
    { name: "clicks", type: "bigint" },
];

const pages: QueryArgs = {
    name: "pages",
    sql: "SELECT page, count(*) AS clicks FROM clicks WHERE :new_data GROUP BY page",
    output: { prefix: "processed/v0/pages/", columns },
};

const totals: QueryArgs = {
    name: "totals",
    sql: "SELECT page, sum(clicks) AS clicks FROM pages GROUP BY page",
    output: { prefix: "reports/v0/totals/", mode: "replace", columns },
    bytesScannedCutoff: 20_000_000,
};

function runner(name: string, args: Partial<QueryRunnerArgs> = {}) {
    return new QueryRunner(name, {
        bucketName: "bucket",
        databaseName: "lake_db",
        topicArn,
        ledgerName: "books",
        failuresTopicArn,
        failuresKeyArn,
        tables: [
            {
                name: "clicks",
                prefix: "raw/v0/clicks/",
                partition: "arrival_hour",
                columns: [{ name: "page", type: "string" }],
            },
        ],
        queries: { "raw/v0/clicks/": [pages], "processed/v0/pages/": [totals] },
        ...args,
    });
}

function workgroup(query: string, { trigger, cutoff = 10_737_418_240 }: { trigger: string; cutoff?: number }) {
    return {
        name: `reports-dev-${query}`,
        description: `Runs of ${query} over new objects in ${trigger}`,
        forceDestroy: true,
        configuration: {
            enforceWorkgroupConfiguration: true,
            publishCloudwatchMetricsEnabled: true,
            bytesScannedCutoffPerQuery: cutoff,
            engineVersion: { selectedEngineVersion: "Athena engine version 3" },
            resultConfiguration: {
                outputLocation: `s3://bucket/athena/${query}/`,
                expectedBucketOwner: "123456789012",
                encryptionConfiguration: { encryptionOption: "SSE_S3" },
            },
        },
    };
}

const queryMap = {
    queries: [
        {
            name: "pages",
            trigger: "raw/v0/clicks/",
            sql: ["SELECT page, count(*) AS clicks FROM clicks WHERE ", { newData: {} }, " GROUP BY page"],
            newData: { prefix: "raw/v0/clicks/", partition: ["arrival_hour"] },
        },
        {
            name: "totals",
            trigger: "processed/v0/pages/",
            sql: ["SELECT page, sum(clicks) AS clicks FROM pages GROUP BY page"],
        },
    ],
};

const statements = [
    {
        Effect: "Allow",
        Action: ["athena:StartQueryExecution", "athena:GetQueryExecution"],
        Resource: [`${workgroups}/reports-dev-pages`, `${workgroups}/reports-dev-totals`],
    },
    {
        Effect: "Allow",
        Action: "glue:GetDatabase",
        Resource: [`${glue}:catalog`, `${glue}:database/default`, `${glue}:database/lake_db`],
    },
    {
        Effect: "Allow",
        Action: ["glue:GetTable", "glue:GetPartitions"],
        Resource: [
            `${glue}:catalog`,
            `${glue}:database/lake_db`,
            `${glue}:table/lake_db/clicks`,
            `${glue}:table/lake_db/pages`,
            `${glue}:table/lake_db/totals`,
        ],
    },
    {
        Effect: "Allow",
        Action: "s3:GetObject",
        Resource: [
            `${bucketArn}/raw/v0/clicks/*`,
            `${bucketArn}/processed/v0/pages/*`,
            `${bucketArn}/reports/v0/totals/*`,
        ],
    },
    {
        Effect: "Allow",
        Action: "s3:ListBucket",
        Resource: bucketArn,
        Condition: {
            StringLike: { "s3:prefix": ["raw/v0/clicks/*", "processed/v0/pages/*", "reports/v0/totals/*"] },
        },
    },
    { Effect: "Allow", Action: "s3:GetBucketLocation", Resource: bucketArn },
    {
        Effect: "Allow",
        Action: ["s3:PutObject", "s3:AbortMultipartUpload"],
        Resource: [`${bucketArn}/athena/pages/*`, `${bucketArn}/athena/totals/*`],
    },
    {
        Effect: "Allow",
        Action: ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:PutItem"],
        Resource: "arn:aws:dynamodb:eu-west-1:123456789012:table/books",
    },
    { Effect: "Allow", Action: "sns:Publish", Resource: failuresTopicArn },
    {
        Effect: "Allow",
        Action: ["kms:GenerateDataKey*", "kms:Decrypt"],
        Resource: failuresKeyArn,
        Condition: { StringEquals: { "kms:EncryptionContext:aws:sns:topicArn": failuresTopicArn } },
    },
];
