import { AwsError } from "../../runtime";
import { canonical, compare as compareNumbers, sizeOf as numberSize } from "./numbers";

/** An attribute's value as the API spells it; checked, numbers in one spelling, sets without duplicates. */
export type Value =
    | { S: string }
    | { N: string }
    | { B: string }
    | { BOOL: boolean }
    | { NULL: true }
    | { SS: string[] }
    | { NS: string[] }
    | { BS: string[] }
    | { L: Value[] }
    | { M: Item };

/** Attributes by name. */
export interface Item {
    [name: string]: Value;
}

export type TypeName = "S" | "N" | "B" | "BOOL" | "NULL" | "SS" | "NS" | "BS" | "L" | "M";

const largestItem = 400 * 1024;
const deepest = 32;

/** The value's type and content. */
export function contentOf(value: Value): [type: TypeName, content: unknown] {
    return Object.entries(value)[0] as [TypeName, unknown];
}

/** Checks a value from a request. */
export function readValue(given: unknown, depth = 0): Value {
    const entries = Object.entries(isRecord(given) ? given : {}).filter(([, content]) => content !== undefined);
    if (entries.length > 1) {
        throw invalid(
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
        );
    }
    const [type, content] = entries[0] ?? [];
    if (depth >= deepest) throw invalid("Nesting Levels have exceeded supported limits");
    switch (type) {
        case "S":
        case "BOOL":
            if (typeof content === (type === "S" ? "string" : "boolean")) return given as Value;
            break;
        case "B":
            if (typeof content === "string") return { B: Buffer.from(content, "base64").toString("base64") };
            break;
        case "N":
            if (typeof content === "string") return { N: canonical(content) };
            break;
        case "NULL":
            if (content !== true)
                throw invalid(
                    "One or more parameter values were invalid: Null attribute value types must have the value of true",
                );
            return { NULL: true };
        case "SS":
        case "NS":
        case "BS":
            if (Array.isArray(content)) return { [type]: readSet(type, content) } as unknown as Value;
            break;
        case "L":
            if (Array.isArray(content)) return { L: content.map((each) => readValue(each, depth + 1)) };
            break;
        case "M":
            if (isRecord(content)) return { M: readItem(content, depth + 1) };
            break;
    }
    if (type === undefined || !/^(S|N|B|BOOL|SS|NS|BS|L|M)$/.test(type)) {
        throw invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes");
    }
    throw new AwsError("SerializationException", `the content of the ${type} value is of another type`);
}

/** Checks attributes from a request. */
export function readItem(given: unknown, depth = 0): Item {
    if (!isRecord(given)) throw invalid("Item must be a map of attribute values");
    // Without a prototype: "__proto__" is a name like any other.
    const item = Object.create(null) as Item;
    for (const [name, value] of Object.entries(given)) item[name] = readValue(value, depth);
    return item;
}

/** Refuses an item that is too large. */
export function checkSize(item: Item, message = "Item size has exceeded the maximum allowed size"): void {
    if (sizeOfItem(item) > largestItem) throw invalid(message);
}

/** Bytes that an item takes: its names and its values. */
export function sizeOfItem(item: Item): number {
    return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + sizeOf(value), 0);
}

export function sizeOf(value: Value): number {
    if ("S" in value) return Buffer.byteLength(value.S);
    if ("N" in value) return numberSize(value.N);
    if ("B" in value) return bytesOf(value.B).length;
    if ("SS" in value) return value.SS.reduce((sum, each) => sum + Buffer.byteLength(each), 0);
    if ("NS" in value) return value.NS.reduce((sum, each) => sum + numberSize(each), 0);
    if ("BS" in value) return value.BS.reduce((sum, each) => sum + bytesOf(each).length, 0);
    if ("L" in value) return 3 + value.L.reduce((sum, each) => sum + 1 + sizeOf(each), 0);
    if ("M" in value) return 3 + Object.keys(value.M).length + sizeOfItem(value.M);
    return 1;
}

/** Whether two values are of one type and the same; of sets, the order does not count. */
export function equal(a: Value, b: Value): boolean {
    return identity(a) === identity(b);
}

/** A text that equal values have in common, and no others. */
export function identity(value: Value): string {
    const [type, content] = contentOf(value);
    if (Array.isArray(content)) {
        const parts = type === "L" ? content.map(identity) : [...content].sort();
        return JSON.stringify([type, parts]);
    }
    if (type !== "M") return JSON.stringify([type, content]);
    const members = Object.entries(content as Item).sort(([x], [y]) => (x < y ? -1 : 1));
    return JSON.stringify([type, members.map(([name, each]) => [name, identity(each)])]);
}

/** The order of two values, undefined where they have none: strings by their UTF-8 bytes, bytes unsigned. */
export function order(a: Value, b: Value): number | undefined {
    if ("N" in a && "N" in b) return compareNumbers(a.N, b.N);
    if ("S" in a && "S" in b) return Buffer.compare(Buffer.from(a.S), Buffer.from(b.S));
    if ("B" in a && "B" in b) return Buffer.compare(bytesOf(a.B), bytesOf(b.B));
    return undefined;
}

/** The bytes of a value in base64. */
export function bytesOf(base64: string): Buffer {
    return Buffer.from(base64, "base64");
}

export function isRecord(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function invalid(message: string): AwsError {
    return new AwsError("ValidationException", message);
}

function readSet(type: "SS" | "NS" | "BS", content: unknown[]): string[] {
    const kind = { SS: "string", NS: "number", BS: "binary" }[type];
    if (content.length === 0) {
        throw invalid(`One or more parameter values were invalid: An ${kind} set  may not be empty`);
    }
    const members = content.map((each) => {
        if (typeof each !== "string") throw new AwsError("SerializationException", `a ${type} value holds no strings`);
        return type === "NS" ? canonical(each) : each;
    });
    if (new Set(members).size < members.length) {
        throw invalid(
            type === "NS"
                ? "Input collection contains duplicates"
                : `One or more parameter values were invalid: Input collection [${members.join(", ")}] contains duplicates.`,
        );
    }
    return members;
}
