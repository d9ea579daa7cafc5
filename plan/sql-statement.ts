import { SyntaxProblem } from "./problems";
import { type Token, tokenize } from "./sql-tokens";

/** The SQL up to its semicolon, and the tokens in it that mean something. */
export function onlyStatement(sql: string): { statement: string; tokens: Token[] } {
    const tokens = tokenize(sql).filter(({ kind }) => kind !== "space" && kind !== "comment");
    const semicolon = tokens.findIndex(({ text }) => text === ";");
    if (semicolon >= 0 && tokens.slice(semicolon).some(({ text }) => text !== ";")) {
        throw new SyntaxProblem("has several statements: keep one, and give the others queries of their own");
    }
    const kept = semicolon < 0 ? tokens : tokens.slice(0, semicolon);
    if (kept.length === 0) {
        throw new SyntaxProblem("holds no statement");
    }
    for (const token of kept) {
        checkToken(token);
    }
    return { statement: semicolon < 0 ? sql : sql.slice(0, tokens[semicolon]!.start), tokens: kept };
}

function checkToken({ kind, text }: Token): void {
    if (kind === "unterminated") {
        const what = { "'": "a string", '"': "a quoted name", "/": "a comment" }[text[0] as "'" | '"' | "/"];
        throw new SyntaxProblem(`${what} is not closed: \`${text.slice(0, 30)}\``);
    }
    if (text === "`") {
        throw new SyntaxProblem("has a backquote: in queries, Athena quotes names with double quotes");
    }
    if (text === "?") {
        throw new SyntaxProblem(
            "has a `?`: the parameters are bound by the pipeline, write `:new_data` (and `{0,1}` in a row pattern)",
        );
    }
}

/** Where each opening parenthesis is closed. */
export function matchParentheses(tokens: Token[]): Map<number, number> {
    const closing = new Map<number, number>();
    const open: number[] = [];
    tokens.forEach(({ text }, index) => {
        if (text === "(") {
            open.push(index);
        } else if (text === ")") {
            const start = open.pop();
            if (start === undefined) {
                throw new SyntaxProblem("has a `)` that closes nothing");
            }
            closing.set(start, index);
        }
    });
    if (open.length > 0) {
        throw new SyntaxProblem("has a `(` that is not closed");
    }
    return closing;
}
