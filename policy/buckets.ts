import type {
    BucketArgs,
    BucketLifecycleConfigurationArgs,
    BucketLoggingArgs,
    BucketOwnershipControlsArgs,
    BucketPolicyArgs,
    BucketPublicAccessBlockArgs,
    BucketServerSideEncryptionConfigurationArgs,
    BucketVersioningArgs,
} from "@pulumi/aws/s3";
import { among, type Control, each, type Props, type Stack } from "./control";
import { allowing, denies, isEverybody, plainHttp, type Statement } from "./documents";

const bucket = "aws:s3/bucket:Bucket";

export const bucketControls: Control[] = [
    ofBucket("bucket-not-public", "A bucket blocks public ACLs and policies, all four ways", (props, stack) => {
        const blocks = partsOf<BucketPublicAccessBlockArgs>(stack, "PublicAccessBlock", props);
        const closed = blocks.some(
            ({ blockPublicAcls, blockPublicPolicy, ignorePublicAcls, restrictPublicBuckets }) =>
                blockPublicAcls && blockPublicPolicy && ignorePublicAcls && restrictPublicBuckets,
        );
        return !closed && "has no BucketPublicAccessBlock with all four flags";
    }),
    ofBucket("bucket-without-acls", "A bucket's owner owns its objects: ACLs count nothing", (props, stack) => {
        const controls = partsOf<BucketOwnershipControlsArgs>(stack, "OwnershipControls", props);
        const enforced = controls.some(({ rule }) => rule.objectOwnership === "BucketOwnerEnforced");
        return !enforced && "has no BucketOwnershipControls with `BucketOwnerEnforced`";
    }),
    ofBucket("bucket-encrypted", "A bucket encrypts what comes in", (props, stack) => {
        const parts = partsOf<BucketServerSideEncryptionConfigurationArgs>(
            stack,
            "ServerSideEncryptionConfiguration",
            props,
        );
        const encrypted = parts.some(({ rules }) => rules.some((rule) => rule.applyServerSideEncryptionByDefault));
        return !encrypted && "has no BucketServerSideEncryptionConfiguration";
    }),
    ofBucket("bucket-versioned", "A bucket keeps replaced and deleted objects for a while", (props, stack) => {
        const versioned = partsOf<BucketVersioningArgs>(stack, "Versioning", props).some(
            ({ versioningConfiguration }) => versioningConfiguration.status === "Enabled",
        );
        return !versioned && "has no BucketVersioning that is enabled";
    }),
    ofBucket("bucket-forgets-versions", "A bucket forgets old versions after a while", (props, stack) => {
        const rules = lifecycleRules(stack, props);
        return !rules.some((rule) => rule.noncurrentVersionExpiration) && "has no rule for noncurrent versions";
    }),
    ofBucket("bucket-aborts-uploads", "A bucket removes the parts of uploads that never completed", (props, stack) => {
        const rules = lifecycleRules(stack, props);
        return !rules.some((rule) => rule.abortIncompleteMultipartUpload) && "has no rule for incomplete uploads";
    }),
    ofBucket(
        "bucket-logs-access",
        "A bucket logs who asks for what, but for the bucket of the logs",
        (props, stack) => {
            const logs = stack.ofType<BucketLoggingArgs>("aws:s3/bucketLogging:BucketLogging");
            const named = logs.some(({ props: { bucket, targetBucket } }) => [bucket, targetBucket].includes(props.id));
            return !named && "has no BucketLogging";
        },
    ),
    ofBucket("bucket-takes-tls-only", "A bucket refuses whoever comes without TLS", (props, stack) =>
        lacksDenial(policiesOf(stack, props), (policy) => denies(policy, "s3:*", plainHttp), props, "plain HTTP"),
    ),
    ofBucket("bucket-takes-new-tls-only", "A bucket refuses TLS before 1.2", (props, stack) =>
        lacksDenial(
            policiesOf(stack, props),
            (policy) => denies(policy, "s3:*", ["NumericLessThan", "s3:tlsversion", "1.2"]),
            props,
            "TLS before 1.2",
        ),
    ),
    each<BucketPolicyArgs>(
        "aws:s3/bucketPolicy:BucketPolicy",
        "bucket-policy-names-who",
        "A bucket's policy lets in whom it names, never everybody",
        ({ policy }) => allowing(policy).some(isEverybody) && "allows everybody something: name a principal",
    ),
];

function ofBucket(
    name: string,
    description: string,
    check: (props: Props<BucketArgs>, stack: Stack) => string | false | undefined,
) {
    return among<BucketArgs>(bucket, name, description, check);
}

/** What is said of a bucket in a resource of its own. */
function partsOf<Args>(stack: Stack, part: string, { id }: { id: string }): Props<Args>[] {
    const type = `aws:s3/bucket${part}:Bucket${part}`;
    return stack
        .ofType<Args>(type)
        .map(({ props }) => props)
        .filter((props) => (props as { bucket?: string }).bucket === id);
}

function lifecycleRules(stack: Stack, bucket: { id: string }) {
    const parts = partsOf<BucketLifecycleConfigurationArgs>(stack, "LifecycleConfiguration", bucket);
    return parts.flatMap(({ rules }) => rules ?? []).filter(({ status }) => status === "Enabled");
}

function policiesOf(stack: Stack, bucket: { id: string }): unknown[] {
    return partsOf<BucketPolicyArgs>(stack, "Policy", bucket).map(({ policy }) => policy);
}

/** The bucket and its objects are two resources. */
function lacksDenial(
    policies: unknown[],
    denial: (policy: unknown) => Statement | undefined,
    { arn }: { arn: string },
    whom: string,
) {
    const resources = policies.flatMap((policy) => denial(policy)?.resources ?? []);
    const complete = resources.includes(arn) && resources.includes(`${arn}/*`);
    return !complete && `has no BucketPolicy that denies \`s3:*\` on the bucket and on \`/*\` to ${whom}`;
}
