import { AwsError, type AwsRequest, account, region } from "../aws";
import type { Journal } from "../journal";
import type { CapturedProgram } from "../program";
import { type CapturedPolicies, capturedPolicies, type Role } from "./captured";
import type { Context } from "./condition";
import { evaluate, isDenial } from "./evaluate";
import { Keys } from "./keys";
import { glob } from "./pattern";
import type { AccessRequest, Statement } from "./policy";
import { bucketArn, type Need, objectArn, requirementsOf, s3Place } from "./requirements";

/** A service that acts by itself, and for which resource. */
export interface Source {
    /** Such as `sns.amazonaws.com`. */
    service: string;
    /** The resource for which it acts: the topic, say. Absent for services that name none. */
    arn?: string;
}

/** An action that a statement of a policy allows. */
export interface Permission {
    /** The policy and the place in it. */
    place: string;
    /** Logical name of the role that has it; absent where a resource's policy gives it. */
    role?: string;
    /** As the policy spells it. */
    action: string;
    /** As the policy spells them; absent where the policy's own resource is meant. */
    resources?: string[];
    /** Whether somebody made use of it. */
    used: boolean;
}

/**
 * Judges who may call what in a local pipeline, by the policies that the program registers: the roles' and the
 * resources'. Roles and resources that it does not register are their owners' matter, and not judged.
 */
export class Access {
    private readonly policies: CapturedPolicies;
    private readonly keys: Keys;
    private readonly memo = new Map<string, Statement[]>();
    private readonly assumed = new Map<string, boolean>();
    /** By the place of the statement. */
    private readonly used = new Map<string, Set<string>>();

    constructor(
        program: CapturedProgram,
        private readonly journal: Journal,
    ) {
        this.policies = capturedPolicies(program);
        this.keys = new Keys(program);
    }

    /** Every action that a policy allows, and whether it was made use of so far. */
    permissions(): Permission[] {
        const { roles, resources } = this.policies;
        const ofRoles = [...roles.values()].flatMap(({ logicalName, statements, trust }) => [
            ...statements.map((statement) => ({ statement, role: logicalName })),
            ...trust.map((statement) => ({ statement })),
        ]);
        const ofResources = [...resources.values()].flat().map((statement) => ({ statement }));
        return [...ofRoles, ...ofResources]
            .filter(({ statement }) => !isDenial(statement))
            .flatMap(({ statement: { place, actions, resources }, ...role }) =>
                actions.map((action) => ({ place, ...role, action, resources, used: this.isUsed(place, action) })),
            );
    }

    /** Throws what the service would answer a role that may not call it so. */
    check(roleArn: string | undefined, service: string, operation: string, request: AwsRequest): void {
        const role = this.role(roleArn);
        if (!role) return;
        const needs = requirementsOf(service, operation, request);
        const denied = [...needs, ...this.keyNeeds(needs)].find((need) => !this.allows({ role: role.arn }, need));
        if (denied) throw refusal(service, role, denied);
    }

    /** As `check`, for a service that has taken on the role. */
    checkServiceAs(
        roleArn: string | undefined,
        source: Source,
        service: string,
        operation: string,
        request: AwsRequest,
    ): void {
        const role = this.role(roleArn);
        const need = { action: "sts:AssumeRole", resource: String(roleArn) };
        if (role && !this.mayServiceAs(roleArn, source, [])) throw refusal(service, role, need);
        this.check(roleArn, service, operation, request);
    }

    /** Has S3 answer to who may not list a bucket as if nobody could know what is not there. */
    async hideMissing<T>(
        roleArn: string | undefined,
        service: string,
        request: AwsRequest,
        answer: Promise<T>,
    ): Promise<T> {
        try {
            return await answer;
        } catch (error) {
            const role = this.role(roleArn);
            const isMissing = error instanceof AwsError && ["NoSuchKey", "NoSuchVersion"].includes(error.code);
            if (!role || service !== "s3" || !isMissing) throw error;
            const { bucket, key } = s3Place(request);
            const need = { action: "s3:ListBucket", resource: bucketArn(bucket), context: { "s3:prefix": key } };
            throw this.allows({ role: role.arn }, need) ? error : refusal(service, role, need);
        }
    }

    /** Whether a role may do all of this; the first that it may not is written down. */
    mayRole(roleArn: string | undefined, needs: Need[], context: Context = {}): boolean {
        const role = this.role(roleArn);
        if (!role) return true;
        return [...needs, ...this.keyNeeds(needs)].every((need) =>
            this.allows({ role: role.arn }, { ...need, context: { ...context, ...need.context } }),
        );
    }

    /** As `mayRole`, for a service that has taken on the role: its trust policy has to let it. */
    mayServiceAs(roleArn: string | undefined, source: Source, needs: Need[]): boolean {
        const role = this.role(roleArn);
        if (!role) return true;
        const key = `${role.arn} ${source.service} ${source.arn}`;
        const known = this.assumed.get(key);
        const assumed = known ?? this.allows(source, { action: "sts:AssumeRole", resource: role.arn });
        this.assumed.set(key, assumed);
        return assumed && this.mayRole(roleArn, needs);
    }

    /** Whether a service may send to a topic, a queue or a function, by ARN. */
    mayDeliver(source: Source, target: string): boolean {
        const action = deliveries[target.split(":")[2]!];
        if (action === undefined) return true;
        const need = { action, resource: target };
        const forKey = this.keyNeeds([need]);
        // EventBridge names no source to KMS.
        const toKey = source.service === "events.amazonaws.com" ? { service: source.service } : source;
        return this.allows(source, need) && forKey.every((each) => this.allows(toKey, each));
    }

    /** Whether a service may write an object. */
    mayPut(source: Source, bucket: string, key: string): boolean {
        const need = { action: "s3:PutObject", resource: objectArn(bucket, key) };
        return this.allows(source, need) && this.keyNeeds([need]).every((each) => this.allows(source, each));
    }

    private role(arn: string | undefined): Role | undefined {
        return arn === undefined ? undefined : this.policies.roles.get(arn);
    }

    /** What encryption asks for beside. */
    private keyNeeds(needs: Need[]): Need[] {
        return needs.flatMap(({ action, resource }) => {
            if (writing.includes(action)) return this.keys.toWrite(resource);
            return reading.includes(action) ? this.keys.toRead(resource) : [];
        });
    }

    private allows(caller: Caller, need: Need): boolean {
        const { action, resource, freeForRoles = false } = need;
        if ("role" in caller && freeForRoles) return true;
        const owner = ownerOf(resource);
        const policy = this.policyOf(owner, action);
        // The policy of what the program does not register is known to nobody here.
        if ("service" in caller && policy === undefined && !freeForRoles) return true;
        const request: AccessRequest = {
            principal: "role" in caller ? caller : { service: caller.service },
            action,
            resource,
            context: { ...contextOf(caller), ...need.context },
        };
        const { decision, by } = evaluate(request, {
            identity: "role" in caller ? this.statementsOf(caller.role, action) : [],
            ...(policy && { resource: policy }),
            resourceDecides: policy !== undefined && /^(kms|sts):/.test(action),
        });
        const name = "role" in caller ? this.policies.roles.get(caller.role)!.logicalName : caller.service;
        if (decision === "allowed") this.note(by, action);
        else this.journal.write({ kind: "denial", caller: name, action, resource, reason: reasonOf(decision, by) });
        return decision === "allowed";
    }

    private statementsOf(role: string, action: string): Statement[] {
        return this.about(`${role} ${action}`, action, () => this.policies.roles.get(role)!.statements);
    }

    /** Of a resource that the program registers. */
    private policyOf(owner: string, action: string): Statement[] | undefined {
        const statements = this.policies.roles.get(owner)?.trust ?? this.policies.resources.get(owner);
        return statements && this.about(`${owner} < ${action}`, action, () => statements);
    }

    /** A run asks the same of the same policies again and again. */
    private about(key: string, action: string, all: () => Statement[]): Statement[] {
        const known = this.memo.get(key) ?? all().filter((statement) => statement.isAbout(action));
        this.memo.set(key, known);
        return known;
    }

    private note(by: Statement[], action: string): void {
        for (const { place } of by) this.used.set(place, (this.used.get(place) ?? new Set()).add(action));
    }

    private isUsed(place: string, pattern: string): boolean {
        const matches = glob(pattern, "i");
        return [...(this.used.get(place) ?? [])].some(matches);
    }
}

type Caller = Source | { role: string };

/** What services ask of those to which they deliver. */
const deliveries: Record<string, string> = {
    sns: "sns:Publish",
    sqs: "sqs:SendMessage",
    lambda: "lambda:InvokeFunction",
};

/** Actions on what may be encrypted. */
const writing = ["s3:PutObject", "sns:Publish", "sqs:SendMessage", "kinesis:PutRecord", "kinesis:PutRecords"];
const reading = ["s3:GetObject", "s3:GetObjectVersion", "sqs:ReceiveMessage", "kinesis:GetRecords"];

/** Whose policy speaks of a resource: the bucket's of its objects, the function's of its versions. */
function ownerOf(resource: string): string {
    const [, bucket] = /^(arn:aws:s3:::[^/]*)\//.exec(resource) ?? [];
    const [, lambda] = /^(arn:aws:lambda:[^:]*:[^:]*:function:[^:]*):/.exec(resource) ?? [];
    return bucket ?? lambda ?? resource;
}

/** What AWS adds to every request; all come by TLS. */
function contextOf(caller: Caller): Context {
    const always = { "aws:securetransport": "true", "s3:tlsversion": "1.3", "aws:requestedregion": region };
    const here = { ...always, "aws:resourceaccount": account };
    if ("role" in caller) {
        const principal = { "aws:principalarn": caller.role, "aws:principalaccount": account };
        return { ...here, ...principal, "aws:principalisawsservice": "false", "aws:viaawsservice": "false" };
    }
    return {
        ...here,
        "aws:principalisawsservice": "true",
        "aws:principalservicename": caller.service,
        ...(caller.arn !== undefined && { "aws:sourcearn": caller.arn, "aws:sourceaccount": account }),
    };
}

function reasonOf(decision: string, by: Statement[]): string {
    const places = by.map(({ place }) => place).join("; ");
    return decision === "denied explicitly" ? `denied by ${places}` : "no policy allows it";
}

/** As the service words it, which each does in its own way. */
function refusal(service: string, { name }: Role, { action, resource }: Need): AwsError {
    const user = `arn:aws:sts::${account}:assumed-role/${name}/local`;
    const message = `User: ${user} is not authorized to perform: ${action} on resource: ${resource}`;
    if (service === "s3") return new AwsError("AccessDenied", message, 403);
    if (action.startsWith("kms:"))
        return new AwsError(service === "sns" ? "KMSAccessDenied" : "KMSAccessDeniedException", message);
    if (service === "sns") return new AwsError("AuthorizationError", message, 403);
    if (service === "sqs") return new AwsError("AccessDenied", message, 403);
    return new AwsError("AccessDeniedException", message, service === "lambda" ? 403 : 400);
}
