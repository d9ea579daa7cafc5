import type { IotComparison, IotCondition, IotOperand, IotSql } from "../../../plan";
import { type Json, JsonNumber, parseJson } from "../../athena-sql/json";

/** A message that somebody published. */
export interface Message {
    topic: string;
    payload: Buffer;
    /** Absent for what did not come over MQTT. */
    clientId?: string;
    /** Milliseconds since 1970. */
    time: number;
}

/** What a rule makes of a message. */
export interface RuleResult {
    body: Buffer;
    /** Its elements, where it is an array. */
    elements?: Buffer[];
}

/** A value; `undefined` is IoT's Undefined: what is not there, and what an operator makes of operands it does not take. */
type Value = Json | undefined;

/** What IoT's `clientid()` returns for messages that did not come over MQTT. */
export const noClient = "n/a";

/** Evaluates a rule's SQL; nothing where its WHERE does not hold. Throws where AWS does not say what happens. */
export function evaluate({ select, where }: IotSql, message: Message): RuleResult | undefined {
    const payload = readPayload(message.payload);
    const value = (operand: IotOperand) => readOperand(operand, payload, message);
    if (where && holds(where, value) !== true) return undefined;
    if (select.length === 1 && select[0]!.kind === "all") {
        const elements = Array.isArray(payload) ? payload.map((element) => Buffer.from(printJson(element))) : undefined;
        return { body: message.payload, ...(elements && { elements }) };
    }
    if (payload === undefined) throw new Error("the payload is not JSON: only `SELECT *` alone takes it as it is");
    const result = new Map<string, Json>();
    for (const item of select) {
        if (item.kind === "all") {
            if (!(payload instanceof Map))
                throw new Error("the payload is no JSON object: nothing can stand beside `*`");
            for (const [name, member] of payload) if (!isNamed(select, name)) result.set(name, member);
        } else {
            const selected = value(item.value);
            if (selected !== undefined) result.set(item.name, selected);
        }
    }
    return { body: Buffer.from(printJson(result)) };
}

/** Whether a topic filter takes in a topic; a wildcard at the start leaves out topics that start with `$`. */
export function matchesTopic(filter: string, topic: string): boolean {
    const wanted = filter.split("/");
    const levels = topic.split("/");
    if (topic.startsWith("$") && /^[+#]/.test(filter)) return false;
    const many = wanted.at(-1) === "#";
    const fixed = many ? wanted.slice(0, -1) : wanted;
    const fits = many ? levels.length >= fixed.length : levels.length === fixed.length;
    return fits && fixed.every((level, index) => level === "+" || level === levels[index]);
}

function isNamed(select: IotSql["select"], name: string): boolean {
    return select.some((item) => item.kind === "named" && item.name === name);
}

/** The payload's JSON with every digit of its numbers, or nothing where it is none. */
function readPayload(payload: Buffer): Value {
    try {
        return parseJson(new TextDecoder("utf-8", { fatal: true }).decode(payload));
    } catch {
        return undefined;
    }
}

function readOperand(operand: IotOperand, payload: Value, message: Message): Value {
    switch (operand.kind) {
        case "field":
            return operand.path.reduce<Value>(
                (parent, name) => (parent instanceof Map ? parent.get(name) : undefined),
                payload,
            );
        case "string":
            return operand.text;
        case "number":
            return new JsonNumber(operand.text);
        case "boolean":
            return operand.value;
        case "call":
            if (operand.name === "clientid") return message.clientId ?? noClient;
            if (operand.name === "timestamp") return new JsonNumber(String(message.time));
            return operand.level === undefined ? message.topic : message.topic.split("/")[operand.level - 1];
    }
}

/** The condition's value, by the tables of IoT's documentation: an operand that does not fit makes it Undefined. */
function holds(condition: IotCondition, value: (operand: IotOperand) => Value): Value {
    switch (condition.kind) {
        case "and":
        case "or": {
            const left = asBoolean(holds(condition.left, value));
            const right = asBoolean(holds(condition.right, value));
            if (left === undefined || right === undefined) return undefined;
            return condition.kind === "and" ? left && right : left || right;
        }
        case "not": {
            const operand = asBoolean(holds(condition.operand, value));
            return operand === undefined ? undefined : !operand;
        }
        case "comparison":
            return compare(condition.operator, value(condition.left), value(condition.right));
        default:
            return value(condition);
    }
}

function asBoolean(value: Value): boolean | undefined {
    if (typeof value === "boolean") return value;
    const text = typeof value === "string" ? value.toLowerCase() : "";
    return text === "true" || text === "false" ? text === "true" : undefined;
}

function compare(operator: IotComparison, left: Value, right: Value): boolean | undefined {
    if (left === undefined || right === undefined) return undefined;
    if (operator === "=") return areEqual(left, right);
    if (operator === "<>") return !areEqual(left, right);
    const [a, b] = [asDecimal(left), asDecimal(right)];
    if (a === undefined || b === undefined) return undefined;
    const order = compareDecimals(a, b);
    switch (operator) {
        case "<":
            return order < 0;
        case "<=":
            return order <= 0;
        case ">":
            return order > 0;
        case ">=":
            return order >= 0;
    }
}

/** Values of different types are not equal; nothing is converted. */
function areEqual(left: Json, right: Json): boolean {
    if (left instanceof JsonNumber && right instanceof JsonNumber) return compareDecimals(left.text, right.text) === 0;
    if (Array.isArray(left) && Array.isArray(right)) {
        return left.length === right.length && left.every((element, index) => areEqual(element, right[index]!));
    }
    if (left instanceof Map && right instanceof Map) {
        return (
            left.size === right.size &&
            [...left].every(([name, member]) => right.has(name) && areEqual(member, right.get(name)!))
        );
    }
    return left === right;
}

/** The spelling of a number, also of one in a string. */
function asDecimal(value: Json): string | undefined {
    const text = value instanceof JsonNumber ? value.text : value;
    return typeof text === "string" && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text) ? text : undefined;
}

/** Integers are compared by all their digits, others as doubles. */
function compareDecimals(left: string, right: string): number {
    const exact = [left, right].every((text) => /^-?\d+$/.test(text));
    const [a, b] = exact ? [BigInt(left), BigInt(right)] : [Number(left), Number(right)];
    return a < b ? -1 : Number(a > b);
}

/** JSON on one line. */
function printJson(json: Json): string {
    if (json instanceof JsonNumber) return json.text;
    if (Array.isArray(json)) return `[${json.map(printJson).join(",")}]`;
    if (!(json instanceof Map)) return JSON.stringify(json);
    return `{${[...json].map(([name, member]) => `${JSON.stringify(name)}:${printJson(member)}`).join(",")}}`;
}
