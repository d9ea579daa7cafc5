import { type CapturedProgram, type CapturedResource, ofType } from "../program";
import { refuseOthers } from "../services/refusal";
import { managedPolicies } from "./managed-policies";
import { readPolicy, type Statement } from "./policy";

/** A role that the program registers. */
export interface Role {
    arn: string;
    name: string;
    /** Logical name in the program. */
    logicalName: string;
    /** Who may take it on. */
    trust: Statement[];
    /** What it may do. */
    statements: Statement[];
}

/** The policies that a program registers. */
export interface CapturedPolicies {
    /** By ARN. */
    roles: Map<string, Role>;
    /** By the ARN of the resource; of a bucket also for its objects. */
    resources: Map<string, Statement[]>;
}

const roleInputs = [
    ...["name", "namePrefix", "path", "description", "tags", "assumeRolePolicy", "inlinePolicies"],
    ...["managedPolicyArns", "maxSessionDuration", "forceDetachPolicies"],
];
const permissionInputs = [
    ...["action", "function", "principal", "sourceArn", "sourceAccount", "statementId", "statementIdPrefix", "region"],
];

/** Reads all policies of a program; what is not modelled is refused by name. */
export function capturedPolicies(program: CapturedProgram): CapturedPolicies {
    const roles = new Map(
        ofType(program, "aws:iam/role:Role").map((role) => [String(role.outputs.arn), readRole(role)]),
    );
    const documents = new Map(
        ofType(program, "aws:iam/policy:Policy").map((policy) => [
            String(policy.outputs.arn),
            readPolicy(`policy "${policy.name}"`, policy.inputs.policy),
        ]),
    );
    const roleOf = (name: unknown) => [...roles.values()].find((role) => role.name === name || role.arn === name);

    for (const { name, inputs } of ofType(program, "aws:iam/role:Role")) {
        for (const arn of (inputs.managedPolicyArns ?? []) as string[]) attach(name, roleOf(name), arn);
    }
    for (const { name, inputs } of ofType(program, "aws:iam/rolePolicy:RolePolicy")) {
        roleOf(inputs.role)?.statements.push(...readPolicy(`role policy "${name}"`, inputs.policy));
    }
    for (const { name, inputs } of ofType(program, "aws:iam/rolePolicyAttachment:RolePolicyAttachment")) {
        attach(name, roleOf(inputs.role), String(inputs.policyArn));
    }
    return { roles, resources: resourcePolicies(program) };

    function attach(name: string, role: Role | undefined, arn: string): void {
        const own = documents.get(arn);
        const managed = managedPolicies[arn];
        if (!own && !managed) {
            throw new Error(
                `role "${name}": what the policy ${arn} says is not known on this machine: give the role a policy of its own`,
            );
        }
        role?.statements.push(...(own ?? readPolicy(arn.slice(arn.lastIndexOf("/") + 1), managed)));
    }
}

function readRole({ name: logicalName, inputs, outputs }: CapturedResource): Role {
    const place = `role "${logicalName}"`;
    refuseOthers(`${place}: `, inputs, roleInputs);
    const inline = (inputs.inlinePolicies ?? []) as { policy: unknown }[];
    return {
        arn: String(outputs.arn),
        name: String(outputs.name),
        logicalName,
        trust: readPolicy(`${place}, trust policy`, inputs.assumeRolePolicy),
        statements: inline.flatMap(({ policy }) => (policy ? readPolicy(`${place}, inline policy`, policy) : [])),
    };
}

const keyType = "aws:kms/key:Key";
/** What has a policy of its own, even if that says nothing. */
const withPolicies = [
    ...["aws:sns/topic:Topic", "aws:sqs/queue:Queue", "aws:s3/bucket:Bucket", "aws:lambda/function:Function"],
    keyType,
];

function resourcePolicies(program: CapturedProgram): CapturedPolicies["resources"] {
    const policies: CapturedPolicies["resources"] = new Map();
    const add = (arn: string | undefined, statements: Statement[]) => {
        if (arn !== undefined) policies.set(arn, [...(policies.get(arn) ?? []), ...statements]);
    };
    const arnOf = (type: string, output: string, value: unknown) => {
        const found = ofType(program, type).find(({ outputs }) => outputs[output] === value);
        return found && String(found.outputs.arn);
    };

    for (const type of withPolicies) {
        for (const { name, inputs, outputs } of ofType(program, type)) {
            const byDefault = type === keyType ? wholeAccount : [];
            add(String(outputs.arn), inputs.policy ? readPolicy(`policy of "${name}"`, inputs.policy) : byDefault);
        }
    }
    for (const { name, inputs } of ofType(program, "aws:sns/topicPolicy:TopicPolicy")) {
        add(String(inputs.arn), readPolicy(`topic policy "${name}"`, inputs.policy));
    }
    for (const { name, inputs } of ofType(program, "aws:sqs/queuePolicy:QueuePolicy")) {
        const queue = arnOf("aws:sqs/queue:Queue", "url", inputs.queueUrl);
        add(queue, readPolicy(`queue policy "${name}"`, inputs.policy));
    }
    for (const { name, inputs } of ofType(program, "aws:s3/bucketPolicy:BucketPolicy")) {
        add(`arn:aws:s3:::${inputs.bucket}`, readPolicy(`bucket policy "${name}"`, inputs.policy));
    }
    for (const permission of ofType(program, "aws:lambda/permission:Permission")) {
        const { function: target } = permission.inputs;
        const byName = arnOf("aws:lambda/function:Function", "name", target);
        const arn = byName ?? arnOf("aws:lambda/function:Function", "arn", target);
        add(arn, readPermission(permission, String(arn)));
    }
    return policies;
}

/** What a key says that was given no policy: whatever the account's own policies say. */
const wholeAccount: Statement[] = [
    {
        effect: "Allow",
        place: "a key's default policy",
        actions: ["kms:*"],
        names: (principal) => ("role" in principal ? "its account" : undefined),
        isAbout: (action) => action.startsWith("kms:"),
        covers: () => true,
        holds: () => true,
    },
];

/** A permission is a statement of the function's own policy. */
function readPermission({ name, inputs }: CapturedResource, functionArn: string): Statement[] {
    const place = `permission "${name}"`;
    refuseOthers(`${place}: `, inputs, permissionInputs);
    const { action, principal, sourceArn, sourceAccount } = inputs as Record<string, string | undefined>;
    const isService = principal!.includes(".");
    const Condition = {
        ...(sourceArn !== undefined && { ArnLike: { "aws:SourceArn": sourceArn } }),
        ...(sourceAccount !== undefined && { StringEquals: { "aws:SourceAccount": sourceAccount } }),
    };
    const Principal = isService ? { Service: principal } : principal === "*" ? "*" : { AWS: principal };
    const statement = { Effect: "Allow", Principal, Action: action, Resource: functionArn, Condition };
    return readPolicy(place, { Statement: statement });
}
