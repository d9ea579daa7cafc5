/** Kinds of tokens of Athena's SQL; tried in this order. */
const patterns = {
    space: /\s+/,
    comment: /--[^\r\n]*|\/\*.*?\*\//s,
    string: /'[^']*(?:''[^']*)*'/,
    quoted: /"[^"]*(?:""[^"]*)*"/,
    unterminated: /['"].*|\/\*.*/s,
    number: /\d[\d_]*(?:\.\d*)?(?:[eE][+-]?\d+)?/,
    word: /[A-Za-z_][A-Za-z0-9_]*/,
    parameter: /:[A-Za-z_][A-Za-z0-9_]*/,
    symbol: /./s,
};

/** What a token is; `quoted` is an identifier in double quotes, `unterminated` lacks its closing mark. */
export type TokenKind = keyof typeof patterns;

/** A piece of SQL text that belongs together. */
export interface Token {
    kind: TokenKind;
    text: string;
    /** Where it starts in the SQL. */
    start: number;
}

const kinds = Object.keys(patterns) as TokenKind[];
const grammar = new RegExp(kinds.map((kind) => `(?<${kind}>${patterns[kind].source})`).join("|"), "gsu");

/** Cuts SQL into tokens; joined, they are the SQL again, whatever it is. */
export function tokenize(sql: string): Token[] {
    return [...sql.matchAll(grammar)].map((match) => ({
        kind: kinds.find((kind) => match.groups![kind] !== undefined)!,
        text: match[0],
        start: match.index,
    }));
}
