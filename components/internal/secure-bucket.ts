import * as s3 from "@pulumi/aws/s3";
import type { input } from "@pulumi/aws/types";
import type * as pulumi from "@pulumi/pulumi";
import { policyDocument, type Statement, tlsOnlyBucket } from "./policies";

/** Days that replaced and deleted objects stay recoverable. */
const noncurrentDays = 30;
/** Days until the parts of an upload that never completed are removed. */
const abortUploadDays = 7;

/** What differs between the buckets. */
export interface SecureBucketSettings {
    forceDestroy?: pulumi.Input<boolean>;
    /** Bucket that takes the access logs; absent for the log bucket itself, which would log its own logging. */
    logBucket?: s3.Bucket;
    /** Prefix -> days after which its objects expire. */
    expiry: Record<string, number>;
    /** What the bucket's policy says beyond "TLS only". */
    statements?: (bucket: s3.Bucket) => Statement[];
}

/** A private, encrypted, versioned bucket that takes TLS only. */
export function secureBucket(name: string, settings: SecureBucketSettings, parent: pulumi.Resource): s3.Bucket {
    const bucket = new s3.Bucket(name, { forceDestroy: settings.forceDestroy ?? false }, { parent });
    closeToThePublic();
    encryptAndKeepVersions();
    if (settings.logBucket) logAccess(settings.logBucket);
    return bucket;

    function closeToThePublic() {
        new s3.BucketOwnershipControls(
            `${name}-ownership`,
            { bucket: bucket.id, rule: { objectOwnership: "BucketOwnerEnforced" } },
            { parent },
        );
        const block = new s3.BucketPublicAccessBlock(
            `${name}-public-access`,
            {
                bucket: bucket.id,
                blockPublicAcls: true,
                blockPublicPolicy: true,
                ignorePublicAcls: true,
                restrictPublicBuckets: true,
            },
            { parent },
        );
        const statements = [...tlsOnlyBucket(bucket.arn), ...(settings.statements?.(bucket) ?? [])];
        new s3.BucketPolicy(
            `${name}-policy`,
            { bucket: bucket.id, policy: policyDocument(...statements) },
            { parent, dependsOn: [block] }, // S3 refuses to change both at the same time
        );
    }

    function encryptAndKeepVersions() {
        new s3.BucketServerSideEncryptionConfiguration(
            `${name}-encryption`,
            { bucket: bucket.id, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
            { parent },
        );
        const versioning = new s3.BucketVersioning(
            `${name}-versioning`,
            { bucket: bucket.id, versioningConfiguration: { status: "Enabled" } },
            { parent },
        );
        new s3.BucketLifecycleConfiguration(
            `${name}-lifecycle`,
            { bucket: bucket.id, rules: lifecycleRules(settings.expiry) },
            { parent, dependsOn: [versioning] }, // rules on old versions need versions
        );
    }

    function logAccess(logBucket: s3.Bucket) {
        new s3.BucketLogging(
            `${name}-logging`,
            { bucket: bucket.id, targetBucket: logBucket.id, targetPrefix: "access/" },
            { parent },
        );
    }
}

function lifecycleRules(expiry: Record<string, number>): input.s3.BucketLifecycleConfigurationRule[] {
    return [
        {
            id: "old-versions",
            status: "Enabled",
            filter: {},
            noncurrentVersionExpiration: { noncurrentDays },
            expiration: { expiredObjectDeleteMarker: true },
        },
        {
            id: "incomplete-uploads",
            status: "Enabled",
            filter: {},
            abortIncompleteMultipartUpload: { daysAfterInitiation: abortUploadDays },
        },
        ...Object.entries(expiry).map(([prefix, days]) => ({
            id: `expire-${prefix.slice(0, -1).replaceAll("/", "-")}`,
            status: "Enabled",
            filter: { prefix },
            expiration: { days },
        })),
    ];
}
