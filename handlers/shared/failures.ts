import { PublishCommand, type SNSClient } from "@aws-sdk/client-sns";
import { log } from "./log";

/** Who tells of failures. */
export interface Failing {
    sns: Pick<SNSClient, "send">;
    environment: { PIPELINE: string; BUCKET: string; FAILURES_TOPIC: string };
}

/** What failed for good. */
export interface Failure {
    query: string;
    reason: string;
    /** What it is about; of many the first ones. */
    objects: { key: string }[];
    /** How many objects there are. */
    count: number;
    /** Athena's id, where it came to a run. */
    executionId?: string;
    /** The run's token. */
    run?: string;
    /** How often it was started. */
    attempts?: number;
}

/** SNS's limit for a subject. */
const longestSubject = 100;
/** Keys that a notification names. */
const mostKeys = 50;

/** Says on the topic for failures that something failed for good: why, over which objects, and where to look. */
export async function announceFailure({ sns, environment }: Failing, stage: string, failure: Failure): Promise<void> {
    const { PIPELINE: pipeline, FAILURES_TOPIC: topic, BUCKET: bucket } = environment;
    const { query, reason, attempts, executionId, run, count, objects } = failure;
    const message = {
        ...{ pipeline, query, reason, attempts, executionId, run },
        console: consoleOf(topic.split(":")[3]!, bucket, failure),
        objectCount: count,
        objects: objects.slice(0, mostKeys).map(({ key }) => `s3://${bucket}/${key}`),
    };
    log("error", "query failed", { stage, reason: `query "${query}": ${reason}${of(failure)}`, executionId, count });
    await sns.send(
        new PublishCommand({
            TopicArn: topic,
            Subject: `${pipeline}: query ${query} failed`.slice(0, longestSubject),
            Message: JSON.stringify(message, undefined, 2),
        }),
    );
}

/** For a line of the log, which objects it is about where no run has them. */
function of({ executionId, objects, count }: Failure): string {
    if (executionId) return "";
    return `: ${objects[0]!.key}${count > 1 ? ` and ${count - 1} more` : ""}`;
}

/** Where to look: at the run, or at the first object. */
function consoleOf(region: string, bucket: string, { executionId, objects }: Failure): string {
    const site = `https://${region}.console.aws.amazon.com`;
    if (executionId) return `${site}/athena/home?region=${region}#/query-editor/history/${executionId}`;
    return `${site}/s3/object/${bucket}?region=${region}&prefix=${encodeURIComponent(objects[0]!.key)}`;
}
