import type { BucketShape } from "./arguments";
import { inside, type Report } from "./problems";
import { checkObject, checkSwitch } from "./shapes";

const choices =
    "`topicArn` (the SNS topic that the bucket already notifies), `eventBridge: true` (the bucket sends its events to " +
    "EventBridge), `ownNotifications: true` (the pipeline replaces the bucket's notification document by its own)";

/** Checks the bucket's arguments; says whether the bucket is an adopted one, where others may write too. */
export function checkBucket(bucket: BucketShape | undefined, path: string, report: Report): boolean {
    if (bucket === undefined || !checkObject(bucket, path, report)) {
        return false;
    }
    const ways = [
        bucket.topicArn !== undefined && "topicArn",
        checkSwitch(bucket.eventBridge, inside(path, "eventBridge"), report) && "eventBridge",
        checkSwitch(bucket.ownNotifications, inside(path, "ownNotifications"), report) && "ownNotifications",
    ].filter((way) => way !== false);
    const adopted = bucket.existing !== undefined;
    if (adopted && ways.length === 0) {
        report(path, `has \`existing\`, but not how the pipeline hears of its new objects: add one of ${choices}`);
    }
    if (adopted && ways.length > 1) {
        report(path, `has ${ways.map((way) => `\`${way}\``).join(" and ")}: keep one of ${choices}`);
    }
    if (!adopted) {
        for (const way of ways) {
            report(inside(path, way), "is for a bucket that exists: name it in `existing`, or leave this out");
        }
    }
    return adopted;
}
