import { type Condition, type Context, notModelled, readConditions } from "./condition";
import { arnGlob, type Glob, glob } from "./pattern";

/** Who makes a call: a role that somebody took on, or a service of AWS by itself. */
export type Principal = { role: string } | { service: string };

/** A call as policies judge it. */
export interface AccessRequest {
    principal: Principal;
    /** Such as `s3:PutObject`. */
    action: string;
    /** ARN, or `*` for actions that know no resources. */
    resource: string;
    context: Context;
}

/** One statement of a policy, ready to be asked. */
export interface Statement {
    effect: "Allow" | "Deny";
    /** The policy and the place in it, for messages. */
    place: string;
    /** The actions as they are spelled: all but these where the statement says `NotAction`. */
    actions: string[];
    /** The resources as they are spelled; absent where the policy's own resource is meant. */
    resources?: string[];
    /** How it speaks of who calls; absent in a policy of a role. */
    names?(principal: Principal): "itself" | "its account" | undefined;
    isAbout(action: string): boolean;
    covers(resource: string): boolean;
    holds(context: Context): boolean;
}

interface Document {
    Version?: string;
    Statement: StatementDocument | StatementDocument[];
}

interface StatementDocument {
    Sid?: string;
    Effect?: string;
    Principal?: "*" | Record<string, string | string[]>;
    NotPrincipal?: unknown;
    Action?: string | string[];
    NotAction?: string | string[];
    Resource?: string | string[];
    NotResource?: string | string[];
    Condition?: Record<string, Record<string, unknown>>;
}

/** Where variables stand for what is known of a request. */
const versionWithVariables = "2012-10-17";
const known = [...["Sid", "Effect", "Principal", "Action", "NotAction", "Resource", "NotResource", "Condition"]];

/** Reads a policy document, JSON or what it says; `place` is whose it is. What is not modelled is refused by name. */
export function readPolicy(place: string, document: unknown): Statement[] {
    try {
        const { Version, Statement } = (typeof document === "string" ? JSON.parse(document) : document) as Document;
        if (!Statement) throw new Error("it has no Statement");
        return [Statement].flat().map((statement, index) => {
            if (Version === versionWithVariables) refuseVariables(statement);
            return readStatement(`${place}, ${statement.Sid ?? `statement ${index + 1}`}`, statement);
        });
    } catch (error) {
        throw new Error(`${place}: ${(error as Error).message}`);
    }
}

function readStatement(place: string, statement: StatementDocument): Statement {
    const other = Object.keys(statement).find((key) => !known.includes(key));
    if (other !== undefined) throw notModelled(other);
    const { Effect, Principal, Action, NotAction, Resource, NotResource, Condition } = statement;
    if (Effect !== "Allow" && Effect !== "Deny") throw new Error(`the effect "${Effect}" is neither Allow nor Deny`);
    const actions = [Action ?? NotAction ?? []].flat();
    const resources = Resource ?? NotResource;
    const conditions: Condition[] = readConditions(Condition);
    return {
        effect: Effect,
        place,
        actions,
        ...(resources !== undefined && { resources: [resources].flat() }),
        ...(Principal !== undefined && { names: readPrincipal(Principal) }),
        isAbout: oneOf(actions, (pattern) => glob(pattern, "i"), NotAction !== undefined),
        covers: resources === undefined ? () => true : oneOf([resources].flat(), arnGlob, NotResource !== undefined),
        holds: (context) => conditions.every((condition) => condition(context)),
    };
}

function oneOf(patterns: string[], matcher: (pattern: string) => Glob, negated: boolean): Glob {
    const matchers = patterns.map(matcher);
    return (text) => matchers.some((matches) => matches(text)) !== negated;
}

function readPrincipal(given: NonNullable<StatementDocument["Principal"]>): Statement["names"] {
    if (given === "*") return () => "itself";
    const other = Object.keys(given).find((kind) => !["AWS", "Service"].includes(kind));
    if (other !== undefined) throw notModelled(`a principal of the kind "${other}"`);
    const callers = [given.AWS ?? []].flat();
    const services = [given.Service ?? []].flat();
    return (principal) => {
        if (callers.includes("*")) return "itself";
        if ("service" in principal) return services.includes(principal.service) ? "itself" : undefined;
        if (callers.includes(principal.role)) return "itself";
        const account = principal.role.split(":")[4]!;
        const isAccount = (caller: string) =>
            caller === account || /^arn:[\w-]+:iam::(\d+):root$/.exec(caller)?.[1] === account;
        return callers.some(isAccount) ? "its account" : undefined;
    };
}

/** `${aws:username}` and the like; `${*}` is a plain asterisk. */
function refuseVariables(statement: StatementDocument): void {
    const { Resource, NotResource, Condition } = statement;
    const [variable] = /\$\{[^}]*\}/.exec(JSON.stringify([Resource, NotResource, Condition])) ?? [];
    if (variable !== undefined) throw notModelled(`the policy variable ${variable}`);
}
