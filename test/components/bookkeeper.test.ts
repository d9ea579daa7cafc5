import { expect } from "chai";
import { Bookkeeper, type BookkeeperArgs, EventPipeline, PlanError } from "../../index";
import { functionResources } from "./expected";
import { recordResources } from "./record";

const topicArn = "arn:aws:sns:eu-west-1:123456789012:alarms";

function create(args: Partial<BookkeeperArgs> = {}) {
    const ingests = [{ name: "click", prefix: "raw/v0/click/" }];
    return new Bookkeeper("books", { pipeline: "web", bucketName: "lake", ledgerName: "ledger", ingests, ...args });
}

describe("Bookkeeper", () => {
    it("makes up the books every hour, may do no more than it needs, and alarms of what is missing, and of its own errors", async () => {
        const hit = {
            name: "hit",
            prefix: "hits/",
            format: "parquet",
            partitions: "hive",
            bufferSeconds: 60,
            backupPrefix: "b/",
            errorPrefix: "f/",
            loadBalancer: true,
        } as const;

        const { inputs, find } = await recordResources(
            () =>
                create({ ingests: [{ name: "click", prefix: "raw/v0/click/" }, hit], alarmTopicArn: topicArn })
                    .functionName,
        );

        const functionArn = "arn:aws:lambda:eu-west-1:123456789012:function:books";
        const alarm = {
            ...{ statistic: "Sum", period: 3600, evaluationPeriods: 1, threshold: 0 },
            ...{ comparisonOperator: "GreaterThanThreshold", treatMissingData: "notBreaching" },
            ...{ alarmActions: [topicArn], okActions: [topicArn] },
        };
        const prefixes = ["raw/v0/click/", "backup/click/", "failed/click/", "hits/", "b/", "f/"];
        expect(inputs).to.deep.equal({
            ...functionResources("books", {
                bundle: "books",
                files: {
                    "ingests.json": [
                        {
                            ...{ name: "click", prefix: "raw/v0/click/", layout: "arrival_hour", format: "json" },
                            ...{ backupPrefix: "backup/click/", failedPrefix: "failed/click/", bufferSeconds: 480 },
                        },
                        {
                            ...{ name: "hit", prefix: "hits/", layout: "hive_hour", format: "parquet" },
                            ...{ backupPrefix: "b/", failedPrefix: "f/", bufferSeconds: 240, loadBalancer: true },
                        },
                    ],
                },
                environment: { PIPELINE: "web-dev", BUCKET: "lake", LEDGER_TABLE: "ledger", AFTER_MINUTES: "60" },
                memorySize: 1792,
                timeout: 900,
                statements: [
                    {
                        Effect: "Allow",
                        Action: "s3:ListBucket",
                        Resource: "arn:aws:s3:::lake",
                        Condition: { StringLike: { "s3:prefix": prefixes.map((prefix) => `${prefix}*`) } },
                    },
                    {
                        Effect: "Allow",
                        Action: "s3:GetObject",
                        Resource: prefixes.map((prefix) => `arn:aws:s3:::lake/${prefix}*`),
                    },
                    {
                        Effect: "Allow",
                        Action: ["dynamodb:Query", "dynamodb:PutItem"],
                        Resource: "arn:aws:dynamodb:eu-west-1:123456789012:table/ledger",
                    },
                ],
            }),
            "EventRule books": { description: "Makes up the books of web-dev", scheduleExpression: "rate(1 hour)" },
            "Permission books": {
                function: "books",
                action: "lambda:InvokeFunction",
                principal: "events.amazonaws.com",
                sourceArn: "arn:aws:events:eu-west-1:123456789012:rule/books",
            },
            "EventTarget books": { rule: "books", arn: functionArn, input: { json: { hourly: true } } },
            "MetricAlarm books": {
                alarmDescription: "Accepted events of web-dev are missing",
                namespace: "EventPipeline",
                metricName: "MissingEvents",
                dimensions: { Pipeline: "web-dev" },
                ...alarm,
            },
            "MetricAlarm books-errors": {
                alarmDescription: "The books of web-dev could not be made up",
                namespace: "AWS/Lambda",
                metricName: "Errors",
                dimensions: { FunctionName: "books" },
                ...alarm,
            },
        });
        expect(find("EventTarget", "books").dependencies).to.include("Permission books");
    });

    it("waits to be called where it is told to, with another time", async () => {
        const { inputs, result } = await recordResources(() => {
            const { functionName, alarmName } = create({ hourly: false, afterMinutes: 30, pipeline: undefined });
            return { functionName, alarmName };
        });

        const kinds = new Set(Object.keys(inputs).map((name) => name.split(" ")[0]));
        expect([...kinds].sort()).to.deep.equal(["Function", "LogGroup", "Role", "RolePolicy"]);
        expect(inputs["Function books"]!.environment).to.deep.nested.include({
            "variables.AFTER_MINUTES": "30",
            "variables.PIPELINE": "books-dev",
        });
        expect(result).to.deep.equal({ functionName: "books", alarmName: undefined });
    });

    it("refuses times at which nothing is over", async () => {
        const failure = await recordResources(() => create({ afterMinutes: 1 })).catch((error) => error);

        expect(failure).to.be.instanceOf(PlanError);
    });

    it("is part of a pipeline with ingests, and of no other", async () => {
        const columns = [{ name: "page", type: "string" }];
        const { inputs, result } = await recordResources(() => {
            const { booksFunctionName } = new EventPipeline("web", {
                ingest: { click: { columns, partitions: "hive", loadBalancer: {} } },
                alarms: { topicArn },
            });
            const processors = { "t/": [{ name: "p", runtime: "nodejs24.x", code: "examples/fleet" }] };
            const none = new EventPipeline("bare", {
                ...{ bucket: { existing: "b", topicArn }, tables: { t: { prefix: "t/", columns } } },
                processors: processors as never,
            });
            return { booksFunctionName, none: none.booksFunctionName };
        });

        expect(result).to.deep.equal({ booksFunctionName: "web-books", none: undefined });
        const { code } = inputs["Function web-books"] as { code: object };
        expect(JSON.stringify(code)).to.include('"layout":"hive_hour"').and.to.include('"loadBalancer":true');
        expect(inputs["MetricAlarm web-books"]).to.deep.include({ alarmActions: [topicArn] });
    });
});
