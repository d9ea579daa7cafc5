import { notModelled, QueryError } from "../errors";
import type * as ast from "./ast";
import { type Token, tokenize } from "./lexer";

/** Words that Trino lets nobody use as a name without quotes. */
export const reserved = new Set(
    `ALTER AND AS BETWEEN BY CASE CAST CONSTRAINT CREATE CROSS CUBE CURRENT_CATALOG CURRENT_DATE CURRENT_PATH
    CURRENT_ROLE CURRENT_SCHEMA CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER DEALLOCATE DELETE DESCRIBE DISTINCT DROP
    ELSE END ESCAPE EXCEPT EXECUTE EXISTS EXTRACT FALSE FOR FROM FULL GROUP GROUPING HAVING IN INNER INSERT INTERSECT
    INTO IS JOIN JSON_ARRAY JSON_EXISTS JSON_OBJECT JSON_QUERY JSON_TABLE JSON_VALUE LEFT LIKE LISTAGG LOCALTIME
    LOCALTIMESTAMP NATURAL NORMALIZE NOT NULL ON OR ORDER OUTER PREPARE RECURSIVE RIGHT ROLLUP SELECT SKIP TABLE THEN
    TRIM TRUE UESCAPE UNION UNNEST USING VALUES WHEN WHERE WITH`.split(/\s+/),
);

/** Walks over the tokens of a statement. */
export class Cursor {
    private readonly tokens: Token[];
    protected index = 0;
    /** Number of `?` met so far. */
    parameters = 0;

    constructor(
        protected readonly source: string,
        grammar: "trino" | "hive" = "trino",
    ) {
        this.tokens = tokenize(source, grammar);
    }

    protected list<T>(item: () => T): T[] {
        const items = [item()];
        while (this.acceptSymbol(",")) items.push(item());
        return items;
    }

    /** A whole number that must stand here as it is. */
    protected count(): number {
        const token = this.next();
        if (token.kind === "symbol" && token.text === "?")
            throw notModelled("a parameter in the place of a count", token.at);
        if (token.kind !== "integer") throw this.unexpected(token);
        return Number(token.text);
    }

    protected names(): ast.Identifier[] {
        this.expectSymbol("(");
        const names = this.list(() => this.identifier());
        this.expectSymbol(")");
        return names;
    }

    /** A text in quotes. */
    protected text(): string {
        const token = this.next();
        if (token.kind !== "string") throw this.unexpected(token);
        return token.text;
    }

    protected qualifiedName(): ast.Identifier[] {
        const name = [this.identifier()];
        while (this.acceptSymbol(".")) name.push(this.identifier());
        return name;
    }

    protected identifier(): ast.Identifier {
        if (!this.isIdentifier()) throw this.unexpected();
        const token = this.next();
        return { name: token.text, at: token.at };
    }

    protected isIdentifier(): boolean {
        const token = this.peek();
        return token.kind === "quoted" || (token.kind === "word" && !reserved.has(token.text.toUpperCase()));
    }

    protected peek(ahead = 0): Token {
        return this.tokens[Math.min(this.index + ahead, this.tokens.length - 1)]!;
    }

    protected next(): Token {
        const token = this.peek();
        this.index++;
        return token;
    }

    protected is(word: string, ahead = 0): boolean {
        const token = this.peek(ahead);
        return token.kind === "word" && token.text.toUpperCase() === word;
    }

    protected accept(word: string): boolean {
        if (!this.is(word)) return false;
        this.index++;
        return true;
    }

    /** What `parse` reads, or nothing where it can't. */
    protected attempt<T>(parse: () => T): T | undefined {
        const { index, parameters } = this;
        try {
            return parse();
        } catch (error) {
            if (!(error instanceof QueryError) || error.code !== "SYNTAX_ERROR") throw error;
            this.index = index;
            this.parameters = parameters;
            return undefined;
        }
    }

    /** Takes all of the words if the first one stands here. */
    protected acceptWords(first: string, ...rest: string[]): boolean {
        if (!this.accept(first)) return false;
        for (const word of rest) this.expect(word);
        return true;
    }

    protected skip(count: number): this {
        this.index += count;
        return this;
    }

    protected expect(word: string): void {
        if (!this.accept(word)) throw this.unexpected(undefined, word);
    }

    protected isSymbol(symbol: string, ahead = 0): boolean {
        const token = this.peek(ahead);
        return token.kind === "symbol" && token.text === symbol;
    }

    protected acceptSymbol(symbol: string): boolean {
        if (!this.isSymbol(symbol)) return false;
        this.index++;
        return true;
    }

    protected expectSymbol(symbol: string): void {
        if (!this.acceptSymbol(symbol)) throw this.unexpected(undefined, `'${symbol}'`);
    }

    /** Nothing may follow but a semicolon. */
    protected endOfStatement(): void {
        this.acceptSymbol(";");
        this.end();
    }

    protected end(): void {
        if (this.peek().kind !== "end") throw this.unexpected();
    }

    protected unexpected(token = this.peek(), expected?: string): QueryError {
        const hint = expected ? `. Expecting: ${expected}` : "";
        const text = token.kind === "end" ? token.text : `'${token.text}'`;
        return new QueryError("SYNTAX_ERROR", `mismatched input ${text}${hint}`, token.at);
    }
}
