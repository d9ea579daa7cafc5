import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as kms from "@pulumi/aws/kms";
import * as s3 from "@pulumi/aws/s3";
import * as sns from "@pulumi/aws/sns";
import * as pulumi from "@pulumi/pulumi";
import { checked, type Report } from "../plan";
import { arnOf, bucketArn, currentAccount } from "./internal/account";
import { createAlias } from "./internal/key-alias";
import {
    accountKey,
    allowService,
    type Condition,
    denyPlainHttp,
    policyDocument,
    type Statement,
} from "./internal/policies";

/** A folder whose new objects are announced. */
export interface AnnouncedFolderArgs {
    /** Start of the keys, e.g. `raw/`. Folders may not overlap: S3 refuses that. */
    prefix: string;
    /** End of the keys. @default all keys */
    suffix?: string;
}

/** Arguments of `FanOut`. */
export interface FanOutArgs {
    /** Name of the bucket. */
    bucketName: pulumi.Input<string>;
    /** Folders whose new objects are announced. */
    folders: AnnouncedFolderArgs[];
    /**
     * ARN of a topic that the bucket already announces its new objects on, in S3's own event format. Nothing is
     * created: what the topic's and the bucket's owner must set are the outputs `topicPolicy` and
     * `bucketNotification`. Excludes `eventBridge`.
     * @default a topic is created
     */
    topicArn?: pulumi.Input<string>;
    /**
     * Whether the new objects are heard of through EventBridge, which the bucket's owner must have switched on; the
     * bucket's notification document is then left alone. Excludes `topicArn`.
     * @default false: the bucket's notification document is written, which replaces whatever it said before
     */
    eventBridge?: boolean;
}

/**
 * Announces the new objects of a bucket on one SNS topic, encrypted with a key of its own.
 *
 * A bucket has a single notification document, and this component replaces it; on a bucket that has one already, say
 * `topicArn` or `eventBridge`.
 *
 * Of what it creates, only that document, or the rule's target, waits for the option `dependsOn`: the topic's subscribers,
 * for example, which must be there before anything is announced, and need the topic themselves.
 *
 * @example
 * ```ts
 * const fanOut = new FanOut("lake", { bucketName: lake.bucketName, folders: [{ prefix: "raw/" }] });
 * ```
 */
export class FanOut extends pulumi.ComponentResource {
    /** ARN of the topic. */
    readonly topicArn: pulumi.Output<string>;
    /** Policy document that lets the bucket publish on the topic: attached to a created topic, for the owner of another. */
    readonly topicPolicy: pulumi.Output<string>;
    /**
     * Notification configuration that the bucket needs, as `aws s3api put-bucket-notification-configuration` takes it:
     * written already, or for the owner of an adopted bucket.
     */
    readonly bucketNotification: pulumi.Output<string>;

    constructor(name: string, args: FanOutArgs, opts?: pulumi.ComponentResourceOptions) {
        const { dependsOn, ...others } = opts ?? {};
        super("eventpipeline:index:FanOut", name, {}, others);
        checked((report) => checkWays(args, report));
        const parent = this;
        const account = currentAccount(this);
        const announcer = args.eventBridge ? throughEventBridge() : byNotification();
        this.topicArn = pulumi.output(args.topicArn ?? createTopic());
        this.topicPolicy = policyDocument(...topicStatements(this.topicArn));
        this.bucketNotification = announcer.bucketNotification(this.topicArn);
        if (args.topicArn === undefined) announce(this.topicArn, this.topicPolicy);
        this.registerOutputs({
            topicArn: this.topicArn,
            topicPolicy: this.topicPolicy,
            bucketNotification: this.bucketNotification,
        });

        /** The bucket itself publishes, as its notification document says. */
        function byNotification(): Announcer {
            const condition = fromSource(bucketArn(account, args.bucketName));
            return {
                service: "s3.amazonaws.com",
                condition,
                keyCondition: condition,
                bucketNotification: (topicArn) => notificationDocument(topicArn, args.folders),
                connect(topicArn, taken) {
                    const topics = args.folders.map(({ prefix, suffix }) => ({
                        topicArn,
                        events: [created],
                        filterPrefix: prefix,
                        filterSuffix: suffix,
                    }));
                    new s3.BucketNotification(
                        `${name}-notification`,
                        { bucket: args.bucketName, topics },
                        afterAll(taken),
                    );
                },
            };
        }

        /** The bucket tells EventBridge, and a rule publishes. */
        function throughEventBridge(): Announcer {
            const eventPattern = pulumi.jsonStringify({
                source: ["aws.s3"],
                "detail-type": ["Object Created"],
                detail: { bucket: { name: [args.bucketName] }, object: { key: args.folders.map(keyPattern) } },
            });
            const description = `New objects of ${name}`;
            const rule = new cloudwatch.EventRule(name, { description, eventPattern }, { parent });
            return {
                service: "events.amazonaws.com",
                condition: fromSource(rule.arn),
                // EventBridge names no source to KMS.
                keyCondition: { ArnLike: { "kms:EncryptionContext:aws:sns:topicArn": arnOf(account, "sns", "*") } },
                bucketNotification: () => pulumi.jsonStringify({ EventBridgeConfiguration: {} }),
                connect(topicArn, taken) {
                    const target = { rule: rule.name, arn: topicArn, inputTransformer: asNotification };
                    new cloudwatch.EventTarget(`${name}-target`, target, afterAll(taken));
                },
            };
        }

        function createTopic() {
            const key = new kms.Key(
                name,
                {
                    description: `Encrypts the announcements of new objects of ${name}`,
                    enableKeyRotation: true,
                    policy: policyDocument(...keyStatements()),
                },
                { parent },
            );
            createAlias(name, key, "FanOut", parent);
            return new sns.Topic(name, { kmsMasterKeyId: key.arn }, { parent }).arn;
        }

        /** The account's administrators manage the key; only the announcer uses it. */
        function keyStatements(): Statement[] {
            const use = ["kms:GenerateDataKey*", "kms:Decrypt"];
            return [
                accountKey(account),
                { Sid: "Announce", ...allowService(announcer.service, use, "*", announcer.keyCondition) },
            ];
        }

        function topicStatements(topicArn: pulumi.Output<string>): Statement[] {
            const { service, condition } = announcer;
            return [
                { Sid: "Announce", ...allowService(service, "sns:Publish", topicArn, condition) },
                denyPlainHttp("sns:Publish", topicArn),
            ];
        }

        /** Lets new objects reach the topic, once its policy takes them. */
        function announce(topicArn: pulumi.Output<string>, policy: pulumi.Output<string>) {
            announcer.connect(topicArn, new sns.TopicPolicy(`${name}-policy`, { arn: topicArn, policy }, { parent }));
        }

        function afterAll(taken: pulumi.Resource): pulumi.CustomResourceOptions {
            return pulumi.mergeOptions({ parent, dependsOn: [taken] }, { dependsOn });
        }

        function fromSource(sourceArn: pulumi.Output<string>): Condition {
            return { StringEquals: { "aws:SourceAccount": account.id }, ArnEquals: { "aws:SourceArn": sourceArn } };
        }
    }
}

const created = "s3:ObjectCreated:*";

/** A way from the bucket to the topic. */
interface Announcer {
    /** Who publishes. */
    service: string;
    /** How the topic's policy knows that it is for this bucket. */
    condition: Condition;
    /** How the key's policy knows it. */
    keyCondition: Condition;
    /** What the bucket needs, as JSON. */
    bucketNotification(topicArn: pulumi.Output<string>): pulumi.Output<string>;
    /** Begins, once the topic takes what is announced. */
    connect(topicArn: pulumi.Output<string>, taken: pulumi.Resource): void;
}

function checkWays({ topicArn, eventBridge }: FanOutArgs, report: Report): void {
    if (topicArn !== undefined && eventBridge) {
        report("eventBridge", "does not go with `topicArn`, which hears of new objects already: keep one of them");
    }
}

/** S3's notification configuration: every folder on the topic. */
function notificationDocument(topicArn: pulumi.Output<string>, folders: AnnouncedFolderArgs[]) {
    const rules = ({ prefix, suffix }: AnnouncedFolderArgs) => [
        { Name: "prefix", Value: prefix },
        ...(suffix ? [{ Name: "suffix", Value: suffix }] : []),
    ];
    return pulumi.jsonStringify({
        TopicConfigurations: folders.map((folder) => ({
            TopicArn: topicArn,
            Events: [created],
            Filter: { Key: { FilterRules: rules(folder) } },
        })),
    });
}

/** EventBridge's pattern for the keys of a folder. */
function keyPattern({ prefix, suffix }: AnnouncedFolderArgs) {
    return suffix ? { wildcard: `${prefix}*${suffix}` } : { prefix };
}

/**
 * Turns EventBridge's event into the shape of S3's own notification. EventBridge quotes what stands alone; the version
 * is in quotes because a bucket without versions sends none, and nothing but quotes keeps that valid JSON. The key is not
 * encoded, which `eventSource` tells the readers.
 */
const asNotification = {
    inputPaths: {
        region: "$.region",
        time: "$.time",
        bucket: "$.detail.bucket.name",
        key: "$.detail.object.key",
        size: "$.detail.object.size",
        etag: "$.detail.object.etag",
        version: "$.detail.object.version-id",
        sequencer: "$.detail.object.sequencer",
    },
    inputTemplate:
        '{"Records":[{"eventSource":"aws:events","eventName":"Object Created","awsRegion":<region>,"eventTime":<time>,' +
        '"s3":{"bucket":{"name":<bucket>},"object":{"key":<key>,"size":<size>,"eTag":<etag>,"versionId":"<version>",' +
        '"sequencer":<sequencer>}}}]}',
};
