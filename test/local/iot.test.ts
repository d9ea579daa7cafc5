import { expect } from "chai";
import { connectAsync, type MqttClient } from "mqtt";
import type { CapturedResource } from "../../local/program";
import { Iot } from "../../local/services/iot";
import type { Rule } from "../../local/services/iot/rules";
import { readRules } from "../../local/services/iot/rules";
import { Sqs } from "../../local/services/sqs";
import { afterTest, rejection, resource, start, testRuntime, testServer } from "./support";

const firehose = { deliveryStreamName: "pings", roleArn: "role", separator: "\n", batchMode: false };
const key = "failed/${parse_time('yyyy/MM/dd/HH', timestamp(), 'UTC')}/${topic()}-${timestamp()}-${newuuid()}.json";
const rule = (inputs: object = {}) =>
    resource("aws:iot/topicRule:TopicRule", "fleet_ping", {
        enabled: true,
        sql: "SELECT * FROM 'devices/+/ping'",
        sqlVersion: "2016-03-23",
        firehoses: [firehose],
        errorAction: { s3: { bucketName: "lake", key, roleArn: "role" } },
        ...inputs,
    });

/** A started IoT Core with these rules, in front of a Firehose that knows the stream `pings`. */
async function prepare(resources: CapturedResource[] = [rule()], s3Failure?: Error) {
    const runtime = testRuntime(resources);
    const records: string[] = [];
    const objects: { bucket: string; key: string; body: Record<string, unknown> }[] = [];
    const sqs = new Sqs(runtime);
    const iot = new Iot(
        runtime,
        {
            put(stream, given) {
                if (stream !== "pings") throw new Error(`Firehose ${stream} under account 1 not found.`);
                records.push(...given.map(String));
                return given.map(() => ({ recordId: "" }));
            },
        },
        {
            async put(bucket, name, body) {
                if (s3Failure) throw s3Failure;
                objects.push({ bucket, key: name, body: JSON.parse(body.toString()) });
                return {} as never;
            },
        },
        sqs,
    );
    await iot.start();
    afterTest(() => iot.stop());
    return { runtime, iot, sqs, records, objects, failures: () => runtime.journal.of("failure") };
}

async function connect({ iot }: { iot: Iot }, clientId = "device-7"): Promise<MqttClient> {
    const client = await connectAsync(iot.mqttUrl!, { clientId, reconnectPeriod: 0 });
    afterTest(() => client.endAsync(true));
    return client;
}

describe("AWS IoT Core", () => {
    it("puts what a client publishes on the delivery stream, before it acknowledges it", async () => {
        const core = await prepare();
        const client = await connect(core);

        await client.publishAsync("devices/a/ping", '{"battery":0.5}', { qos: 1 });
        await client.publishAsync("devices/a/pong", '{"battery":0.6}', { qos: 1 });

        expect(core.records).to.deep.equal(['{"battery":0.5}\n']);
        expect(core.failures()).to.deep.equal([]);
    });

    it("knows the client and the time", async () => {
        const core = await prepare([rule({ sql: "SELECT clientid() AS c, timestamp() AS t FROM 'a'" })]);
        const client = await connect(core);

        await client.publishAsync("a", "{}", { qos: 1 });
        await core.iot.publish("a", Buffer.from("{}"));

        expect(core.records).to.deep.equal([`{"c":"device-7","t":${start}}\n`, `{"c":"n/a","t":${start}}\n`]);
    });

    it("takes the data plane's Publish, and passes it on to subscribers", async () => {
        const core = await prepare();
        const { server } = await testServer(core.runtime, () => [core.iot]);
        const client = await connect(core);
        await client.subscribeAsync("devices/#");
        const received = new Promise<string>((resolve) => {
            client.on("message", (topic, payload) => resolve(`${topic} ${payload}`));
        });

        const response = await post(server.url, "/topics/devices%2Fa%2Fping?qos=1", '{"battery":0.5}');

        expect(response.status).to.equal(200);
        expect(await response.json()).to.include({ message: "OK" });
        expect(core.records).to.deep.equal(['{"battery":0.5}\n']);
        expect(await received).to.equal('devices/a/ping {"battery":0.5}');
    });

    for (const [what, path, body, status, message] of [
        ["a topic with a wildcard", "/topics/devices/%2B/ping", "", 400, "has a wildcard"],
        ["nine levels", "/topics/1/2/3/4/5/6/7/8/9", "", 400, "has more than 8 levels"],
        ["a long topic", `/topics/${"t".repeat(257)}`, "", 400, "has more than 256 bytes"],
        ["a topic of AWS's own", "/topics/$aws/rules/a/b", "", 400, "is one of AWS's own"],
        ["a broken escape", "/topics/%", "", 400, "is not percent-encoded"],
        ["more than 128 KB", "/topics/a", "x".repeat(131_073), 413, "at most 128 KB"],
        ["no topic", "/topics/", "", 501, "POST /topics/ is not modelled on this machine"],
    ] as const) {
        it(`refuses ${what} with ${status}`, async () => {
            const core = await prepare();
            const { server } = await testServer(core.runtime, () => [core.iot]);

            const response = await post(server.url, path, body);

            expect(response.status).to.equal(status);
            expect(await response.text()).to.include(message);
        });
    }

    it("closes the connection of a client that sends too much, or with QoS 2", async () => {
        const core = await prepare();

        for (const [payload, qos] of [
            ["x".repeat(131_073), 1],
            ["{}", 2],
        ] as const) {
            const client = await connect(core);
            const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
            client.publishAsync("devices/a/ping", payload, { qos }).catch(() => {});
            await closed;
        }

        expect(core.records).to.deep.equal([]);
    });

    it("puts every event of an array, in batch mode", async () => {
        const core = await prepare([rule({ firehoses: [{ ...firehose, batchMode: true }] })]);

        await core.iot.publish("devices/a/ping", Buffer.from('[{"n":1},\n {"n":2}]'));

        expect(core.records).to.deep.equal(['{"n":1}\n', '{"n":2}\n']);
    });

    it("keeps the message where an action fails, with the reason", async () => {
        const core = await prepare([rule({ firehoses: [firehose, { ...firehose, deliveryStreamName: "pongs" }] })]);
        const client = await connect(core);

        await client.publishAsync("devices/a/ping", "not JSON", { qos: 1 });

        const errorMessage = "Firehose pongs under account 1 not found.";
        expect(core.records).to.deep.equal(["not JSON\n"]);
        expect(core.failures()).to.deep.equal([
            { kind: "failure", stage: "fleet_ping", reason: errorMessage, count: 1 },
        ]);
        const [{ bucket, key: written, body }] = core.objects as [(typeof core.objects)[number]];
        expect(core.objects).to.have.length(1);
        expect(bucket).to.equal("lake");
        expect(written).to.match(new RegExp(`^failed/2026/11/21/04/devices/a/ping-${start}-[0-9a-f-]{36}\\.json$`));
        const { cloudwatchTraceId, ...rest } = body;
        expect(cloudwatchTraceId).to.match(/^[0-9a-f-]{36}$/);
        expect(rest).to.deep.equal({
            ruleName: "fleet_ping",
            topic: "devices/a/ping",
            clientId: "device-7",
            base64OriginalPayload: Buffer.from("not JSON").toString("base64"),
            failures: [{ failedAction: "FirehoseAction", failedResource: "pongs", errorMessage }],
        });
    });

    for (const useBase64 of [false, true]) {
        it(`sends the message to a queue where an action fails${useBase64 ? ", as base64" : ""}`, async () => {
            const queue = resource("aws:sqs/queue:Queue", "dead-letters", {});
            const queueUrl = String(queue.outputs.url);
            const core = await prepare([
                queue,
                rule({
                    firehoses: [{ ...firehose, deliveryStreamName: "pongs" }],
                    errorAction: { sqs: { queueUrl, useBase64, roleArn: "role" } },
                }),
            ]);

            await core.iot.publish("devices/a/ping", Buffer.from("not JSON"));

            const received = core.sqs.queue(queueUrl).receive(10);
            const [text] = received.map(({ body }) => (useBase64 ? Buffer.from(body, "base64").toString() : body));
            expect(received).to.have.length(1);
            expect(JSON.parse(text!)).to.deep.include({
                ruleName: "fleet_ping",
                topic: "devices/a/ping",
                base64OriginalPayload: Buffer.from("not JSON").toString("base64"),
            });
            expect(core.objects).to.deep.equal([]);
            expect(core.failures()).to.have.length(1);
        });
    }

    it("reports a queue that is not there", async () => {
        const core = await prepare([
            rule({
                firehoses: [{ ...firehose, deliveryStreamName: "pongs" }],
                errorAction: { sqs: { queueUrl: "http://127.0.0.1/000000000000/none", useBase64: false } },
            }),
        ]);

        await core.iot.publish("devices/a/ping", Buffer.from("{}"));

        expect(core.failures().at(-1)!.reason).to.match(/^the error action failed: .*queue does not exist/);
    });

    it("keeps a single event in batch mode, since AWS does not say what becomes of it", async () => {
        const core = await prepare([rule({ firehoses: [{ ...firehose, batchMode: true }] })]);

        await core.iot.publish("devices/a/ping", Buffer.from('{"n":1}'));

        expect(core.records).to.deep.equal([]);
        expect(core.objects[0]!.body.clientId).to.equal("n/a");
        expect(core.failures()[0]!.reason).to.include("batchMode is on, and the result is no array");
    });

    it("reports a message that the SQL cannot read; AWS calls no error action for it", async () => {
        const core = await prepare([rule({ sql: "SELECT battery FROM 'devices/+/ping'" })]);

        await core.iot.publish("devices/a/ping", Buffer.from("not JSON"));

        expect(core.records).to.deep.equal([]);
        expect(core.objects).to.deep.equal([]);
        expect(core.failures()[0]!.reason).to.include("the payload is not JSON");
    });

    it("reports an error action that fails, and a failure without one", async () => {
        const broken = { firehoses: [{ ...firehose, deliveryStreamName: "pongs" }] };
        const core = await prepare([rule(broken)], new Error("no such bucket"));
        const bare = await prepare([rule({ ...broken, errorAction: undefined })]);

        await core.iot.publish("devices/a/ping", Buffer.from("{}"));
        await bare.iot.publish("devices/a/ping", Buffer.from("{}"));

        expect(core.failures().map(({ reason }) => reason)[1]).to.equal("the error action failed: no such bucket");
        expect(bare.failures()).to.have.length(1);
        expect(bare.objects).to.deep.equal([]);
    });

    it("has no broker without rules, or with rules that are switched off", async () => {
        const none = await prepare([]);
        const off = await prepare([rule({ enabled: false })]);

        await off.iot.publish("devices/a/ping", Buffer.from("{}"));

        expect([none.iot.mqttUrl, off.iot.mqttUrl]).to.deep.equal([undefined, undefined]);
        expect(off.records).to.deep.equal([]);
    });

    it("names the package that the broker needs", async () => {
        const runtime = testRuntime([rule()]);
        const iot = new Iot(runtime, { put: () => [] }, { put: async () => ({}) as never }, new Sqs(runtime));

        const failure = await rejection(iot.start(() => Promise.reject(new Error("not found"))));

        expect(failure.message).to.equal(
            "AWS IoT's broker is aedes here, which can't be loaded (not found). Install it: npm install --save-dev aedes",
        );
    });

    for (const [what, inputs, message] of [
        [
            "another action",
            { lambdas: [{ functionArn: "a" }] },
            "lambdas is not modelled on this machine: leave it out",
        ],
        [
            "another SQL version",
            { sqlVersion: "beta" },
            'sqlVersion "beta" is not modelled on this machine, only "2016-03-23" is',
        ],
        [
            "other SQL",
            { sql: "SELECT abs(a) AS a FROM 't'" },
            "the function `abs` at character 8 is not supported: there is `topic`, `timestamp`, `clientid`",
        ],
        [
            "another error action",
            { errorAction: { sns: { targetArn: "a" } } },
            "errorAction.sns is not modelled on this machine: leave it out",
        ],
        [
            "another input of a queue as error action",
            { errorAction: { sqs: { queueUrl: "a", useBase64: false, queueArn: "b" } } },
            "errorAction.sqs.queueArn is not modelled on this machine: leave it out",
        ],
        [
            "an ACL",
            { errorAction: { s3: { bucketName: "a", key: "b", cannedAcl: "private" } } },
            "errorAction.s3.cannedAcl is not modelled on this machine: leave it out",
        ],
        [
            "another template",
            { errorAction: { s3: { bucketName: "a", key: "${rand()}" } } },
            '${rand()} is not modelled on this machine, in "${rand()}"',
        ],
        [
            "another input of the action",
            { firehoses: [{ ...firehose, other: 1 }] },
            "firehoses[0].other is not modelled on this machine: leave it out",
        ],
    ] as const) {
        it(`refuses ${what} by name`, () => {
            expect(() => rulesOf(rule(inputs))).to.throw(`topic rule "fleet_ping": ${message}`);
        });
    }

    it("takes a rule without actions, and actions without a separator", () => {
        const [bare] = rulesOf(rule({ firehoses: undefined, errorAction: undefined }));
        const [plain] = rulesOf(rule({ firehoses: [{ deliveryStreamName: "pings", roleArn: "role" }] }));

        expect(bare).to.deep.include({ firehoses: [] }).and.not.to.have.property("errors");
        expect(plain!.firehoses).to.deep.equal([{ role: "role", stream: "pings", batchMode: false, separator: "" }]);
    });
});

function rulesOf(...resources: CapturedResource[]): Rule[] {
    return readRules(testRuntime(resources).program);
}

/** A signed call of the data plane; nobody checks the signature here. */
function post(url: string, path: string, body: string): Promise<Response> {
    const authorization = "AWS4-HMAC-SHA256 Credential=test/20261121/us-east-1/iotdata/aws4_request";
    return fetch(url + path, { method: "POST", body, headers: { authorization } });
}
