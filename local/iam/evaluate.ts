import type { AccessRequest, Statement } from "./policy";

/** How policies judge a call. */
export interface Decision {
    decision: "allowed" | "denied explicitly" | "denied implicitly";
    /** Those that decided; none where none allowed it. */
    by: Statement[];
}

/** Policies that have a say in a call. */
export interface Policies {
    /** Of the role that calls; none where a service calls by itself. */
    identity: Statement[];
    /** Of the resource; absent where it has none. */
    resource?: Statement[];
    /**
     * Whether the resource's policy alone says who may use it: a key's and a role's. They hand over to the policies of
     * roles by naming the account.
     */
    resourceDecides?: boolean;
}

/**
 * Judges a call within one account, as AWS documents it: what is denied anywhere is denied; else it is allowed if a
 * policy of the role or of the resource allows it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function evaluate(
    request: AccessRequest,
    { identity, resource = [], resourceDecides = false }: Policies,
): Decision {
    const ofRole = identity.filter((statement) => applies(statement, request));
    const ofResource = resource.flatMap((statement) => {
        const named = statement.names?.(request.principal);
        return named !== undefined && applies(statement, request) ? [{ statement, named }] : [];
    });
    const denials = [...ofRole, ...ofResource.map(({ statement }) => statement)].filter(isDenial);
    if (denials.length > 0) return { decision: "denied explicitly", by: denials };

    const direct = ofResource.filter(({ named }) => named === "itself").map(({ statement }) => statement);
    const handedOver = ofResource.filter(({ named }) => named === "its account").map(({ statement }) => statement);
    const mayRole = resourceDecides ? handedOver.length > 0 : true;
    const allowing = [...direct, ...(mayRole ? ofRole : [])];
    if (allowing.length === 0) return { decision: "denied implicitly", by: [] };
    return { decision: "allowed", by: [...allowing, ...(direct.length === 0 && resourceDecides ? handedOver : [])] };
}

function applies(statement: Statement, { action, resource, context }: AccessRequest): boolean {
    return statement.isAbout(action) && statement.covers(resource) && statement.holds(context);
}

export function isDenial({ effect }: Statement): boolean {
    return effect === "Deny";
}
