import { runSimulation } from "@cloud-copilot/iam-simulate";
import { evaluate } from "../../../local/iam/evaluate";
import { readPolicy } from "../../../local/iam/policy";
import { account, type Case, isGoverned } from "./requests";

/** What ours says: `Allowed`, `ExplicitlyDenied` or `ImplicitlyDenied`. */
export function ours({ principal, action, resource, context, identity, policy }: Case): string {
    const lower = Object.fromEntries(Object.entries(context).map(([key, value]) => [key.toLowerCase(), value]));
    const { decision } = evaluate(
        { principal, action, resource, context: lower },
        {
            identity: "role" in principal ? identity.flatMap((document) => readPolicy("identity", document)) : [],
            ...(policy && { resource: readPolicy("resource", policy) }),
            resourceDecides: isGoverned(action),
        },
    );
    return { allowed: "Allowed", "denied explicitly": "ExplicitlyDenied", "denied implicitly": "ImplicitlyDenied" }[
        decision
    ];
}

/** What @cloud-copilot/iam-simulate says; it refuses actions that no service has, and resources that an action is not for. */
export async function theirs({ principal, action, resource, context, identity, policy }: Case): Promise<string> {
    const isRole = "role" in principal;
    const answer = await runSimulation(
        {
            request: {
                principal: isRole ? principal.role : principal.service,
                action,
                resource: { resource, accountId: account },
                contextVariables: context,
            },
            identityPolicies: isRole
                ? identity.map((document, index) => ({ name: `policy${index}`, policy: document }))
                : [],
            serviceControlPolicies: [],
            resourceControlPolicies: [],
            resourcePolicy: policy,
        },
        {},
    );
    return answer.resultType === "error" ? `refused: ${JSON.stringify(answer.errors)}` : answer.overallResult;
}
