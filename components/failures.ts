import * as kms from "@pulumi/aws/kms";
import * as sns from "@pulumi/aws/sns";
import * as pulumi from "@pulumi/pulumi";
import { currentAccount } from "./internal/account";
import { createAlias } from "./internal/key-alias";
import { accountKey, allowService, denyPlainHttp, policyDocument } from "./internal/policies";

/** Who hears of what failed for good. */
export interface FailuresArgs {
    /** Addresses that get a mail for each failure, once their owners confirmed the subscription. @default none */
    emails?: pulumi.Input<string>[];
}

const alarms = "cloudwatch.amazonaws.com";

/**
 * Topic that says what failed for good, such as a query run: encrypted with a key of its own, TLS only. The account's
 * alarms may publish on it; whoever else does needs `sns:Publish` on the topic, and `kms:GenerateDataKey*` and `kms:Decrypt` on the key.
 *
 * @example
 * ```ts
 * const failures = new Failures("reports", { emails: ["data@example.com"] });
 * ```
 */
export class Failures extends pulumi.ComponentResource {
    /** ARN of the topic. */
    readonly topicArn: pulumi.Output<string>;
    /** ARN of the key. */
    readonly keyArn: pulumi.Output<string>;

    constructor(name: string, args: FailuresArgs = {}, opts?: pulumi.ComponentResourceOptions) {
        super("eventpipeline:index:Failures", name, {}, opts);
        const parent = this;
        const account = currentAccount(parent);
        const ofAccount = { StringEquals: { "aws:SourceAccount": account.id } };
        const key = createKey();
        const topic = createTopic();
        (args.emails ?? []).forEach(subscribe);
        this.topicArn = topic.arn;
        this.keyArn = key.arn;
        this.registerOutputs({ topicArn: this.topicArn, keyArn: this.keyArn });

        /** The account's own policies say who uses it; alarms have no role that could be allowed to. */
        function createKey() {
            const description = `Encrypts the notifications of ${name}`;
            const policy = policyDocument(accountKey(account), {
                Sid: "LetAlarmsUse",
                ...allowService(alarms, ["kms:GenerateDataKey*", "kms:Decrypt"], "*", ofAccount),
            });
            const key = new kms.Key(name, { description, enableKeyRotation: true, policy }, { parent });
            createAlias(name, key, "Failures", parent);
            return key;
        }

        function createTopic() {
            const topic = new sns.Topic(name, { kmsMasterKeyId: key.arn }, { parent });
            const policy = policyDocument(
                { Sid: "TakeAlarms", ...allowService(alarms, "sns:Publish", topic.arn, ofAccount) },
                denyPlainHttp("sns:Publish", topic.arn),
            );
            new sns.TopicPolicy(`${name}-policy`, { arn: topic.arn, policy }, { parent });
            return topic;
        }

        function subscribe(endpoint: pulumi.Input<string>, index: number) {
            new sns.TopicSubscription(
                `${name}-${index}`,
                { topic: topic.arn, protocol: "email", endpoint },
                { parent },
            );
        }
    }
}
