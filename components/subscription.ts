import * as iam from "@pulumi/aws/iam";
import * as lambda from "@pulumi/aws/lambda";
import * as sns from "@pulumi/aws/sns";
import * as sqs from "@pulumi/aws/sqs";
import * as pulumi from "@pulumi/pulumi";
import { planSubscription } from "../plan";
import { allow, allowService, denyPlainHttp, policyDocument } from "./internal/policies";

/** Deliveries of a message before it is given up. */
const maxReceiveCount = 5;
/** Days that a message waits for its function; fewer than in the dead-letter queue, which counts from the same start. */
const retentionDays = 4;
const deadLetterRetentionDays = 14;
/** Lambda's advice: the queue waits this many function timeouts before it delivers a message again. */
const timeoutsUntilVisible = 6;

const day = 24 * 60 * 60;

/** Arguments of `Subscription`. */
export interface SubscriptionArgs {
    /** ARN of the topic that announces new objects in S3's event format. */
    topicArn: pulumi.Input<string>;
    /**
     * Starts of the keys that are delivered, at most 150; compared with the keys as S3 writes them into its events,
     * that is, URL-encoded.
     */
    prefixes: string[];
    /** ARN of the function. It answers with the messages that failed (`batchItemFailures`), or throws. */
    functionArn: pulumi.Input<string>;
    /** Name of the function's role, which is allowed to read the queue. */
    functionRole: pulumi.Input<string>;
    /** The function's timeout in seconds. */
    functionTimeout: pulumi.Input<number>;
    /** Most messages in one call, 1 to 10,000; above 10, a batch window is needed. @default 10 */
    batchSize?: pulumi.Input<number>;
    /** Most seconds to wait until a batch is full, 0 to 300. @default 0 */
    batchWindow?: pulumi.Input<number>;
    /** Most calls at the same time, 2 to 1,000. @default 10 */
    maximumConcurrency?: pulumi.Input<number>;
    /** ARNs of EventBridge rules that may send to the queue, and what they can't deliver to its dead-letter queue. @default none */
    eventRuleArns?: pulumi.Input<string>[];
}

/**
 * Delivers the announcements of new objects below some prefixes to a function: SNS filter → SQS queue → Lambda, with
 * partial batches and a dead-letter queue that takes what SNS cannot deliver and what the function refuses five times.
 *
 * @example
 * ```ts
 * new Subscription("thumbnails", {
 *     topicArn: fanOut.topicArn, prefixes: ["raw/images/"],
 *     functionArn: fn.arn, functionRole: role.name, functionTimeout: 30,
 * });
 * ```
 */
export class Subscription extends pulumi.ComponentResource {
    /** ARN of the queue. */
    readonly queueArn: pulumi.Output<string>;
    /** URL of the queue. */
    readonly queueUrl: pulumi.Output<string>;
    /** ARN of the dead-letter queue. */
    readonly deadLetterQueueArn: pulumi.Output<string>;
    /** URL of the dead-letter queue. */
    readonly deadLetterQueueUrl: pulumi.Output<string>;

    constructor(name: string, args: SubscriptionArgs, opts?: pulumi.ComponentResourceOptions) {
        super("eventpipeline:index:Subscription", name, {}, opts);
        planSubscription(args);
        const parent = this;
        const batchWindow = args.batchWindow ?? 0;
        const deadLetters = createDeadLetterQueue();
        const queue = createQueue();
        const ready = [
            takeFromTopic(`${name}-dead-letters-policy`, deadLetters),
            takeFromTopic(`${name}-policy`, queue),
        ];
        subscribe();
        consume();
        this.queueArn = queue.arn;
        this.queueUrl = queue.url;
        this.deadLetterQueueArn = deadLetters.arn;
        this.deadLetterQueueUrl = deadLetters.url;
        this.registerOutputs({
            queueArn: this.queueArn,
            queueUrl: this.queueUrl,
            deadLetterQueueArn: this.deadLetterQueueArn,
            deadLetterQueueUrl: this.deadLetterQueueUrl,
        });

        function createDeadLetterQueue() {
            return new sqs.Queue(
                `${name}-dead-letters`,
                { sqsManagedSseEnabled: true, messageRetentionSeconds: deadLetterRetentionDays * day },
                { parent },
            );
        }

        function createQueue() {
            const queue = new sqs.Queue(
                name,
                {
                    sqsManagedSseEnabled: true,
                    messageRetentionSeconds: retentionDays * day,
                    visibilityTimeoutSeconds: pulumi
                        .all([args.functionTimeout, batchWindow])
                        .apply(([timeout, window]) => timeoutsUntilVisible * timeout + window),
                    redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn: deadLetters.arn, maxReceiveCount }),
                },
                { parent },
            );
            new sqs.RedriveAllowPolicy(
                `${name}-redrive`,
                {
                    queueUrl: deadLetters.url,
                    redriveAllowPolicy: pulumi.jsonStringify({
                        redrivePermission: "byQueue",
                        sourceQueueArns: [queue.arn],
                    }),
                },
                { parent },
            );
            return queue;
        }

        /** Only this topic and these rules may send to the queue, and nobody without TLS. */
        function takeFromTopic(policyName: string, queue: sqs.Queue) {
            const policy = policyDocument(
                {
                    Sid: "TakeFromTopic",
                    ...allowService("sns.amazonaws.com", "sqs:SendMessage", queue.arn, {
                        ArnEquals: { "aws:SourceArn": args.topicArn },
                    }),
                },
                ...(args.eventRuleArns ?? []).map((rule, index) => ({
                    Sid: `TakeFromRule${index}`,
                    ...allowService("events.amazonaws.com", "sqs:SendMessage", queue.arn, {
                        ArnEquals: { "aws:SourceArn": rule },
                    }),
                })),
                denyPlainHttp("sqs:*", queue.arn),
            );
            return new sqs.QueuePolicy(policyName, { queueUrl: queue.url, policy }, { parent });
        }

        function subscribe() {
            const key = args.prefixes.map((prefix) => ({ prefix }));
            new sns.TopicSubscription(
                name,
                {
                    topic: args.topicArn,
                    protocol: "sqs",
                    endpoint: queue.arn,
                    rawMessageDelivery: true,
                    filterPolicyScope: "MessageBody",
                    filterPolicy: JSON.stringify({ Records: { s3: { object: { key } } } }),
                    redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn: deadLetters.arn }),
                },
                { parent, dependsOn: ready }, // a message that arrives earlier would be lost
            );
        }

        function consume() {
            const actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
            const policy = new iam.RolePolicy(
                `${name}-consume`,
                { role: args.functionRole, policy: policyDocument(allow(actions, queue.arn)) },
                { parent },
            );
            new lambda.EventSourceMapping(
                name,
                {
                    eventSourceArn: queue.arn,
                    functionName: args.functionArn,
                    batchSize: args.batchSize ?? 10,
                    maximumBatchingWindowInSeconds: batchWindow,
                    functionResponseTypes: ["ReportBatchItemFailures"],
                    scalingConfig: { maximumConcurrency: args.maximumConcurrency ?? 10 },
                },
                { parent, dependsOn: [policy] },
            );
        }
    }
}
