/** A statement of a policy document, its lists as lists. */
export interface Statement {
    effect: string;
    /** Kind → who, e.g. `Service` → `["sns.amazonaws.com"]`; everybody is `{ AWS: ["*"] }`. */
    principals: Record<string, string[]>;
    actions: string[];
    resources: string[];
    /** Condition keys in lower case. */
    conditions: Condition[];
}

interface Condition {
    operator: string;
    key: string;
    values: string[];
}

/** The statements of a document, which is a text or an object. */
export function statementsOf(document: unknown): Statement[] {
    const { Statement } = (typeof document === "string" ? parsed(document) : (document ?? {})) as {
        Statement?: unknown;
    };
    return listOf(Statement).map((each) => statement(each as Record<string, unknown>));
}

/** A text that is no JSON says nothing; AWS refuses it itself. */
function parsed(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return {};
    }
}

function statement({ Effect, Principal, Action, Resource, Condition }: Record<string, unknown>): Statement {
    const principals = Principal === "*" ? { AWS: "*" } : ((Principal ?? {}) as Record<string, unknown>);
    return {
        effect: String(Effect),
        principals: Object.fromEntries(Object.entries(principals).map(([kind, who]) => [kind, texts(who)])),
        actions: texts(Action),
        resources: texts(Resource),
        conditions: Object.entries((Condition ?? {}) as Record<string, Record<string, unknown>>).flatMap(
            ([operator, keys]) =>
                Object.entries(keys).map(([key, values]) => ({
                    operator,
                    key: key.toLowerCase(),
                    values: texts(values),
                })),
        ),
    };
}

export function allowing(document: unknown): Statement[] {
    return statementsOf(document).filter(({ effect }) => effect === "Allow");
}

export function isEverybody({ principals }: Statement): boolean {
    return Object.values(principals).some((who) => who.includes("*"));
}

/** Whether it names the account or the resource that a service acts for. */
export function namesSource({ conditions }: Statement): boolean {
    return conditions.some(({ key }) => key === sourceAccount || key === sourceArn);
}

export const sourceAccount = "aws:sourceaccount";
export const sourceArn = "aws:sourcearn";

export function hasCondition({ conditions }: Statement, key: string): boolean {
    return conditions.some((condition) => condition.key === key);
}

/** Whether everybody is denied this as long as the condition holds: `operator`, `key` and `value` as AWS spells them. */
export function denies(
    document: unknown,
    action: string,
    [operator, key, value]: [string, string, string],
): Statement | undefined {
    return statementsOf(document).find(
        (each) =>
            each.effect === "Deny" &&
            isEverybody(each) &&
            each.actions.some((denied) => denied === action || denied === `${action.split(":")[0]}:*`) &&
            each.conditions.length === 1 &&
            each.conditions[0]!.operator === operator &&
            each.conditions[0]!.key === key &&
            each.conditions[0]!.values.includes(value),
    );
}

/** Whoever comes without TLS. */
export const plainHttp: [string, string, string] = ["Bool", "aws:securetransport", "false"];

function listOf(value: unknown): unknown[] {
    return value === undefined ? [] : [value].flat();
}

function texts(value: unknown): string[] {
    return listOf(value).map(String);
}
