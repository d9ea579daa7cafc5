import * as iam from "@pulumi/aws/iam";
import * as iot from "@pulumi/aws/iot";
import * as sqs from "@pulumi/aws/sqs";
import * as pulumi from "@pulumi/pulumi";
import { type ColumnArgs, checked, checkIot } from "../../plan";
import { checkIngestColumns } from "../../plan/columns";
import { bucketArn, currentAccount } from "../internal/account";
import { ruleName } from "../internal/names";
import { allow, denyPlainHttp, policyDocument, putRecords, trust } from "../internal/policies";

/** An object for each failure, in folders of hours like all else that failed. */
const failureKey = "${parse_time('yyyy/MM/dd/HH', timestamp(), 'UTC')}/${newuuid()}.json";

/** The longest that SQS keeps a message. */
const deadLetterRetentionSeconds = 14 * 24 * 60 * 60;

/** Which messages of AWS IoT Core are events. */
export interface IotArgs {
    /**
     * The rule, in AWS IoT's SQL: `*`, fields, literals, `topic(n)`, `timestamp()` and `clientid()`, with WHERE of
     * comparisons, AND, OR and NOT. With `*` the event is the payload as it was published, on one line.
     * @example "SELECT *, topic(2) AS device_id FROM 'devices/+/ping' WHERE battery < 0.5"
     */
    sql: string;
    /**
     * Whether payloads are arrays of at most 500 events, each of which becomes one. Only an array is taken then: AWS
     * does not say what becomes of a single event.
     * @default false: each payload is one event
     */
    batchMode?: pulumi.Input<boolean>;
    /**
     * Whether messages that could not be put on the stream go to an SQS queue, which keeps them for 14 days, so that
     * somebody who reads it can publish them again.
     * @default false: each is an object in the bucket, below `failed/<ingest>/iot/`
     */
    deadLetterQueue?: boolean;
}

/** Arguments of `IotTopic`. */
export interface IotTopicArgs extends IotArgs {
    /** Columns of the delivery stream's events. */
    columns: ColumnArgs[];
    /** Name of the delivery stream. */
    streamName: pulumi.Input<string>;
    /** ARN of the delivery stream. */
    streamArn: pulumi.Input<string>;
    /** Name of the bucket that keeps what the rule could not put on the stream, unless `deadLetterQueue` does. */
    bucketName: pulumi.Input<string>;
    /** Where the bucket keeps that, ending in `/`. */
    errorPrefix: string;
}

/**
 * Takes events over MQTT: a topic rule of AWS IoT Core puts each message on a delivery stream, as a line. What it cannot
 * put there is kept below `errorPrefix`, or in a dead-letter queue, with the message and the reason.
 *
 * @example
 * ```ts
 * new IotTopic("pings", {
 *     sql: "SELECT * FROM 'devices/+/ping'",
 *     columns: [{ name: "battery", type: "double" }],
 *     streamName: stream.streamName,
 *     streamArn: stream.streamArn,
 *     bucketName: lake.bucketName,
 *     errorPrefix: "failed/pings/iot/",
 * });
 * ```
 */
export class IotTopic extends pulumi.ComponentResource {
    /** Name of the rule. */
    readonly ruleName: pulumi.Output<string>;
    /** ARN of the rule. */
    readonly ruleArn: pulumi.Output<string>;
    /** URL of the dead-letter queue; absent without `deadLetterQueue`. */
    readonly deadLetterQueueUrl?: pulumi.Output<string>;

    constructor(name: string, args: IotTopicArgs, opts?: pulumi.ComponentResourceOptions) {
        super("eventpipeline:index:IotTopic", name, {}, opts);
        checked((report) => checkIot(args, checkIngestColumns(args.columns, "columns", report), "", report));
        const parent = this;
        const account = currentAccount(this);
        const deadLetters = args.deadLetterQueue ? createDeadLetterQueue() : undefined;
        const role = createRole();
        const rule = createRule();
        this.ruleName = rule.name;
        this.ruleArn = rule.arn;
        this.deadLetterQueueUrl = deadLetters?.url;
        this.registerOutputs({
            ruleName: this.ruleName,
            ruleArn: this.ruleArn,
            deadLetterQueueUrl: this.deadLetterQueueUrl,
        });

        function createDeadLetterQueue() {
            const queue = new sqs.Queue(
                `${name}-dead-letters`,
                { sqsManagedSseEnabled: true, messageRetentionSeconds: deadLetterRetentionSeconds },
                { parent },
            );
            new sqs.QueuePolicy(
                `${name}-dead-letters-policy`,
                { queueUrl: queue.url, policy: policyDocument(denyPlainHttp("sqs:*", queue.arn)) },
                { parent },
            );
            return queue;
        }

        function createRole() {
            const role = new iam.Role(
                `${name}-role`,
                { assumeRolePolicy: trust("iot.amazonaws.com", { StringEquals: { "aws:SourceAccount": account.id } }) },
                { parent },
            );
            const keepFailures = deadLetters
                ? allow("sqs:SendMessage", deadLetters.arn)
                : allow(
                      "s3:PutObject",
                      pulumi.interpolate`${bucketArn(account, args.bucketName)}/${args.errorPrefix}*`,
                  );
            const policy = policyDocument(putRecords(args.streamArn), keepFailures);
            return {
                arn: role.arn,
                policy: new iam.RolePolicy(`${name}-policy`, { role: role.name, policy }, { parent }),
            };
        }

        function createRule() {
            return new iot.TopicRule(
                ruleName(name),
                {
                    enabled: true,
                    sql: args.sql,
                    sqlVersion: "2016-03-23",
                    firehoses: [
                        {
                            deliveryStreamName: args.streamName,
                            roleArn: role.arn,
                            separator: "\n",
                            batchMode: args.batchMode ?? false,
                        },
                    ],
                    errorAction: errorAction(),
                },
                { parent, dependsOn: [role.policy] }, // a message that comes before the policy would be lost
            );
        }

        function errorAction() {
            const roleArn = role.arn;
            return deadLetters
                ? { sqs: { queueUrl: deadLetters.url, roleArn, useBase64: false } }
                : { s3: { bucketName: args.bucketName, key: `${args.errorPrefix}${failureKey}`, roleArn } };
        }
    }
}
