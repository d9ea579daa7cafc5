import { join } from "node:path";
import { json, policy } from "./record";

/** What `createFunction` registers for a function of this name. */
export interface ExpectedFunction {
    bundle?: string;
    files?: Record<string, unknown>;
    environment: Record<string, string>;
    memorySize: number;
    timeout: number;
    statements: unknown[];
    /** What a user's function has instead. */
    user?: Record<string, unknown>;
}

/** The resources of a function: its log, its role and itself. */
export function functionResources(name: string, expected: ExpectedFunction): Record<string, unknown> {
    const files = Object.entries(expected.files ?? {}).map(([file, value]) => [file, { text: json(value) }]);
    return {
        [`LogGroup ${name}-log`]: { retentionInDays: 30 },
        [`Role ${name}-role`]: {
            assumeRolePolicy: policy({
                Effect: "Allow",
                Principal: { Service: "lambda.amazonaws.com" },
                Action: "sts:AssumeRole",
            }),
        },
        [`RolePolicy ${name}-policy`]: {
            role: `${name}-role`,
            policy: policy(
                {
                    Effect: "Allow",
                    Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
                    Resource: `arn:aws:logs:eu-west-1:123456789012:log-group:${name}-log:*`,
                },
                {
                    Effect: "Allow",
                    Action: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
                    Resource: "*",
                },
                ...expected.statements,
            ),
        },
        [`Function ${name}`]: {
            runtime: "nodejs24.x",
            handler: "index.handler",
            architectures: ["arm64"],
            code: {
                "index.js": { file: join("dist", "functions", `${expected.bundle}`, "index.js") },
                ...Object.fromEntries(files),
            },
            memorySize: expected.memorySize,
            timeout: expected.timeout,
            environment: { variables: expected.environment },
            role: `arn:aws:iam::123456789012:role/${name}-role`,
            tracingConfig: { mode: "Active" },
            loggingConfig: { logFormat: "Text", logGroup: `${name}-log` },
            ...expected.user,
        },
    };
}

/** What a subscription of this name is expected to be. */
export interface ExpectedSubscription {
    topicArn: string;
    prefixes: string[];
    functionArn: string;
    role: string;
    visibilityTimeoutSeconds: number;
    batchSize: number;
    batchWindow: number;
    maximumConcurrency: number;
    /** ARN of the EventBridge rule that may send, too. */
    ruleArn?: string;
}

/** The resources of a subscription: two queues, their policies, the topic's filter and the function's trigger. */
export function subscriptionResources(name: string, expected: ExpectedSubscription): Record<string, unknown> {
    const queueArn = `arn:aws:sqs:eu-west-1:123456789012:${name}`;
    const deadLetterTargetArn = `${queueArn}-dead-letters`;
    return {
        [`Queue ${name}-dead-letters`]: { sqsManagedSseEnabled: true, messageRetentionSeconds: 1_209_600 },
        [`QueuePolicy ${name}-dead-letters-policy`]: queuePolicy(`${name}-dead-letters`, expected),
        [`RedriveAllowPolicy ${name}-redrive`]: {
            queueUrl: `https://sqs/${name}-dead-letters`,
            redriveAllowPolicy: json({ redrivePermission: "byQueue", sourceQueueArns: [queueArn] }),
        },
        [`Queue ${name}`]: {
            sqsManagedSseEnabled: true,
            messageRetentionSeconds: 345_600,
            visibilityTimeoutSeconds: expected.visibilityTimeoutSeconds,
            redrivePolicy: json({ deadLetterTargetArn, maxReceiveCount: 5 }),
        },
        [`QueuePolicy ${name}-policy`]: queuePolicy(name, expected),
        [`TopicSubscription ${name}`]: {
            topic: expected.topicArn,
            protocol: "sqs",
            endpoint: queueArn,
            rawMessageDelivery: true,
            filterPolicyScope: "MessageBody",
            filterPolicy: json({
                Records: { s3: { object: { key: expected.prefixes.map((prefix) => ({ prefix })) } } },
            }),
            redrivePolicy: json({ deadLetterTargetArn }),
        },
        [`RolePolicy ${name}-consume`]: {
            role: expected.role,
            policy: policy({
                Effect: "Allow",
                Action: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
                Resource: queueArn,
            }),
        },
        [`EventSourceMapping ${name}`]: {
            eventSourceArn: queueArn,
            functionName: expected.functionArn,
            batchSize: expected.batchSize,
            maximumBatchingWindowInSeconds: expected.batchWindow,
            functionResponseTypes: ["ReportBatchItemFailures"],
            scalingConfig: { maximumConcurrency: expected.maximumConcurrency },
        },
    };
}

function queuePolicy(queue: string, { topicArn, ruleArn }: ExpectedSubscription) {
    const Resource = `arn:aws:sqs:eu-west-1:123456789012:${queue}`;
    return {
        queueUrl: `https://sqs/${queue}`,
        policy: policy(
            {
                Sid: "TakeFromTopic",
                Effect: "Allow",
                Principal: { Service: "sns.amazonaws.com" },
                Action: "sqs:SendMessage",
                Resource,
                Condition: { ArnEquals: { "aws:SourceArn": topicArn } },
            },
            ...(ruleArn
                ? [
                      {
                          Sid: "TakeFromRule0",
                          Effect: "Allow",
                          Principal: { Service: "events.amazonaws.com" },
                          Action: "sqs:SendMessage",
                          Resource,
                          Condition: { ArnEquals: { "aws:SourceArn": ruleArn } },
                      },
                  ]
                : []),
            {
                Sid: "DenyPlainHttp",
                Effect: "Deny",
                Principal: "*",
                Action: "sqs:*",
                Resource,
                Condition: { Bool: { "aws:SecureTransport": "false" } },
            },
        ),
    };
}
