import type * as s3 from "@pulumi/aws/s3";
import { getBucketOutput } from "@pulumi/aws/s3/getBucket";
import * as pulumi from "@pulumi/pulumi";
import { checked } from "../plan";
import { bucketArn, currentAccount } from "./internal/account";
import { allowService, policyDocument, type Statement, takeLoadBalancerLogs, tlsOnlyBucket } from "./internal/policies";
import { secureBucket } from "./internal/secure-bucket";

/** Days that Athena's results, Firehose's raw backups and load balancers' logs are kept; all are stored elsewhere too. */
const transientDays = 30;
/** Days that access logs are kept. */
const accessLogDays = 365;

/** Which bucket. */
export interface OwnBucketArgs {
    /**
     * Name of a bucket to adopt, in the stack's region. Nothing about it is changed: what it needs is said in the output
     * `bucketPolicy`.
     * @default a bucket is created
     * @example "analytics-lake"
     */
    existing?: pulumi.Input<string>;
    /**
     * Whether the created bucket is deleted together with everything in it; no effect on an adopted one.
     * @default false: deleting a bucket that holds objects fails
     */
    forceDestroy?: pulumi.Input<boolean>;
}

/** Arguments of `LakeBucket`. */
export interface LakeBucketArgs extends OwnBucketArgs {
    /**
     * Starts of the keys, ending in `/`, below which load balancers of this account may write their access logs.
     * @default none
     */
    loadBalancerLogs?: string[];
}

/**
 * The bucket that everything is kept in: created with secure defaults, or adopted as it is.
 *
 * A created bucket is private, encrypted (SSE-S3), versioned, takes TLS 1.2 and newer only, logs its accesses into a
 * bucket of its own, and forgets old versions, `athena/`, `backup/` and load balancers' logs after 30 days.
 *
 * @example
 * ```ts
 * const lake = new LakeBucket("lake", {});
 * const adopted = new LakeBucket("adopted", { existing: "analytics-lake" });
 * ```
 */
export class LakeBucket extends pulumi.ComponentResource {
    /** Name of the bucket. */
    readonly bucketName: pulumi.Output<string>;
    /** ARN of the bucket. */
    readonly bucketArn: pulumi.Output<string>;
    /** Policy document that keeps the bucket to TLS, and takes load balancers' logs: attached to a created bucket, for the owner of an adopted one. */
    readonly bucketPolicy: pulumi.Output<string>;

    constructor(name: string, args: LakeBucketArgs, opts?: pulumi.ComponentResourceOptions) {
        super("eventpipeline:index:LakeBucket", name, {}, opts);
        const account = currentAccount(this);
        this.bucketName = args.existing === undefined ? createBucket(this) : adoptBucket(args.existing, this);
        this.bucketArn = bucketArn(account, this.bucketName);
        this.bucketPolicy = policyDocument(...tlsOnlyBucket(this.bucketArn), ...takeLogs(this.bucketArn));
        this.registerOutputs({
            bucketName: this.bucketName,
            bucketArn: this.bucketArn,
            bucketPolicy: this.bucketPolicy,
        });

        /** The name, once it is known that the bucket lies where everything else will. */
        function adoptBucket(existing: pulumi.Input<string>, parent: pulumi.Resource): pulumi.Output<string> {
            const { bucketRegion } = getBucketOutput({ bucket: existing }, { parent });
            return pulumi.all([existing, bucketRegion, account.region]).apply(([bucket, there, here]) =>
                checked((report) => {
                    if (there !== here) {
                        report(
                            "bucket.existing",
                            `\`${bucket}\` lies in ${there}, but the stack in ${here}, and what hears of its objects ` +
                                `works in their region only: deploy to ${there}, or adopt a bucket of ${here}`,
                        );
                    }
                    return bucket;
                }),
            );
        }

        function createBucket(parent: pulumi.Resource): pulumi.Output<string> {
            const { forceDestroy } = args;
            const logBucket = secureBucket(
                `${name}-logs`,
                {
                    forceDestroy,
                    expiry: { "access/": accessLogDays },
                    statements: (logs) => [
                        {
                            Sid: "TakeAccessLogs",
                            ...allowService(
                                "logging.s3.amazonaws.com",
                                "s3:PutObject",
                                pulumi.interpolate`${logs.arn}/*`,
                                {
                                    StringEquals: { "aws:SourceAccount": account.id },
                                },
                            ),
                        },
                    ],
                },
                parent,
            );
            const folders = ["athena/", "backup/", ...(args.loadBalancerLogs ?? [])];
            const expiry = Object.fromEntries(folders.map((folder) => [folder, transientDays]));
            const statements = (lake: s3.Bucket) => takeLogs(lake.arn);
            return secureBucket(name, { forceDestroy, logBucket, expiry, statements }, parent).id;
        }

        function takeLogs(lake: pulumi.Output<string>): Statement[] {
            const { loadBalancerLogs = [] } = args;
            return loadBalancerLogs.length > 0 ? [takeLoadBalancerLogs(lake, loadBalancerLogs, account.id)] : [];
        }
    }
}
