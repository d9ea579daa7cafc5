import type { PipelineShape } from "./arguments";
import { inside, type Report } from "./problems";
import { isRecord } from "./shapes";

/**
 * Reports ARNs of different regions: S3, CloudWatch, Firehose and load balancers work with what is in their own region only.
 * Which one the stack is in is known at deploy time; here the first ARN counts.
 */
export function checkRegions(args: PipelineShape, report: Report): void {
    const [first, ...others] = arnsIn(args).flatMap(({ path, arn }) => {
        const region = typeof arn === "string" && /^arn:[^:]+:[^:]+:([^:]+):/.exec(arn)?.[1];
        return region ? [{ path, region }] : [];
    });
    for (const { path, region } of others) {
        if (region !== first!.region) {
            report(
                path,
                `is in ${region}, but \`${first!.path}\` in ${first!.region}: all that a pipeline works with is in one region`,
            );
        }
    }
}

function arnsIn({ bucket, ingest, alarms }: PipelineShape): { path: string; arn: unknown }[] {
    return [
        argument(bucket, "bucket", "topicArn"),
        ...Object.entries(isRecord(ingest) ? ingest : {}).flatMap(([name, each]) => {
            const path = inside("ingest", name);
            return [
                argument(each?.kinesis, inside(path, "kinesis"), "streamArn"),
                argument(each?.loadBalancer, inside(path, "loadBalancer"), "certificateArn"),
            ];
        }),
        argument(alarms, "alarms", "topicArn"),
    ];
}

function argument(args: unknown, path: string, name: string) {
    return { path: inside(path, name), arn: isRecord(args) ? args[name] : undefined };
}
