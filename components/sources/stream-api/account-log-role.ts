import * as apigateway from "@pulumi/aws/apigateway";
import * as iam from "@pulumi/aws/iam";
import * as pulumi from "@pulumi/pulumi";
import type { Account } from "../../internal/account";
import { trust } from "../../internal/policies";

/** The role by which API Gateway writes logs, set for the whole account and region. */
export function accountLogRole(name: string, { partition }: Account, parent: pulumi.Resource): apigateway.Account {
    const role = new iam.Role(`${name}-log-role`, { assumeRolePolicy: trust("apigateway.amazonaws.com") }, { parent });
    // AWS's own policy: API Gateway refuses a role that can do less.
    const policy = new iam.RolePolicyAttachment(
        `${name}-log-policy`,
        {
            role: role.name,
            policyArn: pulumi.interpolate`arn:${partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs`,
        },
        { parent },
    );
    return new apigateway.Account(`${name}-account`, { cloudwatchRoleArn: role.arn }, { parent, dependsOn: [policy] });
}
