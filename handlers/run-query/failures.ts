import { PublishCommand } from "@aws-sdk/client-sns";
import { log } from "../shared/log";
import type { Run } from "../shared/runs";
import { type Context, stage } from "./context";

/** SNS's limit for a subject. */
const longestSubject = 100;
/** Keys that a notification names. */
const mostKeys = 50;

/** Says on the topic for failures that a run failed for good: why, over which objects, and where to look. */
export async function announceFailure(
    { sns, environment }: Context,
    { query, token, attempt, objects, count }: Run,
    { executionId, reason }: { executionId: string; reason: string },
): Promise<void> {
    const { PIPELINE: pipeline, FAILURES_TOPIC: topic } = environment;
    const region = topic.split(":")[3]!;
    const message = {
        ...{ pipeline, query, reason, attempts: attempt, executionId, run: token },
        console: `https://${region}.console.aws.amazon.com/athena/home?region=${region}#/query-editor/history/${executionId}`,
        objectCount: count,
        objects: objects.slice(0, mostKeys).map(({ key }) => `s3://${environment.BUCKET}/${key}`),
    };
    log("error", "query failed", { stage, reason: `query "${query}": ${reason}`, executionId, count });
    await sns.send(
        new PublishCommand({
            TopicArn: topic,
            Subject: `${pipeline}: query ${query} failed`.slice(0, longestSubject),
            Message: JSON.stringify(message, undefined, 2),
        }),
    );
}
