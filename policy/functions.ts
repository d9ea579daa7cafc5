import type { RoleArgs, RolePolicyArgs } from "@pulumi/aws/iam";
import type { KeyArgs } from "@pulumi/aws/kms";
import type { FunctionArgs, PermissionArgs } from "@pulumi/aws/lambda";
import { type Control, each, type StackControl } from "./control";
import { allowing, namesSource } from "./documents";

const lambda = "aws:lambda/function:Function";

/** The oldest version of each runtime that Lambda still mends. */
const oldest: Record<string, number> = { nodejs: 22, "python3.": 10, "ruby3.": 3, dotnet: 8, java: 11 };

/** Services that name no source when they take on a role; only their own account can pass them one. */
const withoutSource = ["lambda.amazonaws.com", "apigateway.amazonaws.com"];

/** What a service that only reads and writes encrypted data asks of a key. */
const keyUse = ["kms:GenerateDataKey", "kms:GenerateDataKey*", "kms:Decrypt"];

export const functionControls: Control[] = [
    each<FunctionArgs>(
        lambda,
        "function-traced",
        "A function is traced",
        ({ tracingConfig }) => tracingConfig?.mode !== "Active" && 'is not traced: `tracingConfig: { mode: "Active" }`',
    ),
    each<FunctionArgs>(
        lambda,
        "function-runtime-supported",
        "A function's runtime is one that AWS mends",
        ({ runtime = "" }) => {
            const [family, minimum] = Object.entries(oldest).find(([start]) => runtime.startsWith(start)) ?? [];
            const version = Number.parseInt(runtime.slice(family?.length), 10);
            return (
                family !== undefined && version < minimum! && `runs on ${runtime}: take ${family}${minimum} or newer`
            );
        },
    ),
    each<FunctionArgs>(
        lambda,
        "function-sized",
        "A function says its memory and its timeout",
        ({ memorySize, timeout }) =>
            (!memorySize || !timeout) && "has Lambda's defaults: say `memorySize` and `timeout`",
    ),
    each<FunctionArgs>(
        lambda,
        "function-without-credentials",
        "A function's environment holds no access keys",
        ({ environment }) => {
            const found = Object.entries(environment?.variables ?? {}).find(([, value]) => credentials.test(value));
            return found && `has credentials in \`${found[0]}\`: its role lets it do what it may`;
        },
    ),
    each<PermissionArgs>(
        "aws:lambda/permission:Permission",
        "permission-source-known",
        "A service calls a function for a known resource; S3 for a known account, too",
        ({ principal, sourceArn, sourceAccount }) => {
            if (!principal.endsWith(".amazonaws.com"))
                return principal === "*" && "lets everybody call: name a principal";
            if (!sourceArn) return "has no `sourceArn`: whoever uses the service could call";
            return (
                principal === "s3.amazonaws.com" &&
                !sourceAccount &&
                "has no `sourceAccount`: a bucket's name can pass on"
            );
        },
    ),
    roleOfOneFunction(),
    each<RolePolicyArgs>(
        ["aws:iam/rolePolicy:RolePolicy", "aws:iam/policy:Policy"],
        "policy-names-actions",
        "A policy names the actions that it allows, and passes no roles",
        ({ policy }) => {
            const actions = allowing(policy).flatMap((statement) => statement.actions);
            const broad = actions.find((action) => /^(?:\*|.*:\*|iam:PassRole)$/.test(action));
            return broad && `allows \`${broad}\`: name what is needed`;
        },
    ),
    each<RoleArgs>(
        "aws:iam/role:Role",
        "role-trust-conditional",
        "A service takes on a role for a known account or resource",
        ({ assumeRolePolicy }) => {
            const open = allowing(assumeRolePolicy).find((statement) => {
                const services = statement.principals.Service ?? [];
                return services.some((service) => !withoutSource.includes(service)) && !namesSource(statement);
            });
            return open && `trusts ${open.principals.Service} without \`aws:SourceAccount\` or \`aws:SourceArn\``;
        },
    ),
    each<KeyArgs>(
        "aws:kms/key:Key",
        "key-rotates",
        "A key is replaced every year",
        ({ enableKeyRotation }) => !enableKeyRotation && "does not rotate: `enableKeyRotation: true`",
    ),
    each<KeyArgs>(
        "aws:kms/key:Key",
        "key-used-for-known-sources",
        "Services only use a key, and for a known account or resource",
        ({ policy }) => {
            const services = allowing(policy).filter(({ principals }) => principals.Service !== undefined);
            const broad = services.flatMap(({ actions }) => actions).find((action) => !keyUse.includes(action));
            if (broad) return `lets a service do \`${broad}\`: \`kms:GenerateDataKey*\` and \`kms:Decrypt\` are enough`;
            const open = services.find((statement) => statement.conditions.length === 0);
            return open && `lets ${open.principals.Service} use it for everybody: add a condition`;
        },
    ),
];

const credentials = /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|-----BEGIN [A-Z ]*PRIVATE KEY-----/;

function roleOfOneFunction(): StackControl {
    return {
        name: "role-of-one-function",
        description: "A function has a role of its own",
        checkStack(stack) {
            const functions = stack.ofType<FunctionArgs>(lambda);
            return functions.flatMap(({ urn, props }) => {
                const shared = functions.some((other) => other.urn !== urn && other.props.role === props.role);
                return shared
                    ? [{ urn, message: "shares its role with another function: each has what all need" }]
                    : [];
            });
        },
    };
}
