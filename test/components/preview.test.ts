import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { EventPipeline, type EventPipelineArgs } from "../../index";
import { recordPreview } from "./record";

/** What another resource will say once it is there. */
// biome-ignore lint/suspicious/noExplicitAny: of any type
const later: pulumi.Output<any> = pulumi.output(pulumi.unknown as any);

const columns = [
    { name: "page", type: "string" },
    { name: "at", type: "timestamp" },
];
const reactions = {
    queries: {
        "raw/v0/click/": [
            {
                name: "pages",
                sql: "SELECT page FROM click WHERE :new_data",
                bytesScannedCutoff: later,
                output: { prefix: "processed/v0/pages/", columns: [{ name: "page", type: "string" }] },
            },
        ],
    },
    processors: {
        "raw/v0/click/": [
            {
                ...{ name: "forecast", runtime: later, handler: later, architecture: later, memorySize: later },
                ...{ timeout: later, batchSize: later, maximumConcurrency: later, environment: { TOKEN: later } },
                code: new pulumi.asset.FileArchive("./forecast"),
            },
        ],
    },
    rollups: {
        "raw/v0/click/": [{ name: "clicks", by: ["page"], time: "at", tableName: later, maximumMegabytes: later }],
    },
} satisfies EventPipelineArgs;
const limits = { requestsPerSecond: later, burst: later };
const rest = {
    failures: { emails: [later] },
    reconcile: { afterMinutes: later, lookbackHours: later },
    alarms: { topicArn: later },
    databaseName: later,
    streamApi: { keys: { web: later }, allowedOrigins: later, ...limits, usage: { ...limits, quota: later } },
} satisfies EventPipelineArgs;

/** Every argument that may be an output is one that is not known yet. */
const unknownArgs: Record<string, EventPipelineArgs> = {
    "a new bucket": {
        bucket: { forceDestroy: later },
        ingest: {
            click: {
                columns,
                ...{ bufferMegabytes: later, bufferSeconds: later, compact: { every: "day" } },
                http: { keys: { web: later }, allowedOrigins: later, ...limits },
                iot: { sql: "SELECT *, topic(2) AS page FROM 'pages/+/click'", batchMode: later },
                kinesis: { shards: later, retentionHours: later },
                loadBalancer: {
                    ...{ vpcId: later, subnetIds: later, certificateArn: later, tlsPolicy: later },
                    ...{ allowedOrigin: later, deletionProtection: later },
                },
            },
            hit: {
                columns,
                ...{ format: "parquet", bufferMegabytes: later, kinesis: { streamArn: later } },
                http: { open: true, allowedOrigins: [later] },
            },
        },
        ...reactions,
        ...rest,
    },
    "a bucket that exists, and its topic": {
        bucket: { existing: later, topicArn: later },
        ingest: { click: { columns } },
        ...reactions,
    },
    "a bucket that exists, and EventBridge": {
        bucket: { existing: later, eventBridge: true },
        ingest: { click: { columns } },
        ...reactions,
    },
    "a bucket that exists, and its notifications": {
        bucket: { existing: later, ownNotifications: true },
        ingest: { click: { columns } },
        ...reactions,
    },
};

describe("a preview", () => {
    for (const [what, args] of Object.entries(unknownArgs)) {
        it(`goes through where nothing is known yet, with ${what}`, async () => {
            const resources = await recordPreview(() => void new EventPipeline("web", args));

            const types = new Set(resources.map(({ type }) => type));
            expect([...types]).to.include.members([
                "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
                "aws:lambda/function:Function",
                "aws:cloudwatch/metricAlarm:MetricAlarm",
            ]);
        });
    }

    it("fails on what is thrown in it", async () => {
        const failure = await recordPreview(() => {
            pulumi.output("known").apply(() => {
                throw new Error("thrown late");
            });
        }).catch((error) => error);

        expect(String(failure)).to.include("thrown late");
    });
});
