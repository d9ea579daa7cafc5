import { QueryError } from "../errors";

/** What a token is; `text` of a word is as written, of a quoted name or string without its quotes. */
export interface Token {
    kind: "word" | "quoted" | "string" | "binary" | "integer" | "decimal" | "double" | "symbol" | "end";
    text: string;
    at: number;
    end: number;
}

const patterns: [Token["kind"] | "space", RegExp][] = [
    ["space", /(?:\s+|--[^\r\n]*|\/\*[\s\S]*?\*\/)+/y],
    ["binary", /[xX]'(?:[^']|'')*'/y],
    ["string", /'(?:[^']|'')*'/y],
    ["quoted", /"(?:[^"]|"")*"/y],
    ["double", /(?:\d+(?:\.\d*)?|\.\d+)[eE][+-]?\d+/y],
    ["decimal", /\d+\.\d*|\.\d+/y],
    ["integer", /\d+/y],
    ["word", /[A-Za-z_][A-Za-z0-9_]*/y],
    ["symbol", /->|<>|!=|<=|>=|\|\||=>|[-+*/%=<>()[\].,?:;&]/y],
];

/** As Hive's grammar has them: names in backquotes, and strings in quotes of either kind. */
const hivePatterns: typeof patterns = [
    ["quoted", /`(?:[^`]|``)*`/y],
    ["string", /"(?:[^"]|"")*"/y],
    ...patterns.filter(([kind]) => kind !== "quoted"),
];

/** Splits a statement as Trino's grammar does, without backslash escapes and backquotes, or as Hive's. */
export function tokenize(statement: string, grammar: "trino" | "hive" = "trino"): Token[] {
    const using = grammar === "hive" ? hivePatterns : patterns;
    const tokens: Token[] = [];
    let at = 0;
    while (at < statement.length) {
        const { kind, text } = next(statement, at, using);
        if (kind !== "space") tokens.push({ kind, text: unquote(kind, text), at, end: at + text.length });
        at += text.length;
    }
    tokens.push({ kind: "end", text: "<EOF>", at, end: at });
    return tokens;
}

function next(statement: string, at: number, using: typeof patterns): { kind: Token["kind"] | "space"; text: string } {
    for (const [kind, pattern] of using) {
        pattern.lastIndex = at;
        const text = pattern.exec(statement)?.[0];
        if (text === undefined) continue;
        if (
            (kind === "integer" || kind === "decimal" || kind === "double") &&
            /\w/.test(statement[at + text.length] ?? "")
        )
            throw new QueryError(
                "SYNTAX_ERROR",
                "identifiers must not start with a digit; surround the identifier with double quotes",
                at,
            );
        return { kind, text };
    }
    const character = statement[at]!;
    if (character === "`")
        throw new QueryError(
            "SYNTAX_ERROR",
            "backquoted identifiers are not supported; use double quotes to quote identifiers",
            at,
        );
    if (character === "'" || character === '"')
        throw new QueryError("SYNTAX_ERROR", `mismatched input '${character}': the quote is never closed`, at);
    throw new QueryError("SYNTAX_ERROR", `mismatched input '${character}'`, at);
}

function unquote(kind: Token["kind"], text: string): string {
    switch (kind) {
        case "binary":
            return text.slice(2, -1);
        case "string":
        case "quoted":
            return text.slice(1, -1).replaceAll(text[0]!.repeat(2), text[0]!);
        default:
            return text;
    }
}
