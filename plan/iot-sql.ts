import { SyntaxProblem } from "./problems";
import { quoted, suggestion } from "./suggestion";

/** SQL of an IoT rule, parsed. */
export interface IotSql {
    select: IotItem[];
    /** Topic filter. */
    from: string;
    where?: IotCondition;
}

/** What is selected: all of the payload, or a value and its name. */
export type IotItem = { kind: "all" } | { kind: "named"; name: string; value: IotOperand };

/** A value of a message; numbers keep their spelling. */
export type IotOperand =
    | { kind: "field"; path: string[] }
    | { kind: "string"; text: string }
    | { kind: "number"; text: string }
    | { kind: "boolean"; value: boolean }
    | { kind: "call"; name: IotFunction; level?: number };

export type IotFunction = "topic" | "timestamp" | "clientid";

export type IotComparison = "=" | "<>" | "<" | "<=" | ">" | ">=";

export type IotCondition =
    | IotOperand
    | { kind: "comparison"; operator: IotComparison; left: IotOperand; right: IotOperand }
    | { kind: "and" | "or"; left: IotCondition; right: IotCondition }
    | { kind: "not"; operand: IotCondition };

/** AWS IoT's limits for a topic, and so for a filter. */
export const mostTopicLevels = 8;
export const mostTopicBytes = 256;

const functions = ["topic", "timestamp", "clientid"] as const;
const comparisons: readonly string[] = ["=", "<>", "<", "<=", ">", ">="];
const clauses = ["select", "from", "where", "as", "and", "or", "not"];
/** Words that mean something in IoT's SQL, but not here: as fields they would mean something else there. */
const otherWords = ["null", "undefined", "in", "exists", "case", "when", "then", "else", "end", "set"];

const patterns = {
    space: /\s+/,
    string: /'[^'\\]*'/,
    number: /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/,
    word: /[A-Za-z_][A-Za-z0-9_]*/,
    symbol: /<>|<=|>=|!=|\|\||./s,
};
type TokenKind = keyof typeof patterns | "end";
const kinds = Object.keys(patterns) as (keyof typeof patterns)[];
const grammar = new RegExp(kinds.map((kind) => `(?<${kind}>${patterns[kind].source})`).join("|"), "gsu");

interface Token {
    kind: TokenKind;
    text: string;
    /** Its first character, counted from 1. */
    at: number;
}

/**
 * Parses an IoT rule's SQL: `*`, fields, literals, `topic()`, `timestamp()` and `clientid()`, with WHERE of comparisons,
 * AND, OR and NOT. The rest of IoT's SQL is refused by name, since it is not modelled on a developer's machine.
 */
export function parseIotSql(sql: string): IotSql {
    return new Parser(sql).statement();
}

/** What is wrong with a topic filter, if anything is. */
export function topicFilterProblem(filter: string): string | undefined {
    const levels = filter.split("/");
    if (filter === "") {
        return "is empty: name the topics, such as `devices/+/ping`";
    }
    if (levels.some((level) => level.length > 1 && /[+#]/.test(level))) {
        return "has a wildcard beside other characters: `+` and `#` stand for whole levels";
    }
    if (levels.slice(0, -1).includes("#")) {
        return "has levels behind `#`, which stands for all that follow: leave them out";
    }
    if (levels.length > mostTopicLevels || Buffer.byteLength(filter) > mostTopicBytes) {
        return `is too long: AWS IoT takes ${mostTopicLevels} levels and ${mostTopicBytes} bytes`;
    }
    return undefined;
}

class Parser {
    private readonly tokens: Token[];
    private next = 0;

    constructor(sql: string) {
        this.tokens = [
            ...[...sql.matchAll(grammar)]
                .map((match) => ({
                    kind: kinds.find((kind) => match.groups![kind] !== undefined)!,
                    text: match[0],
                    at: match.index + 1,
                }))
                .filter(({ kind }) => kind !== "space"),
            { kind: "end", text: "", at: sql.length + 1 },
        ];
    }

    statement(): IotSql {
        this.take("SELECT");
        const select = this.items();
        this.take("FROM");
        const from = this.topicFilter(select);
        const where = this.takeIf("WHERE") ? this.disjunction() : undefined;
        if (this.token.kind !== "end") {
            throw this.unexpected(where ? "AND, OR or the end" : "WHERE or the end");
        }
        return { select, from, ...(where && { where }) };
    }

    private items(): IotItem[] {
        const items: IotItem[] = [];
        do {
            const { at } = this.token;
            const item = this.item();
            const nameOf = (each: IotItem) => (each.kind === "all" ? "*" : each.name);
            if (items.some((other) => nameOf(other) === nameOf(item))) {
                throw new SyntaxProblem(`selects \`${nameOf(item)}\` twice, again at character ${at}: leave out one`);
            }
            items.push(item);
        } while (this.takeIf(","));
        return items;
    }

    private item(): IotItem {
        if (this.takeIf("*")) {
            return { kind: "all" };
        }
        const { at } = this.token;
        const value = this.operand();
        if (this.takeIf("AS")) {
            return { kind: "named", name: this.name("a name"), value };
        }
        if (value.kind !== "field") {
            throw new SyntaxProblem(`selects a value without a name at character ${at}: give it one with AS`);
        }
        return { kind: "named", name: value.path.at(-1)!, value };
    }

    private topicFilter(select: IotItem[]): string {
        const { kind, text, at } = this.token;
        if (kind !== "string") {
            throw this.unexpected("a topic filter in single quotes");
        }
        this.next++;
        const filter = text.slice(1, -1);
        const problem = topicFilterProblem(filter);
        if (problem !== undefined) {
            throw new SyntaxProblem(`the topic filter at character ${at} ${problem}`);
        }
        checkLevels(select, filter);
        return filter;
    }

    private disjunction(): IotCondition {
        let left = this.conjunction();
        while (this.takeIf("OR")) {
            left = { kind: "or", left, right: this.conjunction() };
        }
        return left;
    }

    private conjunction(): IotCondition {
        let left = this.negation();
        while (this.takeIf("AND")) {
            left = { kind: "and", left, right: this.negation() };
        }
        return left;
    }

    private negation(): IotCondition {
        if (this.takeIf("NOT")) {
            return { kind: "not", operand: this.negation() };
        }
        if (this.takeIf("(")) {
            const condition = this.disjunction();
            this.take(")");
            return condition;
        }
        return this.comparison();
    }

    private comparison(): IotCondition {
        const left = this.operand();
        const { text } = this.token;
        if (!comparisons.includes(text)) {
            return left;
        }
        this.next++;
        return { kind: "comparison", operator: text as IotComparison, left, right: this.operand() };
    }

    private operand(): IotOperand {
        const { kind, text } = this.token;
        if (kind === "string") {
            this.next++;
            return { kind, text: text.slice(1, -1) };
        }
        if (kind === "number") {
            this.next++;
            return { kind, text };
        }
        if (/^(true|false)$/i.test(text)) {
            this.next++;
            return { kind: "boolean", value: text.toLowerCase() === "true" };
        }
        return this.tokens[this.next + 1]?.text === "(" && kind === "word" ? this.call() : this.field();
    }

    private call(): IotOperand {
        const { text, at } = this.token;
        const name = functions.find((each) => each === text);
        if (name === undefined) {
            throw new SyntaxProblem(
                `the function \`${text}\` at character ${at} is not supported: ${suggestion(text, functions)}`,
            );
        }
        this.next++;
        this.take("(");
        const level = name === "topic" && this.token.kind === "number" ? this.level() : undefined;
        this.take(")");
        return { kind: "call", name, ...(level !== undefined && { level }) };
    }

    private level(): number {
        const { text, at } = this.token;
        const level = Number(text);
        if (!Number.isInteger(level) || level < 1 || level > mostTopicLevels) {
            throw new SyntaxProblem(
                `\`topic(${text})\` at character ${at} is no level: count from 1 to ${mostTopicLevels}`,
            );
        }
        this.next++;
        return level;
    }

    private field(): IotOperand {
        const path = [this.name("a field, a literal or a function")];
        while (this.takeIf(".")) {
            path.push(this.name("a field"));
        }
        return { kind: "field", path };
    }

    private name(wanted: string): string {
        const { kind, text } = this.token;
        if (kind !== "word" || clauses.includes(text.toLowerCase())) {
            throw this.unexpected(wanted);
        }
        if (otherWords.includes(text.toLowerCase())) {
            throw this.unsupported();
        }
        this.next++;
        return text;
    }

    private get token(): Token {
        return this.tokens[this.next]!;
    }

    private takeIf(text: string): boolean {
        const found = this.token.kind !== "string" && this.token.text.toUpperCase() === text;
        if (found) {
            this.next++;
        }
        return found;
    }

    private take(text: string): void {
        if (!this.takeIf(text)) {
            throw this.unexpected(text.length > 1 ? text : `\`${text}\``);
        }
    }

    private unexpected(wanted: string): SyntaxProblem {
        const { kind, text, at } = this.token;
        if ((kind === "symbol" && !/^[(),.]$/.test(text)) || otherWords.includes(text.toLowerCase())) {
            return this.unsupported();
        }
        const found = kind === "end" ? "the end" : `\`${text}\``;
        return new SyntaxProblem(`cannot be read at character ${at}: expected ${wanted}, found ${found}`);
    }

    private unsupported(): SyntaxProblem {
        const { text, at } = this.token;
        const known = quoted(["=", "<>", "<", "<=", ">", ">=", "AND", "OR", "NOT"]);
        const advice = text === "!=" ? "write `<>`" : `values are fields, literals and functions, operators ${known}`;
        return new SyntaxProblem(`\`${text}\` at character ${at} is not supported here: ${advice}`);
    }
}

/** A level that no matching topic has would leave its column empty for good. */
function checkLevels(select: IotItem[], filter: string): void {
    const levels = filter.endsWith("#") ? mostTopicLevels : filter.split("/").length;
    for (const item of select) {
        if (item.kind === "named" && item.value.kind === "call" && Number(item.value.level) > levels) {
            throw new SyntaxProblem(
                `\`topic(${item.value.level})\` is never there: the topics of \`${filter}\` end at level ${levels}`,
            );
        }
    }
}
