import { notModelled, QueryError } from "../errors";
import type * as ast from "./ast";
import { ExpressionParser } from "./expression-parser";

const clausesBehindGroupBy = ["HAVING", "WINDOW", "ORDER", "OFFSET", "LIMIT", "FETCH", "UNION", "INTERSECT", "EXCEPT"];

/** Parses queries of Trino's grammar. */
export class QueryParser extends ExpressionParser {
    literal(): ast.Expression | undefined {
        const expression = this.unary();
        this.end();
        return isLiteral(expression) ? expression : undefined;
    }

    // Queries

    protected query(): ast.Query {
        const at = this.peek().at;
        const commonTables = this.accept("WITH") ? this.commonTables() : [];
        const body = this.unions();
        const orderBy = this.acceptWords("ORDER", "BY") ? this.list(() => this.sortItem()) : [];
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
            const { at } = this.peek();
            query.limit = this.peek().kind === "integer" ? this.count() : 1;
            if (query.limit === 0)
                throw new QueryError(
                    "NUMERIC_VALUE_OUT_OF_RANGE",
                    "FETCH FIRST row count must be positive (actual value: 0)",
                    at,
                );
            if (!this.accept("ROW")) this.expect("ROWS");
            if (this.is("WITH")) throw notModelled("FETCH FIRST … WITH TIES", this.peek().at);
            this.expect("ONLY");
        }
        return query;
    }

    protected rowCount(): ast.RowCount {
        const { at } = this.peek();
        return this.acceptSymbol("?") ? { parameter: this.parameters++, at } : this.count();
    }

    protected commonTables(): ast.CommonTable[] {
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

    protected unions(): ast.QueryBody {
        let left = this.intersections();
        while (this.is("UNION") || this.is("EXCEPT")) left = this.setOperation(left, () => this.intersections());
        return left;
    }

    protected intersections(): ast.QueryBody {
        let left = this.queryPrimary();
        while (this.is("INTERSECT")) left = this.setOperation(left, () => this.queryPrimary());
        return left;
    }

    protected setOperation(left: ast.QueryBody, operand: () => ast.QueryBody): ast.SetOperation {
        const { text, at } = this.next();
        const all = this.accept("ALL");
        if (!all) this.accept("DISTINCT");
        const operator = text.toUpperCase() as ast.SetOperation["operator"];
        return { kind: "set", operator, all, left, right: operand(), at };
    }

    protected queryPrimary(): ast.QueryBody {
        const at = this.peek().at;
        if (this.is("SELECT")) return this.select();
        if (this.accept("VALUES")) return { kind: "values", rows: this.list(() => this.expression()), at };
        if (this.accept("TABLE")) return { kind: "table", name: this.qualifiedName(), at };
        this.expectSymbol("(");
        const query = this.query();
        this.expectSymbol(")");
        return { kind: "nested", query, at };
    }

    protected select(): ast.Select {
        const at = this.next().at;
        const distinct = this.accept("DISTINCT");
        if (!distinct) this.accept("ALL");
        const select: ast.Select = {
            kind: "select",
            distinct,
            items: this.list(() => this.selectItem()),
            windows: [],
            at,
        };
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

    protected selectItem(): ast.SelectItem {
        const at = this.peek().at;
        if (this.acceptSymbol("*")) return { kind: "all", at };
        const qualifier = this.qualifiedStar();
        if (qualifier) return { kind: "all", qualifier, at };
        const expression = this.expression();
        if (this.accept("AS")) return { kind: "expression", expression, alias: this.identifier() };
        return { kind: "expression", expression, ...(this.isAlias() && { alias: this.identifier() }) };
    }

    /** Whether a name stands here that is not the beginning of the next clause. */
    protected isAlias(): boolean {
        if (["LIMIT", "OFFSET"].some((word) => this.is(word)))
            return this.peek(1).kind !== "integer" && !this.is("ALL", 1) && !this.isSymbol("?", 1);
        if (this.is("FETCH")) return !this.is("FIRST", 1) && !this.is("NEXT", 1);
        if (this.is("WINDOW")) return !this.is("AS", 2);
        if (this.is("TABLESAMPLE")) return !this.isSymbol("(", 2);
        return this.isIdentifier();
    }

    /** `t.*` or `db.t.*`, if that is what stands here. */
    protected qualifiedStar(): ast.Identifier[] | undefined {
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

    protected grouping(): ast.Grouping {
        const at = this.peek().at;
        if (this.accept("ROLLUP")) return { kind: "rollup", sets: this.groupingSets(() => this.groupingSet()), at };
        if (this.accept("CUBE")) return { kind: "cube", sets: this.groupingSets(() => this.groupingSet()), at };
        if (this.is("GROUPING") && this.is("SETS", 1)) {
            this.index += 2;
            return { kind: "sets", sets: this.groupingSets(() => this.groupingSet()), at };
        }
        const set = this.attempt(() => this.enclosedSet());
        return set ? { kind: "list", sets: [set], at } : { kind: "expression", expression: this.expression() };
    }

    /** `(a, b)` or `()`, with nothing behind it that makes it an expression. */
    protected enclosedSet(): ast.Expression[] {
        if (!this.isSymbol("(")) throw this.unexpected();
        const set = this.groupingSet();
        const ends = this.isSymbol(",") || this.isSymbol(")") || this.isSymbol(";") || this.peek().kind === "end";
        if (!ends && !clausesBehindGroupBy.some((word) => this.is(word))) throw this.unexpected();
        return set;
    }

    protected groupingSets(set: () => ast.Expression[]): ast.Expression[][] {
        this.expectSymbol("(");
        const sets = this.isSymbol(")") ? [] : this.list(set);
        this.expectSymbol(")");
        return sets;
    }

    protected groupingSet(): ast.Expression[] {
        if (!this.acceptSymbol("(")) return [this.expression()];
        const set = this.isSymbol(")") ? [] : this.list(() => this.expression());
        this.expectSymbol(")");
        return set;
    }

    protected sortItem(): ast.SortItem {
        const expression = this.expression();
        const descending = this.accept("DESC");
        if (!descending) this.accept("ASC");
        if (!this.accept("NULLS")) return { expression, descending, nullsFirst: false };
        const nullsFirst = this.accept("FIRST");
        if (!nullsFirst) this.expect("LAST");
        return { expression, descending, nullsFirst };
    }

    // Relations

    protected relations(): ast.Relation {
        let left = this.relation();
        while (this.isSymbol(",")) {
            const at = this.next().at;
            left = { kind: "join", type: "CROSS", left, right: this.relation(), at };
        }
        return left;
    }

    protected relation(): ast.Relation {
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

    protected joinType(): ast.Join["type"] | undefined {
        for (const type of ["LEFT", "RIGHT", "FULL"] as const)
            if (this.accept(type)) {
                this.accept("OUTER");
                this.expect("JOIN");
                return type;
            }
        return this.acceptWords("INNER", "JOIN") || this.accept("JOIN") ? "INNER" : undefined;
    }

    protected aliasedRelation(): ast.Relation {
        const relation = this.relationPrimary();
        if (this.is("MATCH_RECOGNIZE") && this.isSymbol("(", 1)) throw notModelled("MATCH_RECOGNIZE", this.peek().at);
        if (this.is("FOR")) throw notModelled("time travel (FOR … AS OF)", this.peek().at);
        const alias = this.relationAlias();
        if (this.is("TABLESAMPLE")) throw notModelled("TABLESAMPLE", this.peek().at);
        if (!alias) return relation;
        if (relation.kind === "join" || relation.alias) return { kind: "aliased", relation, alias, at: relation.at };
        return { ...relation, alias };
    }

    protected relationAlias(): ast.Alias | undefined {
        if (!this.accept("AS") && !this.isAlias()) return undefined;
        return { name: this.identifier(), ...(this.isSymbol("(") && { columns: this.names() }) };
    }

    protected relationPrimary(): ast.Relation {
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
        const query = this.enclosedQuery();
        if (query) return { kind: "subquery", query, lateral: false, at };
        const relation = this.relations();
        this.expectSymbol(")");
        return relation;
    }

    protected enclosedQuery(): ast.Query | undefined {
        let depth = 0;
        while (this.isSymbol("(", depth)) depth++;
        if (!["SELECT", "WITH", "VALUES", "TABLE"].some((word) => this.is(word, depth))) return undefined;
        const enclosed = () => {
            const query = this.query();
            this.expectSymbol(")");
            return query;
        };
        // Behind further parentheses it may be only the beginning of something else: ((SELECT 1) + 1).
        return depth === 0 ? enclosed() : this.attempt(enclosed);
    }
}

/** Whether an expression is one value as it is written. */
export function isLiteral(expression: ast.Expression): boolean {
    const signed = expression.kind === "negate" || expression.kind === "plus";
    const value = signed ? expression.expression : expression;
    const kinds = signed ? ["number"] : ["null", "boolean", "number", "string", "binary", "typed", "interval"];
    return kinds.includes(value.kind);
}
