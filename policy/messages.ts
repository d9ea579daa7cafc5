import type { EventSourceMappingArgs, FunctionArgs } from "@pulumi/aws/lambda";
import type { TopicArgs, TopicPolicyArgs, TopicSubscriptionArgs } from "@pulumi/aws/sns";
import type { QueueArgs, QueuePolicyArgs, RedriveAllowPolicyArgs } from "@pulumi/aws/sqs";
import { among, type Control, each, type Props, type Stack } from "./control";
import {
    allowing,
    denies,
    hasCondition,
    isEverybody,
    namesSource,
    plainHttp,
    sourceAccount,
    sourceArn,
} from "./documents";

const topic = "aws:sns/topic:Topic";
const topicPolicy = "aws:sns/topicPolicy:TopicPolicy";
const subscription = "aws:sns/topicSubscription:TopicSubscription";
const queue = "aws:sqs/queue:Queue";
const queuePolicy = "aws:sqs/queuePolicy:QueuePolicy";

/** Two weeks, the longest that SQS keeps a message. */
const longestRetention = 1_209_600;
const fewestReceives = 5;
/** Lambda's advice: else a message comes again while it is worked on. */
const timeoutsUntilVisible = 6;

export const messageControls: Control[] = [
    each<TopicArgs>(
        topic,
        "topic-encrypted",
        "A topic is encrypted with a key of one's own: AWS's own key lets no service publish",
        ({ kmsMasterKeyId }) =>
            (!kmsMasterKeyId || kmsMasterKeyId.endsWith("alias/aws/sns")) && "has no `kmsMasterKeyId` of one's own",
    ),
    each<TopicPolicyArgs>(
        topicPolicy,
        "topic-publishers-known",
        "A topic's policy names who publishes, and for which account or resource a service does; S3 for both",
        ({ policy }) => {
            const open = allowing(policy).find((statement) => {
                if (isEverybody(statement)) return true;
                const { Service = [] } = statement.principals;
                if (Service.length === 0) return false;
                return Service.includes("s3.amazonaws.com")
                    ? !hasCondition(statement, sourceAccount) || !hasCondition(statement, sourceArn)
                    : !namesSource(statement);
            });
            return open && `allows ${open.actions} without \`aws:SourceArn\` and \`aws:SourceAccount\``;
        },
    ),
    among<TopicArgs>(topic, "topic-takes-tls-only", "A topic refuses whoever comes without TLS", ({ arn }, stack) => {
        const policies = stack.ofType<TopicPolicyArgs>(topicPolicy).filter(({ props }) => props.arn === arn);
        const closed = policies.some(({ props }) => denies(props.policy, "sns:Publish", plainHttp));
        return !closed && "has no TopicPolicy that denies `sns:Publish` without TLS";
    }),
    each<TopicSubscriptionArgs>(
        subscription,
        "subscription-keeps-undelivered",
        "A subscription keeps what it can't deliver in a dead-letter queue, but for mails and phones",
        ({ protocol, redrivePolicy }) =>
            !["email", "email-json", "sms", "application"].includes(protocol) &&
            !redrivePolicy &&
            "has no `redrivePolicy`: what can't be delivered is lost",
    ),
    each<QueueArgs>(
        queue,
        "queue-encrypted",
        "A queue is encrypted",
        ({ sqsManagedSseEnabled, kmsMasterKeyId }) =>
            !sqsManagedSseEnabled && !kmsMasterKeyId && "is not encrypted: `sqsManagedSseEnabled: true`",
    ),
    each<QueuePolicyArgs>(
        queuePolicy,
        "queue-senders-known",
        "A queue's policy names who sends, and for which account or resource a service does",
        ({ policy }) => {
            const open = allowing(policy).find(
                (statement) => isEverybody(statement) || (statement.principals.Service && !namesSource(statement)),
            );
            return open && `allows ${open.actions} without \`aws:SourceArn\` or \`aws:SourceAccount\``;
        },
    ),
    among<QueueArgs>(queue, "queue-takes-tls-only", "A queue refuses whoever comes without TLS", ({ url }, stack) => {
        const policies = stack.ofType<QueuePolicyArgs>(queuePolicy).filter(({ props }) => props.queueUrl === url);
        const closed = policies.some(({ props }) => denies(props.policy, "sqs:*", plainHttp));
        return !closed && "has no QueuePolicy that denies `sqs:*` without TLS";
    }),
    ofReadQueue("queue-gives-up", "A queue that a function reads gives up after 5 deliveries or more", (props) => {
        const { deadLetterTargetArn, maxReceiveCount } = redriveOf(props);
        if (!deadLetterTargetArn) return "has no `redrivePolicy`: what its function refuses comes for ever";
        return (
            Number(maxReceiveCount) < fewestReceives &&
            `gives up after ${maxReceiveCount} deliveries: throttling takes that`
        );
    }),
    ofReadQueue(
        "queue-hides-long-enough",
        "A message stays hidden for six timeouts of the function that reads it, and its batch window",
        ({ visibilityTimeoutSeconds = 30 }, reader, stack) => {
            const { timeout = 3 } = functionOf(stack, reader.functionName) ?? {};
            const needed = timeoutsUntilVisible * timeout + (reader.maximumBatchingWindowInSeconds ?? 0);
            return (
                visibilityTimeoutSeconds < needed &&
                `hides a message for ${visibilityTimeoutSeconds} s, not ${needed} s`
            );
        },
    ),
    ofDeadLetters("dead-letters-kept-long", "A dead-letter queue keeps messages for 14 days", (props) => {
        const { messageRetentionSeconds } = props;
        return messageRetentionSeconds !== longestRetention && "keeps messages for less than 14 days";
    }),
    among<QueueArgs>(
        queue,
        "dead-letters-of-known-queues",
        "A dead-letter queue takes from the queues that it says, no others",
        ({ arn, url }, stack) => {
            const isTarget = queuesOf(stack).some((props) => redriveOf(props).deadLetterTargetArn === arn);
            const rules = stack
                .ofType<RedriveAllowPolicyArgs>("aws:sqs/redriveAllowPolicy:RedriveAllowPolicy")
                .filter(({ props }) => props.queueUrl === url);
            const named = rules.some(
                ({ props }) => JSON.parse(props.redriveAllowPolicy).redrivePermission === "byQueue",
            );
            return isTarget && !named && "has no RedriveAllowPolicy with `byQueue`";
        },
    ),
];

function ofReadQueue(
    name: string,
    description: string,
    check: (props: Props<QueueArgs>, reader: Props<EventSourceMappingArgs>, stack: Stack) => string | false | undefined,
) {
    return among<QueueArgs>(queue, name, description, (props, stack) => {
        const reader = stack
            .ofType<EventSourceMappingArgs>("aws:lambda/eventSourceMapping:EventSourceMapping")
            .find((each) => each.props.eventSourceArn === props.arn);
        return reader && check(props, reader.props, stack);
    });
}

function ofDeadLetters(name: string, description: string, check: (props: Props<QueueArgs>) => string | false) {
    return among<QueueArgs>(queue, name, description, (props, stack) => {
        const subscriptions = stack.ofType<TopicSubscriptionArgs>(subscription).map((each) => each.props);
        const targets = [...queuesOf(stack), ...subscriptions].map((each) => redriveOf(each).deadLetterTargetArn);
        return targets.includes(props.arn) && check(props);
    });
}

function queuesOf(stack: Stack): Props<QueueArgs>[] {
    return stack.ofType<QueueArgs>(queue).map(({ props }) => props);
}

function redriveOf({ redrivePolicy }: { redrivePolicy?: string }): {
    deadLetterTargetArn?: string;
    maxReceiveCount?: unknown;
} {
    return redrivePolicy ? JSON.parse(redrivePolicy) : {};
}

/** A mapping names its function by its ARN or its name. */
function functionOf(stack: Stack, named: string): Props<FunctionArgs> | undefined {
    const functions = stack.ofType<FunctionArgs>("aws:lambda/function:Function").map(({ props }) => props);
    return functions.find(({ arn, name }) => named === arn || named === name);
}
