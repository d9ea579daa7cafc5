import type * as ast from "./ast";
import { notModelled, QueryError } from "./errors";
import { type Token, tokenize } from "./lexer";
import { scalarType, type Type } from "./types";

/** Words that Trino lets nobody use as a name without quotes. */
const reserved = new Set(
    `ALTER AND AS BETWEEN BY CASE CAST CONSTRAINT CREATE CROSS CUBE CURRENT_CATALOG CURRENT_DATE CURRENT_PATH
    CURRENT_ROLE CURRENT_SCHEMA CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER DEALLOCATE DELETE DESCRIBE DISTINCT DROP
    ELSE END ESCAPE EXCEPT EXECUTE EXISTS EXTRACT FALSE FOR FROM FULL GROUP GROUPING HAVING IN INNER INSERT INTERSECT
    INTO IS JOIN JSON_ARRAY JSON_EXISTS JSON_OBJECT JSON_QUERY JSON_TABLE JSON_VALUE LEFT LIKE LISTAGG LOCALTIME
    LOCALTIMESTAMP NATURAL NORMALIZE NOT NULL ON OR ORDER OUTER PREPARE RECURSIVE RIGHT ROLLUP SELECT SKIP TABLE THEN
    TRIM TRUE UESCAPE UNION UNNEST USING VALUES WHEN WHERE WITH`.split(/\s+/),
);

const statements = new Set(
    `ALTER ANALYZE CALL CREATE DEALLOCATE DELETE DESC DESCRIBE DROP EXECUTE EXPLAIN INSERT MERGE MSCK OPTIMIZE PREPARE
    RESET SET SHOW TRUNCATE UNLOAD UPDATE USE VACUUM`.split(/\s+/),
);

const intervalFields = ["YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"];
const comparisons = new Set(["=", "<>", "!=", "<", "<=", ">", ">="]);

/** Parses one query of Trino's grammar; `parameters` are literals as text, one for each `?`. */
export function parseQuery(statement: string): { query: ast.Query; parameters: number } {
    const parser = new Parser(tokenize(statement));
    const query = parser.statement();
    return { query, parameters: parser.parameters };
}

/** Parses text that must be one literal, such as `'it''s'`, `-1.5` or `DATE '2026-11-21'`. */
export function parseLiteral(text: string): ast.Expression | undefined {
    try {
        return new Parser(tokenize(text)).literal();
    } catch (error) {
        if (error instanceof QueryError) return undefined;
        throw error;
    }
}

class Parser {
    /** Number of `?` met so far. */
    parameters = 0;
    private index = 0;

    constructor(private readonly tokens: Token[]) {}

    statement(): ast.Query {
        const first = this.peek();
        const word = first.kind === "word" ? first.text.toUpperCase() : first.text;
        if (first.kind === "word" && statements.has(word)) throw notModelled(`the statement ${word}`, first.at);
        if (!["SELECT", "WITH", "VALUES", "TABLE", "("].includes(word)) throw this.unexpected();
        const query = this.query();
        this.acceptSymbol(";");
        this.end();
        return query;
    }

    literal(): ast.Expression | undefined {
        const expression = this.unary();
        this.end();
        const value = expression.kind === "negate" ? expression.expression : expression;
        const kinds = expression.kind === "negate" ? ["number"] : ["null", "boolean", "number", "string", "binary", "typed", "interval"];
        return kinds.includes(value.kind) ? expression : undefined;
    }

    // Queries

    private query(): ast.Query {
        const at = this.peek().at;
        const commonTables = this.accept("WITH") ? this.commonTables() : [];
        const body = this.unions();
        const orderBy = this.accept("ORDER") ? (this.expect("BY"), this.list(() => this.sortItem())) : [];
        const query: ast.Query = { with: commonTables, body, orderBy, at };
        if (this.accept("OFFSET")) {
            query.offset = this.rowCount();
            if (!this.accept("ROW")) this.accept("ROWS");
        }
        if (this.accept("LIMIT")) {
            if (!this.accept("ALL")) query.limit = this.rowCount();
        } else if (this.is("FETCH")) {
            this.index++;
            if (!this.accept("FIRST")) this.expect("NEXT");
            query.limit = this.peek().kind === "integer" ? this.rowCount() : 1;
            if (!this.accept("ROW")) this.expect("ROWS");
            if (this.is("WITH")) throw notModelled("FETCH FIRST … WITH TIES", this.peek().at);
            this.expect("ONLY");
        }
        return query;
    }

    private rowCount(): number {
        const token = this.next();
        if (token.kind === "symbol" && token.text === "?") throw notModelled("a parameter in LIMIT or OFFSET", token.at);
        if (token.kind !== "integer") throw this.unexpected(token);
        return Number(token.text);
    }

    private commonTables(): ast.CommonTable[] {
        if (this.is("RECURSIVE")) throw notModelled("WITH RECURSIVE", this.peek().at);
        return this.list(() => {
            const name = this.identifier();
            const columns = this.isSymbol("(") ? this.names() : undefined;
            this.expect("AS");
            this.expectSymbol("(");
            const query = this.query();
            this.expectSymbol(")");
            return { name, columns, query };
        });
    }

    private unions(): ast.QueryBody {
        let left = this.intersections();
        while (this.is("UNION") || this.is("EXCEPT")) left = this.setOperation(left, () => this.intersections());
        return left;
    }

    private intersections(): ast.QueryBody {
        let left = this.queryPrimary();
        while (this.is("INTERSECT")) left = this.setOperation(left, () => this.queryPrimary());
        return left;
    }

    private setOperation(left: ast.QueryBody, operand: () => ast.QueryBody): ast.SetOperation {
        const { text, at } = this.next();
        const all = this.accept("ALL");
        if (!all) this.accept("DISTINCT");
        const operator = text.toUpperCase() as ast.SetOperation["operator"];
        return { kind: "set", operator, all, left, right: operand(), at };
    }

    private queryPrimary(): ast.QueryBody {
        const at = this.peek().at;
        if (this.is("SELECT")) return this.select();
        if (this.accept("VALUES")) return { kind: "values", rows: this.list(() => this.expression()), at };
        if (this.accept("TABLE")) return { kind: "table", name: this.qualifiedName(), at };
        this.expectSymbol("(");
        const query = this.query();
        this.expectSymbol(")");
        return { kind: "nested", query, at };
    }

    private select(): ast.Select {
        const at = this.next().at;
        const distinct = this.accept("DISTINCT");
        if (!distinct) this.accept("ALL");
        const select: ast.Select = { kind: "select", distinct, items: this.list(() => this.selectItem()), windows: [], at };
        if (this.accept("FROM")) select.from = this.relations();
        if (this.accept("WHERE")) select.where = this.expression();
        if (this.accept("GROUP")) {
            this.expect("BY");
            if (this.is("DISTINCT")) throw notModelled("GROUP BY DISTINCT", this.peek().at);
            this.accept("ALL");
            select.groupBy = this.list(() => this.grouping());
        }
        if (this.accept("HAVING")) select.having = this.expression();
        if (this.accept("WINDOW"))
            select.windows = this.list(() => {
                const name = this.identifier();
                this.expect("AS");
                return { name, window: this.window() };
            });
        return select;
    }

    private selectItem(): ast.SelectItem {
        const at = this.peek().at;
        if (this.acceptSymbol("*")) return { kind: "all", at };
        const qualifier = this.qualifiedStar();
        if (qualifier) return { kind: "all", qualifier, at };
        const expression = this.expression();
        if (this.accept("AS")) return { kind: "expression", expression, alias: this.identifier() };
        return { kind: "expression", expression, ...(this.isAlias() && { alias: this.identifier() }) };
    }

    /** Whether a name stands here that is not the beginning of the next clause. */
    private isAlias(): boolean {
        if (["LIMIT", "OFFSET"].some((word) => this.is(word))) return this.peek(1).kind !== "integer" && !this.is("ALL", 1) && !this.isSymbol("?", 1);
        if (this.is("FETCH")) return !this.is("FIRST", 1) && !this.is("NEXT", 1);
        if (this.is("WINDOW")) return !this.is("AS", 2);
        return this.isIdentifier();
    }

    /** `t.*` or `db.t.*`, if that is what stands here. */
    private qualifiedStar(): ast.Identifier[] | undefined {
        const start = this.index;
        const qualifier: ast.Identifier[] = [];
        while (this.isIdentifier()) {
            qualifier.push(this.identifier());
            if (!this.acceptSymbol(".")) break;
            if (this.acceptSymbol("*")) return qualifier;
        }
        this.index = start;
        return undefined;
    }

    private grouping(): ast.Grouping {
        const at = this.peek().at;
        if (this.accept("ROLLUP")) return { kind: "rollup", sets: this.groupingSets(() => [this.expression()]), at };
        if (this.accept("CUBE")) return { kind: "cube", sets: this.groupingSets(() => [this.expression()]), at };
        if (this.is("GROUPING") && this.is("SETS", 1)) {
            this.index += 2;
            return { kind: "sets", sets: this.groupingSets(() => this.groupingSet()), at };
        }
        return { kind: "expression", expression: this.expression() };
    }

    private groupingSets(set: () => ast.Expression[]): ast.Expression[][] {
        this.expectSymbol("(");
        const sets = this.isSymbol(")") ? [] : this.list(set);
        this.expectSymbol(")");
        return sets;
    }

    private groupingSet(): ast.Expression[] {
        if (!this.acceptSymbol("(")) return [this.expression()];
        const set = this.isSymbol(")") ? [] : this.list(() => this.expression());
        this.expectSymbol(")");
        return set;
    }

    private sortItem(): ast.SortItem {
        const expression = this.expression();
        const descending = this.accept("DESC");
        if (!descending) this.accept("ASC");
        if (!this.accept("NULLS")) return { expression, descending, nullsFirst: false };
        const nullsFirst = this.accept("FIRST");
        if (!nullsFirst) this.expect("LAST");
        return { expression, descending, nullsFirst };
    }

    // Relations

    private relations(): ast.Relation {
        let left = this.relation();
        while (this.isSymbol(",")) {
            const at = this.next().at;
            left = { kind: "join", type: "CROSS", left, right: this.relation(), at };
        }
        return left;
    }

    private relation(): ast.Relation {
        let left = this.aliasedRelation();
        for (;;) {
            const at = this.peek().at;
            if (this.accept("CROSS")) {
                this.expect("JOIN");
                left = { kind: "join", type: "CROSS", left, right: this.aliasedRelation(), at };
                continue;
            }
            if (this.is("NATURAL")) throw new QueryError("NOT_SUPPORTED", "Natural join not supported", at);
            const type = this.joinType();
            if (!type) return left;
            const right = this.relation();
            if (this.accept("USING")) left = { kind: "join", type, left, right, using: this.names(), at };
            else {
                this.expect("ON");
                left = { kind: "join", type, left, right, on: this.expression(), at };
            }
        }
    }

    private joinType(): ast.Join["type"] | undefined {
        for (const type of ["LEFT", "RIGHT", "FULL"] as const)
            if (this.accept(type)) {
                this.accept("OUTER");
                this.expect("JOIN");
                return type;
            }
        if (this.accept("INNER")) return this.expect("JOIN"), "INNER";
        return this.accept("JOIN") ? "INNER" : undefined;
    }

    private aliasedRelation(): ast.Relation {
        const relation = this.relationPrimary();
        if (this.is("MATCH_RECOGNIZE") && this.isSymbol("(", 1)) throw notModelled("MATCH_RECOGNIZE", this.peek().at);
        if (this.is("TABLESAMPLE")) throw notModelled("TABLESAMPLE", this.peek().at);
        if (this.is("FOR")) throw notModelled("time travel (FOR … AS OF)", this.peek().at);
        const alias = this.relationAlias();
        if (!alias) return relation;
        if (relation.kind === "join" || relation.alias) return { kind: "aliased", relation, alias, at: relation.at };
        return { ...relation, alias };
    }

    private relationAlias(): ast.Alias | undefined {
        if (!this.accept("AS") && !this.isAlias()) return undefined;
        return { name: this.identifier(), ...(this.isSymbol("(") && { columns: this.names() }) };
    }

    private relationPrimary(): ast.Relation {
        const at = this.peek().at;
        if (this.accept("UNNEST")) {
            const expressions = this.argumentList();
            const ordinality = this.is("WITH") && this.is("ORDINALITY", 1);
            if (ordinality) this.index += 2;
            return { kind: "unnest", expressions, ordinality, at };
        }
        if (this.is("LATERAL") && this.isSymbol("(", 1)) {
            this.index += 2;
            const query = this.query();
            this.expectSymbol(")");
            return { kind: "subquery", query, lateral: true, at };
        }
        if (this.is("TABLE")) throw notModelled("a table function", at);
        if (!this.acceptSymbol("(")) return { kind: "table", name: this.qualifiedName(), at };
        const relation = this.isQuery() ? this.subqueryRelation(at) : this.relations();
        this.expectSymbol(")");
        return relation;
    }

    private subqueryRelation(at: number): ast.Relation {
        return { kind: "subquery", query: this.query(), lateral: false, at };
    }

    /** Whether a query stands here, behind any number of opening parentheses. */
    private isQuery(): boolean {
        let ahead = 0;
        while (this.isSymbol("(", ahead)) ahead++;
        return ["SELECT", "WITH", "VALUES", "TABLE"].some((word) => this.is(word, ahead));
    }

    // Expressions, loosest binding first

    private expression(): ast.Expression {
        let left = this.conjunction();
        while (this.is("OR")) left = { kind: "logical", operator: "OR", left, at: this.next().at, right: this.conjunction() };
        return left;
    }

    private conjunction(): ast.Expression {
        let left = this.negation();
        while (this.is("AND")) left = { kind: "logical", operator: "AND", left, at: this.next().at, right: this.negation() };
        return left;
    }

    private negation(): ast.Expression {
        if (!this.is("NOT")) return this.predicate();
        return { kind: "not", at: this.next().at, expression: this.negation() };
    }

    private predicate(): ast.Expression {
        const left = this.value();
        const token = this.peek();
        const at = token.at;
        if (token.kind === "symbol" && comparisons.has(token.text)) {
            this.index++;
            const operator = (token.text === "!=" ? "<>" : token.text) as ast.Comparison;
            for (const word of ["ALL", "ANY", "SOME"])
                if (this.is(word) && this.isSymbol("(", 1)) throw notModelled(`a comparison with ${word} (subquery)`, this.peek().at);
            return { kind: "compare", operator, left, right: this.value(), at };
        }
        if (this.accept("IS")) {
            const negated = this.accept("NOT");
            if (this.accept("NULL")) return { kind: "is null", negated, expression: left, at };
            this.expect("DISTINCT");
            this.expect("FROM");
            return { kind: "distinct", negated, left, right: this.value(), at };
        }
        const negated = this.is("NOT") && ["BETWEEN", "IN", "LIKE"].some((word) => this.is(word, 1)) && this.accept("NOT");
        if (this.accept("BETWEEN")) {
            const low = this.value();
            this.expect("AND");
            return { kind: "between", negated, expression: left, low, high: this.value(), at };
        }
        if (this.accept("IN")) return this.inPredicate(left, negated, at);
        if (this.accept("LIKE")) {
            const pattern = this.value();
            const escape = this.accept("ESCAPE") ? this.value() : undefined;
            return { kind: "like", negated, expression: left, pattern, escape, at };
        }
        return left;
    }

    private inPredicate(expression: ast.Expression, negated: boolean, at: number): ast.Expression {
        this.expectSymbol("(");
        const predicate: ast.Expression = this.isQuery()
            ? { kind: "in query", negated, expression, query: this.query(), at }
            : { kind: "in", negated, expression, list: this.list(() => this.expression()), at };
        this.expectSymbol(")");
        return predicate;
    }

    private value(): ast.Expression {
        let left = this.sum();
        while (this.isSymbol("||")) left = { kind: "concat", left, at: this.next().at, right: this.sum() };
        return left;
    }

    private sum(): ast.Expression {
        let left = this.product();
        while (this.isSymbol("+") || this.isSymbol("-")) left = this.arithmetic(left, () => this.product());
        return left;
    }

    private product(): ast.Expression {
        let left = this.unary();
        while (this.isSymbol("*") || this.isSymbol("/") || this.isSymbol("%")) left = this.arithmetic(left, () => this.unary());
        return left;
    }

    private arithmetic(left: ast.Expression, operand: () => ast.Expression): ast.Expression {
        const { text, at } = this.next();
        return { kind: "arithmetic", operator: text as ast.Arithmetic, left, right: operand(), at };
    }

    private unary(): ast.Expression {
        const at = this.peek().at;
        if (this.acceptSymbol("-")) return { kind: "negate", expression: this.unary(), at };
        if (this.acceptSymbol("+")) return this.unary();
        let expression = this.postfix();
        while (this.is("AT")) {
            const zoneAt = this.next().at;
            this.expect("TIME");
            this.expect("ZONE");
            expression = { kind: "time zone", expression, zone: this.postfix(), at: zoneAt };
        }
        return expression;
    }

    private postfix(): ast.Expression {
        let base = this.primary();
        for (;;) {
            const at = this.peek().at;
            if (this.acceptSymbol("[")) {
                base = { kind: "subscript", base, index: this.value(), at };
                this.expectSymbol("]");
            } else if (this.acceptSymbol(".")) base = { kind: "field", base, name: this.identifier().name, at };
            else return base;
        }
    }

    private primary(): ast.Expression {
        const token = this.peek();
        const at = token.at;
        switch (token.kind) {
            case "integer":
            case "decimal":
            case "double":
                return { kind: "number", text: this.next().text, at };
            case "string":
                return { kind: "string", value: this.next().text, at };
            case "binary":
                return this.binary();
            case "quoted":
                return this.isSymbol("(", 1) ? this.call() : { kind: "column", name: this.next().text, at };
            case "word":
                return this.wordPrimary(token);
            case "symbol":
                if (this.acceptSymbol("?")) return { kind: "parameter", index: this.parameters++, at };
                if (token.text === "(") return this.parenthesized();
                throw this.unexpected();
            default:
                throw this.unexpected();
        }
    }

    private binary(): ast.Expression {
        const { text, at } = this.next();
        const hex = text.replace(/\s/g, "");
        if (!/^(?:[0-9a-fA-F]{2})*$/.test(hex)) throw new QueryError("SYNTAX_ERROR", "binary literal must be pairs of hexadecimal digits", at);
        return { kind: "binary", hex, at };
    }

    private parenthesized(): ast.Expression {
        const at = this.peek().at;
        const lambda = this.lambdaParameters();
        if (lambda) return { kind: "lambda", parameters: lambda, body: this.expression(), at };
        this.expectSymbol("(");
        if (this.isQuery()) {
            const query = this.query();
            this.expectSymbol(")");
            return { kind: "subquery", query, at };
        }
        const elements = this.list(() => this.expression());
        this.expectSymbol(")");
        return elements.length === 1 ? elements[0]! : { kind: "row", elements, at };
    }

    /** `(x, y) ->`, if that is what stands here. */
    private lambdaParameters(): ast.Identifier[] | undefined {
        const start = this.index;
        this.expectSymbol("(");
        const parameters: ast.Identifier[] = [];
        while (this.isIdentifier()) {
            parameters.push(this.identifier());
            if (!this.acceptSymbol(",")) break;
        }
        if (this.acceptSymbol(")") && this.acceptSymbol("->")) return parameters;
        this.index = start;
        return undefined;
    }

    private wordPrimary(token: Token): ast.Expression {
        const at = token.at;
        const word = token.text.toUpperCase();
        switch (word) {
            case "NULL":
                return this.index++, { kind: "null", at };
            case "TRUE":
            case "FALSE":
                return this.index++, { kind: "boolean", value: word === "TRUE", at };
            case "CASE":
                return this.caseExpression();
            case "CAST":
            case "TRY_CAST":
                if (this.isSymbol("(", 1)) return this.cast();
                break;
            case "CURRENT_TIMESTAMP":
            case "CURRENT_DATE":
            case "CURRENT_TIME":
            case "LOCALTIMESTAMP":
            case "LOCALTIME":
                return this.now();
            case "EXTRACT":
                return this.extract();
            case "TRIM":
                return this.trim();
            case "EXISTS":
                return this.exists();
            case "INTERVAL":
                if (this.peek(1).kind === "string" || this.isSymbol("-", 1) || this.isSymbol("+", 1)) return this.interval();
                break;
            case "ARRAY":
                if (this.isSymbol("[", 1)) return this.array();
                break;
            case "ROW":
                if (this.isSymbol("(", 1)) return { kind: "row", elements: (this.index++, this.argumentList()), at };
                break;
            case "GROUPING":
                if (this.isSymbol("(", 1)) return this.call();
                break;
            case "LISTAGG":
                return this.listagg();
            case "U":
                if (this.isSymbol("&", 1)) throw notModelled("a U& string", at);
                break;
            case "NORMALIZE":
            case "JSON_ARRAY":
            case "JSON_EXISTS":
            case "JSON_OBJECT":
            case "JSON_QUERY":
            case "JSON_VALUE":
                throw notModelled(`function ${word.toLowerCase()}`, at);
        }
        if (word === "DOUBLE" && this.is("PRECISION", 1) && this.peek(2).kind === "string")
            return { kind: "typed", type: "double", value: (this.index += 2, this.next().text), at };
        if (this.peek(1).kind === "string" && !reserved.has(word))
            return { kind: "typed", type: this.next().text.toLowerCase(), value: this.next().text, at };
        if (this.isSymbol("(", 1) && !reserved.has(word)) return this.call();
        if (this.isSymbol("->", 1) && !reserved.has(word)) {
            const parameters = [this.identifier()];
            this.index++;
            return { kind: "lambda", parameters, body: this.expression(), at };
        }
        return { kind: "column", name: this.identifier().name, at };
    }

    private caseExpression(): ast.Expression {
        const at = this.next().at;
        const operand = this.is("WHEN") ? undefined : this.expression();
        const whens: { when: ast.Expression; then: ast.Expression }[] = [];
        do {
            this.expect("WHEN");
            const when = this.expression();
            this.expect("THEN");
            whens.push({ when, then: this.expression() });
        } while (this.is("WHEN"));
        const otherwise = this.accept("ELSE") ? this.expression() : undefined;
        this.expect("END");
        return { kind: "case", operand, whens, else: otherwise, at };
    }

    private cast(): ast.Expression {
        const token = this.next();
        this.expectSymbol("(");
        const expression = this.expression();
        this.expect("AS");
        const type = this.type();
        this.expectSymbol(")");
        return { kind: "cast", expression, type, safe: token.text.toUpperCase() === "TRY_CAST", at: token.at };
    }

    private now(): ast.Expression {
        const token = this.next();
        const name = token.text.toLowerCase();
        if (!this.isSymbol("(") || name === "current_date") return { kind: "now", name, at: token.at };
        this.index++;
        const precision = this.rowCount();
        this.expectSymbol(")");
        return { kind: "now", name, precision, at: token.at };
    }

    private extract(): ast.Expression {
        const at = this.next().at;
        this.expectSymbol("(");
        const field = this.identifier().name.toLowerCase();
        this.expect("FROM");
        const expression = this.value();
        this.expectSymbol(")");
        return { kind: "extract", field, expression, at };
    }

    private trim(): ast.Expression {
        const at = this.next().at;
        this.expectSymbol("(");
        const side = (["both", "leading", "trailing"] as const).find((word) => this.accept(word.toUpperCase())) ?? "both";
        const first = this.is("FROM") ? undefined : this.value();
        const trim = (expression: ast.Expression, characters?: ast.Expression): ast.Expression => {
            this.expectSymbol(")");
            return { kind: "trim", side, characters, expression, at };
        };
        if (!first || this.is("FROM")) return this.expect("FROM"), trim(this.value(), first);
        return this.acceptSymbol(",") ? trim(first, this.value()) : trim(first);
    }

    private exists(): ast.Expression {
        const at = this.next().at;
        this.expectSymbol("(");
        const query = this.query();
        this.expectSymbol(")");
        return { kind: "exists", query, at };
    }

    private interval(): ast.Expression {
        const at = this.next().at;
        const negative = this.acceptSymbol("-");
        if (!negative) this.acceptSymbol("+");
        const token = this.next();
        if (token.kind !== "string") throw this.unexpected(token);
        const from = this.intervalField();
        return { kind: "interval", value: token.text, negative, from, ...(this.accept("TO") && { to: this.intervalField() }), at };
    }

    private intervalField(): ast.IntervalField {
        const token = this.next();
        const field = intervalFields.find((name) => token.kind === "word" && name === token.text.toUpperCase());
        if (!field) throw this.unexpected(token);
        return field as ast.IntervalField;
    }

    private array(): ast.Expression {
        const at = this.next().at;
        this.expectSymbol("[");
        const elements = this.isSymbol("]") ? [] : this.list(() => this.expression());
        this.expectSymbol("]");
        return { kind: "array", elements, at };
    }

    private listagg(): ast.Expression {
        const at = this.next().at;
        this.expectSymbol("(");
        const distinct = this.accept("DISTINCT");
        const args = [this.expression()];
        if (this.acceptSymbol(",")) args.push(this.expression());
        if (this.is("ON")) throw notModelled("LISTAGG … ON OVERFLOW", this.peek().at);
        this.expectSymbol(")");
        this.expect("WITHIN");
        this.expect("GROUP");
        this.expectSymbol("(");
        this.expect("ORDER");
        this.expect("BY");
        const orderBy = this.list(() => this.sortItem());
        this.expectSymbol(")");
        return this.callTail({ kind: "call", name: "listagg", args, star: false, distinct, orderBy, ignoreNulls: false, at });
    }

    private call(): ast.Expression {
        const { text, at } = this.next();
        const name = text.toLowerCase();
        const call: ast.Call = { kind: "call", name, args: [], star: false, distinct: false, orderBy: [], ignoreNulls: false, at };
        this.expectSymbol("(");
        if (this.acceptSymbol("*")) call.star = true;
        else if (name === "position" || name === "substring") call.args = this.wordedArguments(name);
        else {
            call.distinct = this.accept("DISTINCT");
            if (!call.distinct) this.accept("ALL");
            if (!this.isSymbol(")") && !this.is("ORDER")) call.args = this.list(() => this.expression());
            if (this.accept("ORDER")) {
                this.expect("BY");
                call.orderBy = this.list(() => this.sortItem());
            }
        }
        this.expectSymbol(")");
        return this.callTail(call);
    }

    /** `position('a' IN b)` and `substring(a FROM 1 FOR 2)`, or the same with commas. */
    private wordedArguments(name: string): ast.Expression[] {
        const args = [this.value()];
        if (name === "position") {
            this.expect("IN");
            args.push(this.value());
        } else if (this.accept("FROM")) {
            args.push(this.value());
            if (this.accept("FOR")) args.push(this.value());
        } else while (this.acceptSymbol(",")) args.push(this.value());
        return args;
    }

    private callTail(call: ast.Call): ast.Call {
        if (this.is("FILTER") && this.isSymbol("(", 1)) {
            this.index += 2;
            this.expect("WHERE");
            call.filter = this.expression();
            this.expectSymbol(")");
        }
        if (this.is("IGNORE") || this.is("RESPECT")) {
            call.ignoreNulls = this.next().text.toUpperCase() === "IGNORE";
            this.expect("NULLS");
        }
        if (this.accept("OVER")) {
            const at = this.peek().at;
            call.over = this.isSymbol("(") ? this.window() : { name: this.identifier(), partitionBy: [], orderBy: [], at };
        }
        return call;
    }

    private window(): ast.Window {
        const at = this.peek().at;
        this.expectSymbol("(");
        const window: ast.Window = { partitionBy: [], orderBy: [], at };
        if (this.isIdentifier() && !["PARTITION", "ROWS", "RANGE", "GROUPS"].some((word) => this.is(word))) window.name = this.identifier();
        if (this.accept("PARTITION")) {
            this.expect("BY");
            window.partitionBy = this.list(() => this.expression());
        }
        if (this.accept("ORDER")) {
            this.expect("BY");
            window.orderBy = this.list(() => this.sortItem());
        }
        const frameAt = this.peek().at;
        const unit = (["ROWS", "RANGE", "GROUPS"] as const).find((word) => this.accept(word));
        if (unit) {
            const between = this.accept("BETWEEN");
            const start = this.frameBound();
            window.frame = { unit, start, at: frameAt, ...(between && { end: (this.expect("AND"), this.frameBound()) }) };
        }
        this.expectSymbol(")");
        return window;
    }

    private frameBound(): ast.FrameBound {
        if (this.accept("CURRENT")) return this.expect("ROW"), { kind: "CURRENT ROW" };
        const unbounded = this.accept("UNBOUNDED");
        const value = unbounded ? undefined : this.expression();
        const direction = this.accept("PRECEDING") ? "PRECEDING" : (this.expect("FOLLOWING"), "FOLLOWING");
        return unbounded ? { kind: `UNBOUNDED ${direction}` as ast.FrameBound["kind"] } : { kind: direction as ast.FrameBound["kind"], value };
    }

    // Types

    private type(): Type {
        const token = this.next();
        if (token.kind !== "word") throw this.unexpected(token);
        const name = token.text.toLowerCase();
        switch (name) {
            case "array":
                return { kind: "array", element: this.typeArguments(1)[0]! };
            case "map": {
                const [key, value] = this.typeArguments(2);
                return { kind: "map", key: key!, value: value! };
            }
            case "row":
                return this.rowType();
            case "interval": {
                const from = this.intervalField();
                this.expect("TO");
                const to = this.intervalField();
                return scalarType(`interval ${from} to ${to}`.toLowerCase(), [], token.at);
            }
            case "double":
                this.accept("PRECISION");
                return scalarType(name, [], token.at);
            default:
                return this.scalarType(name, token.at);
        }
    }

    private scalarType(name: string, at: number): Type {
        const numbers: number[] = [];
        if (this.acceptSymbol("(")) {
            numbers.push(...this.list(() => this.rowCount()));
            this.expectSymbol(")");
        }
        if ((name === "timestamp" || name === "time") && (this.is("WITH") || this.is("WITHOUT"))) {
            const zoned = this.next().text.toUpperCase() === "WITH";
            this.expect("TIME");
            this.expect("ZONE");
            return scalarType(zoned ? `${name} with time zone` : name, numbers, at);
        }
        return scalarType(name, numbers, at);
    }

    private typeArguments(count: number): Type[] {
        const close = this.next();
        if (close.text !== "(" && close.text !== "<") throw this.unexpected(close);
        const types = this.list(() => this.type());
        this.expectSymbol(close.text === "(" ? ")" : ">");
        if (types.length !== count) throw this.unexpected(close);
        return types;
    }

    private rowType(): Type {
        this.expectSymbol("(");
        const fields = this.list(() => {
            const named = this.isIdentifier() && ["word", "quoted"].includes(this.peek(1).kind) && !this.is("PRECISION", 1) && !this.is("WITH", 1);
            return named ? { name: this.identifier().name, type: this.type() } : { type: this.type() };
        });
        this.expectSymbol(")");
        return { kind: "row", fields };
    }

    // Words, names and symbols

    private list<T>(item: () => T): T[] {
        const items = [item()];
        while (this.acceptSymbol(",")) items.push(item());
        return items;
    }

    private argumentList(): ast.Expression[] {
        this.expectSymbol("(");
        const args = this.list(() => this.expression());
        this.expectSymbol(")");
        return args;
    }

    private names(): ast.Identifier[] {
        this.expectSymbol("(");
        const names = this.list(() => this.identifier());
        this.expectSymbol(")");
        return names;
    }

    private qualifiedName(): ast.Identifier[] {
        const name = [this.identifier()];
        while (this.acceptSymbol(".")) name.push(this.identifier());
        return name;
    }

    private identifier(): ast.Identifier {
        if (!this.isIdentifier()) throw this.unexpected();
        const token = this.next();
        return { name: token.text, at: token.at };
    }

    private isIdentifier(): boolean {
        const token = this.peek();
        return token.kind === "quoted" || (token.kind === "word" && !reserved.has(token.text.toUpperCase()));
    }

    private peek(ahead = 0): Token {
        return this.tokens[Math.min(this.index + ahead, this.tokens.length - 1)]!;
    }

    private next(): Token {
        const token = this.peek();
        this.index++;
        return token;
    }

    private is(word: string, ahead = 0): boolean {
        const token = this.peek(ahead);
        return token.kind === "word" && token.text.toUpperCase() === word;
    }

    private accept(word: string): boolean {
        if (!this.is(word)) return false;
        this.index++;
        return true;
    }

    private expect(word: string): void {
        if (!this.accept(word)) throw this.unexpected(undefined, word);
    }

    private isSymbol(symbol: string, ahead = 0): boolean {
        const token = this.peek(ahead);
        return token.kind === "symbol" && token.text === symbol;
    }

    private acceptSymbol(symbol: string): boolean {
        if (!this.isSymbol(symbol)) return false;
        this.index++;
        return true;
    }

    private expectSymbol(symbol: string): void {
        if (!this.acceptSymbol(symbol)) throw this.unexpected(undefined, `'${symbol}'`);
    }

    private end(): void {
        if (this.peek().kind !== "end") throw this.unexpected();
    }

    private unexpected(token = this.peek(), expected?: string): QueryError {
        const hint = expected ? `. Expecting: ${expected}` : "";
        const text = token.kind === "end" ? token.text : `'${token.text}'`;
        return new QueryError("SYNTAX_ERROR", `mismatched input ${text}${hint}`, token.at);
    }
}
