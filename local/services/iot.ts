import { randomUUID } from "node:crypto";
import { mostTopicBytes, mostTopicLevels } from "../../plan";
import { arnOf, type Need, objectArn } from "../iam/requirements";
import { AwsError, type AwsRequest, type AwsResponse, type Endpoint, type Runtime } from "../runtime";
import type { Firehose } from "./firehose";
import { Broker } from "./iot/broker";
import { evaluate, type Message, matchesTopic, noClient, type RuleResult } from "./iot/evaluate";
import { type ErrorAction, type FirehoseAction, type Rule, readRules } from "./iot/rules";
import { fillTemplate } from "./iot/template";
import type { S3 } from "./s3";
import type { Sqs } from "./sqs";

const payloadLimit = 128 * 1024;

interface Failure {
    failedAction: string;
    failedResource: string;
    errorMessage: string;
}

/** AWS IoT Core: messages over MQTT and HTTP, topic rules that put them on delivery streams. */
export class Iot implements Endpoint {
    readonly name = "iotdata";
    private readonly rules: Rule[];
    private broker?: Broker;

    constructor(
        private readonly runtime: Runtime,
        private readonly firehose: Pick<Firehose, "put">,
        private readonly s3: Pick<S3, "put">,
        private readonly sqs: Pick<Sqs, "queue">,
    ) {
        this.rules = readRules(runtime.program);
    }

    /** Where the broker listens; absent where the program has no rules. */
    get mqttUrl(): string | undefined {
        return this.broker?.url;
    }

    /** Starts the broker, if a rule listens to it. */
    async start(load?: Parameters<typeof Broker.start>[1]): Promise<void> {
        if (this.rules.length === 0) return;
        this.broker = await Broker.start(
            {
                check: ({ topic, payload, qos }) => {
                    checkMessage(topic, payload);
                    if (qos > 1) throw new AwsError("InvalidRequestException", "AWS IoT takes QoS 0 and 1");
                },
                take: ({ topic, payload, clientId }) =>
                    this.runtime.work.track(() => this.applyRules(topic, payload, clientId)),
            },
            load,
        );
    }

    async stop(): Promise<void> {
        await this.broker?.stop();
    }

    /** Publishes a message as the HTTP API does. */
    async publish(topic: string, payload: Buffer): Promise<void> {
        checkMessage(topic, payload);
        await this.applyRules(topic, payload);
        await this.broker?.forward(topic, payload);
    }

    /** `POST /topics/<topic>?qos=1`, the Publish operation of the data plane. */
    async handle({ method, path, body }: AwsRequest): Promise<AwsResponse> {
        const [, topic] = /^\/topics\/(.+)$/.exec(path) ?? [];
        if (method !== "POST" || topic === undefined) {
            throw new AwsError("NotImplemented", `${method} ${path} is not modelled on this machine`, 501);
        }
        await this.publish(decodeTopic(topic), body);
        return {
            status: 200,
            headers: { "content-type": "application/json" },
            body: JSON.stringify({ message: "OK", traceId: randomUUID() }),
        };
    }

    private async applyRules(topic: string, payload: Buffer, clientId?: string): Promise<void> {
        const message: Message = { topic, payload, clientId, time: this.runtime.clock.now() };
        for (const rule of this.rules) if (matchesTopic(rule.sql.from, topic)) await this.apply(rule, message);
    }

    private async apply(rule: Rule, message: Message): Promise<void> {
        let result: RuleResult | undefined;
        try {
            result = evaluate(rule.sql, message);
        } catch (error) {
            // AWS writes this to its log only: the error action is for actions.
            this.fail(rule, (error as Error).message);
            return;
        }
        if (!result) return;
        const failures = rule.firehoses.flatMap((action) => this.put(rule, action, result) ?? []);
        if (failures.length === 0) return;
        for (const { errorMessage } of failures) this.fail(rule, errorMessage);
        await this.keepFailures(rule, message, failures);
    }

    private put(
        rule: Rule,
        { role, stream, batchMode, separator }: FirehoseAction,
        result: RuleResult,
    ): Failure | undefined {
        try {
            const put = batchMode ? "firehose:PutRecordBatch" : "firehose:PutRecord";
            this.mustMay(rule, role, { action: put, resource: arnOf("firehose", `deliverystream/${stream}`) });
            if (batchMode && !result.elements) {
                throw new Error("batchMode is on, and the result is no array: AWS does not say what happens then");
            }
            const bodies = batchMode ? result.elements! : [result.body];
            this.firehose.put(
                stream,
                bodies.map((body) => Buffer.concat([body, Buffer.from(separator)])),
            );
            return undefined;
        } catch (error) {
            const errorMessage = (error as Error).message;
            return { failedAction: "FirehoseAction", failedResource: stream, errorMessage };
        }
    }

    /** The error action: one object, or message of a queue, for each rule and message. */
    private async keepFailures(rule: Rule, message: Message, failures: Failure[]): Promise<void> {
        if (!rule.errors) return;
        const { topic, payload, clientId = noClient } = message;
        const text = JSON.stringify({
            ruleName: rule.name,
            topic,
            cloudwatchTraceId: randomUUID(),
            clientId,
            base64OriginalPayload: payload.toString("base64"),
            failures,
        });
        try {
            await this.keep(rule, rule.errors, text, message);
        } catch (error) {
            this.fail(rule, `the error action failed: ${(error as Error).message}`);
        }
    }

    private async keep(rule: Rule, action: ErrorAction, text: string, message: Message): Promise<void> {
        const bytes = Buffer.from(text);
        if ("bucket" in action) {
            const key = fillTemplate(action.key, message);
            this.mustMay(rule, action.role, { action: "s3:PutObject", resource: objectArn(action.bucket, key) });
            await this.s3.put(action.bucket, key, bytes);
        } else {
            const queue = this.sqs.queue(action.queueUrl);
            this.mustMay(rule, action.role, { action: "sqs:SendMessage", resource: queue.arn });
            queue.send(action.useBase64 ? bytes.toString("base64") : text);
        }
    }

    /** A rule acts as the role that its action names. */
    private mustMay({ arn }: Rule, role: string | undefined, need: Need): void {
        const may = this.runtime.access?.mayServiceAs(role, { service: "iot.amazonaws.com", arn }, [need]) ?? true;
        if (!may) throw new Error(`the role ${role} may not ${need.action} on ${need.resource}`);
    }

    private fail({ logicalName: stage }: Rule, reason: string): void {
        this.runtime.journal.write({ kind: "failure", stage, reason, count: 1 });
    }
}

function checkMessage(topic: string, payload: Buffer): void {
    const refuse = (message: string) => new AwsError("InvalidRequestException", `topic "${topic}" ${message}`);
    if (topic === "" || /[+#]/.test(topic)) throw refuse("names no topic: it is empty or has a wildcard");
    if (topic.startsWith("$aws/")) throw refuse("is one of AWS's own, which are not modelled on this machine");
    if (topic.split("/").length > mostTopicLevels) throw refuse(`has more than ${mostTopicLevels} levels`);
    if (Buffer.byteLength(topic) > mostTopicBytes) throw refuse(`has more than ${mostTopicBytes} bytes`);
    if (payload.length > payloadLimit) {
        throw new AwsError("RequestEntityTooLargeException", "a payload has at most 128 KB", 413);
    }
}

function decodeTopic(topic: string): string {
    try {
        return decodeURIComponent(topic);
    } catch {
        throw new AwsError("InvalidRequestException", `topic "${topic}" is not percent-encoded as URLs are`);
    }
}
