import { type CapturedProgram, ofType } from "../../../local/program";
import type { Case } from "./requests";

/** `meant`: a call that a policy has in mind; others may be such as nobody can make. */
export type CapturedCase = Case & { meant?: boolean };

type Call = Pick<CapturedCase, "action" | "resource" | "context" | "meant">;

interface Document {
    Version: string;
    Statement: {
        Action: string | string[];
        Resource?: string | string[];
        Principal?: { Service?: string; AWS?: string } | "*";
        Condition?: Record<string, Record<string, string | string[]>>;
    }[];
}

/** For every action that a role's policies name, calls that they are about, and such that they are not. */
export function callsOfRoles(program: CapturedProgram): CapturedCase[] {
    return ofType(program, "aws:iam/role:Role").flatMap(({ outputs }) => {
        const identity = ofType(program, "aws:iam/rolePolicy:RolePolicy")
            .filter(({ inputs }) => inputs.role === outputs.name)
            .map(({ inputs }) => JSON.parse(String(inputs.policy)) as Document);
        return identity.flatMap(({ Statement }) =>
            Statement.flatMap((statement) =>
                calls(statement).map((call) => ({ principal: { role: String(outputs.arn) }, identity, ...call })),
            ),
        );
    });
}

/** For every statement of a resource's policy, calls of the service that it names, and of a role. */
export function callsOfResources(program: CapturedProgram): CapturedCase[] {
    return policies.flatMap(([type, input, owner]) =>
        ofType(program, type).flatMap((resource) => {
            const policy = JSON.parse(String(resource.inputs[input])) as Document;
            const arn = owner(program, resource.inputs, resource.outputs);
            return policy.Statement.flatMap((statement) => {
                const service = typeof statement.Principal === "object" ? statement.Principal.Service : undefined;
                const principals = [
                    { service: service ?? "s3.amazonaws.com" },
                    { role: "arn:aws:iam::000000000000:role/somebody" },
                ];
                const about = {
                    ...statement,
                    Resource: statement.Resource === "*" ? arn : (statement.Resource ?? arn),
                };
                return calls(about).flatMap(({ meant: _, ...call }) =>
                    principals.map((principal) => ({ principal, identity: [], policy, ...call })),
                );
            });
        }),
    );
}

type Owner = (program: CapturedProgram, inputs: Record<string, unknown>, outputs: Record<string, unknown>) => string;

const policies: [type: string, input: string, owner: Owner][] = [
    ["aws:sns/topicPolicy:TopicPolicy", "policy", (_, { arn }) => String(arn)],
    ["aws:s3/bucketPolicy:BucketPolicy", "policy", (_, { bucket }) => `arn:aws:s3:::${bucket}`],
    ["aws:kms/key:Key", "policy", (_program, _inputs, { arn }) => String(arn)],
    ["aws:iam/role:Role", "assumeRolePolicy", (_program, _inputs, { arn }) => String(arn)],
    [
        "aws:sqs/queuePolicy:QueuePolicy",
        "policy",
        (program, { queueUrl }) =>
            String(ofType(program, "aws:sqs/queue:Queue").find(({ outputs }) => outputs.url === queueUrl)!.outputs.arn),
    ],
];

function calls({ Action, Resource = [], Condition = {} }: Document["Statement"][number]): Call[] {
    const met = Object.fromEntries(
        Object.values(Condition).flatMap((keys) =>
            Object.entries(keys).map(([key, values]) => [key, concrete([values].flat()[0]!)]),
        ),
    );
    return [Action].flat().flatMap((pattern) =>
        [Resource].flat().flatMap((resource) =>
            actionsOf(pattern).flatMap((action) => {
                const call = { action, resource: concrete(resource), context: met };
                return [
                    { ...call, meant: true },
                    { ...call, context: {} },
                    { ...call, resource: other(call.resource) },
                ];
            }),
        ),
    );
}

/** What a pattern of actions stands for. */
function actionsOf(pattern: string): string[] {
    const whole: Record<string, string[]> = {
        "s3:*": ["s3:GetObject", "s3:PutObject", "s3:ListBucket"],
        "sqs:*": ["sqs:SendMessage", "sqs:ReceiveMessage"],
        "kms:*": ["kms:Decrypt", "kms:GenerateDataKey"],
        "kms:GenerateDataKey*": ["kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext"],
    };
    return whole[pattern] ?? [pattern];
}

function concrete(pattern: string): string {
    if (/^arn:aws:logs:.*:\*$/.test(pattern)) return pattern.replace(/\*$/, "log-stream:some");
    return pattern === "*" ? pattern : pattern.replaceAll("*", "some/thing");
}

/** A resource of the same kind that is not meant. */
function other(resource: string): string {
    return resource === "*" ? resource : `${resource}-other`;
}
