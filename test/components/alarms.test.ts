import { expect } from "chai";
import { Alarms, EventPipeline, type EventPipelineArgs, PlanError } from "../../index";
import { recordResources } from "./record";

const topicArn = "arn:aws:sns:eu-west-1:123456789012:alarms";
const deadLetterQueueUrls = { pings: "https://sqs.eu-west-1.amazonaws.com/123456789012/pings-dead-letters-1a2b3c4" };
const columns = [
    { name: "page", type: "string" },
    { name: "at", type: "timestamp" },
];

/** The alarms of a pipeline of that name, by their names after the pipeline's. */
async function alarmsOf(args: EventPipelineArgs) {
    const { inputs } = await recordResources(() => new EventPipeline("web", args).deadLetterQueueUrls);
    const start = "MetricAlarm web-";
    const alarms = Object.entries(inputs).filter(([name]) => name.startsWith(start));
    return Object.fromEntries(alarms.map(([name, alarm]) => [name.slice(start.length), alarm]));
}

describe("Alarms", () => {
    it("tell of late deliveries, failed checks and dead letters", async () => {
        const streams = { ping: { streamName: "web-ping", isChecked: true }, raw: { streamName: "web-raw" } };

        const { inputs, result } = await recordResources(
            () => new Alarms("alarms", { pipeline: "web", topicArn, streams, deadLetterQueueUrls }).alarmNames,
        );

        const always = {
            ...{ period: 300, evaluationPeriods: 1, treatMissingData: "notBreaching" },
            ...{ alarmActions: [topicArn], okActions: [topicArn] },
        };
        const late = (stream: string) => ({
            alarmDescription: `Events of web-dev's ${stream} do not reach S3: Firehose drops them after 24 hours`,
            namespace: "AWS/Firehose",
            metricName: "DeliveryToS3.DataFreshness",
            dimensions: { DeliveryStreamName: `web-${stream}` },
            statistic: "Maximum",
            comparisonOperator: "GreaterThanThreshold",
            threshold: 900,
            ...always,
        });
        expect(inputs).to.deep.equal({
            "MetricAlarm alarms-ping-late": late("ping"),
            "MetricAlarm alarms-raw-late": late("raw"),
            "MetricAlarm alarms-ping-unchecked": {
                alarmDescription:
                    "The function that checks the events of web-dev's ping fails: Firehose keeps them in the failed store, for replay",
                namespace: "AWS/Firehose",
                metricName: "ExecuteProcessing.Success",
                dimensions: { DeliveryStreamName: "web-ping" },
                statistic: "Minimum",
                comparisonOperator: "LessThanThreshold",
                threshold: 1,
                ...always,
            },
            "MetricAlarm alarms-pings-dead-letters": {
                alarmDescription:
                    "Messages of web-dev's pings failed: they stay in the dead-letter queue for 14 days, for replay",
                namespace: "AWS/SQS",
                metricName: "ApproximateNumberOfMessagesVisible",
                dimensions: { QueueName: "pings-dead-letters-1a2b3c4" },
                statistic: "Maximum",
                comparisonOperator: "GreaterThanThreshold",
                threshold: 0,
                ...always,
            },
        });
        expect(result).to.deep.equal({
            "ping-late": "alarms-ping-late",
            "raw-late": "alarms-raw-late",
            "ping-unchecked": "alarms-ping-unchecked",
            "pings-dead-letters": "alarms-pings-dead-letters",
        });
    });

    for (const [bufferSeconds, threshold] of [
        [0, 900],
        [300, 900],
        [301, 903],
        [900, 2700],
    ] as const) {
        it(`call deliveries late after ${threshold} seconds where objects are written every ${bufferSeconds}`, async () => {
            const streams = { ping: { streamName: "ping", bufferSeconds } };

            const { inputs } = await recordResources(() => new Alarms("alarms", { streams }).alarmNames);

            expect(inputs["MetricAlarm alarms-ping-late"]).to.deep.include({ threshold });
        });
    }

    it("notify nobody without a topic", async () => {
        const { inputs } = await recordResources(() => new Alarms("alarms", { deadLetterQueueUrls }).alarmNames);

        const alarm = inputs["MetricAlarm alarms-pings-dead-letters"]!;
        expect(alarm).to.not.have.any.keys("alarmActions", "okActions");
        expect(alarm.alarmDescription).to.include("alarms-dev's pings");
    });

    it("refuse a topic that is none", async () => {
        const failure = await recordResources(() => new Alarms("alarms", { topicArn: "alarms" })).catch(
            (error) => error,
        );

        expect(failure).to.be.instanceOf(PlanError);
        expect(failure.message).to.include("topicArn: must be the ARN of an SNS topic");
    });

    it("of a pipeline are on all its streams and dead-letter queues, and the topic is that of reconciliation, too", async () => {
        const sql = "SELECT *, topic(2) AS page FROM 'pages/+/click'";
        const alarms = await alarmsOf({
            ingest: {
                click: { columns, bufferSeconds: 600, kinesis: {}, iot: { sql, deadLetterQueue: true } },
                hit: { columns, bufferSeconds: 60, kinesis: {}, loadBalancer: {} },
            },
            rollups: { "raw/v0/click/": [{ name: "pages", by: ["page"], time: "at" }] },
            alarms: { topicArn },
        });

        const streams = ["click", "hit", "click-kinesis", "hit-kinesis"];
        const queues = ["pages", "hit", "click-iot"];
        expect(Object.keys(alarms)).to.have.members([
            ...["reconcile", "reconcile-errors", "books", "books-errors"],
            ...streams.flatMap((each) => [`alarms-${each}-late`, `alarms-${each}-unchecked`]),
            ...queues.map((each) => `alarms-${each}-dead-letters`),
        ]);
        for (const alarm of Object.values(alarms)) expect(alarm).to.deep.include({ alarmActions: [topicArn] });
        for (const stream of streams) {
            expect(alarms[`alarms-${stream}-late`]).to.deep.include({
                dimensions: { DeliveryStreamName: `web-${stream}` },
                threshold: stream.startsWith("click") ? 1800 : 900,
            });
        }
    });

    it("of a pipeline with queries notify the topic of failures", async () => {
        const output = { prefix: "processed/v0/pages/", columns: [{ name: "page", type: "string" }] };
        const alarms = await alarmsOf({
            ingest: { click: { columns } },
            queries: { "raw/v0/click/": [{ name: "pages", sql: "SELECT page FROM click WHERE :new_data", output }] },
        });

        expect(Object.keys(alarms)).to.include.members(["alarms-run-query-dead-letters", "alarms-click-late", "books"]);
        const topic = "arn:aws:sns:eu-west-1:123456789012:web-failures";
        for (const alarm of Object.values(alarms)) expect(alarm).to.deep.include({ alarmActions: [topic] });
    });

    it("of a pipeline without a topic are seen in CloudWatch", async () => {
        const alarms = await alarmsOf({ ingest: { click: { columns } } });

        expect(Object.keys(alarms)).to.include.members(["alarms-click-late", "alarms-click-unchecked"]);
        expect(alarms["alarms-click-late"]).to.not.have.any.keys("alarmActions", "okActions");
    });

    it("can be switched off, but those of reconciliation and of the books", async () => {
        const alarms = await alarmsOf({
            ingest: { click: { columns } },
            rollups: { "raw/v0/click/": [{ name: "pages", by: ["page"], time: "at" }] },
            alarms: { enabled: false },
        });

        expect(Object.keys(alarms)).to.have.members(["reconcile", "reconcile-errors", "books", "books-errors"]);
        const { inputs } = await recordResources(
            () => new Alarms("alarms", { enabled: false, deadLetterQueueUrls }).alarmNames,
        );
        expect(inputs).to.deep.equal({});
    });
});
