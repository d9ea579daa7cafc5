import { type Aggregate, aggregates } from "./aggregates";
import type * as ast from "./ast";
import { castSql, fieldSql } from "./casts";
import { notModelled, QueryError } from "./errors";
import { atTimeZone, scalarFunctions, whitespace, zoneFunctions } from "./functions";
import { intervalLiteral, numberLiteral, typedLiteral } from "./literals";
import { comparison, distinct, equality, sumOrProduct } from "./operators";
import type { Field, Scope } from "./scope";
import { type Argument, type Match, match, type Overload, resultType, substitute, unify } from "./signatures";
import { quote } from "./text";
import * as types from "./types";
import { type Type, typeName } from "./types";

/** An expression in DuckDB's SQL, safe to stand anywhere, with its type in Trino. */
export interface Typed {
    sql: string;
    type: Type;
    /** Text of a literal. */
    constant?: string;
    /** Columns it reads outside of aggregates. */
    uses: Use[];
    /** Whether it holds an aggregate, a window function, a subquery or the like. */
    aggregate: boolean;
    window: boolean;
    subquery: boolean;
}

export interface Use {
    field: Field;
    scope: Scope;
    name: string;
    at: number;
}

/** What surrounds an expression. */
export interface Context {
    scope: Scope;
    /** Name of the clause, where it takes no aggregates; undefined where it does. */
    clause?: string;
    /** SQL of the expressions grouped by. */
    keys?: Set<string>;
    windows: Map<string, ast.Window>;
    lambdas: Map<string, Typed>;
    inAggregate: boolean;
    session: Session;
}

/** What a statement knows while it is translated. */
export interface Session {
    /** When it started, in milliseconds since 1970. */
    now: number;
    parameters: ast.Expression[];
    /** A new name. */
    name(prefix: string): string;
    /** Translates a subquery; its columns are `c1`, `c2`, … */
    query(query: ast.Query, scope: Scope): { sql: string; columns: { name?: string; type: Type }[]; uses: Use[] };
}

/** Translates an expression. */
export function translate(node: ast.Expression, context: Context): Typed {
    const typed = dispatch(node, context);
    return context.keys?.has(typed.sql) ? { ...typed, uses: [], aggregate: false } : typed;
}

/** Translates an expression that must be a condition. */
export function condition(node: ast.Expression, context: Context, what: string): Typed {
    const typed = translate(node, context);
    if (!types.coercible(typed.type, types.boolean))
        throw new QueryError("TYPE_MISMATCH", `${what} must evaluate to a boolean: actual type ${typeName(typed.type)}`, node.at);
    return coerce(typed, types.boolean);
}

/** The expression as another type that it is silently coerced to. */
export function coerce(typed: Typed, to: Type): Typed {
    return { ...typed, sql: types.sameType(typed.type, to) ? typed.sql : castSql(typed.sql, typed.type, to), type: to };
}

/** The type that all of the expressions are coerced to. */
export function unifyTypes(all: Typed[], at: number, what: string): Type {
    return all.reduce<Type>((left, { type }) => {
        const common = types.commonType(left, type);
        if (!common) throw new QueryError("TYPE_MISMATCH", `${what}: ${typeName(left)}, ${typeName(type)}`, at);
        return common;
    }, types.unknown);
}

function dispatch(node: ast.Expression, context: Context): Typed {
    const of = (child: ast.Expression) => translate(child, context);
    switch (node.kind) {
        case "null":
            return literal("NULL", types.unknown);
        case "boolean":
            return literal(String(node.value), types.boolean, String(node.value));
        case "number":
            return literal(...numberLiteral(node.text, node.at), node.text);
        case "string":
            return literal(quote(node.value), { kind: "varchar", length: [...node.value].length }, node.value);
        case "binary":
            return literal(`unhex('${node.hex}')`, { kind: "varbinary" });
        case "typed":
            return literal(...typedLiteral(node.type, node.value, node.at));
        case "interval":
            return literal(...intervalLiteral(node));
        case "parameter":
            return of(context.session.parameters[node.index]!);
        case "now":
            return now(node, context);
        case "column":
        case "field":
            return reference(node, context);
        case "subscript":
            return subscript(of(node.base), of(node.index), node.at);
        case "array": {
            const elements = node.elements.map(of);
            const element = unifyTypes(elements, node.at, "All ARRAY elements must be the same type");
            const coerced = elements.map((one) => coerce(one, element));
            return combine(coerced, `CAST([${coerced.map(({ sql }) => sql).join(", ")}] AS ${types.duckType(types.array(element))})`, types.array(element));
        }
        case "row": {
            const elements = node.elements.map(of);
            const fields = elements.map(({ type }) => ({ type }));
            return combine(elements, `struct_pack(${elements.map(({ sql }, i) => `f${i + 1} := ${sql}`).join(", ")})`, { kind: "row", fields });
        }
        case "cast": {
            const value = of(node.expression);
            const sql = castSql(value.sql, value.type, node.type, node.at);
            const type = node.type.kind === "timestamp with time zone" && value.type.kind === node.type.kind ? { ...node.type, zone: value.type.zone } : node.type;
            return combine([value], node.safe ? `TRY(${sql})` : sql, type);
        }
        case "case":
            return caseExpression(node, context);
        case "extract":
            return extract(node, context);
        case "trim":
            return trim(node, of);
        case "negate":
            return negate(of(node.expression), node.at);
        case "not": {
            const value = condition(node.expression, context, "Value of logical NOT expression");
            return combine([value], `(NOT ${value.sql})`, types.boolean);
        }
        case "arithmetic":
            return binary(of(node.left), of(node.right), (left, right) => sumOrProduct(node.operator, left, right, node.at));
        case "concat":
            return concat(of(node.left), of(node.right), node.at);
        case "compare":
            return binary(of(node.left), of(node.right), (left, right) => comparison(node.operator, left, right, node.at));
        case "distinct":
            return binary(of(node.left), of(node.right), (left, right) => distinct(node.negated, left, right, node.at));
        case "logical": {
            const left = condition(node.left, context, `Logical expression term`);
            const right = condition(node.right, context, `Logical expression term`);
            return combine([left, right], `(${left.sql} ${node.operator} ${right.sql})`, types.boolean);
        }
        case "between": {
            const [value, low, high] = [of(node.expression), of(node.low), of(node.high)];
            const sql = `(${comparison(">=", value, low, node.at).sql} AND ${comparison("<=", value, high, node.at).sql})`;
            return combine([value, low, high], node.negated ? `(NOT ${sql})` : sql, types.boolean);
        }
        case "in":
            return inList(node, of);
        case "in query":
            return inQuery(node, context);
        case "like":
            return like(node, of);
        case "is null": {
            const value = of(node.expression);
            return combine([value], `(${value.sql} IS ${node.negated ? "NOT " : ""}NULL)`, types.boolean);
        }
        case "exists": {
            const { sql, uses } = context.session.query(node.query, context.scope);
            return { ...literal(`EXISTS (${sql})`, types.boolean), uses, subquery: true };
        }
        case "subquery":
            return scalarSubquery(node.query, context, node.at);
        case "time zone": {
            const [value, zone] = [of(node.expression), of(node.zone)];
            if (zone.constant === undefined) throw notModelled("a time zone that is not a literal", node.at);
            const { sql, type } = atTimeZone(value.sql, value.type, zone.constant, node.at);
            return combine([value], sql, type);
        }
        case "lambda":
            throw new QueryError("TYPE_MISMATCH", "Lambda expression should always be used inside a function", node.at);
        case "call":
            return call(node, context);
    }
}

function literal(sql: string, type: Type, constant?: string): Typed {
    return { sql, type, constant, uses: [], aggregate: false, window: false, subquery: false };
}

/** An expression made of others. */
function combine(parts: Typed[], sql: string, type: Type): Typed {
    return {
        sql,
        type,
        uses: parts.flatMap(({ uses }) => uses),
        aggregate: parts.some(({ aggregate }) => aggregate),
        window: parts.some(({ window }) => window),
        subquery: parts.some(({ subquery }) => subquery),
    };
}

function binary(left: Typed, right: Typed, operator: (left: Typed, right: Typed) => { sql: string; type: Type }): Typed {
    const { sql, type } = operator(left, right);
    return combine([left, right], sql, type);
}

function now({ name, precision = 3, at }: { name: string; precision?: number; at: number }, { session }: Context): Typed {
    if (precision > 3) throw notModelled(`${name}(${precision})`, at);
    const micros = Math.floor(session.now / 10 ** (3 - precision)) * 10 ** (3 - precision) * 1000;
    const stamp = `make_timestamp(${micros})`;
    switch (name) {
        case "current_timestamp":
            return literal(`make_timestamptz(${micros})`, { ...types.utc, precision } as Type);
        case "localtimestamp":
            return literal(stamp, { kind: "timestamp", precision });
        case "current_date":
            return literal(`CAST(${stamp} AS DATE)`, types.date);
        case "localtime":
            return literal(`CAST(${stamp} AS TIME)`, { kind: "time", precision });
        default:
            throw notModelled(name, at);
    }
}

// Names

function reference(node: ast.Expression, context: Context): Typed {
    const path = dotted(node);
    const first = path?.[0];
    if (path && first && !(path.length === 1 && context.lambdas.has(first.name.toLowerCase()))) {
        for (let last = path.length - 1; last >= 0 && !context.lambdas.has(first.name.toLowerCase()); last--) {
            const names = path.slice(0, last).map(({ name }) => name);
            const found = context.scope.find(names, path[last]!.name, node.at);
            if (!found) continue;
            const base = column(found.field, found.scope, path.slice(0, last + 1), first.at);
            return path.slice(last + 1).reduce((value, { name, at }) => rowField(value, name, at), base);
        }
    }
    if (node.kind === "field") return rowField(translate(node.base, context), node.name, node.at);
    if (node.kind === "column") {
        const parameter = context.lambdas.get(node.name.toLowerCase());
        if (parameter) return parameter;
    }
    throw new QueryError(
        "COLUMN_NOT_FOUND",
        `Column '${first!.name}' cannot be resolved or requester is not authorized to access requested resources`,
        first!.at,
    );
}

/** `a.b.c` as its names, if that is all the expression is. */
function dotted(node: ast.Expression): ast.Identifier[] | undefined {
    if (node.kind === "column") return [{ name: node.name, at: node.at }];
    if (node.kind !== "field") return undefined;
    const base = dotted(node.base);
    return base && [...base, { name: node.name, at: node.at }];
}

function column(field: Field, scope: Scope, path: ast.Identifier[], at: number): Typed {
    if (field.name !== undefined) field.source?.use(field.name);
    return { ...literal(field.sql, field.type), uses: [{ field, scope, name: path.map(({ name }) => name).join("."), at }] };
}

function rowField(base: Typed, name: string, at: number): Typed {
    const { type } = base;
    if (type.kind !== "row") throw new QueryError("TYPE_MISMATCH", `Expression is not of type ROW: ${typeName(type)}`, at);
    const index = type.fields.findIndex((field) => field.name?.toLowerCase() === name.toLowerCase());
    if (index < 0) throw new QueryError("COLUMN_NOT_FOUND", `Column '${name}' cannot be resolved`, at);
    return combine([base], fieldSql(base.sql, index), type.fields[index]!.type);
}

function subscript(base: Typed, index: Typed, at: number): Typed {
    const { type } = base;
    if (type.kind === "array" && types.coercible(index.type, types.bigint))
        return combine([base, index], `t_subscript(${base.sql}, ${coerce(index, types.bigint).sql})`, type.element);
    if (type.kind === "map" && types.coercible(index.type, type.key)) {
        const key = coerce(index, type.key).sql;
        return combine([base, index], `t_map_subscript(${base.sql}, ${key}, CAST(${key} AS VARCHAR))`, type.value);
    }
    if (type.kind === "row" && index.constant !== undefined && type.fields[Number(index.constant) - 1])
        return combine([base], fieldSql(base.sql, Number(index.constant) - 1), type.fields[Number(index.constant) - 1]!.type);
    throw new QueryError("TYPE_MISMATCH", `Cannot use ${typeName(index.type)} for subscript of ${typeName(type)}`, at);
}

// Operators and forms with a syntax of their own

function negate(value: Typed, at: number): Typed {
    const allowed = types.isNumeric(value.type) || value.type.kind.startsWith("interval");
    if (!allowed) throw new QueryError("TYPE_MISMATCH", `Cannot negate ${typeName(value.type)}`, at);
    return { ...combine([value], `(-${value.sql})`, value.type), ...(value.constant !== undefined && { constant: `-${value.constant}` }) };
}

function concat(left: Typed, right: Typed, at: number): Typed {
    const [a, b] = [left.type, right.type];
    const text = (type: Type) => type.kind === "varchar" || type.kind === "unknown";
    if (text(a) && text(b)) return combine([left, right], `(${left.sql} || ${right.sql})`, types.varchar);
    if (a.kind === "varbinary" && b.kind === "varbinary") return combine([left, right], `(${left.sql} || ${right.sql})`, a);
    const list = a.kind === "array" ? types.commonType(a, b.kind === "array" ? b : types.array(b)) : b.kind === "array" ? types.commonType(types.array(a), b) : undefined;
    if (list?.kind !== "array")
        throw new QueryError("FUNCTION_NOT_FOUND", `Unexpected parameters (${typeName(a)}, ${typeName(b)}) for function concat`, at);
    const sides = [left, right].map((side) =>
        side.type.kind === "array" ? coerce(side, list).sql : `[${coerce(side, list.element).sql}]`,
    );
    return combine([left, right], `CASE WHEN ${sides[0]} IS NOT NULL AND ${sides[1]} IS NOT NULL THEN list_concat(${sides[0]}, ${sides[1]}) END`, list);
}

function caseExpression(node: ast.Expression & { kind: "case" }, context: Context): Typed {
    const operand = node.operand && translate(node.operand, context);
    const whens = node.whens.map(({ when }) => {
        if (!operand) return condition(when, context, "CASE WHEN clause");
        const value = translate(when, context);
        return combine([operand, value], equality(operand, value, when.at), types.boolean);
    });
    const thens = node.whens.map(({ then }) => translate(then, context));
    const otherwise = node.else && translate(node.else, context);
    const results = otherwise ? [...thens, otherwise] : thens;
    const type = unifyTypes(results, node.at, "All CASE results must be the same type");
    const arms = whens.map(({ sql }, i) => `WHEN ${sql} THEN ${coerce(thens[i]!, type).sql}`);
    const last = otherwise ? ` ELSE ${coerce(otherwise, type).sql}` : "";
    return combine([...whens, ...results], `CASE ${arms.join(" ")}${last} END`, type);
}

function extract({ field, expression, at }: ast.Expression & { kind: "extract" }, context: Context): Typed {
    const names: Record<string, string> = { day_of_month: "day", dow: "day_of_week", doy: "day_of_year", yow: "year_of_week" };
    const name = names[field] ?? field;
    if (!["year", "quarter", "month", "week", "day", "day_of_week", "day_of_year", "year_of_week", "hour", "minute", "second"].includes(name))
        throw new QueryError("SYNTAX_ERROR", `Invalid EXTRACT field: ${field}`, at);
    return scalarCall(name, [expression], context, at);
}

function trim(node: ast.Expression & { kind: "trim" }, of: (node: ast.Expression) => Typed): Typed {
    const value = of(node.expression);
    const characters = node.characters && of(node.characters);
    for (const part of [value, characters])
        if (part && !types.coercible(part.type, types.varchar))
            throw new QueryError("FUNCTION_NOT_FOUND", `Unexpected parameters (${typeName(part.type)}) for function trim`, node.at);
    const name = { both: "trim", leading: "ltrim", trailing: "rtrim" }[node.side];
    return combine(characters ? [value, characters] : [value], `${name}(${value.sql}, ${characters?.sql ?? whitespace})`, value.type);
}

function inList(node: ast.Expression & { kind: "in" }, of: (node: ast.Expression) => Typed): Typed {
    const value = of(node.expression);
    const list = node.list.map(of);
    const type = unifyTypes([value, ...list], node.at, "IN value and list items must be the same type");
    const all = [value, ...list].map((one) => coerce(one, type));
    const plain = !types.isFloating(type) && !["row", "array", "map"].includes(type.kind);
    const sql = plain
        ? `(${all[0]!.sql} IN (${all.slice(1).map((one) => one.sql).join(", ")}))`
        : `(${all.slice(1).map((one) => equality(all[0]!, one, node.at)).join(" OR ")})`;
    return combine([value, ...list], node.negated ? `(NOT ${sql})` : sql, types.boolean);
}

function inQuery(node: ast.Expression & { kind: "in query" }, context: Context): Typed {
    const value = translate(node.expression, context);
    const { sql, columns, uses } = context.session.query(node.query, context.scope);
    if (columns.length !== 1) throw new QueryError("TYPE_MISMATCH", "Multiple columns returned by subquery are not yet supported", node.at);
    const inner = { ...literal("c1", columns[0]!.type), uses };
    const type = unifyTypes([value, inner], node.at, "value and result of subquery must be of the same type for IN expression");
    if (["row", "array", "map"].includes(type.kind)) throw notModelled(`IN (subquery) over ${typeName(type)}`, node.at);
    const query = `SELECT ${coerce(inner, type).sql} FROM (${sql}) AS ${context.session.name("q")}`;
    const test = `(${coerce(value, type).sql} ${node.negated ? "NOT " : ""}IN (${query}))`;
    return { ...combine([value, inner], test, types.boolean), subquery: true };
}

function scalarSubquery(query: ast.Query, context: Context, at: number): Typed {
    const { sql, columns, uses } = context.session.query(query, context.scope);
    if (columns.length !== 1) throw notModelled("a subquery of several columns as a row", at);
    return { ...literal(`(${sql})`, columns[0]!.type), uses, subquery: true };
}

function like(node: ast.Expression & { kind: "like" }, of: (node: ast.Expression) => Typed): Typed {
    const parts = [node.expression, node.pattern, ...(node.escape ? [node.escape] : [])].map(of);
    const wrong = parts.find(({ type }) => !types.coercible(type, types.varchar));
    if (wrong) throw new QueryError("TYPE_MISMATCH", `Left side of LIKE expression must evaluate to a varchar (actual: ${typeName(wrong.type)})`, node.at);
    const [value, pattern, escape] = parts;
    if (escape && (escape.constant === undefined || [...escape.constant].length !== 1))
        throw new QueryError("INVALID_FUNCTION_ARGUMENT", "Escape string must be a single character", node.at);
    const sql = `(${value!.sql} LIKE ${pattern!.sql}${escape ? ` ESCAPE ${escape.sql}` : ""})`;
    return combine(parts, node.negated ? `(NOT ${sql})` : sql, types.boolean);
}

// Calls

function call(node: ast.Call, context: Context): Typed {
    const aggregate = Object.hasOwn(aggregates, node.name) ? aggregates[node.name] : undefined;
    if (node.name === "grouping") return grouping(node, context);
    if (aggregate) return aggregateCall(node, aggregate, context);
    if (node.distinct || node.filter || node.over || node.orderBy.length > 0 || node.star || node.ignoreNulls)
        throw Object.hasOwn(scalarFunctions, node.name)
            ? new QueryError("FUNCTION_NOT_AGGREGATE", `DISTINCT, ORDER BY, FILTER and OVER are not supported for function ${node.name}`, node.at)
            : notModelled(`function ${node.name}`, node.at);
    switch (node.name) {
        case "if":
            return ifCall(node, context);
        case "coalesce":
            return sameTyped(node, context, 2, (all) => `coalesce(${all.join(", ")})`);
        case "greatest":
        case "least":
            return extreme(node, context);
        case "nullif":
            return nullIf(node, context);
        case "try": {
            const value = translate(only(node, 1)[0]!, context);
            return combine([value], `TRY(${value.sql})`, value.type);
        }
        case "now":
            only(node, 0);
            return now({ name: "current_timestamp", at: node.at }, context);
        case "mod": {
            const [left, right] = only(node, 2).map((arg) => translate(arg, context));
            return binary(left!, right!, (a, b) => sumOrProduct("%", a, b, node.at));
        }
        case "typeof": {
            const value = translate(only(node, 1)[0]!, context);
            return literal(quote(typeName(value.type)), types.varchar);
        }
        case "position":
            return scalarCall("strpos", [...only(node, 2)].reverse(), context, node.at);
        default:
            return scalarCall(node.name, node.args, context, node.at);
    }
}

function only(node: ast.Call, count: number): ast.Expression[] {
    if (node.args.length !== count)
        throw new QueryError("INVALID_FUNCTION_ARGUMENT", `Invalid number of arguments for '${node.name}' function`, node.at);
    return node.args;
}

function ifCall(node: ast.Call, context: Context): Typed {
    if (node.args.length !== 2) only(node, 3);
    const [when, then, otherwise] = node.args;
    return caseExpression({ kind: "case", whens: [{ when: when!, then: then! }], else: otherwise, at: node.at }, context);
}

function sameTyped(node: ast.Call, context: Context, least: number, sql: (all: string[]) => string): Typed {
    if (node.args.length < least) only(node, least);
    const all = node.args.map((arg) => translate(arg, context));
    const type = unifyTypes(all, node.at, `All ${node.name.toUpperCase()} operands must be the same type`);
    return combine(all, sql(all.map((one) => coerce(one, type).sql)), type);
}

/** `greatest` and `least`: NULL if any argument is, and NaN only if all are. */
function extreme(node: ast.Call, context: Context): Typed {
    const typed = sameTyped(node, context, 1, (all) => {
        const nulls = all.map((one) => `${one} IS NULL`).join(" OR ");
        return `CASE WHEN ${nulls} THEN NULL ELSE ${node.name}(${all.join(", ")}) END`;
    });
    if (!types.isOrderable(typed.type)) throw new QueryError("FUNCTION_NOT_FOUND", `Unexpected parameters for function ${node.name}`, node.at);
    if (!types.isFloating(typed.type)) return typed;
    return sameTyped(node, context, 1, (all) => {
        const nulls = all.map((one) => `${one} IS NULL`).join(" OR ");
        const numbers = all.map((one) => `t_nonan(${one})`).join(", ");
        return `CASE WHEN ${nulls} THEN NULL ELSE coalesce(${node.name}(${numbers}), ${all[0]}) END`;
    });
}

function nullIf(node: ast.Call, context: Context): Typed {
    const [left, right] = only(node, 2).map((arg) => translate(arg, context)) as [Typed, Typed];
    return combine([left, right], `CASE WHEN ${equality(left, right, node.at)} THEN NULL ELSE ${left.sql} END`, left.type);
}

function scalarCall(name: string, nodes: ast.Expression[], context: Context, at: number): Typed {
    const zoned = zoneCall(name, nodes, context, at);
    if (zoned) return zoned;
    const known = Object.hasOwn(scalarFunctions, name) ? scalarFunctions[name] : undefined;
    if (!known) throw notModelled(`function ${name}`, at);
    return invoke(name, known.overloads, nodes, context, at).typed;
}

function zoneCall(name: string, nodes: ast.Expression[], context: Context, at: number): Typed | undefined {
    const known = Object.hasOwn(zoneFunctions, name) ? zoneFunctions[name] : undefined;
    if (!known || nodes.length !== 2) return undefined;
    const [value, zone] = nodes.map((node) => translate(node, context)) as [Typed, Typed];
    if (zone.type.kind !== "varchar") return undefined;
    if (zone.constant === undefined) throw notModelled(`${name} with a time zone that is not a literal`, at);
    const input = name === "from_unixtime" ? coerce(value, types.double) : value;
    const { sql, type } = known(input.sql, input.type, zone.constant, at);
    return combine([value], sql, type);
}

/** Chooses the overload, coerces the arguments and types the lambdas. */
function invoke(
    name: string,
    overloads: Overload[],
    nodes: ast.Expression[],
    context: Context,
    at: number,
    clauses?: Record<string, string>,
): { typed: Typed; args: Typed[] } {
    const values = nodes.map((node) => (node.kind === "lambda" ? undefined : translate(node, context)));
    const shapes = nodes.map((node, i): Argument => (node.kind === "lambda" ? { lambda: node.parameters.length } : values[i]!.type));
    const found = match(overloads, shapes);
    if (!found) {
        const given = shapes.map((shape) => ("lambda" in shape ? "lambda" : typeName(shape))).join(", ");
        throw new QueryError("FUNCTION_NOT_FOUND", `Unexpected parameters (${given}) for function ${name}, or this form of it is not modelled locally`, at);
    }
    const args = nodes.map((node, i) =>
        node.kind === "lambda"
            ? lambda(node, found, i, context)
            : coerce(values[i]!, substitute(found.patterns[i]!, found.bound, values[i]!.type)),
    );
    const argTypes = args.map(({ type }) => type);
    const sql = found.overload.emit({ sql: args.map((arg) => arg.sql), types: argTypes, constants: args.map(({ constant }) => constant), clauses, at });
    return { typed: combine(args, sql, resultType(found, argTypes)), args };
}

function lambda(node: ast.Expression & { kind: "lambda" }, { patterns, bound }: Match, index: number, context: Context): Typed {
    const inner = patterns[index]!.inner;
    const lambdas = new Map(context.lambdas);
    const names = node.parameters.map(({ name }, i) => {
        const sql = context.session.name("l");
        lambdas.set(name.toLowerCase(), literal(sql, substitute(inner[i]!, bound, types.unknown)));
        return sql;
    });
    const body = translate(node.body, { ...context, lambdas, clause: "Lambda expression" });
    if (body.subquery) throw new QueryError("NOT_SUPPORTED", "Lambda expression cannot contain subqueries", node.body.at);
    const result = inner.at(-1)!;
    if (!unify(result, body.type, bound, true))
        throw new QueryError("TYPE_MISMATCH", `Unexpected result of lambda: ${typeName(body.type)}, expected ${result.name}`, node.at);
    const to = substitute(result, bound, body.type);
    const parameters = names.map((_, i) => substitute(inner[i]!, bound, types.unknown));
    return combine([body], `lambda ${names.join(", ")}: ${coerce(body, to).sql}`, { kind: "function", parameters, result: to });
}

function grouping(node: ast.Call, context: Context): Typed {
    const args = node.args.map((arg) => translate(arg, context));
    const wrong = args.find(({ sql }) => !context.keys?.has(sql));
    if (!context.keys || wrong) throw new QueryError("INVALID_ARGUMENTS", "The arguments to GROUPING() must be expressions referenced by the GROUP BY", node.at);
    const type: Type = args.length > 31 ? types.bigint : types.integer;
    return { ...combine(args, `CAST(grouping(${args.map(({ sql }) => sql).join(", ")}) AS ${types.duckType(type)})`, type), uses: [], aggregate: true };
}

function aggregateCall(node: ast.Call, aggregate: Aggregate, context: Context): Typed {
    const { name, at, over } = node;
    if (aggregate.windowOnly && !over) throw new QueryError("MISSING_OVER", `Window function ${name} requires an OVER clause`, at);
    if (node.ignoreNulls && !aggregate.nulls) throw notModelled(`IGNORE NULLS of ${name}`, at);
    if (context.clause !== undefined) {
        const what = "aggregations, window functions or grouping operations";
        throw new QueryError("EXPRESSION_NOT_SCALAR", `${context.clause} cannot contain ${what}: ['${name}']`, at);
    }
    const nested = new QueryError("NESTED_AGGREGATION", `Cannot nest aggregations inside aggregation '${name}'`, at);
    if (context.inAggregate) throw nested;
    // Arguments of a window function may be aggregates of the group; those of an aggregate are rows.
    const inner: Context = over ? context : { ...context, keys: undefined, inAggregate: true };
    if (node.distinct && over) throw new QueryError("NOT_SUPPORTED", "DISTINCT in window function parameters not yet supported", at);
    if (node.filter && over) throw new QueryError("NOT_SUPPORTED", "FILTER is not yet supported for window functions", at);
    const parts: Typed[] = [];
    const filter = node.filter && condition(node.filter, inner, "FILTER");
    if (filter) parts.push(filter);
    const order = sortSql(node.orderBy, inner, parts);
    const clauses = {
        D: node.distinct ? "DISTINCT " : "",
        N: node.ignoreNulls ? " IGNORE NULLS" : "",
        O: order && ` ${order}`,
        T: `${filter ? ` FILTER (WHERE ${filter.sql})` : ""}${over ? windowSql(over, context, parts) : ""}`,
    };
    const { typed, args } = invoke(name, aggregate.overloads, node.args, inner, at, clauses);
    if ((name === "min" || name === "max") && !types.isOrderable(args[0]!.type))
        throw new QueryError("FUNCTION_NOT_FOUND", `Unexpected parameters (${typeName(args[0]!.type)}) for function ${name}`, at);
    if (!over && args.some(({ aggregate, window }) => aggregate || window)) throw nested;
    const result = combine([typed, ...parts], typed.sql, typed.type);
    return over ? { ...result, window: true } : { ...result, uses: result.uses.filter(({ scope }) => scope !== context.scope), aggregate: true };
}

function sortSql(items: ast.SortItem[], context: Context, parts: Typed[]): string {
    if (items.length === 0) return "";
    const sorted = items.map((item) => {
        const typed = translate(item.expression, context);
        parts.push(typed);
        return orderSql(typed, item);
    });
    return `ORDER BY ${sorted.join(", ")}`;
}

/** An item of ORDER BY. */
export function orderSql({ sql, type }: { sql: string; type: Type }, { descending, nullsFirst, expression }: ast.SortItem): string {
    if (!types.isOrderable(type)) throw new QueryError("TYPE_MISMATCH", `Type ${typeName(type)} is not orderable, and therefore cannot be used in ORDER BY`, expression.at);
    return `${sql} ${descending ? "DESC" : "ASC"} NULLS ${nullsFirst ? "FIRST" : "LAST"}`;
}

function windowSql(over: ast.Window, context: Context, parts: Typed[]): string {
    const window = resolveWindow(over, context);
    const inner: Context = { ...context, clause: undefined };
    const partition = window.partitionBy.map((expression) => {
        const typed = translate(expression, inner);
        parts.push(typed);
        return typed.sql;
    });
    const clauses = [
        partition.length > 0 ? `PARTITION BY ${partition.join(", ")}` : "",
        sortSql(window.orderBy, inner, parts),
        window.frame ? frameSql(window.frame, context) : "",
    ];
    return ` OVER (${clauses.filter(Boolean).join(" ")})`;
}

function resolveWindow(window: ast.Window, context: Context): ast.Window {
    if (!window.name) return window;
    const named = context.windows.get(window.name.name.toLowerCase());
    if (!named) throw new QueryError("INVALID_WINDOW_REFERENCE", `Cannot resolve WINDOW name ${window.name.name}`, window.name.at);
    const base = resolveWindow(named, context);
    return { ...base, orderBy: window.orderBy.length > 0 ? window.orderBy : base.orderBy, frame: window.frame ?? base.frame };
}

function frameSql({ unit, start, end, at }: ast.Frame, context: Context): string {
    const bound = ({ kind, value }: ast.FrameBound): string => {
        if (!value) return kind;
        if (unit !== "ROWS") throw notModelled(`a window frame of ${unit} with an offset`, at);
        const typed = translate(value, context);
        if (!types.isInteger(typed.type)) throw new QueryError("TYPE_MISMATCH", `Window frame ROWS start value type must be exact numeric type with scale 0`, value.at);
        return `${typed.sql} ${kind}`;
    };
    return end ? `${unit} BETWEEN ${bound(start)} AND ${bound(end)}` : `${unit} ${bound(start)}`;
}
