import { notModelled, QueryError } from "../errors";
import type * as ast from "./ast";
import { reserved } from "./cursor";
import type { Token } from "./lexer";
import { TypeParser } from "./type-parser";
import { unicodeText } from "./unicode";

const comparisons = new Set(["=", "<>", "!=", "<", "<=", ">", ">="]);

/** Parses expressions; the methods stand in the order in which operators bind, loosest first. */
export abstract class ExpressionParser extends TypeParser {
    protected abstract query(): ast.Query;
    /** A query and the parenthesis that closes it, if that is what stands here. */
    protected abstract enclosedQuery(): ast.Query | undefined;
    protected abstract sortItem(): ast.SortItem;

    protected expression(): ast.Expression {
        let left = this.conjunction();
        while (this.is("OR"))
            left = { kind: "logical", operator: "OR", left, at: this.next().at, right: this.conjunction() };
        return left;
    }

    protected conjunction(): ast.Expression {
        let left = this.negation();
        while (this.is("AND"))
            left = { kind: "logical", operator: "AND", left, at: this.next().at, right: this.negation() };
        return left;
    }

    protected negation(): ast.Expression {
        if (!this.is("NOT")) return this.predicate();
        return { kind: "not", at: this.next().at, expression: this.negation() };
    }

    protected predicate(): ast.Expression {
        const left = this.value();
        const token = this.peek();
        const at = token.at;
        if (token.kind === "symbol" && comparisons.has(token.text)) {
            this.index++;
            const operator = (token.text === "!=" ? "<>" : token.text) as ast.Comparison;
            const quantifier = ["ALL", "ANY", "SOME"].find((word) => this.is(word) && this.isSymbol("(", 1));
            if (quantifier) return this.quantified(left, operator, quantifier === "ALL", at);
            return { kind: "compare", operator, left, right: this.value(), at };
        }
        if (this.accept("IS")) {
            const negated = this.accept("NOT");
            if (this.accept("NULL")) return { kind: "is null", negated, expression: left, at };
            this.expect("DISTINCT");
            this.expect("FROM");
            return { kind: "distinct", negated, left, right: this.value(), at };
        }
        const negated =
            this.is("NOT") && ["BETWEEN", "IN", "LIKE"].some((word) => this.is(word, 1)) && this.accept("NOT");
        if (this.accept("BETWEEN")) {
            const low = this.value();
            this.expect("AND");
            return { kind: "between", negated, expression: left, low, high: this.value(), at };
        }
        if (this.accept("IN")) return this.inPredicate(left, negated, at);
        if (this.accept("LIKE")) {
            const pattern = this.value();
            const escapeWith = this.accept("ESCAPE") ? this.value() : undefined;
            return { kind: "like", negated, expression: left, pattern, escape: escapeWith, at };
        }
        return left;
    }

    protected quantified(
        expression: ast.Expression,
        operator: ast.Comparison,
        all: boolean,
        at: number,
    ): ast.Expression {
        this.skip(1).expectSymbol("(");
        const query = this.enclosedQuery();
        if (!query) throw this.unexpected();
        return { kind: "quantified", operator, all, expression, query, at };
    }

    protected inPredicate(expression: ast.Expression, negated: boolean, at: number): ast.Expression {
        this.expectSymbol("(");
        const query = this.enclosedQuery();
        if (query) return { kind: "in query", negated, expression, query, at };
        const list = this.list(() => this.expression());
        this.expectSymbol(")");
        return { kind: "in", negated, expression, list, at };
    }

    protected value(): ast.Expression {
        let left = this.sum();
        while (this.isSymbol("||")) left = { kind: "concat", left, at: this.next().at, right: this.sum() };
        return left;
    }

    protected sum(): ast.Expression {
        let left = this.product();
        while (this.isSymbol("+") || this.isSymbol("-")) left = this.arithmetic(left, () => this.product());
        return left;
    }

    protected product(): ast.Expression {
        let left = this.unary();
        while (this.isSymbol("*") || this.isSymbol("/") || this.isSymbol("%"))
            left = this.arithmetic(left, () => this.unary());
        return left;
    }

    protected arithmetic(left: ast.Expression, operand: () => ast.Expression): ast.Expression {
        const { text, at } = this.next();
        return { kind: "arithmetic", operator: text as ast.Arithmetic, left, right: operand(), at };
    }

    protected unary(): ast.Expression {
        const at = this.peek().at;
        if (this.acceptSymbol("-")) return { kind: "negate", expression: this.unary(), at };
        if (this.acceptSymbol("+")) return { kind: "plus", expression: this.unary(), at };
        let expression = this.postfix();
        while (this.is("AT")) {
            const zoneAt = this.next().at;
            this.expect("TIME");
            this.expect("ZONE");
            expression = { kind: "time zone", expression, zone: this.postfix(), at: zoneAt };
        }
        return expression;
    }

    protected postfix(): ast.Expression {
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

    protected primary(): ast.Expression {
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

    protected unicode(): ast.Expression {
        const { at } = this.peek();
        const text = this.skip(2).text();
        const marker = this.accept("UESCAPE") ? this.text() : "\\";
        return { kind: "string", value: unicodeText(text, marker, at), at };
    }

    protected binary(): ast.Expression {
        const { text, at } = this.next();
        const hex = text.replace(/\s/g, "");
        if (!/^(?:[0-9a-fA-F]{2})*$/.test(hex))
            throw new QueryError("SYNTAX_ERROR", "binary literal must be pairs of hexadecimal digits", at);
        return { kind: "binary", hex, at };
    }

    protected parenthesized(): ast.Expression {
        const at = this.peek().at;
        const lambda = this.lambdaParameters();
        if (lambda) return { kind: "lambda", parameters: lambda, body: this.expression(), at };
        this.expectSymbol("(");
        const query = this.enclosedQuery();
        if (query) return { kind: "subquery", query, at };
        const elements = this.list(() => this.expression());
        this.expectSymbol(")");
        return elements.length === 1 ? elements[0]! : { kind: "row", elements, at };
    }

    /** `(x, y) ->`, if that is what stands here. */
    protected lambdaParameters(): ast.Identifier[] | undefined {
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

    protected wordPrimary(token: Token): ast.Expression {
        const at = token.at;
        const word = token.text.toUpperCase();
        switch (word) {
            case "NULL":
                return { kind: "null", at: this.next().at };
            case "TRUE":
            case "FALSE":
                return { kind: "boolean", value: word === "TRUE", at: this.next().at };
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
                if (this.peek(1).kind === "string" || this.isSymbol("-", 1) || this.isSymbol("+", 1))
                    return this.interval();
                break;
            case "ARRAY":
                if (this.isSymbol("[", 1)) return this.array();
                break;
            case "ROW":
                if (this.isSymbol("(", 1)) return { kind: "row", at: this.next().at, elements: this.argumentList() };
                break;
            case "GROUPING":
                if (this.isSymbol("(", 1)) return this.call();
                break;
            case "LISTAGG":
                return this.listagg();
            case "U":
                if (this.isSymbol("&", 1) && this.peek(2).kind === "string") return this.unicode();
                break;
            case "NORMALIZE":
                return this.normalize();
            case "JSON_ARRAY":
            case "JSON_EXISTS":
            case "JSON_OBJECT":
            case "JSON_QUERY":
            case "JSON_VALUE":
                throw notModelled(`function ${word.toLowerCase()}`, at);
        }
        if (word === "DOUBLE" && this.is("PRECISION", 1) && this.peek(2).kind === "string")
            return { kind: "typed", type: this.next().text.toLowerCase(), value: this.skip(1).next().text, at };
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

    protected caseExpression(): ast.Expression {
        const at = this.next().at;
        const operand = this.is("WHEN") ? undefined : this.expression();
        const whens: { when: ast.Expression; result: ast.Expression }[] = [];
        do {
            this.expect("WHEN");
            const when = this.expression();
            this.expect("THEN");
            whens.push({ when, result: this.expression() });
        } while (this.is("WHEN"));
        const otherwise = this.accept("ELSE") ? this.expression() : undefined;
        this.expect("END");
        return { kind: "case", operand, whens, else: otherwise, at };
    }

    protected cast(): ast.Expression {
        const token = this.next();
        this.expectSymbol("(");
        const expression = this.expression();
        this.expect("AS");
        const type = this.type();
        this.expectSymbol(")");
        return { kind: "cast", expression, type, safe: token.text.toUpperCase() === "TRY_CAST", at: token.at };
    }

    protected now(): ast.Expression {
        const token = this.next();
        const name = token.text.toLowerCase();
        if (!this.isSymbol("(") || name === "current_date") return { kind: "now", name, at: token.at };
        this.index++;
        const precision = this.count();
        this.expectSymbol(")");
        return { kind: "now", name, precision, at: token.at };
    }

    protected extract(): ast.Expression {
        const at = this.next().at;
        this.expectSymbol("(");
        const field = this.identifier().name.toLowerCase();
        this.expect("FROM");
        const expression = this.value();
        this.expectSymbol(")");
        return { kind: "extract", field, expression, at };
    }

    protected trim(): ast.Expression {
        const at = this.next().at;
        this.expectSymbol("(");
        const side =
            (["both", "leading", "trailing"] as const).find((word) => this.accept(word.toUpperCase())) ?? "both";
        const first = this.is("FROM") ? undefined : this.value();
        const trim = (expression: ast.Expression, characters?: ast.Expression): ast.Expression => {
            this.expectSymbol(")");
            return { kind: "trim", side, characters, expression, at };
        };
        if (this.accept("FROM")) return trim(this.value(), first);
        if (!first) throw this.unexpected();
        return this.acceptSymbol(",") ? trim(first, this.value()) : trim(first);
    }

    protected normalize(): ast.Expression {
        const at = this.next().at;
        this.expectSymbol("(");
        const args = [this.value()];
        if (this.acceptSymbol(",")) {
            const form = ["NFD", "NFC", "NFKD", "NFKC"].find((word) => this.accept(word));
            if (!form) throw this.unexpected();
            args.push({ kind: "string", value: form, at });
        }
        this.expectSymbol(")");
        const plain = { star: false, distinct: false, orderBy: [], ignoreNulls: false };
        return { kind: "call", name: "normalize", args, ...plain, at };
    }

    protected exists(): ast.Expression {
        const at = this.next().at;
        this.expectSymbol("(");
        const query = this.query();
        this.expectSymbol(")");
        return { kind: "exists", query, at };
    }

    protected interval(): ast.Expression {
        const at = this.next().at;
        const negative = this.acceptSymbol("-");
        if (!negative) this.acceptSymbol("+");
        const token = this.next();
        if (token.kind !== "string") throw this.unexpected(token);
        const from = this.intervalField();
        return {
            kind: "interval",
            value: token.text,
            negative,
            from,
            ...(this.accept("TO") && { to: this.intervalField() }),
            at,
        };
    }

    protected array(): ast.Expression {
        const at = this.next().at;
        this.expectSymbol("[");
        const elements = this.isSymbol("]") ? [] : this.list(() => this.expression());
        this.expectSymbol("]");
        return { kind: "array", elements, at };
    }

    protected listagg(): ast.Expression {
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
        return this.callTail({
            kind: "call",
            name: "listagg",
            args,
            star: false,
            distinct,
            orderBy,
            ignoreNulls: false,
            at,
        });
    }

    protected call(): ast.Expression {
        const { text, at } = this.next();
        const name = text.toLowerCase();
        const call: ast.Call = {
            kind: "call",
            name,
            args: [],
            star: false,
            distinct: false,
            orderBy: [],
            ignoreNulls: false,
            at,
        };
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
    protected wordedArguments(name: string): ast.Expression[] {
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

    protected callTail(call: ast.Call): ast.Call {
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
            call.over = this.isSymbol("(")
                ? this.window()
                : { name: this.identifier(), partitionBy: [], orderBy: [], at };
        }
        return call;
    }

    protected window(): ast.Window {
        const at = this.peek().at;
        this.expectSymbol("(");
        const window: ast.Window = { partitionBy: [], orderBy: [], at };
        if (this.isIdentifier() && !["PARTITION", "ROWS", "RANGE", "GROUPS"].some((word) => this.is(word)))
            window.name = this.identifier();
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
            window.frame = {
                unit,
                start,
                at: frameAt,
                ...(between && this.acceptWords("AND") && { end: this.frameBound() }),
            };
        }
        this.expectSymbol(")");
        return window;
    }

    protected frameBound(): ast.FrameBound {
        if (this.acceptWords("CURRENT", "ROW")) return { kind: "CURRENT ROW" };
        const unbounded = this.accept("UNBOUNDED");
        const value = unbounded ? undefined : this.expression();
        const direction = this.accept("PRECEDING") ? "PRECEDING" : "FOLLOWING";
        if (direction === "FOLLOWING") this.expect(direction);
        return unbounded
            ? { kind: `UNBOUNDED ${direction}` as ast.FrameBound["kind"] }
            : { kind: direction as ast.FrameBound["kind"], value };
    }

    protected argumentList(): ast.Expression[] {
        this.expectSymbol("(");
        const args = this.list(() => this.expression());
        this.expectSymbol(")");
        return args;
    }
}
