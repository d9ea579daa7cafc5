import { expect } from "chai";
import { LakeBucket } from "../../index";
import { policy, recordResources } from "./record";

describe("LakeBucket", () => {
    it("creates a bucket and one for its access logs, both locked down", async () => {
        const { inputs } = await recordResources(() => new LakeBucket("lake", {}).bucketName);

        expect(inputs).to.deep.equal({
            ...bucketResources("lake-logs", { expire: { access: 365 }, statements: [takeAccessLogs] }),
            ...bucketResources("lake", { expire: { athena: 30, backup: 30 } }),
            "BucketLogging lake-logging": { bucket: "lake", targetBucket: "lake-logs", targetPrefix: "access/" },
        });
    });

    it("says the bucket's name, its ARN and its policy", async () => {
        const { result } = await recordResources(() => outputsOf(new LakeBucket("lake", {})));

        expect(result).to.deep.equal({
            bucketName: "lake",
            bucketArn: "arn:aws:s3:::lake",
            bucketPolicy: JSON.stringify(policy(...tlsOnly("lake")).json),
        });
    });

    it("writes nothing to an adopted bucket, and says what its policy needs", async () => {
        const { inputs, result } = await recordResources(() =>
            outputsOf(new LakeBucket("lake", { existing: "owned", forceDestroy: true })),
        );

        expect(inputs).to.deep.equal({});
        expect(result).to.deep.equal({
            bucketName: "owned",
            bucketArn: "arn:aws:s3:::owned",
            bucketPolicy: JSON.stringify(policy(...tlsOnly("owned")).json),
        });
    });

    it("refuses a bucket of another region", async () => {
        const failure = await recordResources(
            () => new LakeBucket("lake", { existing: "us-east-2-exports" }).bucketName,
        ).catch((error) => error);

        expect(failure.problems).to.deep.equal([
            {
                path: "bucket.existing",
                message:
                    "`us-east-2-exports` lies in us-east-2, but the stack in eu-west-1, and what hears of its objects " +
                    "works in their region only: deploy to us-east-2, or adopt a bucket of eu-west-1",
            },
        ]);
    });

    it("takes load balancers' logs below their prefixes, from this account only, and forgets them", async () => {
        const loadBalancerLogs = ["alb/view/", "alb/click/"];
        const takeLoadBalancerLogs = {
            Sid: "TakeLoadBalancerLogs",
            Effect: "Allow",
            Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" },
            Action: "s3:PutObject",
            Resource: [
                "arn:aws:s3:::lake/alb/view/AWSLogs/123456789012/*",
                "arn:aws:s3:::lake/alb/click/AWSLogs/123456789012/*",
            ],
        };

        const { inputs, result } = await recordResources(
            () => new LakeBucket("lake", { loadBalancerLogs }).bucketPolicy,
        );

        const expire = { athena: 30, backup: 30, "alb-view": 30, "alb-click": 30 };
        const expected = bucketResources("lake", { expire, statements: [takeLoadBalancerLogs] });
        expect(inputs).to.deep.include({ "BucketPolicy lake-policy": expected["BucketPolicy lake-policy"] });
        const rules = inputs["BucketLifecycleConfiguration lake-lifecycle"]!.rules as Record<string, unknown>[];
        expect(rules.slice(-2)).to.deep.equal([
            { id: "expire-alb-view", status: "Enabled", filter: { prefix: "alb/view/" }, expiration: { days: 30 } },
            { id: "expire-alb-click", status: "Enabled", filter: { prefix: "alb/click/" }, expiration: { days: 30 } },
        ]);
        expect(result).to.equal(JSON.stringify(policy(...tlsOnly("lake"), takeLoadBalancerLogs).json));
    });

    it("deletes what the buckets hold only on request", async () => {
        const { find } = await recordResources(() => new LakeBucket("lake", { forceDestroy: true }).bucketName);

        expect(find("Bucket", "lake").inputs).to.deep.equal({ forceDestroy: true });
        expect(find("Bucket", "lake-logs").inputs).to.deep.equal({ forceDestroy: true });
    });

    it("has the public shut out before it sets a policy, and versions before rules on them", async () => {
        const { find } = await recordResources(() => new LakeBucket("lake", {}).bucketName);

        expect(find("BucketPolicy", "lake-policy").dependencies).to.include(
            "BucketPublicAccessBlock lake-public-access",
        );
        expect(find("BucketLifecycleConfiguration", "lake-lifecycle").dependencies).to.include(
            "BucketVersioning lake-versioning",
        );
    });

    it("exists twice in one program", async () => {
        const { inputs } = await recordResources(() => [
            new LakeBucket("one", {}).bucketName,
            new LakeBucket("two", {}).bucketName,
        ]);

        expect(inputs).to.include.all.keys("Bucket one", "Bucket one-logs", "Bucket two", "Bucket two-logs");
    });
});

function outputsOf({ bucketName, bucketArn, bucketPolicy }: LakeBucket) {
    return { bucketName, bucketArn, bucketPolicy };
}

function tlsOnly(bucket: string) {
    const everything = [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`];
    return [
        {
            Sid: "DenyPlainHttp",
            Effect: "Deny",
            Principal: "*",
            Action: "s3:*",
            Resource: everything,
            Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
        {
            Sid: "DenyOldTls",
            Effect: "Deny",
            Principal: "*",
            Action: "s3:*",
            Resource: everything,
            Condition: { NumericLessThan: { "s3:TlsVersion": "1.2" } },
        },
    ];
}

const takeAccessLogs = {
    Sid: "TakeAccessLogs",
    Effect: "Allow",
    Principal: { Service: "logging.s3.amazonaws.com" },
    Action: "s3:PutObject",
    Resource: "arn:aws:s3:::lake-logs/*",
    Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
};

function bucketResources(
    bucket: string,
    { expire, statements = [] }: { expire: Record<string, number>; statements?: unknown[] },
) {
    return {
        [`Bucket ${bucket}`]: { forceDestroy: false },
        [`BucketOwnershipControls ${bucket}-ownership`]: {
            bucket,
            rule: { objectOwnership: "BucketOwnerEnforced" },
        },
        [`BucketPublicAccessBlock ${bucket}-public-access`]: {
            bucket,
            blockPublicAcls: true,
            blockPublicPolicy: true,
            ignorePublicAcls: true,
            restrictPublicBuckets: true,
        },
        [`BucketServerSideEncryptionConfiguration ${bucket}-encryption`]: {
            bucket,
            rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
        },
        [`BucketVersioning ${bucket}-versioning`]: { bucket, versioningConfiguration: { status: "Enabled" } },
        [`BucketLifecycleConfiguration ${bucket}-lifecycle`]: {
            bucket,
            rules: [
                {
                    id: "old-versions",
                    status: "Enabled",
                    filter: {},
                    noncurrentVersionExpiration: { noncurrentDays: 30 },
                    expiration: { expiredObjectDeleteMarker: true },
                },
                {
                    id: "incomplete-uploads",
                    status: "Enabled",
                    filter: {},
                    abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
                },
                ...Object.entries(expire).map(([folder, days]) => ({
                    id: `expire-${folder}`,
                    status: "Enabled",
                    filter: { prefix: `${folder}/` },
                    expiration: { days },
                })),
            ],
        },
        [`BucketPolicy ${bucket}-policy`]: { bucket, policy: policy(...tlsOnly(bucket), ...statements) },
    };
}
