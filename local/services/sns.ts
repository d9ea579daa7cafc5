import { randomUUID } from "node:crypto";
import { XMLBuilder } from "fast-xml-parser";
import { type CapturedResource, ofType } from "../program";
import { AwsError, type AwsRequest, type AwsResponse, type Cause, type Endpoint, type Runtime } from "../runtime";
import type { Lambda } from "./lambda";
import { refuseOthers } from "./refusal";
import { type Attribute, checkPattern, matches, matchesAttributes, type Pattern } from "./sns-filter";
import type { Sqs } from "./sqs";

/** What a message may carry beside its text. */
export interface PublishOptions {
    subject?: string;
    attributes?: Record<string, Attribute>;
    cause?: Cause;
}

type FilterScope = "MessageBody" | "MessageAttributes";

interface Subscription {
    arn: string;
    protocol: string;
    endpoint: string;
    raw: boolean;
    filter?: { pattern: Pattern; scope: FilterScope };
}

interface SubscriptionInputs {
    topic: string;
    protocol: string;
    endpoint: string;
    rawMessageDelivery?: boolean;
    filterPolicy?: string;
    filterPolicyScope?: FilterScope;
}

/** `redrivePolicy` takes what SNS cannot deliver; on one machine it can. */
const known = [
    ...["topic", "protocol", "endpoint", "rawMessageDelivery", "filterPolicy", "filterPolicyScope"],
    ...["redrivePolicy", "endpointAutoConfirms", "region"],
];

const namespace = "http://sns.amazonaws.com/doc/2010-03-31/";

/** These reach people, not programs: there is nothing to do on one machine. */
const toPeople = ["email", "email-json", "sms"];

/** SNS: each message of a topic goes to every subscription whose filter it matches. */
export class Sns implements Endpoint {
    readonly name = "sns";
    private readonly topics = new Set<string>();
    private readonly subscriptions = new Map<string, Subscription[]>();

    constructor(
        private readonly runtime: Runtime,
        private readonly sqs: Sqs,
        private readonly lambda: Lambda,
    ) {
        for (const topic of ofType(runtime.program, "aws:sns/topic:Topic")) this.topics.add(String(topic.outputs.arn));
        for (const resource of ofType(runtime.program, "aws:sns/topicSubscription:TopicSubscription")) {
            this.subscribe(resource);
        }
    }

    /** Topics that the program subscribes to without registering them: somebody else's. */
    foreignTopics(): string[] {
        return [...this.subscriptions.keys()].filter((arn) => !this.topics.has(arn));
    }

    /** Speaks the Query protocol, as far as publishing goes. */
    async handle({ body: form, cause }: AwsRequest): Promise<AwsResponse> {
        const input = new URLSearchParams(form.toString());
        const action = input.get("Action") ?? "";
        const topic = input.get("TopicArn") ?? "";
        const entries = entriesOf(action, input);
        if ([...input.keys()].some((key) => /(^|\.)MessageAttributes\./.test(key))) {
            throw new AwsError("InvalidParameter", "message attributes are not modelled on this machine");
        }
        if (!this.topics.has(topic) && !this.subscriptions.has(topic)) {
            throw new AwsError("NotFound", "Topic does not exist", 404);
        }
        const sent = entries.map(({ id, message, subject }) => {
            this.publish(topic, message, { subject, cause });
            return { ...(id !== undefined && { Id: id }), MessageId: randomUUID() };
        });
        const result = action === "Publish" ? sent[0] : { Successful: { member: sent }, Failed: "" };
        const body = document(`${action}Response`, { [`${action}Result`]: result });
        return { status: 200, headers: { "content-type": "text/xml" }, body };
    }

    /** Sends a message to a topic. */
    publish(topicArn: string, message: string, options: PublishOptions = {}): void {
        const body = parseJson(message);
        for (const subscription of this.subscriptions.get(topicArn) ?? []) {
            if (passes(subscription, body, options.attributes)) this.deliver(topicArn, subscription, message, options);
        }
    }

    private subscribe(resource: CapturedResource): void {
        const path = `topic subscription "${resource.name}": `;
        refuseOthers(path, resource.inputs, known);
        const inputs = resource.inputs as unknown as SubscriptionInputs;
        const { topic, protocol, endpoint, rawMessageDelivery: raw = false, filterPolicy } = inputs;
        if (toPeople.includes(protocol)) return;
        if (protocol !== "sqs" && protocol !== "lambda") {
            throw new Error(`${path}the protocol "${protocol}" is not modelled on this machine`);
        }
        const subscription: Subscription = { arn: String(resource.outputs.arn), protocol, endpoint, raw };
        if (filterPolicy) {
            const pattern: unknown = JSON.parse(filterPolicy);
            checkPattern(pattern, `${path}filterPolicy`);
            subscription.filter = { pattern, scope: inputs.filterPolicyScope ?? "MessageAttributes" };
        }
        this.subscriptions.set(topic, [...(this.subscriptions.get(topic) ?? []), subscription]);
    }

    private deliver(topicArn: string, subscription: Subscription, message: string, options: PublishOptions): void {
        const { subject, attributes = {}, cause } = options;
        const { access } = this.runtime;
        if (access && !access.mayDeliver({ service: "sns.amazonaws.com", arn: topicArn }, subscription.endpoint))
            return;
        const notification = {
            Type: "Notification",
            MessageId: randomUUID(),
            TopicArn: topicArn,
            ...(subject !== undefined && { Subject: subject }),
            Message: message,
            Timestamp: new Date(this.runtime.clock.now()).toISOString(),
            SignatureVersion: "1",
            Signature: "local",
            ...(Object.keys(attributes).length > 0 && { MessageAttributes: inEnvelope(attributes) }),
        };
        if (subscription.protocol === "lambda") {
            const record = { EventSource: "aws:sns", EventVersion: "1.0", EventSubscriptionArn: subscription.arn };
            const target = this.lambda.function(subscription.endpoint);
            this.send(target, message, () =>
                this.lambda.invokeAsync(target.arn, { Records: [{ ...record, Sns: notification }] }, cause),
            );
            return;
        }
        const queue = this.sqs.queueByArn(subscription.endpoint);
        if (!queue) return;
        this.send(queue, message, () => {
            if (subscription.raw) queue.send(message, { attributes, cause });
            else queue.send(JSON.stringify(notification), { cause });
        });
    }

    private send({ logicalName }: { logicalName: string }, message: string, action: () => void): void {
        if (this.runtime.faults) this.runtime.faults.notify(logicalName, message, action);
        else action();
    }
}

interface Entry {
    id?: string;
    message: string;
    subject?: string;
}

const batchEntries = 10;
const batchBytes = 256 * 1024;

/** The messages of a request, within the limits of PublishBatch. */
function entriesOf(action: string, input: URLSearchParams): Entry[] {
    const read = (path: string) => ({
        message: input.get(`${path}Message`) ?? "",
        subject: input.get(`${path}Subject`) ?? undefined,
    });
    if (action === "Publish") return [read("")];
    if (action !== "PublishBatch") throw new AwsError("InvalidAction", `${action} is not modelled on this machine`);
    const paths = [...input.keys()].filter((key) => /^PublishBatchRequestEntries\.member\.\d+\.Id$/.test(key));
    const entries = paths.map((path): Entry => ({ id: input.get(path)!, ...read(path.slice(0, -"Id".length)) }));
    if (entries.length === 0) throw new AwsError("EmptyBatchRequest", "The batch request doesn't contain any entries.");
    if (entries.length > batchEntries) {
        throw new AwsError("TooManyEntriesInBatchRequest", "The batch request contains more entries than permissible.");
    }
    if (new Set(entries.map(({ id }) => id)).size < entries.length) {
        throw new AwsError("BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id.");
    }
    if (entries.reduce((sum, { message }) => sum + Buffer.byteLength(message), 0) > batchBytes) {
        throw new AwsError("BatchRequestTooLong", "The length of all the batch messages put together is too long.");
    }
    return entries;
}

/** A refusal in the Query protocol. */
export function queryError({ code, message }: AwsError): string {
    return document("ErrorResponse", { Error: { Type: "Sender", Code: code, Message: message } });
}

function document(root: string, content: object): string {
    return new XMLBuilder({ ignoreAttributes: false }).build({ [root]: { "@_xmlns": namespace, ...content } });
}

function passes({ filter }: Subscription, body: unknown, attributes: Record<string, Attribute> = {}): boolean {
    if (!filter) return true;
    return filter.scope === "MessageBody"
        ? typeof body === "object" && body !== null && matches(filter.pattern, body)
        : matchesAttributes(filter.pattern, attributes);
}

/** A body that is no JSON matches no body filter. */
function parseJson(message: string): unknown {
    try {
        return JSON.parse(message);
    } catch {
        return undefined;
    }
}

function inEnvelope(attributes: Record<string, Attribute>): object {
    const entries = Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
        name,
        { Type: DataType, Value: StringValue ?? BinaryValue },
    ]);
    return Object.fromEntries(entries);
}
