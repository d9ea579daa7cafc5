import { reservedWords } from "./reserved-words";
import { type Item, invalid, readValue, type Value } from "./values";

/** The way to an attribute, or to a part of one: names and positions in lists. */
export type Path = [string, ...(string | number)[]];

/** What has a value. */
export type Operand = { kind: "path"; path: Path } | { kind: "value"; value: Value } | { kind: "size"; path: Path };

export type Comparator = "=" | "<>" | "<" | "<=" | ">" | ">=";

export type Condition =
    | { kind: "and" | "or"; left: Condition; right: Condition }
    | { kind: "not"; condition: Condition }
    | { kind: "compare"; comparator: Comparator; left: Operand; right: Operand }
    | { kind: "between"; operand: Operand; low: Operand; high: Operand }
    | { kind: "in"; operand: Operand; candidates: Operand[] }
    | { kind: "exists"; path: Path; exists: boolean }
    | { kind: "type"; path: Path; type: Operand }
    | { kind: "begins_with" | "contains"; path: Operand; operand: Operand };

/** What SET assigns. */
export type Assigned =
    | Operand
    | { kind: "if_not_exists"; path: Path; otherwise: Assigned }
    | { kind: "list_append"; first: Assigned; second: Assigned }
    | { kind: "+" | "-"; left: Assigned; right: Assigned };

/** What an update expression does, in no order: every value is of before the update. */
export interface Update {
    set: { path: Path; value: Assigned }[];
    remove: Path[];
    add: { path: Path; value: Value }[];
    delete: { path: Path; value: Value }[];
}

/** The expressions of one request, and the names and values that they share. */
export interface Expressions {
    condition?: string;
    filter?: string;
    keyCondition?: string;
    update?: string;
    projection?: string;
    names?: Record<string, string>;
    values?: Record<string, unknown>;
}

/** A request's expressions, parsed. */
export interface Parsed {
    condition?: Condition;
    filter?: Condition;
    keyCondition?: Condition;
    update?: Update;
    projection?: Path[];
}

const longestExpression = 4096;
const mostOperators = 300;
const comparators = ["=", "<>", "<", "<=", ">", ">="];
const functions = ["attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains", "size"];

/** Parses all expressions of a request; refuses names and values that are missing, or that none of them uses. */
export function parseExpressions(given: Expressions): Parsed {
    const scope = new Scope(given);
    const parse = <T>(kind: string, text: string | undefined, read: (reader: Reader) => T) =>
        text === undefined ? undefined : new Reader(kind, text, scope).whole(read);
    const parsed: Parsed = {
        update: parse("UpdateExpression", given.update, (reader) => reader.update()),
        condition: parse("ConditionExpression", given.condition, (reader) => reader.condition()),
        keyCondition: parse("KeyConditionExpression", given.keyCondition, (reader) => reader.condition()),
        filter: parse("FilterExpression", given.filter, (reader) => reader.condition()),
        projection: parse("ProjectionExpression", given.projection, (reader) => reader.paths()),
    };
    scope.checkUse();
    return parsed;
}

/** The names and values that expressions refer to. */
class Scope {
    private readonly used = new Set<string>();
    private readonly names: Record<string, string>;
    private readonly values: Item;
    private readonly hasExpression: boolean;

    constructor({ names, values, ...expressions }: Expressions) {
        this.hasExpression = Object.values(expressions).some((each) => each !== undefined);
        for (const [kind, given] of [
            ["Names", names],
            ["Values", values],
        ] as const) {
            if (given === undefined) continue;
            if (!this.hasExpression) {
                throw invalid(`ExpressionAttribute${kind} can only be specified when using expressions`);
            }
            if (Object.keys(given).length === 0) throw invalid(`ExpressionAttribute${kind} must not be empty`);
            const sign = kind === "Names" ? "#" : ":";
            const wrong = Object.keys(given).find((key) => !new RegExp(`^${sign}\\w+$`).test(key));
            if (wrong !== undefined) {
                throw invalid(`ExpressionAttribute${kind} contains invalid key: Syntax error; key: "${wrong}"`);
            }
        }
        this.names = names ?? {};
        this.values = Object.fromEntries(
            Object.entries(values ?? {}).map(([key, value]) => {
                try {
                    return [key, readValue(value)];
                } catch (error) {
                    throw invalid(
                        `ExpressionAttributeValues contains invalid value: ${(error as Error).message} for key ${key}`,
                    );
                }
            }),
        );
    }

    name(kind: string, placeholder: string): string {
        this.used.add(placeholder);
        const name = Object.hasOwn(this.names, placeholder) ? this.names[placeholder] : undefined;
        if (name !== undefined) return name;
        throw invalid(
            `Invalid ${kind}: An expression attribute name used in the document path is not defined; attribute name: ${placeholder}`,
        );
    }

    value(kind: string, placeholder: string): Value {
        this.used.add(placeholder);
        const value = Object.hasOwn(this.values, placeholder) ? this.values[placeholder] : undefined;
        if (value !== undefined) return value;
        throw invalid(
            `Invalid ${kind}: An expression attribute value used in expression is not defined; attribute value: ${placeholder}`,
        );
    }

    checkUse(): void {
        for (const [kind, given] of [
            ["Names", this.names],
            ["Values", this.values],
        ] as const) {
            const unused = Object.keys(given).filter((key) => !this.used.has(key));
            if (unused.length > 0) {
                throw invalid(
                    `Value provided in ExpressionAttribute${kind} unused in expressions: keys: {${unused.join(", ")}}`,
                );
            }
        }
    }
}

/** Reads an expression from its first token to its last. */
class Reader {
    private readonly tokens: string[];
    private at = 0;
    private operators = 0;

    constructor(
        private readonly kind: string,
        text: string,
        private readonly scope: Scope,
    ) {
        if (text === "") throw this.problem("The expression can not be empty;");
        if (Buffer.byteLength(text) > longestExpression) {
            throw this.problem("Expression size has exceeded the maximum allowed size;");
        }
        this.tokens = tokensOf(text) ?? this.fail("Syntax error");
    }

    whole<T>(read: (reader: this) => T): T {
        const result = read(this);
        if (this.at < this.tokens.length) throw this.unexpected();
        return result;
    }

    condition(): Condition {
        let left = this.conjunction();
        while (this.takeWord("OR")) left = { kind: "or", left, right: this.conjunction() };
        return left;
    }

    update(): Update {
        const update: Update = { set: [], remove: [], add: [], delete: [] };
        const seen = new Set<string>();
        while (this.at < this.tokens.length) {
            const clause = (this.peek() ?? "").toUpperCase();
            if (!["SET", "REMOVE", "ADD", "DELETE"].includes(clause)) throw this.unexpected();
            if (seen.has(clause))
                throw this.problem(`The "${clause}" section can only be used once in an update expression;`);
            seen.add(clause);
            this.at++;
            do this.action(clause, update);
            while (this.take(","));
        }
        this.checkOverlap(
            [...update.set, ...update.add, ...update.delete].map(({ path }) => path).concat(update.remove),
        );
        return update;
    }

    paths(): Path[] {
        const paths = [this.path()];
        while (this.take(",")) paths.push(this.path());
        this.checkOverlap(paths);
        return paths;
    }

    private action(clause: string, update: Update): void {
        const path = this.path();
        if (clause === "REMOVE") update.remove.push(path);
        else if (clause === "SET") {
            this.expect("=");
            update.set.push({ path, value: this.assigned() });
        } else {
            const value = this.scope.value(this.kind, this.placeholder());
            const types = clause === "ADD" ? ["N", "SS", "NS", "BS"] : ["SS", "NS", "BS"];
            const [type] = Object.keys(value);
            if (!types.includes(type!)) {
                throw this.problem(
                    `Incorrect operand type for operator or function; operator: ${clause}, operand type: ${typeNames[type!]}, typeSet: ALLOWED_FOR_${clause}_OPERAND`,
                );
            }
            update[clause === "ADD" ? "add" : "delete"].push({ path, value });
        }
    }

    private assigned(): Assigned {
        const left = this.summand();
        const sign = this.peek();
        if (sign !== "+" && sign !== "-") return left;
        this.at++;
        return { kind: sign, left, right: this.summand() };
    }

    private summand(): Assigned {
        const name = this.peek();
        if (this.tokens[this.at + 1] !== "(" || name === undefined) {
            return this.take("(") ? this.closed(this.assigned()) : this.operand();
        }
        if (name !== "if_not_exists" && name !== "list_append") throw this.badFunction(name);
        this.at += 2;
        if (name === "list_append") {
            const first = this.assigned();
            this.expect(",");
            return this.closed({ kind: name, first, second: this.assigned() });
        }
        const path = this.path();
        this.expect(",");
        return this.closed({ kind: name, path, otherwise: this.assigned() });
    }

    private conjunction(): Condition {
        let left = this.negation();
        while (this.takeWord("AND")) left = { kind: "and", left, right: this.negation() };
        return left;
    }

    private negation(): Condition {
        if (this.takeWord("NOT")) return { kind: "not", condition: this.negation() };
        if (this.take("(")) return this.closed(this.condition());
        return this.predicate();
    }

    private predicate(): Condition {
        const name = this.peek();
        if (this.tokens[this.at + 1] === "(" && name !== "size") {
            if (name === undefined || !functions.includes(name)) throw this.badFunction(name ?? "");
            this.at += 2;
            return this.closed(this.call(name));
        }
        const operand = this.operand();
        if (this.takeWord("BETWEEN")) {
            const low = this.operand();
            if (!this.takeWord("AND")) throw this.unexpected();
            return { kind: "between", operand, low, high: this.operand() };
        }
        if (this.takeWord("IN")) {
            this.expect("(");
            const candidates = [this.operand()];
            while (this.take(",")) candidates.push(this.operand());
            return this.closed({ kind: "in", operand, candidates });
        }
        const comparator = this.tokens[this.at++] as Comparator;
        if (!comparators.includes(comparator)) {
            this.at--;
            throw this.unexpected();
        }
        if (++this.operators > mostOperators) throw this.problem("The expression contains too many operators;");
        return { kind: "compare", comparator, left: operand, right: this.operand() };
    }

    private call(name: string): Condition {
        switch (name) {
            case "attribute_exists":
            case "attribute_not_exists":
                return { kind: "exists", path: this.path(), exists: name === "attribute_exists" };
            case "attribute_type": {
                const path = this.path();
                this.expect(",");
                const type = this.operand();
                if (type.kind !== "value" || !("S" in type.value) || !Object.hasOwn(typeNames, type.value.S)) {
                    throw this.problem("Invalid attribute type name found;");
                }
                return { kind: "type", path, type };
            }
            default: {
                const path = this.operand();
                this.expect(",");
                const operand = this.operand();
                if (
                    name === "begins_with" &&
                    operand.kind === "value" &&
                    !("S" in operand.value || "B" in operand.value)
                ) {
                    const [type] = Object.keys(operand.value);
                    throw this.problem(
                        `Incorrect operand type for operator or function; operator or function: begins_with, operand type: ${type}`,
                        "",
                    );
                }
                return { kind: name as "begins_with" | "contains", path, operand };
            }
        }
    }

    private operand(): Operand {
        if (this.peek() === "size" && this.tokens[this.at + 1] === "(") {
            this.at += 2;
            return this.closed({ kind: "size", path: this.path() });
        }
        if (this.peek()?.startsWith(":"))
            return { kind: "value", value: this.scope.value(this.kind, this.placeholder()) };
        if (this.tokens[this.at + 1] === "(") throw this.badFunction(this.peek() ?? "");
        return { kind: "path", path: this.path() };
    }

    private placeholder(): string {
        if (!this.peek()?.startsWith(":")) throw this.unexpected();
        return this.tokens[this.at++]!;
    }

    private path(): Path {
        const path: Path = [this.pathName()];
        for (;;) {
            if (this.take(".")) path.push(this.pathName());
            else if (this.take("[")) {
                const index = this.tokens[this.at++];
                if (index === undefined || !/^\d+$/.test(index)) throw this.unexpected();
                this.expect("]");
                path.push(Number(index));
            } else return path;
        }
    }

    private pathName(): string {
        const token = this.peek();
        if (token?.startsWith("#")) {
            this.at++;
            return this.scope.name(this.kind, token);
        }
        if (token === undefined || !/^[A-Za-z]\w*$/.test(token)) throw this.unexpected();
        if (reservedWords.has(token.toUpperCase())) {
            throw this.problem(`Attribute name is a reserved keyword; reserved keyword: ${token}`, "");
        }
        this.at++;
        return token;
    }

    private checkOverlap(paths: Path[]): void {
        paths.forEach((path, index) => {
            for (const other of paths.slice(index + 1)) {
                const shared = Math.min(path.length, other.length);
                if (path.slice(0, shared).every((part, at) => part === other[at])) {
                    throw this.problem(
                        `Two document paths overlap with each other; must remove or rewrite one of these paths; ` +
                            `path one: [${path.join(", ")}], path two: [${other.join(", ")}]`,
                        "",
                    );
                }
            }
        });
    }

    private closed<T>(result: T): T {
        this.expect(")");
        return result;
    }

    private peek(): string | undefined {
        return this.tokens[this.at];
    }

    private take(token: string): boolean {
        if (this.peek() !== token) return false;
        this.at++;
        return true;
    }

    private takeWord(word: string): boolean {
        if (this.peek()?.toUpperCase() !== word) return false;
        if (++this.operators > mostOperators) throw this.problem("The expression contains too many operators;");
        this.at++;
        return true;
    }

    private expect(token: string): void {
        if (!this.take(token)) throw this.unexpected();
    }

    private badFunction(name: string) {
        return functions.concat("if_not_exists", "list_append").includes(name)
            ? this.problem(`The function is not allowed to be used this way in an expression; function: ${name}`, "")
            : this.problem(`Invalid function name; function: ${name}`, "");
    }

    private unexpected() {
        const near = this.tokens.slice(Math.max(0, this.at - 1), this.at + 2).join(" ");
        const token = this.peek() ?? "<EOF>";
        return this.problem(`Syntax error; token: "${token}", near: "${near}"`, "");
    }

    private fail(message: string): never {
        throw this.problem(message, "");
    }

    private problem(message: string, _end = "") {
        return invalid(`Invalid ${this.kind}: ${message}`);
    }
}

/** The types as messages call them. */
const typeNames: Record<string, string> = {
    S: "STRING",
    N: "NUMBER",
    B: "BINARY",
    BOOL: "BOOLEAN",
    NULL: "NULL",
    SS: "STRING_SET",
    NS: "NUMBER_SET",
    BS: "BINARY_SET",
    L: "LIST",
    M: "MAP",
};

/** Names, placeholders, numbers and signs; undefined where the text holds anything else. */
function tokensOf(text: string): string[] | undefined {
    const pattern = /\s*(<>|<=|>=|[=<>(),.+[\]-]|[#:]\w+|\d+(?!\w)|[A-Za-z]\w*)\s*/y;
    const tokens: string[] = [];
    while (pattern.lastIndex < text.length) {
        const match = pattern.exec(text);
        if (!match) return undefined;
        tokens.push(match[1]!);
    }
    return tokens;
}
