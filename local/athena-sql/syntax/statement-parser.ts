import { notModelled, QueryError } from "../errors";
import type * as ast from "./ast";
import { type Property, tableFormat, unloadFormat } from "./file-format";
import { HiveParser, isHives } from "./hive-parser";
import { isLiteral, QueryParser } from "./parser";
import type { CreateTableAs, CreateView, Drop, Execute, Insert, Show, Statement, Unload } from "./statements";

/** What Athena has and this runtime does not. */
const others = new Set(
    `ALTER ANALYZE CALL CREATE DELETE DROP EXPLAIN MERGE OPTIMIZE RESET SET SHOW TRUNCATE UPDATE USE VACUUM`.split(" "),
);

/** Parses a statement of Athena's, in whichever of its two grammars, and counts its `?`. */
export function parseStatement(text: string): { statement: Statement; parameters: number } {
    const parser = isHives(text) ? new HiveParser(text) : new StatementParser(text);
    const statement = parser.statement();
    return { statement, parameters: parser.parameters };
}

/** Parses text that must be one literal, such as `'it''s'`, `-1.5` or `DATE '2026-11-21'`. */
export function parseLiteral(text: string): ast.Expression | undefined {
    try {
        return new QueryParser(text).literal();
    } catch (error) {
        if (error instanceof QueryError) return undefined;
        throw error;
    }
}

/** Statements of Trino's grammar, and of Athena's own that are written like them. */
class StatementParser extends QueryParser {
    statement(): Statement {
        const statement = this.known();
        this.endOfStatement();
        return statement;
    }

    private known(): Statement {
        const first = this.peek();
        const { at } = first;
        if (this.accept("UNLOAD")) return this.unload(at);
        if (this.acceptWords("INSERT", "INTO")) return this.insert(at);
        if (this.is("CREATE") && this.is("TABLE", 1)) return this.skip(2).createTable(at);
        if (this.is("CREATE") && this.is("VIEW", 1)) return this.skip(2).createView(false, at);
        if (this.is("CREATE") && this.is("OR", 1)) return this.skip(1).createOrReplace(at);
        if (this.is("DROP") && this.is("VIEW", 1)) return this.skip(2).dropView(at);
        if (this.is("SHOW") && this.is("VIEWS", 1)) return this.skip(2).showViews(at);
        if (this.is("SHOW") && this.is("CREATE", 1) && this.is("VIEW", 2))
            return { kind: "show create view", name: this.skip(3).qualifiedName(), at };
        if (this.accept("PREPARE")) return this.prepare(at);
        if (this.accept("EXECUTE")) return this.execute(at);
        if (this.acceptWords("DEALLOCATE", "PREPARE")) return { kind: "deallocate", name: this.identifier(), at };
        const word = first.kind === "word" ? first.text.toUpperCase() : first.text;
        if (first.kind === "word" && others.has(word)) throw notModelled(`the statement ${this.twoWords()}`, at);
        if (!["SELECT", "WITH", "VALUES", "TABLE", "("].includes(word)) throw this.unexpected();
        return { kind: "query", query: this.query(), at };
    }

    /** What kind of CREATE or DROP it is. */
    private twoWords(): string {
        const [first, second] = [this.peek(), this.peek(1)].map(({ text }) => text.toUpperCase());
        return first === "CREATE" || first === "DROP" || first === "SHOW" ? `${first} ${second}` : first!;
    }

    private unload(at: number): Unload {
        this.expectSymbol("(");
        const query = this.query();
        this.expectSymbol(")");
        this.expect("TO");
        const location = folder(this.text());
        this.expect("WITH");
        return { kind: "unload", query, location, format: unloadFormat(this.properties(), at), at };
    }

    private createTable(at: number): CreateTableAs {
        const ifNotExists = this.acceptWords("IF", "NOT", "EXISTS");
        const name = this.qualifiedName();
        if (this.isSymbol("(")) throw notModelled("CREATE TABLE without a query", at);
        const { format, location } = tableFormat(this.accept("WITH") ? this.properties() : []);
        this.expect("AS");
        const query = this.query();
        const options = this.accept("WITH");
        const withData = !(options && this.accept("NO"));
        if (options) this.expect("DATA");
        return {
            ...{ kind: "create table as", name, ifNotExists, query, withData, format, at },
            ...(location && { location: folder(String(location.value)) }),
        };
    }

    private insert(at: number): Insert {
        const name = this.qualifiedName();
        const columns = this.attempt(() => (this.isSymbol("(") ? this.names() : undefined));
        return { kind: "insert", name, ...(columns && { columns }), query: this.query(), at };
    }

    private createOrReplace(at: number): CreateView {
        this.expect("OR");
        this.expect("REPLACE");
        this.expect("VIEW");
        return this.createView(true, at);
    }

    private createView(replace: boolean, at: number): CreateView {
        const name = this.qualifiedName();
        this.expect("AS");
        const start = this.peek().at;
        const query = this.query();
        if (this.parameters > 0) throw notModelled("a parameter in a view", at);
        return { kind: "create view", name, replace, query, sql: this.source.slice(start, this.peek().at).trim(), at };
    }

    private dropView(at: number): Drop {
        const ifExists = this.acceptWords("IF", "EXISTS");
        return { kind: "drop view", name: this.qualifiedName(), ifExists, at };
    }

    private showViews(at: number): Show {
        const database = this.accept("IN") || this.accept("FROM") ? this.identifier() : undefined;
        const pattern = this.accept("LIKE") || this.peek().kind === "string" ? this.text() : undefined;
        return { kind: "show views", at, ...(database && { database }), ...(pattern !== undefined && { pattern }) };
    }

    private prepare(at: number): Statement {
        const name = this.identifier();
        this.expect("FROM");
        const sql = this.source.slice(this.peek().at).replace(/;\s*$/, "");
        const { statement } = parseStatement(sql);
        if (!["query", "insert", "create table as", "unload"].includes(statement.kind))
            throw new QueryError("NOT_SUPPORTED", `Cannot prepare ${statement.kind.toUpperCase()}`, this.peek().at);
        while (this.peek().kind !== "end") this.next();
        return { kind: "prepare", name, sql, at };
    }

    private execute(at: number): Execute {
        const name = this.identifier();
        const values = this.accept("USING") ? this.list(() => this.value()) : [];
        const other = values.find((value) => !isLiteral(value));
        if (other) throw notModelled("a parameter of EXECUTE that is not a literal", other.at);
        return { kind: "execute", name, values, at };
    }

    private properties(): Property[] {
        this.expectSymbol("(");
        const properties = this.list((): Property => {
            const { name, at } = this.identifier();
            this.expectSymbol("=");
            return { name, at, value: this.accept("ARRAY") ? this.texts() : this.propertyText(name, at) };
        });
        this.expectSymbol(")");
        return properties;
    }

    private texts(): string[] {
        this.expectSymbol("[");
        const texts = this.list(() => this.text());
        this.expectSymbol("]");
        return texts;
    }

    private propertyText(name: string, at: number): string {
        if (this.peek().kind !== "string") throw notModelled(`the value of ${name}`, at);
        return this.text();
    }
}

function folder(location: string): string {
    return location.endsWith("/") ? location : `${location}/`;
}
