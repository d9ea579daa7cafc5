import { type Aggregate, aggregates } from "./aggregates";
import { asText } from "./casts";
import { notModelled, QueryError } from "./errors";
import { scalarFunctions, zoneFunctions } from "./functions";
import { conversionsOf } from "./java-format";
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
            const name = quote(typeName(value.type).replaceAll('"', ""));
            // An aggregate makes one row of many, though only its type is asked for.
            const sql = value.aggregate ? `CASE WHEN ${value.sql} IS NULL THEN ${name} ELSE ${name} END` : name;
            return combine([value], sql, types.varchar);
        }
        case "format":
            return formatCall(node, context);
        case "current_timezone":
            only(node, 0);
            return literal("'UTC'", types.varchar);
        case "position":
            return scalarCall("strpos", [...only(node, 2)].reverse(), context, node.at);
        default:
            return scalarCall(node.name, node.args, context, node.at);
    }
}

/** `format('%s: %.2f', …)`, whose arguments may be of any types; the pattern must be a literal. */
function formatCall(node: ast.Call, context: Context): Typed {
    if (node.args.length < 2) only(node, 2);
    const [pattern, ...args] = node.args.map((arg) => translate(arg, context)) as [Typed, ...Typed[]];
    if (pattern.constant === undefined || pattern.type.kind !== "varchar")
        throw notModelled("a pattern of format that is not a literal", node.at);
    const inputs = args.map((arg) => (arg.type.kind === "unknown" ? coerce(arg, types.varchar) : arg));
    const conversions = conversionsOf(
        pattern.constant,
        inputs.map(({ type }) => type),
        node.at,
    );
    const texts = inputs.map(({ sql, type }, index) => {
        if (!types.isFloating(type)) return asText(sql, type) ?? "NULL";
        return conversions[index] === "s" ? `js_java_double(${sql})` : `js_plain(${sql})`;
    });
    return combine(inputs, `js_format(${pattern.sql}, CAST([${texts.join(", ")}] AS VARCHAR[]))`, types.varchar);
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
    const translated = () =>
        nodes.map((node, i) =>
            node.kind === "lambda"
                ? lambda(node, found, i, context)
                : coerce(values[i]!, substitute(found.patterns[i]!, found.bound, values[i]!.type)),
        );
    const known = () => [...found.bound.values()].map(typeName).join();
    // What a lambda results in may widen a type that arguments before it have.
    let args: Typed[];
    let before: string;
    do {
        before = known();
        args = translated();
    } while (nodes.some(({ kind }) => kind === "lambda") && before !== known());
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
    if (!context.keys)
        throw new QueryError(
            "MISSING_GROUP_BY",
            "A GROUPING() operation can only be used with a corresponding GROUPING SET/CUBE/ROLLUP/GROUP BY clause",
            node.at,
        );
    if (
        context.ordering &&
        node.args.some((arg) => arg.kind === "column" && context.lambdas.has(arg.name.toLowerCase()))
    )
        throw new QueryError(
            "INVALID_ARGUMENTS",
            "Invalid reference to output of SELECT clause from grouping() expression in ORDER BY",
            node.at,
        );
    const args = node.args.map((arg) => translate(arg, context));
    const wrong = args.find(({ sql }) => !context.keys?.has(sql));
    if (wrong)
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

/** Window functions that see their whole partition. */
const unframed = new Set("lead lag row_number rank dense_rank percent_rank cume_dist ntile".split(" "));

function aggregateCall(node: ast.Call, aggregate: Aggregate, context: Context): Typed {
    const { name, at, over } = node;
    if (aggregate.windowOnly && !over)
        throw new QueryError("MISSING_OVER", `Window function ${name} requires an OVER clause`, at);
    if (node.ignoreNulls && !aggregate.nulls) throw notModelled(`IGNORE NULLS of ${name}`, at);
    if (context.clause !== undefined) {
        const what = "aggregations, window functions or grouping operations";
        throw new QueryError("EXPRESSION_NOT_SCALAR", `${context.clause} cannot contain ${what}: ['${name}']`, at);
    }
    if (unframed.has(name) && over && resolveWindow(over, context).frame)
        throw new QueryError("INVALID_WINDOW_FRAME", `Cannot specify window frame for ${name} function`, over.at);
    const nested = new QueryError("NESTED_AGGREGATION", `Cannot nest aggregations inside aggregation '${name}'`, at);
    if (context.inAggregate) throw nested;
    // Arguments of a window function may be aggregates of the group; those of an aggregate are rows.
    const inner: Context = over ? context : { ...context, keys: undefined, inAggregate: true };
    if (node.distinct && over && name !== "count")
        throw notModelled(`DISTINCT in the parameters of the window function ${name}`, at);
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
    if ((name === "min" || name === "max") && ["array", "row"].includes(args[0]!.type.kind))
        throw notModelled(`${name} of ${typeName(args[0]!.type)}`, at);
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
    if (type.kind === "array" || type.kind === "row") throw notModelled(`ordering by ${typeName(type)}`, expression.at);
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
    const order: Typed[] = [];
    const clauses = [
        partition.length > 0 ? `PARTITION BY ${partition.join(", ")}` : "",
        sortSql(window.orderBy, inner, order),
        window.frame ? frameSql(window.frame, order, context) : "",
    ];
    parts.push(...order);
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

function frameSql({ unit, start, end, at }: ast.Frame, order: Typed[], context: Context): string {
    const bound = ({ kind, value }: ast.FrameBound): string => {
        if (!value) return kind;
        const typed = translate(value, context);
        if (unit === "RANGE") return `${distance(typed, order, value.at)} ${kind}`;
        if (!types.isInteger(typed.type))
            throw new QueryError(
                "TYPE_MISMATCH",
                `Window frame ${unit} start value type must be exact numeric type with scale 0`,
                value.at,
            );
        return `${typed.sql} ${kind}`;
    };
    if (end?.kind.endsWith("PRECEDING") && start.kind === "CURRENT ROW")
        throw new QueryError(
            "INVALID_WINDOW_FRAME",
            "Window frame starting from CURRENT ROW cannot end with PRECEDING",
            at,
        );
    return end ? `${unit} BETWEEN ${bound(start)} AND ${bound(end)}` : `${unit} ${bound(start)}`;
}

/** How far a frame reaches from a row's value of its only ORDER BY. */
function distance(offset: Typed, [key, ...more]: Typed[], at: number): string {
    if (!key || more.length > 0)
        throw new QueryError(
            key ? "INVALID_ORDER_BY" : "MISSING_ORDER_BY",
            "Window frame of type RANGE PRECEDING or FOLLOWING requires single sort item in ORDER BY",
            at,
        );
    const steps: Record<string, string> = {
        "interval day to second": "to_milliseconds",
        "interval year to month": "to_months",
    };
    const step = steps[offset.type.kind];
    if (step && ["date", "timestamp"].includes(key.type.kind)) return `${step}(${offset.sql})`;
    if (types.isInteger(key.type) && types.isInteger(offset.type)) return offset.sql;
    throw notModelled(`a window frame of RANGE over ${typeName(key.type)}`, at);
}
