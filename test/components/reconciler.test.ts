import { expect } from "chai";
import { EventPipeline, PlanError, Reconciler, type ReconcilerArgs } from "../../index";
import { functionResources } from "./expected";
import { recordResources } from "./record";

const queueArn = "arn:aws:sqs:eu-west-1:123456789012:pings";
const queueUrl = "https://sqs.eu-west-1.amazonaws.com/123456789012/pings";
const results = { resultsQueueArn: `${queueArn}-results`, resultsQueueUrl: `${queueUrl}-results` };
const pings = { kind: "rollup", name: "pings", trigger: "raw/v0/ping/", queueArn, queueUrl };
const topicArn = "arn:aws:sns:eu-west-1:123456789012:alarms";

function create(args: Partial<ReconcilerArgs> = {}) {
    const places = { pipeline: "web", bucketName: "lake", ledgerName: "books", subscribers: [pings] };
    return new Reconciler("reconcile", { ...places, ...args });
}

describe("Reconciler", () => {
    it("compares every hour, may do no more than it needs, and alarms of what is missing, and of its own errors", async () => {
        const folders = { prefix: "raw/v0/ping/", layout: "arrival_hour" };
        const seen = { ...pings, kind: "query", name: "seen", trigger: "raw/v0/ping/2026/", patience: 60, ...results };

        const { inputs, find } = await recordResources(
            () => create({ subscribers: [pings, seen], folders: [folders], alarmTopicArn: topicArn }).functionName,
        );

        const functionArn = "arn:aws:lambda:eu-west-1:123456789012:function:reconcile";
        const alarm = {
            ...{ statistic: "Sum", period: 3600, evaluationPeriods: 1, threshold: 0 },
            ...{ comparisonOperator: "GreaterThanThreshold", treatMissingData: "notBreaching" },
            ...{ alarmActions: [topicArn], okActions: [topicArn] },
        };
        expect(inputs).to.deep.equal({
            ...functionResources("reconcile", {
                bundle: "reconcile",
                files: {
                    "reconciled.json": {
                        listings: [{ prefix: "raw/v0/ping/", folders }],
                        subscribers: [
                            { kind: "rollup", name: "pings", trigger: "raw/v0/ping/", queueUrl },
                            {
                                ...{
                                    kind: "query",
                                    name: "seen",
                                    trigger: "raw/v0/ping/2026/",
                                    queueUrl,
                                    patience: 60,
                                },
                                resultsQueueUrl: results.resultsQueueUrl,
                            },
                        ],
                    },
                },
                environment: {
                    PIPELINE: "web-dev",
                    BUCKET: "lake",
                    LEDGER_TABLE: "books",
                    AFTER_MINUTES: "60",
                    LOOKBACK_HOURS: "48",
                },
                memorySize: 512,
                timeout: 900,
                statements: [
                    {
                        Effect: "Allow",
                        Action: "s3:ListBucketVersions",
                        Resource: "arn:aws:s3:::lake",
                        Condition: { StringLike: { "s3:prefix": ["raw/v0/ping/*", "athena/seen/*"] } },
                    },
                    {
                        Effect: "Allow",
                        Action: ["GetItem", "BatchGetItem", "PutItem", "DeleteItem"].map((each) => `dynamodb:${each}`),
                        Resource: "arn:aws:dynamodb:eu-west-1:123456789012:table/books",
                    },
                    { Effect: "Allow", Action: "sqs:SendMessage", Resource: [queueArn, results.resultsQueueArn] },
                ],
            }),
            "EventRule reconcile": { description: "Reconciles web-dev", scheduleExpression: "rate(1 hour)" },
            "Permission reconcile": {
                function: "reconcile",
                action: "lambda:InvokeFunction",
                principal: "events.amazonaws.com",
                sourceArn: "arn:aws:events:eu-west-1:123456789012:rule/reconcile",
            },
            "EventTarget reconcile": { rule: "reconcile", arn: functionArn, input: { json: { hourly: true } } },
            "MetricAlarm reconcile": {
                alarmDescription: "Objects of web-dev that nobody accounted for",
                namespace: "EventPipeline",
                metricName: "UnaccountedObjects",
                dimensions: { Pipeline: "web-dev" },
                ...alarm,
            },
            "MetricAlarm reconcile-errors": {
                alarmDescription: "Reconciliation of web-dev failed",
                namespace: "AWS/Lambda",
                metricName: "Errors",
                dimensions: { FunctionName: "reconcile" },
                ...alarm,
            },
        });
        expect(find("EventTarget", "reconcile").dependencies).to.include("Permission reconcile");
    });

    it("waits to be called where it is told to, with other times", async () => {
        const { inputs, result } = await recordResources(() => {
            const { functionName, alarmName } = create({ hourly: false, afterMinutes: 30, lookbackHours: 24 });
            return { functionName, alarmName };
        });

        const kinds = new Set(Object.keys(inputs).map((name) => name.split(" ")[0]));
        expect([...kinds].sort()).to.deep.equal(["Function", "LogGroup", "Role", "RolePolicy"]);
        expect(inputs["Function reconcile"]!.environment).to.deep.nested.include({
            "variables.AFTER_MINUTES": "30",
            "variables.LOOKBACK_HOURS": "24",
        });
        expect(result).to.deep.equal({ functionName: "reconcile", alarmName: undefined });
    });

    it("notifies nobody without a topic", async () => {
        const { inputs } = await recordResources(() => create().alarmName);

        expect(inputs["MetricAlarm reconcile"]).to.not.have.any.keys("alarmActions", "okActions");
    });

    it("refuses times that look at nothing", async () => {
        const failure = await recordResources(() => create({ lookbackHours: 1 })).catch((error) => error);

        expect(failure).to.be.instanceOf(PlanError);
        expect(failure.message).to.include("lookbackHours: must be longer than the 60 minutes");
    });

    it("is part of a pipeline that keeps books, and of no other", async () => {
        const columns = [
            { name: "page", type: "string" },
            { name: "at", type: "timestamp" },
        ];
        const { inputs, result } = await recordResources(() => {
            const { reconcileFunctionName } = new EventPipeline("web", {
                ingest: { click: { columns, partitions: "hive" } },
                rollups: { "raw/v0/click/": [{ name: "pages", by: ["page"], time: "at" }] },
                alarms: { topicArn },
            });
            return {
                reconcileFunctionName,
                none: new EventPipeline("raw", { ingest: { hit: { columns } } }).reconcileFunctionName,
            };
        });

        expect(result).to.deep.equal({ reconcileFunctionName: "web-reconcile", none: undefined });
        const { code } = inputs["Function web-reconcile"] as { code: { assets: Record<string, { text: unknown }> } };
        expect(JSON.stringify(code)).to.include('"layout":"hive_hour"');
        expect(JSON.stringify(code)).to.include("web-pages");
        expect(inputs["MetricAlarm web-reconcile"]).to.deep.include({ alarmActions: [topicArn] });
    });
});
