import type { KinesisShape } from "./arguments";
import { inside, type Report } from "./problems";
import { checkInteger, checkObject, isDeferred } from "./shapes";

const shards = {
    from: 1,
    to: 10_000,
    why: "must be a whole number from 1 to 10000, beyond which Kinesis scales no stream: leave it out for on-demand",
};
const hours = {
    from: 168,
    to: 8_760,
    why: "must be a whole number from 168 (a week, in which a failure is noticed) to 8760 (a year, Kinesis's most)",
};

/** Checks a Kinesis source: the size of a stream to make, or the ARN of one that exists. */
export function checkKinesis(kinesis: KinesisShape, path: string, report: Report): void {
    if (!checkObject(kinesis, path, report)) {
        return;
    }
    checkInteger(kinesis.shards, shards, inside(path, "shards"), report);
    checkInteger(kinesis.retentionHours, hours, inside(path, "retentionHours"), report);
    if (kinesis.streamArn === undefined) {
        return;
    }
    checkStreamArn(kinesis.streamArn, inside(path, "streamArn"), report);
    for (const setting of ["shards", "retentionHours"] as const) {
        if (kinesis[setting] !== undefined) {
            report(inside(path, setting), "is for a new stream, but `streamArn` names one that exists: leave out one");
        }
    }
}

function checkStreamArn(value: unknown, path: string, report: Report): void {
    const isArn = /^arn:aws[a-z-]*:kinesis:[a-z0-9-]+:\d{12}:stream\/[A-Za-z0-9_.-]{1,128}$/.test(String(value));
    if (!isDeferred(value) && !isArn) {
        report(
            path,
            `\`${value}\` is no ARN of a Kinesis stream: write \`arn:aws:kinesis:<region>:<account>:stream/<name>\``,
        );
    }
}
