import { getCallerIdentityOutput } from "@pulumi/aws/getCallerIdentity";
import { getPartitionOutput } from "@pulumi/aws/getPartition";
import { getRegionOutput } from "@pulumi/aws/getRegion";
import * as pulumi from "@pulumi/pulumi";

/** Where a component's resources live, as its provider says. */
export interface Account {
    /** 12 digits. */
    id: pulumi.Output<string>;
    /** `aws`, `aws-cn` or `aws-us-gov`. */
    partition: pulumi.Output<string>;
    region: pulumi.Output<string>;
}

/** Looks up the account, partition and region of the component's provider. */
export function currentAccount(parent: pulumi.Resource): Account {
    return {
        id: getCallerIdentityOutput({}, { parent }).accountId,
        partition: getPartitionOutput({}, { parent }).partition,
        region: getRegionOutput({}, { parent }).region,
    };
}

/** ARN of a bucket. */
export function bucketArn(account: Account, bucketName: pulumi.Input<string>): pulumi.Output<string> {
    return pulumi.interpolate`arn:${account.partition}:s3:::${bucketName}`;
}

/** ARN of a resource of a service in this account and region, e.g. `arnOf(account, "glue", "catalog")`. */
export function arnOf(account: Account, service: string, resource: pulumi.Input<string>): pulumi.Output<string> {
    return pulumi.interpolate`arn:${account.partition}:${service}:${account.region}:${account.id}:${resource}`;
}
