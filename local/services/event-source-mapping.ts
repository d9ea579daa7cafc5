import { type CapturedResource, ofType } from "../program";
import { type Cause, type Runtime, region } from "../runtime";
import type { InvocationResult, Lambda, LambdaFunction } from "./lambda";
import { refuseOthers } from "./refusal";
import type { Message, Queue, Sqs } from "./sqs";
import { md5, systemAttributes } from "./sqs/protocol";

interface MappingInputs {
    eventSourceArn: string;
    functionName: string;
    enabled?: boolean;
    batchSize?: number;
    maximumBatchingWindowInSeconds?: number;
    functionResponseTypes?: string[];
}

/** `scalingConfig` bounds calls at a time from above; here a function has one process, so one call. */
const known = [
    ...["eventSourceArn", "functionName", "enabled", "batchSize", "maximumBatchingWindowInSeconds"],
    ...["functionResponseTypes", "scalingConfig", "tags", "region"],
];

/** A batch ends before its event, with its frame, grows past the 6 MB that a function takes. */
const payloadLimit = 6 * 1024 * 1024 - 1024;

/** Connects the program's queues with their functions. */
export function mapEventSources(runtime: Runtime, sqs: Sqs, lambda: Lambda): void {
    for (const resource of ofType(runtime.program, "aws:lambda/eventSourceMapping:EventSourceMapping")) {
        const path = `event source mapping "${resource.name}": `;
        refuseOthers(path, resource.inputs, known);
        const inputs = resource.inputs as unknown as MappingInputs;
        const queue = sqs.queueByArn(inputs.eventSourceArn);
        if (!queue) throw new Error(`${path}the source ${inputs.eventSourceArn} is not a queue of the program`);
        const target = lambda.function(inputs.functionName);
        // A function that can't run here leaves its messages in their queue.
        if (inputs.enabled !== false && !target.skipped) {
            const second = runtime.faults?.mayExpire(queue.logicalName) ? lambda.second(target) : undefined;
            new EventSourceMapping(runtime, resource, queue, target, second);
        }
    }
}

/**
 * Receives messages, hands them to the function in batches and deletes those that it finished. A batch is closed when it
 * is full or when its window has passed. Messages of a failed batch stay received: they return when their visibility
 * timeout has passed.
 */
class EventSourceMapping {
    private readonly batchSize: number;
    private readonly window: number;
    private readonly reportsItems: boolean;
    private batch: Message[] = [];
    private batchBytes = 0;
    /** The window of the open batch has passed. */
    private due = false;
    private cancelWindow = () => {};
    private running = false;
    private gathering = false;
    private readonly reasons = new Map<string, { stage: string; reason: string }>();

    constructor(
        private readonly runtime: Runtime,
        { inputs }: CapturedResource,
        private readonly queue: Queue,
        private readonly target: LambdaFunction,
        /** Gets the messages that become visible again while the function works on them. */
        private readonly second?: LambdaFunction,
    ) {
        const { batchSize, maximumBatchingWindowInSeconds, functionResponseTypes } = inputs as unknown as MappingInputs;
        this.batchSize = batchSize ?? 10;
        this.window = (maximumBatchingWindowInSeconds ?? 0) * 1000;
        this.reportsItems = functionResponseTypes?.includes("ReportBatchItemFailures") ?? false;
        queue.onAvailable(() => this.gatherSoon());
        queue.onGivenUp((message) => this.reportGivenUp(message));
    }

    /** Messages that arrive together are received together. */
    private gatherSoon(): void {
        if (this.gathering) return;
        this.gathering = true;
        const done = this.runtime.work.begin();
        setImmediate(() => {
            this.gathering = false;
            this.gather();
            done();
        });
    }

    /** Fills the open batch, and hands it over once it is closed and the function is free. */
    private gather(): void {
        if (this.running || !this.mayReceive()) return;
        while (!this.isFull()) {
            const [message] = this.queue.receive(1);
            if (!message) break;
            this.add(message);
        }
        if (this.isFull() || this.due || this.window === 0) this.handOver();
    }

    /** Lambda reads the queue as the function's role; without the right to, the messages stay where they are. */
    private mayReceive(): boolean {
        const needs = ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"].map((action) => ({
            action: `sqs:${action}`,
            resource: this.queue.arn,
        }));
        return this.runtime.access?.mayServiceAs(this.target.role, { service: "lambda.amazonaws.com" }, needs) ?? true;
    }

    private isFull(): boolean {
        return this.batch.length >= this.batchSize || this.batchBytes >= payloadLimit;
    }

    private add(message: Message): void {
        if (this.batch.length === 0 && this.window > 0) {
            this.cancelWindow = this.runtime.clock.at(this.runtime.clock.now() + this.window, () => {
                this.due = true;
                this.gatherSoon();
            });
        }
        this.batch.push(message);
        this.batchBytes += Buffer.byteLength(JSON.stringify(this.record(message))) + 1;
    }

    private handOver(): void {
        const messages = this.takeBatch();
        if (messages.length === 0) return;
        this.running = true;
        void this.runtime.work.track(async () => {
            await Promise.all([this.invoke(this.target, messages), this.invokeAgain(messages)]);
            this.running = false;
            this.gatherSoon();
        });
    }

    private async invoke(target: LambdaFunction, received: Message[]): Promise<void> {
        const messages = received.map((message) => ({ ...message })); // a later receive changes the handle
        const payload = { Records: messages.map((message) => this.record(message)) };
        this.settle(messages, await target.invoke(payload, joinCauses(messages)));
    }

    /** Hands those messages to the second process whose visibility timeout is to pass. */
    private async invokeAgain(messages: Message[]): Promise<void> {
        if (!this.second) return;
        const { faults } = this.runtime;
        const { logicalName, maxReceiveCount } = this.queue;
        const expired = messages.filter(
            ({ body, receiveCount }) => receiveCount < maxReceiveCount && faults?.expires(logicalName, body),
        );
        const again = expired.flatMap(({ receiptHandle }) => this.queue.receiveAgain(receiptHandle!) ?? []);
        if (again.length > 0) await this.invoke(this.second, again);
    }

    /** The open batch, without what would make its event too large: that begins the next one. */
    private takeBatch(): Message[] {
        const last = this.batchBytes > payloadLimit && this.batch.length > 1 ? [this.batch.pop()!] : [];
        const messages = this.batch;
        this.cancelWindow();
        this.batch = [];
        this.batchBytes = 0;
        this.due = false;
        for (const message of last) this.add(message);
        return messages;
    }

    private settle(messages: Message[], result: InvocationResult): void {
        const failed = failedMessages(messages, result, this.reportsItems);
        for (const message of messages) {
            if (!failed.has(message.messageId)) {
                this.queue.delete(message.receiptHandle!);
                this.reasons.delete(message.messageId);
                continue;
            }
            const { stage = this.target.logicalName, reason } = result.reasons[message.messageId] ?? {
                reason: result.error?.errorMessage ?? "given back without a reason",
            };
            this.reasons.set(message.messageId, { stage, reason });
        }
    }

    private reportGivenUp(message: Message): void {
        const { stage, reason } = this.reasons.get(message.messageId) ?? {
            stage: this.queue.logicalName,
            reason: "never handed to a function",
        };
        this.reasons.delete(message.messageId);
        this.runtime.journal.write({ kind: "failure", stage, reason, count: 1 });
    }

    /** A message as Lambda's event has it. */
    private record(message: Message): object {
        return {
            messageId: message.messageId,
            receiptHandle: message.receiptHandle,
            body: message.body,
            attributes: systemAttributes(message),
            messageAttributes: message.attributes,
            md5OfBody: md5(message.body),
            eventSource: "aws:sqs",
            eventSourceARN: this.queue.arn,
            awsRegion: region,
        };
    }
}

/**
 * Which messages of a batch failed, by Lambda's rules for ReportBatchItemFailures: nothing, or an empty list, is success;
 * what can't be understood fails the whole batch.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function failedMessages(
    messages: Pick<Message, "messageId">[],
    { payload, error }: Pick<InvocationResult, "payload" | "error">,
    reportsItems: boolean,
): Set<string> {
    const all = new Set(messages.map((message) => message.messageId));
    if (error) return all;
    if (!reportsItems || payload === null || payload === undefined) return new Set();
    if (typeof payload !== "object") return all;

    const { batchItemFailures } = payload as { batchItemFailures?: unknown };
    if (batchItemFailures === null || Object.keys(payload).length === 0) return new Set();
    if (!Array.isArray(batchItemFailures)) return all;
    const named = batchItemFailures.map((failure) => (failure as { itemIdentifier?: unknown } | null)?.itemIdentifier);
    return named.every((id) => typeof id === "string" && all.has(id)) ? new Set(named as string[]) : all;
}

function joinCauses(messages: Message[]): Cause | undefined {
    const causes = messages.flatMap(({ cause }) => cause ?? []);
    if (causes.length === 0) return undefined;
    const tiers = Object.fromEntries(causes.flatMap(({ keys, tier }) => keys.map((key) => [key, tier])));
    const tier = Math.max(...Object.values(tiers));
    const mixed = Object.values(tiers).some((other) => other !== tier);
    return { keys: Object.keys(tiers), tier, ...(mixed && { tiers }) };
}
