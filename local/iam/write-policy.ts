import { refuseOthers } from "../services/refusal";

interface StatementInputs {
    sid?: string;
    effect?: string;
    actions?: string[];
    notActions?: string[];
    resources?: string[];
    notResources?: string[];
    principals?: { type: string; identifiers: string[] }[];
    conditions?: { test: string; variable: string; values: string[] }[];
}

const known = [...["sid", "effect", "actions", "notActions", "resources", "notResources", "principals", "conditions"]];

/** The document that the provider's `getPolicyDocument` writes, as JSON. */
export function writePolicy(inputs: Record<string, unknown>): string {
    refuseOthers("getPolicyDocument: ", inputs, ["statements", "version", "policyId"]);
    const statements = (inputs.statements ?? []) as StatementInputs[];
    return JSON.stringify({ Version: inputs.version ?? "2012-10-17", Statement: statements.map(writeStatement) });
}

function writeStatement(inputs: StatementInputs): object {
    refuseOthers("getPolicyDocument: statements.", inputs, known);
    const { sid, effect = "Allow", actions, notActions, resources, notResources, principals, conditions } = inputs;
    const everybody = principals?.some(({ type, identifiers }) => type === "*" && identifiers.includes("*"));
    const principal = Object.fromEntries((principals ?? []).map(({ type, identifiers }) => [type, identifiers]));
    const condition: Record<string, Record<string, string[]>> = {};
    for (const { test, variable, values } of conditions ?? [])
        condition[test] = { ...condition[test], [variable]: values };
    return {
        ...(sid && { Sid: sid }),
        Effect: effect,
        ...(principals && { Principal: everybody ? "*" : principal }),
        ...(actions && { Action: actions }),
        ...(notActions && { NotAction: notActions }),
        ...(resources && { Resource: resources }),
        ...(notResources && { NotResource: notResources }),
        ...(conditions && { Condition: condition }),
    };
}
