import { newUuid } from "../../identifiers";
import type { CapturedResource } from "../../program";
import { AwsError, type Cause, type Runtime } from "../../runtime";
import { refuseOthers } from "../refusal";
import type { Attribute } from "../sns-filter";

/** What a message may carry beside its body. */
export interface SendOptions {
    attributes?: Record<string, Attribute>;
    /** Overrides the queue's delay, in seconds. */
    delaySeconds?: number;
    cause?: Cause;
}

/** A message in a queue. */
export interface Message {
    messageId: string;
    body: string;
    attributes: Record<string, Attribute>;
    sentAt: number;
    firstReceivedAt?: number;
    receiveCount: number;
    /** Of the latest receive. */
    receiptHandle?: string;
    cause?: Cause;
}

interface QueueInputs {
    visibilityTimeoutSeconds?: number;
    delaySeconds?: number;
    messageRetentionSeconds?: number;
    redrivePolicy?: string;
}

/** Bytes of a message. */
const messageLimit = 1024 * 1024;

/** Inputs that change nothing on this machine: permissions, encryption, names, and how long a receive may wait. */
const inert = ["policy", "kmsMasterKeyId", "kmsDataKeyReusePeriodSeconds", "sqsManagedSseEnabled", "tags", "region"];
const modelled = ["name", "namePrefix", "visibilityTimeoutSeconds", "delaySeconds", "messageRetentionSeconds"];
const known = [
    ...modelled,
    "redrivePolicy",
    "redriveAllowPolicy",
    "receiveWaitTimeSeconds",
    "maxMessageSize",
    ...inert,
];

/**
 * A standard queue. A received message is invisible until it is deleted or its visibility timeout has passed; one that
 * was received `maxReceiveCount` times moves to the dead-letter queue instead of being received again.
 */
export class Queue {
    readonly name: string;
    readonly arn: string;
    readonly url: string;
    readonly logicalName: string;
    readonly visibilityTimeout: number;
    private readonly inputs: QueueInputs;
    private readonly redrive?: { deadLetterTargetArn: string; maxReceiveCount: number };
    private readonly visible: Message[] = [];
    /** Received and not yet deleted: what cancels its return. */
    private readonly inFlight = new Map<Message, () => void>();
    private delayed = 0;
    private readonly availableListeners: (() => void)[] = [];
    private readonly givenUpListeners: ((message: Message) => void)[] = [];

    constructor(
        private readonly runtime: Runtime,
        resource: CapturedResource,
        private readonly queueByArn: (arn: string) => Queue | undefined,
    ) {
        refuseOthers(`queue "${resource.name}": `, resource.inputs, known);
        this.name = String(resource.outputs.name);
        this.arn = String(resource.outputs.arn);
        this.url = String(resource.outputs.url);
        this.logicalName = resource.name;
        this.inputs = resource.inputs;
        this.visibilityTimeout = this.inputs.visibilityTimeoutSeconds ?? 30;
        if (this.inputs.redrivePolicy) {
            const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(this.inputs.redrivePolicy);
            this.redrive = { deadLetterTargetArn, maxReceiveCount: Number(maxReceiveCount) };
        }
    }

    /** How often a message is received before it goes to the dead-letter queue. */
    get maxReceiveCount(): number {
        return this.redrive?.maxReceiveCount ?? Number.POSITIVE_INFINITY;
    }

    /** Hears that there are messages to receive. */
    onAvailable(listener: () => void): void {
        this.availableListeners.push(listener);
    }

    /** Hears of each message that leaves undone: for the dead-letter queue, or because it grew too old. */
    onGivenUp(listener: (message: Message) => void): void {
        this.givenUpListeners.push(listener);
    }

    /** Takes a message. */
    send(body: string, options: SendOptions = {}): Message {
        if (Buffer.byteLength(body) > messageLimit) {
            throw new AwsError("InvalidParameterValue", `Message must be shorter than ${messageLimit} bytes.`);
        }
        const now = this.runtime.clock.now();
        const { attributes = {}, cause } = options;
        const message: Message = {
            messageId: newUuid(this.runtime, this.name),
            body,
            attributes,
            sentAt: now,
            receiveCount: 0,
            cause,
        };
        const delay = options.delaySeconds ?? this.inputs.delaySeconds ?? 0;
        if (delay === 0) {
            this.makeVisible(message);
        } else {
            this.delayed++;
            this.runtime.clock.at(now + delay * 1000, () => {
                this.delayed--;
                this.makeVisible(message);
            });
        }
        return message;
    }

    /** Hands out up to `max` messages, which are then invisible for a while. */
    receive(max = 1, visibilityTimeout = this.visibilityTimeout): Message[] {
        const received: Message[] = [];
        while (received.length < max && this.visible.length > 0) {
            const message = this.visible.shift()!;
            if (this.isExpired(message)) {
                this.giveUp(message);
                continue;
            }
            if (this.redrive && message.receiveCount >= this.maxReceiveCount) {
                this.queueByArn(this.redrive.deadLetterTargetArn)?.makeVisible({ ...message, receiveCount: 0 });
                this.giveUp(message);
                continue;
            }
            received.push(this.handOut(message, visibilityTimeout));
        }
        return received;
    }

    /** Receives a message once more that is in flight, as if its visibility timeout had passed. */
    receiveAgain(receiptHandle: string): Message | undefined {
        const message = this.findInFlight(receiptHandle);
        if (!message) return undefined;
        this.inFlight.get(message)!();
        return this.handOut(message, this.visibilityTimeout);
    }

    /** Deletes a received message; a handle of an earlier receive deletes nothing. */
    delete(receiptHandle: string): void {
        const message = this.findInFlight(receiptHandle);
        if (!message) return;
        this.inFlight.get(message)!();
        this.inFlight.delete(message);
    }

    /** Sets when a received message becomes visible again, counted in seconds from now. */
    changeVisibility(receiptHandle: string, seconds: number): void {
        const message = this.findInFlight(receiptHandle);
        if (!message) throw new AwsError("MessageNotInflight", "The specified message isn't in flight.");
        this.inFlight.get(message)!();
        this.hide(message, seconds);
    }

    /** Numbers of visible, in-flight and delayed messages. */
    counts(): { visible: number; inFlight: number; delayed: number } {
        const visible = this.visible.filter((message) => !this.isExpired(message)).length;
        return { visible, inFlight: this.inFlight.size, delayed: this.delayed };
    }

    private handOut(message: Message, visibilityTimeout: number): Message {
        message.receiveCount++;
        message.firstReceivedAt ??= this.runtime.clock.now();
        message.receiptHandle = newUuid(this.runtime, this.name);
        this.hide(message, visibilityTimeout);
        return message;
    }

    private makeVisible(message: Message): void {
        this.visible.push(message);
        for (const listener of this.availableListeners) listener();
    }

    private hide(message: Message, seconds: number): void {
        const cancel = this.runtime.clock.at(this.runtime.clock.now() + seconds * 1000, () => {
            this.inFlight.delete(message);
            this.makeVisible(message);
        });
        this.inFlight.set(message, cancel);
    }

    private findInFlight(receiptHandle: string): Message | undefined {
        return [...this.inFlight.keys()].find((message) => message.receiptHandle === receiptHandle);
    }

    private giveUp(message: Message): void {
        for (const listener of this.givenUpListeners) listener(message);
    }

    private isExpired({ sentAt }: Message): boolean {
        return this.runtime.clock.now() - sentAt >= (this.inputs.messageRetentionSeconds ?? 345_600) * 1000;
    }
}
