import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { EventPipeline } from "eventpipeline";

/** Queries that run at once and once an hour at most, one whose result is not what it says, and a queue that hears of failures. */
const pipeline = new EventPipeline("runs", {
    ingest: {
        ping: { columns: [{ name: "device", type: "string" }] },
        pong: { columns: [{ name: "device", type: "string" }] },
    },
    queries: {
        "raw/v0/ping/": [
            {
                name: "seen",
                sql: "SELECT device FROM ping WHERE :new_data",
                output: { prefix: "processed/v0/seen/", columns: [{ name: "device", type: "string" }] },
            },
            {
                name: "seen_hourly",
                sql: "SELECT device FROM ping WHERE :new_data",
                minimumInterval: 3600,
                output: { prefix: "processed/v0/seen_hourly/", columns: [{ name: "device", type: "string" }] },
            },
            {
                name: "total",
                sql: "SELECT count(*) AS pings FROM ping",
                minimumInterval: 3600,
                output: {
                    prefix: "reports/v0/total/",
                    mode: "replace",
                    columns: [{ name: "pings", type: "bigint" }],
                },
            },
        ],
        "raw/v0/pong/": [
            {
                name: "mistyped",
                sql: "SELECT device FROM pong WHERE :new_data",
                output: { prefix: "processed/v0/mistyped/", columns: [{ name: "device", type: "bigint" }] },
            },
        ],
    },
});

const queue = new aws.sqs.Queue("failures");
const topic = pipeline.failuresTopicArn!;
new aws.sqs.QueuePolicy("failures", {
    queueUrl: queue.url,
    policy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [
            {
                ...{ Effect: "Allow", Principal: { Service: "sns.amazonaws.com" }, Action: "sqs:SendMessage" },
                Resource: queue.arn,
                Condition: { ArnEquals: { "aws:SourceArn": topic } },
            },
        ],
    }),
});
new aws.sns.TopicSubscription("failures", { topic, protocol: "sqs", endpoint: queue.arn, rawMessageDelivery: true });
export const queueUrl = queue.url;
