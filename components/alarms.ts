import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as pulumi from "@pulumi/pulumi";
import { planAlarms } from "../plan";
import { defaultBufferSeconds } from "./delivery-stream";
import { workgroupPrefix } from "./internal/names";

const minute = 60;
/** Delivery is late after so many of the stream's own intervals: it tries again within each. */
const lateIntervals = 3;
/** What a buffer holds at most; an alarm on less would tell of every object. */
const soonestLate = 15 * minute;

/** Who is told when events do not get where they should. */
export interface PipelineAlarmsArgs {
    /** Whether there are alarms on delivery streams and dead-letter queues; `reconcile` has its own. @default true */
    enabled?: boolean;
    /**
     * ARN of the topic that all alarms notify, those of `reconcile` too; if it is encrypted, its key must let CloudWatch use it.
     * @default the pipeline's `failuresTopicArn`; none where it has no queries: the alarms are seen in CloudWatch
     */
    topicArn?: pulumi.Input<string>;
}

/** A delivery stream that is watched. */
export interface WatchedStreamArgs {
    /** Its name. */
    streamName: pulumi.Input<string>;
    /** Seconds after which it writes an object. @default 300 */
    bufferSeconds?: pulumi.Input<number>;
    /** Whether a function checks its events. @default false */
    isChecked?: boolean;
}

/** Arguments of `Alarms`. */
export interface AlarmsArgs extends PipelineAlarmsArgs {
    /** Name of the pipeline, for the alarms' descriptions. @default the component's name */
    pipeline?: string;
    /** What to call it → delivery stream. @default none */
    streams?: Record<string, WatchedStreamArgs>;
    /** What to call it → URL of a dead-letter queue. @default none */
    deadLetterQueueUrls?: Record<string, pulumi.Input<string>>;
}

/**
 * Alarms on what would get lost in silence: a delivery stream that does not reach S3, which drops events after 24 hours; one
 * whose function fails, so that events go to the failed store unchecked; and messages in dead-letter queues, which stay 14 days.
 *
 * @example
 * ```ts
 * new Alarms("alarms", {
 *     topicArn: topic.arn,
 *     streams: { clicks: { streamName: stream.streamName, isChecked: true } },
 *     deadLetterQueueUrls: { forecast: processor.deadLetterQueueUrl },
 * });
 * ```
 */
export class Alarms extends pulumi.ComponentResource {
    /** `<stream>-late`, `<stream>-unchecked` or `<queue>-dead-letters` → name of the alarm. */
    readonly alarmNames: pulumi.Output<Record<string, string>>;

    constructor(name: string, args: AlarmsArgs, opts?: pulumi.ComponentResourceOptions) {
        super("eventpipeline:index:Alarms", name, {}, opts);
        const parent = this;
        const { enabled } = planAlarms(args);
        const pipeline = workgroupPrefix(args.pipeline ?? name).slice(0, -1); // with the stack
        const alarms = enabled ? createAlarms() : {};
        this.alarmNames = pulumi.output(alarms) as pulumi.Output<Record<string, string>>;
        this.registerOutputs({ alarmNames: this.alarmNames });

        function createAlarms(): Record<string, pulumi.Output<string>> {
            const { streams = {}, deadLetterQueueUrls = {} } = args;
            const all = [
                ...Object.entries(streams).map(alarmOnLateDelivery),
                ...Object.entries(streams)
                    .filter(([, { isChecked }]) => isChecked)
                    .map(alarmOnFailedChecks),
                ...Object.entries(deadLetterQueueUrls).map(alarmOnDeadLetters),
            ];
            return Object.fromEntries(all.map(([own, alarm]) => [own, alarm.name]));
        }

        /** The age of the oldest event that is not in S3 yet. */
        function alarmOnLateDelivery([stream, { streamName, bufferSeconds }]: [string, WatchedStreamArgs]) {
            const description = `Events of ${pipeline}'s ${stream} do not reach S3: Firehose drops them after 24 hours`;
            return alarm(`${stream}-late`, description, {
                ...{ namespace: "AWS/Firehose", metricName: "DeliveryToS3.DataFreshness", statistic: "Maximum" },
                dimensions: { DeliveryStreamName: streamName },
                comparisonOperator: "GreaterThanThreshold",
                threshold: pulumi
                    .output(bufferSeconds ?? defaultBufferSeconds)
                    .apply((seconds) => Math.max(lateIntervals * seconds, soonestLate)),
            });
        }

        /** The share of calls that went well: Firehose calls four times, then gives the events up. */
        function alarmOnFailedChecks([stream, { streamName }]: [string, WatchedStreamArgs]) {
            const description = `The function that checks the events of ${pipeline}'s ${stream} fails: Firehose keeps them in the failed store, for replay`;
            return alarm(`${stream}-unchecked`, description, {
                ...{ namespace: "AWS/Firehose", metricName: "ExecuteProcessing.Success", statistic: "Minimum" },
                dimensions: { DeliveryStreamName: streamName },
                ...{ comparisonOperator: "LessThanThreshold", threshold: 1 },
            });
        }

        function alarmOnDeadLetters([queue, url]: [string, pulumi.Input<string>]) {
            const description = `Messages of ${pipeline}'s ${queue} failed: they stay in the dead-letter queue for 14 days, for replay`;
            return alarm(`${queue}-dead-letters`, description, {
                ...{ namespace: "AWS/SQS", metricName: "ApproximateNumberOfMessagesVisible", statistic: "Maximum" },
                dimensions: { QueueName: pulumi.output(url).apply(queueName) },
                ...{ comparisonOperator: "GreaterThanThreshold", threshold: 0 },
            });
        }

        type Metric = "namespace" | "metricName" | "statistic" | "dimensions" | "comparisonOperator" | "threshold";

        function alarm(
            own: string,
            alarmDescription: string,
            metric: Pick<cloudwatch.MetricAlarmArgs, Metric>,
        ): [string, cloudwatch.MetricAlarm] {
            const { topicArn } = args;
            const created = new cloudwatch.MetricAlarm(
                `${name}-${own}`,
                {
                    alarmDescription,
                    ...metric,
                    ...{ period: 5 * minute, evaluationPeriods: 1 },
                    treatMissingData: "notBreaching", // streams and queues that nobody uses have no metrics
                    ...(topicArn && { alarmActions: [topicArn], okActions: [topicArn] }),
                },
                { parent },
            );
            return [own, created];
        }
    }
}

function queueName(url: string): string {
    return url.slice(url.lastIndexOf("/") + 1);
}
