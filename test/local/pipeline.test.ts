import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { LocalPipeline, type LocalPipelineOptions } from "../../local";
import { afterTest, programFolder, rejection, start } from "./support";

const at = new Date(start);

/**
 * Events -> delivery stream -> `raw/` -> topic -> queue -> function -> `counted/`, which counts each object's lines.
 */
const program = `
import * as pulumi from "@pulumi/pulumi";
import * as apigatewayv2 from "@pulumi/aws/apigatewayv2";
import * as glue from "@pulumi/aws/glue";
import * as iam from "@pulumi/aws/iam";
import * as kinesis from "@pulumi/aws/kinesis";
import * as lambda from "@pulumi/aws/lambda";
import * as s3 from "@pulumi/aws/s3";
import * as sns from "@pulumi/aws/sns";
import * as sqs from "@pulumi/aws/sqs";

const config = new pulumi.Config("counter");
const role = new iam.Role("role", {
    assumeRolePolicy: JSON.stringify({ Statement: { Effect: "Allow", Principal: "*", Action: "sts:AssumeRole" } }),
});
const everything = JSON.stringify({ Statement: { Effect: "Allow", Action: "*", Resource: "*" } });
new iam.RolePolicy("everything", { role: role.id, policy: everything });
const lake = new s3.Bucket("lake");
const stream = new kinesis.FirehoseDeliveryStream("counter-ping", {
    destination: "extended_s3",
    extendedS3Configuration: {
        roleArn: role.arn, bucketArn: lake.arn, prefix: "raw/ping/!{timestamp:yyyy/MM/dd/HH}/",
        errorOutputPrefix: "failed/!{firehose:error-output-type}/", compressionFormat: "GZIP",
        fileExtension: ".json.gz", bufferingInterval: 300,
    },
});
const topic = new sns.Topic("news");
const from = (service: string, action: string) =>
    JSON.stringify({ Statement: { Effect: "Allow", Principal: { Service: service }, Action: action, Resource: "*" } });
new sns.TopicPolicy("news", { arn: topic.arn, policy: from("s3.amazonaws.com", "sns:Publish") });
new s3.BucketNotification("lake", { bucket: lake.id, topics: [{ topicArn: topic.arn, events: ["s3:ObjectCreated:*"], filterPrefix: "raw/" }] });
const dead = new sqs.Queue("dead");
const queue = new sqs.Queue("jobs", { redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 2 }) });
new sqs.QueuePolicy("jobs", { queueUrl: queue.url, policy: from("sns.amazonaws.com", "sqs:SendMessage") });
new sns.TopicSubscription("jobs", {
    topic: topic.arn, protocol: "sqs", endpoint: queue.arn, rawMessageDelivery: true,
    filterPolicyScope: "MessageBody", filterPolicy: JSON.stringify({ Records: { s3: { object: { key: [{ prefix: "raw/ping/" }] } } } }),
});
const fn = new lambda.Function("count", {
    role: role.arn, runtime: "nodejs24.x", handler: "index.handler", timeout: 10,
    code: new pulumi.asset.FileArchive("count"),
    environment: { variables: { BUCKET: lake.bucket, FAIL: config.get("fail") ?? "" } },
});
new lambda.EventSourceMapping("count", { eventSourceArn: queue.arn, functionName: fn.name, functionResponseTypes: ["ReportBatchItemFailures"] });
const database = new glue.CatalogDatabase("db");
const table = (name: string, prefix: string) => new glue.CatalogTable(name, {
    databaseName: database.name, tableType: "EXTERNAL_TABLE",
    storageDescriptor: {
        location: pulumi.interpolate\`s3://\${lake.bucket}/\${prefix}\`, columns: [{ name: "index", type: "int" }],
        inputFormat: "org.apache.hadoop.mapred.TextInputFormat",
        outputFormat: "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        serDeInfo: { serializationLibrary: "org.openx.data.jsonserde.JsonSerDe" },
    },
});
table("ping", "raw/ping/");
table("counted", "counted/");
const api = new apigatewayv2.Api("api", { protocolType: "HTTP" });
const integration = new apigatewayv2.Integration("count", {
    apiId: api.id, integrationType: "AWS_PROXY", integrationUri: fn.arn, payloadFormatVersion: "2.0",
});
const target = pulumi.interpolate\`integrations/\${integration.id}\`;
new apigatewayv2.Route("post", { apiId: api.id, routeKey: "POST /v1/ping", target });
new apigatewayv2.Route("rest", { apiId: api.id, routeKey: "$default", target });
const caller = { action: "lambda:InvokeFunction", principal: "apigateway.amazonaws.com" };
new lambda.Permission("count", { ...caller, function: fn.name, sourceArn: pulumi.interpolate\`\${api.executionArn}/*\` });
new apigatewayv2.Stage("stage", { apiId: api.id, name: "$default", autoDeploy: true });
export const streamName = stream.name;
`;

const count = `
exports.handler = async ({ Records }) => {
    if (process.env.FAIL) throw new Error(process.env.FAIL);
    const authorization = "AWS4-HMAC-SHA256 Credential=" + process.env.AWS_ACCESS_KEY_ID + "/1/us-east-1/s3/aws4_request";
    for (const { body } of Records) {
        const { bucket, object } = JSON.parse(body).Records[0].s3;
        const got = await fetch(process.env.AWS_ENDPOINT_URL + "/" + bucket.name + "/" + object.key, { headers: { authorization } });
        const bytes = Buffer.from(await got.arrayBuffer());
        const text = bytes[0] === 0x1f ? require("zlib").gunzipSync(bytes) : bytes;
        const lines = text.toString().trim().split("\\n").length;
        const key = "counted/" + object.key.split("/").pop().replace(".json.gz", ".json");
        const result = JSON.stringify({ lines, at: new Date().toISOString().slice(0, 16) }) + "\\n";
        await fetch(process.env.AWS_ENDPOINT_URL + "/" + bucket.name + "/" + key, { method: "PUT", body: result, headers: { authorization } });
    }
};
`;

const events = (number: number) => Array.from({ length: number }, (_, index) => ({ index, text: "x".repeat(50) }));

describe("LocalPipeline", () => {
    it("takes events from the delivery stream to the report in no time", async () => {
        const local = await run();

        await local.send("ping", events(1000));
        await local.settle();

        expect(await local.rows("counted/")).to.deep.equal([{ lines: 1000, at: "2026-11-21T04:05" }]);
        expect((await local.rows("raw/ping/")).map(({ index }) => index)).to.deep.equal(
            events(1000).map(({ index }) => index),
        );
    });

    it("lets a sender wait that has more than fits into memory", async () => {
        const local = await run();
        const events = Array.from({ length: 4 }, (_, index) => ({ index, text: "x".repeat(900_000) }));

        // 36 MB, which a buffer of 5 MB cuts into objects.
        for (let sent = 0; sent < 10; sent++) await local.send("ping", events);

        expect(local.journal.of("object").length).to.be.at.least(2);
        await local.settle();
        const counted = await local.rows("counted/");
        expect(counted.reduce((sum, { lines }) => sum + (lines as number), 0)).to.equal(40);
    });

    it("sums up what happened", async () => {
        const local = await run();

        await local.send("counter-ping", events(3));
        await local.settle();
        const report = await local.report();

        const [raw, counted] = report.objects;
        expect(raw?.key).to.match(/^raw\/ping\/2026\/11\/21\/04\/counter-ping-.*\.json\.gz$/);
        expect(raw).to.include({ events: 3 });
        expect(counted?.key).to.match(/^counted\/counter-ping-.*\.json$/);
        expect(report).to.deep.include({
            reports: { "counted/": [{ lines: 3, at: "2026-11-21T04:05" }] },
            runs: [],
            failed: [],
            denied: [],
            skipped: [],
        });
    });

    it("reports what ends in the dead-letter queue, once for each stage and reason", async () => {
        const local = await run({ config: { "counter:fail": "no counting today" } });

        await local.send("ping", events(1));
        await local.settle();
        await local.send("ping", events(1));
        await local.settle();

        expect((await local.report()).failed).to.deep.equal([
            { stage: "count", reason: "no counting today", count: 2 },
        ]);
    });

    it("moves its clock as it is told", async () => {
        const local = await run();
        await local.send("ping", events(1));

        await local.advanceTo("2026-11-21T04:04:59Z");
        const before = await local.rows("raw/");
        await local.advanceTo("2026-11-21T04:05:00Z");
        await local.settle();

        expect(before).to.deep.equal([]);
        expect(await local.rows("raw/")).to.have.length(1);
    });

    it("runs by the wall clock, with shorter buffers", async () => {
        const local = await run({ clock: "wall", bufferSeconds: 0.2 });

        await local.send("ping", events(2));
        await local.settle();

        expect((await local.rows("counted/")).map(({ lines }) => lines)).to.deep.equal([2]);
        await local.advanceTo(new Date(Date.now() + 20));
    });

    it("runs side by side with others", async () => {
        const [one, other] = await Promise.all([run(), run({ at: "2026-01-01T00:00:00Z" })]);

        await Promise.all([one.send("ping", events(1)), other.send("ping", events(2))]);
        await Promise.all([one.settle(), other.settle()]);

        expect(await one.rows("counted/")).to.deep.equal([{ lines: 1, at: "2026-11-21T04:05" }]);
        expect(await other.rows("counted/")).to.deep.equal([{ lines: 2, at: "2026-01-01T00:05" }]);
    });

    it("keeps its state in the given folder, and removes its own", async () => {
        const folder = join(programFolder({}), "state");
        const local = await run({ folder });
        await local.send("ping", events(1));
        await local.settle();

        await local.stop();

        expect(existsSync(join(folder, "s3", "lake"))).to.equal(true);
        expect(readdirSync(join(folder, "functions"))).to.deep.equal(["count"]);
        expect((await rejection(run({ folder }))).message).to.equal(`folder: ${folder} is not empty: name a new one`);
    });

    it("takes lines as they are, and knows the ingests' columns and the APIs' routes", async () => {
        const local = await run();

        await local.send("ping", ['{"big":12345678901234567890}']);
        await local.settle();

        expect(local.journal.of("object")[0]).to.include({ events: 1 });
        expect(local.columnTypes("ping")).to.deep.equal({ index: "int" });
        expect(local.project).to.equal("counter");
        expect(local.outputs).to.deep.equal({ streamName: "counter-ping" });
        expect((await fetch(local.endpointUrl)).status).to.equal(403);
        expect(local.folder).to.be.a("string");
        expect(local.routes).to.deep.equal([
            { method: "POST", url: `${local.urls.api}/v1/ping` },
            { method: "ANY", url: local.urls.api },
        ]);
        expect((await fetch(local.routes[0]!.url)).status).to.equal(500);
    });

    it("says which ingests there are, and refuses times that are none", async () => {
        const local = await run();

        expect((await rejection(local.send("pong", []))).message).to.equal(
            'There is no ingest "pong": did you mean `ping`?',
        );
        expect((await rejection(local.advanceTo("soon"))).message).to.equal("advanceTo: soon is not a time");
        expect((await rejection(run({ at: "soon" }))).message).to.equal("at: soon is not a time");
        expect(local.urls.api).to.match(/^http:\/\/127\.0\.0\.1:\d+$/);
        expect(local.invented).to.deep.equal({});
        expect(local.journal.of("failure")).to.deep.equal([]);
    });

    it("passes a broken program's error on", async () => {
        const folder = programFolder({ "index.js": "throw new Error('not today');" });

        expect((await rejection(LocalPipeline.start({ program: folder }))).message).to.equal("not today");
    });
});

async function run(options: Partial<LocalPipelineOptions> = {}): Promise<LocalPipeline> {
    const folder = programFolder({
        "index.ts": program,
        "Pulumi.yaml": "name: counter\nruntime: nodejs\n",
        "count/index.js": count,
    });
    const local = await LocalPipeline.start({ program: folder, at, ...options });
    afterTest(() => local.stop());
    return local;
}
