import type { TopicRuleArgs } from "@pulumi/aws/iot";
import type { FirehoseDeliveryStreamArgs, StreamArgs } from "@pulumi/aws/kinesis";
import type { BucketNotificationArgs } from "@pulumi/aws/s3";
import type { Unwrap } from "@pulumi/pulumi";
import { among, type Control, each } from "./control";

const firehose = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream";

/** Lambda answers 6 MB at most, and the answer is longer by a third in base64. */
const mostTransformMegabytes = 3;
/** A week, in which a failure is noticed. */
const fewestHours = 168;

export const streamControls: Control[] = [
    each<FirehoseDeliveryStreamArgs>(
        firehose,
        "delivery-stream-encrypted",
        "A delivery stream encrypts what is put on it; what it reads from Kinesis is encrypted there",
        ({ serverSideEncryption, kinesisSourceConfiguration }) =>
            kinesisSourceConfiguration
                ? serverSideEncryption?.enabled && "encrypts what it reads from Kinesis, which Firehose refuses"
                : !serverSideEncryption?.enabled && "is not encrypted: `serverSideEncryption`",
    ),
    each<FirehoseDeliveryStreamArgs>(
        firehose,
        "delivery-stream-logs-errors",
        "A delivery stream logs what it can't deliver",
        ({ extendedS3Configuration: destination }) =>
            destination && !destination.cloudwatchLoggingOptions?.enabled && "has no `cloudwatchLoggingOptions`",
    ),
    each<FirehoseDeliveryStreamArgs>(
        firehose,
        "delivery-stream-keeps-originals",
        "A delivery stream that a function transforms keeps what came in",
        (props) =>
            transformOf(props) &&
            props.extendedS3Configuration?.s3BackupMode !== "Enabled" &&
            "has a transformation, but no backup: a fault in it loses records",
    ),
    each<FirehoseDeliveryStreamArgs>(
        firehose,
        "delivery-stream-transforms-small-batches",
        "A transformation's batch is small enough for what a function may answer",
        (props) => {
            const parameters = transformOf(props)?.parameters ?? [];
            const size = parameters.find(({ parameterName }) => parameterName === "BufferSizeInMBs")?.parameterValue;
            return (
                Number(size ?? 1) > mostTransformMegabytes &&
                `gathers ${size} MB: take ${mostTransformMegabytes} at most`
            );
        },
    ),
    among<FirehoseDeliveryStreamArgs>(
        firehose,
        "delivery-stream-errors-announced-to-nobody",
        "What a delivery stream could not deliver lies where no notification announces it",
        ({ extendedS3Configuration: destination }, stack) => {
            if (!destination) return undefined;
            const { bucketArn, errorOutputPrefix = "" } = destination;
            const announced = stack
                .ofType<BucketNotificationArgs>("aws:s3/bucketNotification:BucketNotification")
                .filter(({ props }) => bucketArn.endsWith(`:::${props.bucket}`))
                .flatMap(({ props }) => [
                    ...(props.topics ?? []),
                    ...(props.queues ?? []),
                    ...(props.lambdaFunctions ?? []),
                ])
                .find(({ filterPrefix = "" }) => errorOutputPrefix.startsWith(filterPrefix));
            return (
                announced &&
                `writes errors to ${errorOutputPrefix}, which \`${announced.filterPrefix}\` announces as data`
            );
        },
    ),
    each<StreamArgs>(
        "aws:kinesis/stream:Stream",
        "kinesis-encrypted",
        "A Kinesis stream is encrypted",
        ({ encryptionType }) => encryptionType !== "KMS" && 'is not encrypted: `encryptionType: "KMS"`',
    ),
    each<StreamArgs>(
        "aws:kinesis/stream:Stream",
        "kinesis-kept-for-a-week",
        "A Kinesis stream keeps its records until a failure is noticed: a week",
        ({ retentionPeriod = 24 }) =>
            retentionPeriod < fewestHours && `keeps records for ${retentionPeriod} hours, not ${fewestHours}`,
    ),
    each<TopicRuleArgs>(
        "aws:iot/topicRule:TopicRule",
        "iot-rule-keeps-failures",
        "A topic rule keeps what its actions could not do",
        ({ errorAction }) => !errorAction && "has no `errorAction`: what its actions can't do is lost",
    ),
    each<TopicRuleArgs>(
        "aws:iot/topicRule:TopicRule",
        "iot-rule-names-topics",
        "A topic rule names its topics",
        ({ sql }) => /\bFROM\s+'\s*[#+]/i.test(sql) && "takes messages of all topics: begin its filter with a name",
    ),
];

function transformOf({ extendedS3Configuration }: Unwrap<FirehoseDeliveryStreamArgs>) {
    return extendedS3Configuration?.processingConfiguration?.processors?.find(({ type }) => type === "Lambda");
}
