import { type Aggregate, aggregates } from "./aggregates";
import { notModelled, QueryError } from "./errors";
import { scalarFunctions, zoneFunctions } from "./functions";
import { equality, sumOrProduct } from "./operators";
import { type Argument, type Match, match, type Overload, resultType, substitute, unify } from "./signatures";
import type * as ast from "./syntax/ast";
import { quote } from "./text";
import { binary, type Context, coerce, combine, condition, literal, type Typed, unifyTypes } from "./typed";
import * as types from "./types";
import { type Type, typeName } from "./types";

const translate = (node: ast.Expression, context: Context): Typed => context.session.translate(node, context);

/** Translates a call of a function: a form of its own, an aggregate, a window function or one of `functions.ts`. */
export function call(node: ast.Call, context: Context): Typed {
    const aggregate = Object.hasOwn(aggregates, node.name) ? aggregates[node.name] : undefined;
    if (node.name === "grouping") return grouping(node, context);
    if (aggregate) return aggregateCall(node, aggregate, context);
    if (node.distinct || node.filter || node.over || node.orderBy.length > 0 || node.star || node.ignoreNulls)
        throw Object.hasOwn(scalarFunctions, node.name)
            ? new QueryError(
                  "FUNCTION_NOT_AGGREGATE",
                  `DISTINCT, ORDER BY, FILTER and OVER are not supported for function ${node.name}`,
                  node.at,
              )
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
            return translate({ kind: "now", name: "current_timestamp", at: node.at }, context);
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
        throw new QueryError("SYNTAX_ERROR", `Invalid number of arguments for '${node.name}' function`, node.at);
    return node.args;
}

function ifCall(node: ast.Call, context: Context): Typed {
    if (node.args.length !== 2) only(node, 3);
    const [when, result, otherwise] = node.args;
    return translate(
        { kind: "case", whens: [{ when: when!, result: result! }], else: otherwise, at: node.at },
        context,
    );
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
    if (!types.isOrderable(typed.type))
        throw new QueryError("FUNCTION_NOT_FOUND", `Unexpected parameters for function ${node.name}`, node.at);
    if (!types.isFloating(typed.type)) return typed;
    return sameTyped(node, context, 1, (all) => {
        const nulls = all.map((one) => `${one} IS NULL`).join(" OR ");
        const numbers = all.map((one) => `t_nonan(${one})`).join(", ");
        return `CASE WHEN ${nulls} THEN NULL ELSE coalesce(${node.name}(${numbers}), ${all[0]}) END`;
    });
}

function nullIf(node: ast.Call, context: Context): Typed {
    const [left, right] = only(node, 2).map((arg) => translate(arg, context)) as [Typed, Typed];
    return combine(
        [left, right],
        `CASE WHEN ${equality(left, right, node.at)} THEN NULL ELSE ${left.sql} END`,
        left.type,
    );
}

export function scalarCall(name: string, nodes: ast.Expression[], context: Context, at: number): Typed {
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
    const shapes = nodes.map(
        (node, i): Argument => (node.kind === "lambda" ? { lambda: node.parameters.length } : values[i]!.type),
    );
    const found = match(overloads, shapes);
    if (!found) {
        const given = shapes.map((shape) => ("lambda" in shape ? "lambda" : typeName(shape))).join(", ");
        throw new QueryError(
            "FUNCTION_NOT_FOUND",
            `Unexpected parameters (${given}) for function ${name}, or this form of it is not modelled locally`,
            at,
        );
    }
    const args = nodes.map((node, i) =>
        node.kind === "lambda"
            ? lambda(node, found, i, context)
            : coerce(values[i]!, substitute(found.patterns[i]!, found.bound, values[i]!.type)),
    );
    const argTypes = args.map(({ type }) => type);
    const sql = found.overload.emit({
        sql: args.map((arg) => arg.sql),
        types: argTypes,
        constants: args.map(({ constant }) => constant),
        clauses,
        at,
    });
    return { typed: combine(args, sql, resultType(found, argTypes)), args };
}

function lambda(
    node: ast.Expression & { kind: "lambda" },
    { patterns, bound }: Match,
    index: number,
    context: Context,
): Typed {
    const inner = patterns[index]!.inner;
    const lambdas = new Map(context.lambdas);
    const names = node.parameters.map(({ name }, i) => {
        const sql = context.session.name("l");
        lambdas.set(name.toLowerCase(), literal(sql, substitute(inner[i]!, bound, types.unknown)));
        return sql;
    });
    const body = translate(node.body, { ...context, lambdas, clause: "Lambda expression" });
    if (body.subquery)
        throw new QueryError("NOT_SUPPORTED", "Lambda expression cannot contain subqueries", node.body.at);
    const result = inner.at(-1)!;
    if (!unify(result, body.type, bound, true))
        throw new QueryError(
            "TYPE_MISMATCH",
            `Unexpected result of lambda: ${typeName(body.type)}, expected ${result.name}`,
            node.at,
        );
    const to = substitute(result, bound, body.type);
    const parameters = names.map((_, i) => substitute(inner[i]!, bound, types.unknown));
    return combine([body], `lambda ${names.join(", ")}: ${coerce(body, to).sql}`, {
        kind: "function",
        parameters,
        result: to,
    });
}

function grouping(node: ast.Call, context: Context): Typed {
    const args = node.args.map((arg) => translate(arg, context));
    const wrong = args.find(({ sql }) => !context.keys?.has(sql));
    if (!context.keys || wrong)
        throw new QueryError(
            "INVALID_ARGUMENTS",
            "The arguments to GROUPING() must be expressions referenced by the GROUP BY",
            node.at,
        );
    const type: Type = args.length > 31 ? types.bigint : types.integer;
    return {
        ...combine(args, `CAST(grouping(${args.map(({ sql }) => sql).join(", ")}) AS ${types.duckType(type)})`, type),
        uses: [],
        aggregate: true,
    };
}

function aggregateCall(node: ast.Call, aggregate: Aggregate, context: Context): Typed {
    const { name, at, over } = node;
    if (aggregate.windowOnly && !over)
        throw new QueryError("MISSING_OVER", `Window function ${name} requires an OVER clause`, at);
    if (node.ignoreNulls && !aggregate.nulls) throw notModelled(`IGNORE NULLS of ${name}`, at);
    if (context.clause !== undefined) {
        const what = "aggregations, window functions or grouping operations";
        throw new QueryError("EXPRESSION_NOT_SCALAR", `${context.clause} cannot contain ${what}: ['${name}']`, at);
    }
    const nested = new QueryError("NESTED_AGGREGATION", `Cannot nest aggregations inside aggregation '${name}'`, at);
    if (context.inAggregate) throw nested;
    // Arguments of a window function may be aggregates of the group; those of an aggregate are rows.
    const inner: Context = over ? context : { ...context, keys: undefined, inAggregate: true };
    if (node.distinct && over)
        throw new QueryError("NOT_SUPPORTED", "DISTINCT in window function parameters not yet supported", at);
    if (node.filter && over)
        throw new QueryError("NOT_SUPPORTED", "FILTER is not yet supported for window functions", at);
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
        throw new QueryError(
            "FUNCTION_NOT_FOUND",
            `Unexpected parameters (${typeName(args[0]!.type)}) for function ${name}`,
            at,
        );
    if (!over && args.some(({ aggregate, window }) => aggregate || window)) throw nested;
    const result = combine([typed, ...parts], typed.sql, typed.type);
    return over
        ? { ...result, window: true }
        : { ...result, uses: result.uses.filter(({ scope }) => scope !== context.scope), aggregate: true };
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
export function orderSql(
    { sql, type }: { sql: string; type: Type },
    { descending, nullsFirst, expression }: ast.SortItem,
): string {
    if (!types.isOrderable(type))
        throw new QueryError(
            "TYPE_MISMATCH",
            `Type ${typeName(type)} is not orderable, and therefore cannot be used in ORDER BY`,
            expression.at,
        );
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
    if (!named)
        throw new QueryError(
            "INVALID_WINDOW_REFERENCE",
            `Cannot resolve WINDOW name ${window.name.name}`,
            window.name.at,
        );
    const base = resolveWindow(named, context);
    return {
        ...base,
        orderBy: window.orderBy.length > 0 ? window.orderBy : base.orderBy,
        frame: window.frame ?? base.frame,
    };
}

function frameSql({ unit, start, end, at }: ast.Frame, context: Context): string {
    const bound = ({ kind, value }: ast.FrameBound): string => {
        if (!value) return kind;
        if (unit !== "ROWS") throw notModelled(`a window frame of ${unit} with an offset`, at);
        const typed = translate(value, context);
        if (!types.isInteger(typed.type))
            throw new QueryError(
                "TYPE_MISMATCH",
                `Window frame ROWS start value type must be exact numeric type with scale 0`,
                value.at,
            );
        return `${typed.sql} ${kind}`;
    };
    return end ? `${unit} BETWEEN ${bound(start)} AND ${bound(end)}` : `${unit} ${bound(start)}`;
}
