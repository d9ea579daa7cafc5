/**
 * The pattern language of SNS filter policies and EventBridge rules: an object whose leaves are lists of conditions.
 * https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policies.html
 */
export type Pattern = { [key: string]: Pattern | Condition[] | Pattern[] };
export type Condition = string | number | boolean | null | Record<string, unknown>;

/**
 * Whether a message's JSON matches: all keys of the pattern, any condition of each list. On the way through a message,
 * an array matches when any of its elements does.
 */
export function matches(pattern: Pattern, message: unknown): boolean {
    return Object.entries(pattern).every(([key, expected]) => {
        if (key === "$or") return (expected as Pattern[]).some((alternative) => matches(alternative, message));
        const values = valuesAt(message, key);
        if (!Array.isArray(expected)) return values.some((value) => matches(expected, value));
        return (expected as Condition[]).some((condition) => meets(condition, values));
    });
}

/**
 * Whether message attributes match a policy of the scope MessageAttributes: String.Array attributes by element, numbers
 * as numbers.
 */
export function matchesAttributes(pattern: Pattern, attributes: Record<string, Attribute>): boolean {
    return matches(
        pattern,
        Object.fromEntries(Object.entries(attributes).map(([name, attribute]) => [name, attributeValue(attribute)])),
    );
}

/** A message attribute as SNS and SQS have it. */
export interface Attribute {
    DataType: string;
    StringValue?: string;
    BinaryValue?: string;
}

/** Refuses a pattern with operators that are not modelled; `path` says where it stands. */
export function checkPattern(pattern: unknown, path: string): asserts pattern is Pattern {
    if (typeof pattern !== "object" || pattern === null || Array.isArray(pattern)) {
        throw new Error(`${path}: a filter is an object whose leaves are lists`);
    }
    for (const [key, expected] of Object.entries(pattern)) {
        const here = `${path}.${key}`;
        if (key === "$or")
            (expected as unknown[]).forEach((each, index) => void checkPattern(each, `${here}[${index}]`));
        else if (Array.isArray(expected))
            expected.forEach((each, index) => void checkCondition(each, `${here}[${index}]`));
        else checkPattern(expected, here);
    }
}

type Operator = (argument: never, value: unknown) => boolean;

/** Each says of one value that is there whether it holds. */
const operators: Record<string, Operator> = {
    prefix: (argument: string, value) => typeof value === "string" && value.startsWith(argument),
    suffix: (argument: string, value) => typeof value === "string" && value.endsWith(argument),
    "equals-ignore-case": (argument: string, value) =>
        typeof value === "string" && value.toLowerCase() === argument.toLowerCase(),
    wildcard: (argument: string, value) => typeof value === "string" && wildcard(argument).test(value),
    numeric: (argument: (string | number)[], value) => typeof value === "number" && compares(argument, value),
    "anything-but": (argument: Condition | Condition[], value) =>
        ![argument].flat().some((each) => meetsValue(each as Condition, value)),
};

/** Those whose argument is a string. */
const textOperators = ["prefix", "suffix", "equals-ignore-case", "wildcard"];

const comparisons: Record<string, (value: number, bound: number) => boolean> = {
    "=": (value, bound) => value === bound,
    "<": (value, bound) => value < bound,
    "<=": (value, bound) => value <= bound,
    ">": (value, bound) => value > bound,
    ">=": (value, bound) => value >= bound,
};

/** The values under a key; arrays are seen through, on both sides. */
function valuesAt(message: unknown, key: string): unknown[] {
    if (Array.isArray(message)) return message.flatMap((element) => valuesAt(element, key));
    if (typeof message !== "object" || message === null || !(key in message)) return [];
    return flatten((message as Record<string, unknown>)[key]);
}

function flatten(value: unknown): unknown[] {
    return Array.isArray(value) ? value.flatMap(flatten) : [value];
}

function meets(condition: Condition, values: unknown[]): boolean {
    if (isOperation(condition) && "exists" in condition) return values.length > 0 === condition.exists;
    return values.some((value) => meetsValue(condition, value));
}

function meetsValue(condition: Condition, value: unknown): boolean {
    if (!isOperation(condition)) return condition === value;
    const [[name, argument]] = Object.entries(condition) as [[string, never]];
    return operators[name]!(argument, value);
}

/** `*` stands for any characters; a backslash takes the meaning from what follows. */
function wildcard(pattern: string): RegExp {
    const parts = pattern.match(/\\.|[^\\]|\\$/gs) ?? [];
    const source = parts.map((part) => (part === "*" ? ".*" : part.at(-1)!.replace(/[\\^$.*+?()[\]{}|]/, "\\$&")));
    return new RegExp(`^${source.join("")}$`, "s");
}

function compares(argument: (string | number)[], value: number): boolean {
    for (let index = 0; index < argument.length; index += 2) {
        if (!comparisons[argument[index]!]!(value, Number(argument[index + 1]))) return false;
    }
    return true;
}

function isOperation(condition: unknown): condition is Record<string, unknown> {
    return typeof condition === "object" && condition !== null;
}

function checkCondition(condition: unknown, path: string): void {
    if (!isOperation(condition)) return;
    for (const [name, argument] of Object.entries(condition)) {
        if (name !== "exists" && !(name in operators)) {
            throw new Error(`${path}: the filter operator "${name}" is not modelled on this machine`);
        }
        if (name === "numeric") checkNumeric(argument, path);
        if (textOperators.includes(name) && typeof argument !== "string") {
            throw new Error(`${path}: ${name} takes a text; what else AWS takes is not modelled on this machine`);
        }
        if (name === "anything-but") [argument].flat().forEach((each) => void checkCondition(each, path));
    }
}

function checkNumeric(argument: unknown, path: string): void {
    const parts = Array.isArray(argument) ? argument : [];
    const pairs = parts.length === 2 || parts.length === 4;
    if (pairs && parts.every((part, index) => (index % 2 === 0 ? part in comparisons : typeof part === "number")))
        return;
    throw new Error(`${path}: numeric takes one or two comparisons, such as [">=", 0, "<", 10]`);
}

function attributeValue({ DataType, StringValue, BinaryValue }: Attribute): unknown {
    if (DataType.startsWith("Number")) return Number(StringValue);
    return DataType.startsWith("String.Array") ? JSON.parse(StringValue ?? "[]") : (StringValue ?? BinaryValue);
}
