import { expect } from "chai";
import type { VirtualClock } from "../../local/clock";
import type { CapturedResource } from "../../local/program";
import { Destinations } from "../../local/services/destinations";
import { routeEvents, transform } from "../../local/services/event-bridge";
import { failedMessages, mapEventSources } from "../../local/services/event-source-mapping";
import { S3 } from "../../local/services/s3";
import { announceObjects } from "../../local/services/s3/notifications";
import { Sns } from "../../local/services/sns";
import { Sqs } from "../../local/services/sqs";
import {
    arn,
    bucket,
    nodeFunction,
    queue,
    resource,
    settle,
    start,
    testRuntime,
    testServer,
    versioning,
} from "./support";

const topicArn = "arn:aws:sns:us-east-1:000000000000:news";
const topic = resource("aws:sns/topic:Topic", "news");

describe("local S3 notifications", () => {
    it("are the documented event, with the key encoded", async () => {
        const { s3, sqs, runtime } = await prepare(
            bucket("lake"),
            versioning("lake"),
            queue("inbox"),
            notification({ queues: [{ queueArn: arn(queue("inbox")), events: ["s3:ObjectCreated:*"], id: "all" }] }),
        );
        sqs.queue("inbox").receive();

        const object = await s3.put("lake", "raw/a b=ü.json", Buffer.from("x"));

        const [message] = sqs.queue("inbox").receive();
        expect(JSON.parse(message!.body)).to.deep.equal({
            Records: [
                {
                    eventVersion: "2.1",
                    eventSource: "aws:s3",
                    awsRegion: "us-east-1",
                    eventTime: "2026-11-21T04:00:00.000Z",
                    eventName: "ObjectCreated:Put",
                    userIdentity: { principalId: "AWS:LOCAL" },
                    requestParameters: { sourceIPAddress: "127.0.0.1" },
                    responseElements: { "x-amz-request-id": "local", "x-amz-id-2": "local" },
                    s3: {
                        s3SchemaVersion: "1.0",
                        configurationId: "all",
                        bucket: { name: "lake", ownerIdentity: { principalId: "LOCAL" }, arn: "arn:aws:s3:::lake" },
                        object: {
                            key: "raw/a+b%3D%C3%BC.json",
                            size: 1,
                            eTag: "9dd4e461268c8034f5c8564e155c67a6",
                            versionId: object.versionId,
                            sequencer: object.sequencer,
                        },
                    },
                },
            ],
        });
        expect(message!.cause).to.deep.equal({ keys: ["raw/a b=ü.json"], tier: 0 });
        expect(runtime.journal.of("failure")).to.deep.equal([]);
    });

    it("begin with a test event that has no records", async () => {
        const { sqs } = await prepare(
            bucket("lake"),
            queue("inbox"),
            notification({ queues: [{ queueArn: arn(queue("inbox")), events: ["s3:ObjectCreated:*"] }] }),
        );

        const [message] = sqs.queue("inbox").receive();

        expect(JSON.parse(message!.body)).to.include({ Service: "Amazon S3", Event: "s3:TestEvent", Bucket: "lake" });
    });

    it("keep to bucket, prefix, suffix and kind of event", async () => {
        const target = { queueArn: arn(queue("inbox")) };
        const { s3, keys } = await prepare(
            bucket("lake"),
            bucket("other"),
            queue("inbox"),
            notification({
                queues: [
                    { ...target, events: ["s3:ObjectCreated:*"], filterPrefix: "raw/" },
                    { ...target, events: ["s3:ObjectCreated:Copy"], filterPrefix: "athena/", filterSuffix: ".csv" },
                ],
            }),
        );
        for (const key of ["raw/1", "raw", "athena/1.csv"]) await s3.put("lake", key, Buffer.from(""));
        await s3.put("other", "raw/2", Buffer.from(""));
        for (const key of ["athena/2.csv", "athena/2.csv.metadata"]) {
            await s3.put("lake", key, Buffer.from(""), { eventName: "ObjectCreated:Copy" });
        }

        expect(keys()).to.deep.equal(["raw/1", "athena/2.csv"]);
    });

    it("reach functions directly", async () => {
        const { s3, runtime } = await prepare(
            bucket("lake"),
            nodeFunction("direct", "exports.handler = async (event) => console.log(event.Records[0].s3.object.key);"),
            notification({
                lambdaFunctions: [
                    { lambdaFunctionArn: arn(nodeFunction("direct", "")), events: ["s3:ObjectCreated:Put"] },
                ],
            }),
        );

        await s3.put("lake", "a", Buffer.from(""));
        await settle(runtime);

        expect(runtime.journal.of("log").map(({ line }) => line)).to.deep.equal(["a"]);
    });

    it("of an adopted bucket come on the topic that the program subscribes to", async () => {
        const foreign = "arn:aws:sns:eu-west-1:111111111111:theirs";
        const { s3, keys } = await prepare(
            bucket("own"),
            resource("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", "s", {
                bucketArn: "arn:aws:s3:::adopted",
            }),
            queue("inbox"),
            subscription({ topic: foreign, rawMessageDelivery: true }),
        );

        await s3.put("adopted", "a", Buffer.from(""));
        await s3.put("own", "b", Buffer.from(""));

        expect(keys()).to.deep.equal(["a"]);
    });

    it("refuse targets and settings that are not modelled", async () => {
        const events = ["s3:ObjectCreated:*"];

        expect(await failure(notification({ topics: [{ topicArn: "arn:aws:kinesis:::x", events }] }))).to.include(
            'a target of the service "kinesis"',
        );
        expect(await failure(notification({ other: {} }))).to.include("other is not modelled");
        expect(await failure(notification({ topics: [{ topicArn, events, other: 1 }] }))).to.include(
            "other is not modelled",
        );
    });
});

describe("local SNS", () => {
    it("delivers raw or in an envelope, with attributes", async () => {
        const { sns, sqs } = await prepare(
            topic,
            queue("raw"),
            queue("wrapped"),
            subscription({ endpoint: arn(queue("raw")), rawMessageDelivery: true }, "one"),
            subscription({ endpoint: arn(queue("wrapped")) }, "two"),
        );
        const attributes = { kind: { DataType: "String", StringValue: "x" } };

        sns.publish(topicArn, "hello", { subject: "s", attributes, cause: { keys: ["k"], tier: 1 } });

        const [raw] = sqs.queue("raw").receive();
        const [wrapped] = sqs.queue("wrapped").receive();
        expect(raw).to.deep.include({ body: "hello", attributes, cause: { keys: ["k"], tier: 1 } });
        expect(JSON.parse(wrapped!.body)).to.deep.include({
            Type: "Notification",
            TopicArn: topicArn,
            Subject: "s",
            Message: "hello",
            Timestamp: "2026-11-21T04:00:00.000Z",
            MessageAttributes: { kind: { Type: "String", Value: "x" } },
        });
    });

    it("filters by body or by attributes", async () => {
        const { sns, sqs } = await prepare(
            topic,
            queue("body"),
            queue("attributes"),
            subscription(
                {
                    endpoint: arn(queue("body")),
                    rawMessageDelivery: true,
                    filterPolicyScope: "MessageBody",
                    filterPolicy: '{"a":[{"prefix":"x"}]}',
                },
                "one",
            ),
            subscription(
                { endpoint: arn(queue("attributes")), rawMessageDelivery: true, filterPolicy: '{"kind":["k"]}' },
                "two",
            ),
        );

        sns.publish(topicArn, '{"a":"xy"}');
        sns.publish(topicArn, '{"a":"y"}', { attributes: { kind: { DataType: "String", StringValue: "k" } } });
        sns.publish(topicArn, "no JSON");
        sns.publish(topicArn, '"text"');

        expect(bodies(sqs, "body")).to.deep.equal(['{"a":"xy"}']);
        expect(bodies(sqs, "attributes")).to.deep.equal(['{"a":"y"}']);
    });

    it("invokes functions", async () => {
        const listener = nodeFunction(
            "listener",
            "exports.handler = async ({ Records: [{ EventSource, Sns }] }) => console.log(EventSource, Sns.Message);",
        );
        const { sns, runtime } = await prepare(
            topic,
            listener,
            subscription({ protocol: "lambda", endpoint: arn(listener) }),
        );

        sns.publish(topicArn, "hello");
        await settle(runtime);

        expect(runtime.journal.of("log").map(({ line }) => line)).to.deep.equal(["aws:sns hello"]);
    });

    it("has nothing to do for people, and refuses other protocols and operators", async () => {
        expect(await failure(subscription({ protocol: "email", endpoint: "me@example.com" }))).to.equal("");
        expect(await failure(subscription({ protocol: "https", endpoint: "https://example.com" }))).to.equal(
            'topic subscription "s": the protocol "https" is not modelled on this machine',
        );
        expect(await failure(subscription({ filterPolicy: '{"a":[{"cidr":"10.0.0.0/8"}]}' }))).to.include(
            'topic subscription "s": filterPolicy.a[0]: the filter operator "cidr"',
        );
    });
});

describe("local SQS", () => {
    it("hides a received message until its visibility timeout has passed", async () => {
        const { sqs, clock } = await prepare(queue("q", { visibilityTimeoutSeconds: 60 }));
        const q = sqs.queue("q");
        q.send("m");

        const [first] = q.receive();
        clock.advanceTo(start + 59_999);
        const hidden = q.receive();
        clock.advanceTo(start + 60_000);
        const [second] = q.receive();

        expect(hidden).to.deep.equal([]);
        expect(second).to.include({
            messageId: first!.messageId,
            receiveCount: 2,
            firstReceivedAt: start,
            sentAt: start,
        });
    });

    it("deletes by the handle of the last receive only", async () => {
        const { sqs, clock } = await prepare(queue("q"));
        const q = sqs.queue("q");
        q.send("m");
        const [first] = q.receive();
        const old = first!.receiptHandle!;
        clock.advanceTo(start + 30_000);
        const [second] = q.receive();

        q.delete(old);
        expect(q.counts()).to.deep.equal({ visible: 0, inFlight: 1, delayed: 0 });
        q.delete(second!.receiptHandle!);

        expect(q.counts()).to.deep.equal({ visible: 0, inFlight: 0, delayed: 0 });
        expect(clock.next()).to.equal(undefined);
    });

    it("moves a message to the dead-letter queue after maxReceiveCount receives", async () => {
        const { sqs, clock } = await prepare(
            queue("dead"),
            queue("q", {
                redrivePolicy: JSON.stringify({ deadLetterTargetArn: arn(queue("dead")), maxReceiveCount: "2" }),
            }),
        );
        const q = sqs.queue("q");
        const sent = q.send("m", { attributes: { a: { DataType: "String", StringValue: "x" } } });
        for (const seconds of [0, 30]) {
            clock.advanceTo(start + seconds * 1000);
            expect(q.receive()).to.have.length(1);
        }
        clock.advanceTo(start + 60_000);

        expect(q.receive()).to.deep.equal([]);
        const [dead] = sqs.queue("dead").receive();
        expect(dead).to.deep.include({
            messageId: sent.messageId,
            body: "m",
            receiveCount: 1,
            attributes: sent.attributes,
        });
    });

    it("delays messages by the queue's setting or their own", async () => {
        const { sqs, clock } = await prepare(queue("q", { delaySeconds: 10 }));
        const q = sqs.queue("q");
        q.send("queue's");
        q.send("own", { delaySeconds: 0 });

        expect(bodies(sqs, "q")).to.deep.equal(["own"]);
        expect(q.counts().delayed).to.equal(1);
        clock.advanceTo(start + 10_000);
        expect(bodies(sqs, "q")).to.deep.equal(["queue's"]);
    });

    it("takes messages of up to 1 MiB", async () => {
        const { sqs } = await prepare(queue("q"));

        expect(() => sqs.queue("q").send("x".repeat(1024 * 1024 + 1))).to.throw("shorter than 1048576 bytes");
    });

    it("forgets messages that grew too old", async () => {
        const { sqs, clock } = await prepare(queue("q", { messageRetentionSeconds: 60 }));
        sqs.queue("q").send("m");

        clock.advanceTo(start + 60_000);

        expect(sqs.queue("q").counts().visible).to.equal(0);
        expect(bodies(sqs, "q")).to.deep.equal([]);
    });

    it("answers functions that speak its protocol, with the cause of their invocation", async () => {
        const { sqs, call } = await prepare(queue("q"));

        const { QueueUrl } = await call("GetQueueUrl", { QueueName: "q" });
        const sent = await call("SendMessage", { QueueUrl, MessageBody: "one" });
        await call("SendMessageBatch", { QueueUrl, Entries: [{ Id: "a", MessageBody: "two", DelaySeconds: 5 }] });
        const { Messages } = await call("ReceiveMessage", { QueueUrl, MaxNumberOfMessages: 10 });
        await call("ChangeMessageVisibility", {
            QueueUrl,
            ReceiptHandle: Messages[0].ReceiptHandle,
            VisibilityTimeout: 0,
        });
        const late = await call("ChangeMessageVisibility", { QueueUrl, ReceiptHandle: "x", VisibilityTimeout: 0 });
        const { Attributes } = await call("GetQueueAttributes", { QueueUrl, AttributeNames: ["All"] });
        await call("DeleteMessage", { QueueUrl, ReceiptHandle: Messages[0].ReceiptHandle });
        await call("DeleteMessageBatch", { QueueUrl, Entries: [{ Id: "a", ReceiptHandle: "unknown" }] });

        expect(Messages).to.have.length(1);
        expect(Messages[0]).to.include({
            MessageId: sent.MessageId,
            Body: "one",
            MD5OfBody: "f97c5d29941bfb1b2fdab0874906ab82",
        });
        expect(Messages[0].Attributes.ApproximateReceiveCount).to.equal("1");
        expect(late.__type).to.equal("MessageNotInflight");
        expect(Attributes).to.include({ QueueArn: arn(queue("q")), ApproximateNumberOfMessagesDelayed: "1" });
        expect(sqs.queue("q").counts()).to.deep.equal({ visible: 0, inFlight: 0, delayed: 1 });
        expect(await call("ReceiveMessage", { QueueUrl })).to.deep.equal({});
        expect((await call("PurgeQueue", { QueueUrl })).message).to.equal(
            "SQS PurgeQueue is not modelled on this machine",
        );
        expect((await call("GetQueueUrl", { QueueName: "other" })).__type).to.equal("QueueDoesNotExist");
    });

    it("refuses settings that are not modelled", async () => {
        expect(await failure(queue("q", { fifoQueue: true }))).to.include('queue "q": fifoQueue is not modelled');
    });
});

describe("local event source mappings", () => {
    const logging = "exports.handler = async ({ Records }) => { console.log(Records.map((r) => r.body).join()); };";

    it("hand over what is there, in Lambda's shape, and delete it", async () => {
        const source = `exports.handler = async ({ Records: [r] }) => console.log(JSON.stringify(
            { ...r, messageId: "id", receiptHandle: "handle" }));`;
        const { sqs, runtime } = await prepare(queue("q"), nodeFunction("fn", source), mapping());

        sqs.queue("q").send("body", { attributes: { a: { DataType: "String", StringValue: "x" } } });
        await settle(runtime);

        expect(JSON.parse(runtime.journal.of("log")[0]!.line)).to.deep.equal({
            messageId: "id",
            receiptHandle: "handle",
            body: "body",
            attributes: {
                ApproximateReceiveCount: "1",
                SentTimestamp: String(start),
                SenderId: "000000000000",
                ApproximateFirstReceiveTimestamp: String(start),
            },
            messageAttributes: { a: { DataType: "String", StringValue: "x" } },
            md5OfBody: "841a2d689ad86bd1611447453c22c6fc",
            eventSource: "aws:sqs",
            eventSourceARN: arn(queue("q")),
            awsRegion: "us-east-1",
        });
        expect(sqs.queue("q").counts()).to.deep.equal({ visible: 0, inFlight: 0, delayed: 0 });
    });

    it("fill batches up to their size", async () => {
        const { sqs, runtime } = await prepare(queue("q"), nodeFunction("fn", logging), mapping({ batchSize: 2 }));

        for (const body of ["a", "b", "c"]) sqs.queue("q").send(body);
        await settle(runtime);

        expect(runtime.journal.of("log").map(({ line }) => line)).to.deep.equal(["a,b", "c"]);
    });

    it("wait for their window to gather more", async () => {
        const { sqs, runtime, clock } = await prepare(
            queue("q"),
            nodeFunction("fn", logging),
            mapping({ batchSize: 100, maximumBatchingWindowInSeconds: 20 }),
        );

        sqs.queue("q").send("a");
        await runtime.work.idle();
        clock.advanceTo(start + 19_000);
        sqs.queue("q").send("b");
        await runtime.work.idle();
        expect(runtime.journal.of("log")).to.deep.equal([]);
        await settle(runtime);

        expect(runtime.journal.of("log").map(({ line }) => line)).to.deep.equal(["a,b"]);
        expect(clock.now()).to.equal(start + 20_000);
    });

    it("begin a new window with every batch", async () => {
        const { sqs, runtime, clock } = await prepare(
            queue("q"),
            nodeFunction("fn", logging),
            mapping({ batchSize: 2, maximumBatchingWindowInSeconds: 20 }),
        );

        for (const body of ["a", "b"]) sqs.queue("q").send(body);
        await runtime.work.idle();
        expect(runtime.journal.of("log").map(({ line }) => line)).to.deep.equal(["a,b"]);
        clock.advanceTo(start + 10_000);
        sqs.queue("q").send("c");
        await runtime.work.idle();
        clock.advanceTo(start + 29_000);
        await runtime.work.idle();
        expect(runtime.journal.of("log")).to.have.length(1);
        await settle(runtime);

        expect(runtime.journal.of("log").map(({ line }) => line)).to.deep.equal(["a,b", "c"]);
        expect(clock.now()).to.equal(start + 30_000);
    });

    it("end a batch before it exceeds 6 MB", async () => {
        const counting = "exports.handler = async ({ Records }) => { console.log(Records.length); };";
        const { sqs, runtime } = await prepare(
            queue("q"),
            nodeFunction("fn", counting),
            mapping({ batchSize: 100, maximumBatchingWindowInSeconds: 5 }),
        );

        for (let index = 0; index < 10; index++) sqs.queue("q").send("x".repeat(1024 * 1024));
        await settle(runtime);

        expect(runtime.journal.of("log").map(({ line }) => line)).to.deep.equal(["5", "5"]);
    });

    it("give back the messages that failed, until the dead-letter queue takes them with the last reason", async () => {
        const source = `exports.handler = async ({ Records }) => {
            console.log(Records.map((r) => r.body).join());
            const bad = Records.filter((r) => r.body === "bad");
            for (const { messageId, attributes } of bad) console.log(JSON.stringify(
                { level: "warn", messageId, stage: "run", reason: "attempt " + attributes.ApproximateReceiveCount }));
            return { batchItemFailures: bad.map((r) => ({ itemIdentifier: r.messageId })) };
        };`;
        const { sqs, runtime, clock } = await prepare(
            ...withDeadLetters(3),
            nodeFunction("fn", source),
            mapping({ functionResponseTypes: ["ReportBatchItemFailures"] }),
        );

        for (const body of ["good", "bad"]) sqs.queue("q").send(body);
        await settle(runtime);

        const lines = runtime.journal
            .of("log")
            .map(({ line }) => line)
            .filter((line) => !line.startsWith("{"));
        expect(lines).to.deep.equal(["good,bad", "bad", "bad"]);
        expect(clock.now()).to.equal(start + 90_000);
        expect(bodies(sqs, "dead")).to.deep.equal(["bad"]);
        expect(runtime.journal.of("failure")).to.deep.equal([
            { kind: "failure", stage: "run", reason: "attempt 3", count: 1 },
        ]);
    });

    it("give back the whole batch when the function fails, and name the function and its error", async () => {
        const source = "exports.handler = async () => { throw new Error('no model'); };";
        const { sqs, runtime } = await prepare(
            ...withDeadLetters(2),
            nodeFunction("forecast", source),
            mapping({}, "forecast"),
        );

        for (const body of ["a", "b"]) sqs.queue("q").send(body);
        await settle(runtime);

        expect(bodies(sqs, "dead")).to.deep.equal(["a", "b"]);
        expect(runtime.journal.of("failure")).to.deep.equal(
            Array(2).fill({ kind: "failure", stage: "forecast", reason: "no model", count: 1 }),
        );
    });

    it("name the queue where nobody gave a reason", async () => {
        const source =
            "exports.handler = async ({ Records: [r] }) => ({ batchItemFailures: [{ itemIdentifier: r.messageId }] });";
        const { sqs, runtime } = await prepare(
            ...withDeadLetters(1),
            nodeFunction("fn", source),
            mapping({ functionResponseTypes: ["ReportBatchItemFailures"] }),
            queue("short", { messageRetentionSeconds: 10, delaySeconds: 20 }),
            mapping({ eventSourceArn: arn(queue("short")) }),
        );

        sqs.queue("q").send("a");
        sqs.queue("short").send("b");
        await settle(runtime);

        expect(runtime.journal.of("failure").map(({ stage, reason }) => [stage, reason])).to.have.deep.members([
            ["fn", "given back without a reason"],
            ["short", "never handed to a function"],
        ]);
    });

    it("leave the messages of a function that can't run here in their queue, and stand still", async () => {
        const { sqs, runtime, clock } = await prepare(
            queue("q"),
            nodeFunction("fn", "", { runtime: "java21" }),
            mapping(),
            mapping({ enabled: false }),
        );

        sqs.queue("q").send("a");
        await settle(runtime);

        expect(clock.now()).to.equal(start);
        expect(sqs.queue("q").counts().visible).to.equal(1);
    });

    it("tell the function's calls what they work on", async () => {
        const source = `exports.handler = async () => {
            const Credential = process.env.AWS_ACCESS_KEY_ID + "/1/us-east-1/s3/aws4_request";
            await fetch(process.env.AWS_ENDPOINT_URL + "/lake/out", {
                method: "PUT", headers: { authorization: "AWS4-HMAC-SHA256 Credential=" + Credential } });
        };`;
        const { sqs, s3, runtime } = await prepare(bucket("lake"), queue("q"), nodeFunction("fn", source), mapping());

        sqs.queue("q").send("a", { cause: { keys: ["x", "y"], tier: 0 } });
        sqs.queue("q").send("b", { cause: { keys: ["y", "z"], tier: 1 } });
        await settle(runtime);

        expect(s3.get("lake", "out")?.cause).to.deep.equal({
            keys: ["x", "y", "z"],
            tier: 1,
            tiers: { x: 0, y: 1, z: 1 },
        });
    });

    it("refuse other sources and settings", async () => {
        const fn = nodeFunction("fn", "");
        expect(await failure(fn, mapping({ eventSourceArn: "arn:aws:kinesis:x" }))).to.include(
            "is not a queue of the program",
        );
        expect(await failure(fn, queue("q"), mapping({ filterCriteria: {} }))).to.include(
            "filterCriteria is not modelled",
        );
    });

    for (const [payload, failed] of [
        [undefined, []],
        [null, []],
        [{}, []],
        [{ batchItemFailures: null }, []],
        [{ batchItemFailures: [] }, []],
        [{ batchItemFailures: [{ itemIdentifier: "b" }] }, ["b"]],
        [{ batchItemFailures: [{ itemIdentifier: "" }] }, ["a", "b"]],
        [{ batchItemFailures: [{ itemIdentifier: "other" }] }, ["a", "b"]],
        [{ batchItemFailures: [{ itemIdentifier: null }] }, ["a", "b"]],
        [{ batchItemFailures: [{ id: "b" }] }, ["a", "b"]],
        [{ batchItemFailures: [null] }, ["a", "b"]],
        [{ batchItemFailures: "b" }, ["a", "b"]],
        [{ other: [] }, ["a", "b"]],
        ["text", ["a", "b"]],
    ] as const) {
        it(`take ${JSON.stringify(payload)} for ${failed.length} failures`, () => {
            const messages = [{ messageId: "a" }, { messageId: "b" }];

            expect([...failedMessages(messages, { payload }, true)]).to.deep.equal(failed);
            expect([...failedMessages(messages, { payload }, false)]).to.deep.equal([]);
        });
    }
});

describe("local EventBridge", () => {
    const adopted = resource("aws:glue/catalogTable:CatalogTable", "t", {
        storageDescriptor: { location: "s3://lake/raw/" },
    });
    const rule = (pattern: object, inputs = {}) =>
        resource("aws:cloudwatch/eventRule:EventRule", "rule", { eventPattern: JSON.stringify(pattern), ...inputs });
    const target = (inputs: object) =>
        resource("aws:cloudwatch/eventTarget:EventTarget", "target", { rule: "rule", arn: topicArn, ...inputs });
    const created = { source: ["aws.s3"], "detail-type": ["Object Created"] };

    it("sends the events of adopted buckets to a topic, rewritten", async () => {
        const { s3, sqs } = await prepare(
            adopted,
            topic,
            queue("inbox"),
            subscription({ rawMessageDelivery: true }),
            rule({ ...created, detail: { bucket: { name: ["lake"] }, object: { key: [{ wildcard: "raw/*.gz" }] } } }),
            target({
                inputTransformer: {
                    inputPaths: {
                        key: "$.detail.object.key",
                        size: "$.detail.object.size",
                        version: "$.detail.object.version-id",
                    },
                    inputTemplate: '{"k":<key>,"s":<size>,"v":"<version>","text":"<key> \\"of\\" <size>"}',
                },
            }),
        );

        await s3.put("lake", 'raw/a b="ü".gz', Buffer.from("xyz"));
        await s3.put("lake", "raw/b.csv", Buffer.from(""));

        expect(bodies(sqs, "inbox").map((body) => JSON.parse(body))).to.deep.equal([
            { k: 'raw/a b="ü".gz', s: 3, v: "", text: 'raw/a b="ü".gz "of" 3' },
        ]);
    });

    it("sends the whole event where nothing rewrites it, also of own buckets that say so", async () => {
        const { s3, sqs } = await prepare(
            bucket("lake"),
            versioning("lake"),
            bucket("silent"),
            queue("inbox"),
            notification({ eventbridge: true }),
            rule(created),
            target({ arn: arn(queue("inbox")) }),
        );

        const object = await s3.put("lake", "a b", Buffer.from("x"), { eventName: "ObjectCreated:Copy" });
        await s3.put("silent", "c", Buffer.from("x"));

        const [event, ...others] = bodies(sqs, "inbox").map((body) => JSON.parse(body));
        expect(others).to.deep.equal([]);
        expect(event).to.deep.include({
            source: "aws.s3",
            "detail-type": "Object Created",
            time: "2026-11-21T04:00:00Z",
            resources: ["arn:aws:s3:::lake"],
        });
        expect(event.detail).to.deep.include({
            bucket: { name: "lake" },
            object: {
                key: "a b",
                size: 1,
                etag: object.etag,
                "version-id": object.versionId,
                sequencer: object.sequencer,
            },
            reason: "CopyObject",
        });
    });

    it("sends by the clock, first after one period, the event of a schedule or the input given", async () => {
        const { runtime, sqs } = await prepare(
            queue("events"),
            queue("inputs"),
            ...["events", "inputs"].flatMap((name) => [
                resource("aws:cloudwatch/eventRule:EventRule", name, {
                    scheduleExpression: name === "events" ? "rate(30 minutes)" : "rate(1 hour)",
                }),
                resource("aws:cloudwatch/eventTarget:EventTarget", name, {
                    rule: name,
                    arn: arn(queue(name)),
                    ...(name === "inputs" && { input: '{"hourly":true}' }),
                }),
            ]),
        );

        await settle(runtime);
        expect(bodies(sqs, "events")).to.deep.equal([]);
        (runtime.clock as VirtualClock).advanceTo(start + 3_600_000);

        const events = bodies(sqs, "events").map((body) => JSON.parse(body));
        expect(events.map(({ time, source, "detail-type": type }) => [time, source, type])).to.deep.equal([
            ["2026-11-21T04:30:00Z", "aws.events", "Scheduled Event"],
            ["2026-11-21T05:00:00Z", "aws.events", "Scheduled Event"],
        ]);
        expect(bodies(sqs, "inputs")).to.deep.equal(['{"hourly":true}']);
    });

    it("ignores disabled rules, and refuses other schedules and other targets", async () => {
        expect(await failure(rule({}, { state: "DISABLED", scheduleExpression: "cron(0 * * * ? *)" }))).to.equal("");
        expect(await failure(rule(created, { scheduleExpression: "rate(1 day)" }))).to.equal("");
        expect(await failure(rule({}, { scheduleExpression: "cron(0 * * * ? *)" }))).to.include(
            'event rule "rule": scheduleExpression: cron(0 * * * ? *) is not modelled on this machine: use rate(…)',
        );
        expect(await failure(rule(created), target({ arn: "arn:aws:states:::x" }))).to.include(
            'event target "target": arn: a target of the service "states"',
        );
        expect(await failure(rule({ source: [{ cidr: "x" }] }))).to.include(
            'event rule "rule": eventPattern.source[0]: the filter operator "cidr" is not modelled',
        );
        expect(await failure(rule({ source: [{ prefix: { "equals-ignore-case": "AWS." } }] }))).to.include(
            'event rule "rule": eventPattern.source[0]: prefix takes a text',
        );
        expect(await failure(rule({ source: [{ "anything-but": { wildcard: ["a*"] } }] }))).to.include(
            'event rule "rule": eventPattern.source[0]: wildcard takes a text',
        );
    });

    it("refuses placeholders that stand for nothing, and spells values within strings", () => {
        expect(() => transform({ inputTemplate: "<other>" }, {})).to.throw("<other> is not among the inputPaths");
        expect(transform({ inputPaths: { a: "$.a" }, inputTemplate: '"<a>" <a>' }, { a: [1] })).to.equal('"[1]" [1]');
    });
});

async function prepare(...resources: CapturedResource[]) {
    const runtime = testRuntime(resources);
    const s3 = new S3(runtime);
    const sqs = new Sqs(runtime);
    const { server, lambda } = await testServer(runtime, () => [s3, sqs]);
    const sns = new Sns(runtime, sqs, lambda);
    const destinations = new Destinations(sns, sqs, lambda);
    mapEventSources(runtime, sqs, lambda);
    routeEvents(runtime, s3, destinations);
    announceObjects(runtime, s3, destinations, sns.foreignTopics());
    return { runtime, s3, sqs, sns, clock: runtime.clock as VirtualClock, call, keys };

    // biome-ignore lint/suspicious/noExplicitAny: answers of many operations
    async function call(operation: string, input: object): Promise<any> {
        const answer = await fetch(server.url, {
            method: "POST",
            headers: {
                authorization: "AWS4-HMAC-SHA256 Credential=user/20261121/us-east-1/sqs/aws4_request, Signature=x",
                "x-amz-target": `AmazonSQS.${operation}`,
            },
            body: JSON.stringify(input),
        });
        return answer.json();
    }

    /** Keys announced to the queue `inbox`, decoded. */
    function keys(): string[] {
        const records = bodies(sqs, "inbox").flatMap((body) => JSON.parse(body).Records ?? []);
        return records.map((record) => decodeURIComponent(record.s3.object.key.replaceAll("+", " ")));
    }
}

/** Why services over these resources don't start; nothing if they do. */
async function failure(...resources: CapturedResource[]): Promise<string> {
    try {
        await prepare(...resources);
        return "";
    } catch (error) {
        return (error as Error).message;
    }
}

function bodies(sqs: Sqs, name: string): string[] {
    return sqs
        .queue(name)
        .receive(100)
        .map(({ body }) => body);
}

function notification(inputs: object): CapturedResource {
    return resource("aws:s3/bucketNotification:BucketNotification", "n", { bucket: "lake", ...inputs });
}

function subscription(inputs: object, name = "s"): CapturedResource {
    return resource("aws:sns/topicSubscription:TopicSubscription", name, {
        topic: topicArn,
        protocol: "sqs",
        endpoint: arn(queue("inbox")),
        ...inputs,
    });
}

function mapping(inputs: object = {}, functionName = "fn"): CapturedResource {
    return resource("aws:lambda/eventSourceMapping:EventSourceMapping", "m", {
        eventSourceArn: arn(queue("q")),
        functionName: arn(nodeFunction(functionName, "")),
        ...inputs,
    });
}

function withDeadLetters(maxReceiveCount: number): CapturedResource[] {
    const redrivePolicy = JSON.stringify({ deadLetterTargetArn: arn(queue("dead")), maxReceiveCount });
    return [queue("dead"), queue("q", { redrivePolicy })];
}
