import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as iam from "@pulumi/aws/iam";
import * as lambda from "@pulumi/aws/lambda";
import * as pulumi from "@pulumi/pulumi";
import { allow, policyDocument, type Statement, trust } from "./policies";

/** Days that logs are kept. */
export const logRetentionDays = 30;

/** What makes up a function. */
export interface FunctionSettings {
    runtime: pulumi.Input<string>;
    handler: pulumi.Input<string>;
    code: pulumi.Input<pulumi.asset.Archive>;
    architecture: pulumi.Input<string>;
    /** MB. */
    memorySize: pulumi.Input<number>;
    /** Seconds. */
    timeout: pulumi.Input<number>;
    environment: Record<string, pulumi.Input<string>>;
    /** What it may do beyond writing its log and its traces. */
    statements: Statement[];
}

/** A function with what belongs to it. */
export interface FunctionParts {
    lambda: lambda.Function;
    role: iam.Role;
}

/** A Lambda function with a role and a log group of its own, both ready before its first call. */
export function createFunction(name: string, settings: FunctionSettings, parent: pulumi.Resource): FunctionParts {
    const logGroup = new cloudwatch.LogGroup(`${name}-log`, { retentionInDays: logRetentionDays }, { parent });
    const role = new iam.Role(`${name}-role`, { assumeRolePolicy: trust("lambda.amazonaws.com") }, { parent });
    const policy = new iam.RolePolicy(
        `${name}-policy`,
        {
            role: role.name,
            policy: policyDocument(
                allow(["logs:CreateLogStream", "logs:PutLogEvents"], pulumi.interpolate`${logGroup.arn}:*`),
                allow(["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*"), // traces have no resource
                ...settings.statements,
            ),
        },
        { parent },
    );
    const { runtime, handler, code, architecture, memorySize, timeout, environment } = settings;
    const args: lambda.FunctionArgs = {
        runtime,
        handler,
        code,
        architectures: [architecture],
        memorySize,
        timeout,
        environment: { variables: environment },
        role: role.arn,
        tracingConfig: { mode: "Active" },
        loggingConfig: { logFormat: "Text", logGroup: logGroup.name },
    };
    return { lambda: new lambda.Function(name, args, { parent, dependsOn: [policy] }), role };
}
