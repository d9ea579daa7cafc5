import * as pulumi from "@pulumi/pulumi";
import { bucketArn, currentAccount } from "./internal/account";
import { allowService, policyDocument, tlsOnlyBucket } from "./internal/policies";
import { secureBucket } from "./internal/secure-bucket";

/** Days that Athena's results and Firehose's raw backups are kept; both can be made again or are stored elsewhere. */
const transientDays = 30;
/** Days that access logs are kept. */
const accessLogDays = 365;

/** Arguments of `LakeBucket`. */
export interface LakeBucketArgs {
    /**
     * Name of a bucket to adopt. Nothing about it is changed: what it needs is said in the output `bucketPolicy`.
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

/**
 * The bucket that everything is kept in: created with secure defaults, or adopted as it is.
 *
 * A created bucket is private, encrypted (SSE-S3), versioned, takes TLS 1.2 and newer only, logs its accesses into a
 * bucket of its own, and forgets old versions, `athena/` and `backup/` after 30 days.
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
    /** Policy document that keeps the bucket to TLS: attached to a created bucket, for the owner of an adopted one. */
    readonly bucketPolicy: pulumi.Output<string>;

    constructor(name: string, args: LakeBucketArgs, opts?: pulumi.ComponentResourceOptions) {
        super("eventpipeline:index:LakeBucket", name, {}, opts);
        const account = currentAccount(this);
        this.bucketName = pulumi.output(args.existing ?? createBucket(this));
        this.bucketArn = bucketArn(account, this.bucketName);
        this.bucketPolicy = policyDocument(...tlsOnlyBucket(this.bucketArn));
        this.registerOutputs({
            bucketName: this.bucketName,
            bucketArn: this.bucketArn,
            bucketPolicy: this.bucketPolicy,
        });

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
            const expiry = { "athena/": transientDays, "backup/": transientDays };
            return secureBucket(name, { forceDestroy, logBucket, expiry }, parent).id;
        }
    }
}
