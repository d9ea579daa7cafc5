import { call, scalarCall } from "./calls";
import { castSql, fieldSql } from "./casts";
import { notModelled, QueryError } from "./errors";
import { atTimeZone, whitespace } from "./functions";
import { intervalLiteral, numberLiteral, typedLiteral } from "./literals";
import { comparison, distinct, equality, sumOrProduct } from "./operators";
import type { Field, Scope } from "./scope";
import type * as ast from "./syntax/ast";
import { quote } from "./text";
import { binary, type Context, coerce, combine, condition, literal, type Typed, unifyTypes } from "./typed";
import * as types from "./types";
import { type Type, typeName } from "./types";

/** Translates an expression. */
export function translate(node: ast.Expression, context: Context): Typed {
    const typed = dispatch(node, context);
    return context.keys?.has(typed.sql) ? { ...typed, uses: [], aggregate: false } : typed;
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
            return combine(
                coerced,
                `CAST([${coerced.map(({ sql }) => sql).join(", ")}] AS ${types.duckType(types.array(element))})`,
                types.array(element),
            );
        }
        case "row": {
            const elements = node.elements.map(of);
            const fields = elements.map(({ type }) => ({ type }));
            return combine(elements, `struct_pack(${elements.map(({ sql }, i) => `f${i + 1} := ${sql}`).join(", ")})`, {
                kind: "row",
                fields,
            });
        }
        case "cast": {
            const value = of(node.expression);
            const sql = castSql(value.sql, value.type, node.type, node.at);
            const type =
                node.type.kind === "timestamp with time zone" && value.type.kind === node.type.kind
                    ? { ...node.type, zone: value.type.zone }
                    : node.type;
            return combine([value], node.safe ? `TRY(${sql})` : sql, type);
        }
        case "case":
            return caseExpression(node, context);
        case "extract":
            return extract(node, context);
        case "trim":
            return trim(node, of);
        case "plus": {
            const value = of(node.expression);
            if (!types.isNumeric(value.type))
                throw new QueryError(
                    "TYPE_MISMATCH",
                    `Unary '+' operator cannot by applied to ${typeName(value.type)} type`,
                    node.at,
                );
            return { ...combine([value], value.sql, value.type), constant: value.constant };
        }
        case "negate":
            return negate(of(node.expression), node.at);
        case "not": {
            const value = condition(node.expression, context, "Value of logical NOT expression");
            return combine([value], `(NOT ${value.sql})`, types.boolean);
        }
        case "arithmetic":
            return binary(of(node.left), of(node.right), (left, right) =>
                sumOrProduct(node.operator, left, right, node.at),
            );
        case "concat":
            return concat(of(node.left), of(node.right), node.at);
        case "compare":
            return binary(of(node.left), of(node.right), (left, right) =>
                comparison(node.operator, left, right, node.at),
            );
        case "distinct":
            return binary(of(node.left), of(node.right), (left, right) => distinct(node.negated, left, right, node.at));
        case "logical":
            return logical(node, context);
        case "between": {
            const [value, low, high] = [of(node.expression), of(node.low), of(node.high)];
            const sql = `(${comparison(">=", value, low, node.at).sql} AND ${comparison("<=", value, high, node.at).sql})`;
            return combine([value, low, high], node.negated ? `(NOT ${sql})` : sql, types.boolean);
        }
        case "in":
            return inList(node, of);
        case "in query":
            return inQuery(node, context);
        case "quantified":
            return quantified(node, context);
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

function now(
    { name, precision = 3, at }: { name: string; precision?: number; at: number },
    { session }: Context,
): Typed {
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

/** Columns that every table of Hive's has, beside `$path`. */
const hidden = new Set(["$bucket", "$file_modified_time", "$file_size", "$partition"]);

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
        if (parameter && context.inAggregate && context.ordering)
            throw new QueryError(
                "COLUMN_NOT_FOUND",
                "Invalid reference to output projection attribute from ORDER BY aggregation",
                node.at,
            );
        if (parameter) return parameter;
    }
    const last = path!.at(-1)!.name.toLowerCase();
    if (hidden.has(last)) throw notModelled(`the column "${last}"`, first!.at);
    throw new QueryError(
        "COLUMN_NOT_FOUND",
        `Column '${path!.map(({ name }) => name).join(".")}' cannot be resolved or requester is not authorized to access requested resources`,
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
    return {
        ...literal(field.sql, field.type),
        uses: [{ field, scope, name: path.map(({ name }) => name).join("."), at }],
    };
}

function rowField(base: Typed, name: string, at: number): Typed {
    const { type } = base;
    if (type.kind !== "row")
        throw new QueryError("TYPE_MISMATCH", `Expression is not of type ROW: ${typeName(type)}`, at);
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
        return combine(
            [base],
            fieldSql(base.sql, Number(index.constant) - 1),
            type.fields[Number(index.constant) - 1]!.type,
        );
    throw new QueryError("TYPE_MISMATCH", `Cannot use ${typeName(index.type)} for subscript of ${typeName(type)}`, at);
}

// Operators and forms with a syntax of their own

function negate(value: Typed, at: number): Typed {
    const allowed = types.isNumeric(value.type) || value.type.kind.startsWith("interval");
    if (!allowed) throw new QueryError("TYPE_MISMATCH", `Cannot negate ${typeName(value.type)}`, at);
    return {
        ...combine([value], `(-${value.sql})`, value.type),
        ...(value.constant !== undefined && { constant: `-${value.constant}` }),
    };
}

function concat(left: Typed, right: Typed, at: number): Typed {
    const [a, b] = [left.type, right.type];
    const text = (type: Type) => type.kind === "varchar" || type.kind === "unknown";
    if (text(a) && text(b)) return combine([left, right], `(${left.sql} || ${right.sql})`, types.varchar);
    if (a.kind === "varbinary" && b.kind === "varbinary")
        return combine([left, right], `(${left.sql} || ${right.sql})`, a);
    const list =
        a.kind === "array"
            ? types.commonType(a, b.kind === "array" ? b : types.array(b))
            : b.kind === "array"
              ? types.commonType(types.array(a), b)
              : undefined;
    if (list?.kind !== "array" || a.kind === "unknown" || b.kind === "unknown")
        throw new QueryError(
            "FUNCTION_NOT_FOUND",
            `Unexpected parameters (${typeName(a)}, ${typeName(b)}) for function concat`,
            at,
        );
    const sides = [left, right].map((side) =>
        side.type.kind === "array" ? coerce(side, list).sql : `[${coerce(side, list.element).sql}]`,
    );
    return combine(
        [left, right],
        `CASE WHEN ${left.sql} IS NOT NULL AND ${right.sql} IS NOT NULL THEN list_concat(${sides[0]}, ${sides[1]}) END`,
        list,
    );
}

function caseExpression(node: ast.Expression & { kind: "case" }, context: Context): Typed {
    const operand = node.operand && translate(node.operand, context);
    const whens = node.whens.map(({ when }) => {
        if (!operand) return condition(when, context, "CASE WHEN clause");
        const value = translate(when, context);
        return combine([operand, value], equality(operand, value, when.at), types.boolean);
    });
    const thens = node.whens.map(({ result }) => translate(result, context));
    const otherwise = node.else && translate(node.else, context);
    const results = otherwise ? [...thens, otherwise] : thens;
    const type = unifyTypes(results, node.at, "All CASE results must be the same type");
    const arms = whens.map(({ sql }, i) => `WHEN ${sql} THEN ${coerce(thens[i]!, type).sql}`);
    const last = otherwise ? ` ELSE ${coerce(otherwise, type).sql}` : "";
    return combine([...whens, ...results], `CASE ${arms.join(" ")}${last} END`, type);
}

/** What ends a run where it is reached, so must not be reached before its condition. */
const failing = /\b(?:t_(?!nonan|eq|ne|lt|le|gt|ge)\w+|js_\w+|strptime)\(/;

function logical(node: ast.Expression & { kind: "logical" }, context: Context): Typed {
    const [left, right] = [node.left, node.right].map((side) =>
        condition(side, context, "Logical expression term"),
    ) as [Typed, Typed];
    const sql = `(${left.sql} ${node.operator} ${right.sql})`;
    // DuckDB evaluates both sides, in the order that it finds faster.
    const decided = node.operator === "AND" ? `NOT ${left.sql} THEN false` : `${left.sql} THEN true`;
    return combine(
        [left, right],
        failing.test(right.sql) ? `CASE WHEN ${decided} ELSE ${sql} END` : sql,
        types.boolean,
    );
}

function extract({ field, expression, at }: ast.Expression & { kind: "extract" }, context: Context): Typed {
    const names: Record<string, string> = {
        day_of_month: "day",
        dow: "day_of_week",
        doy: "day_of_year",
        yow: "year_of_week",
    };
    const name = names[field] ?? field;
    if (
        ![
            "year",
            "quarter",
            "month",
            "week",
            "day",
            "day_of_week",
            "day_of_year",
            "year_of_week",
            "hour",
            "minute",
            "second",
            "timezone_hour",
            "timezone_minute",
        ].includes(name)
    )
        throw new QueryError("SYNTAX_ERROR", `Invalid EXTRACT field: ${field}`, at);
    return scalarCall(name, [expression], context, at);
}

function trim(node: ast.Expression & { kind: "trim" }, of: (node: ast.Expression) => Typed): Typed {
    const value = of(node.expression);
    const characters = node.characters && of(node.characters);
    for (const part of [value, characters])
        if (part && !types.coercible(part.type, types.varchar))
            throw new QueryError(
                "FUNCTION_NOT_FOUND",
                `Unexpected parameters (${typeName(part.type)}) for function trim`,
                node.at,
            );
    const name = { both: "trim", leading: "ltrim", trailing: "rtrim" }[node.side];
    return combine(
        characters ? [value, characters] : [value],
        `${name}(${value.sql}, ${characters?.sql ?? whitespace})`,
        value.type,
    );
}

function inList(node: ast.Expression & { kind: "in" }, of: (node: ast.Expression) => Typed): Typed {
    const value = of(node.expression);
    const list = node.list.map(of);
    const type = unifyTypes([value, ...list], node.at, "IN value and list items must be the same type");
    const all = [value, ...list].map((one) => coerce(one, type));
    const plain = !types.isFloating(type) && !["row", "array", "map"].includes(type.kind);
    const sql = plain
        ? `(${all[0]!.sql} IN (${all
              .slice(1)
              .map((one) => one.sql)
              .join(", ")}))`
        : `(${all
              .slice(1)
              .map((one) => equality(all[0]!, one, node.at))
              .join(" OR ")})`;
    return combine([value, ...list], node.negated ? `(NOT ${sql})` : sql, types.boolean);
}

function inQuery(node: ast.Expression & { kind: "in query" }, context: Context): Typed {
    const value = translate(node.expression, context);
    const { sql, columns, uses } = context.session.query(node.query, context.scope);
    if (columns.length !== 1)
        throw new QueryError("TYPE_MISMATCH", "Multiple columns returned by subquery are not yet supported", node.at);
    const inner = { ...literal("c1", columns[0]!.type), uses };
    const type = unifyTypes(
        [value, inner],
        node.at,
        "value and result of subquery must be of the same type for IN expression",
    );
    if (["row", "array", "map"].includes(type.kind)) throw notModelled(`IN (subquery) over ${typeName(type)}`, node.at);
    const query = `SELECT ${coerce(inner, type).sql} FROM (${sql}) AS ${context.session.name("q")}`;
    const test = `(${coerce(value, type).sql} ${node.negated ? "NOT " : ""}IN (${query}))`;
    return { ...combine([value, inner], test, types.boolean), subquery: true };
}

function quantified(node: ast.Expression & { kind: "quantified" }, context: Context): Typed {
    const { operator, all, expression, query, at } = node;
    const value = translate(expression, context);
    const { sql, columns, uses } = context.session.query(query, context.scope);
    if (columns.length !== 1)
        throw new QueryError("TYPE_MISMATCH", "Multiple columns returned by subquery are not yet supported", at);
    const inner = { ...literal("c1", columns[0]!.type), uses };
    const type = unifyTypes([value, inner], at, "value and result of subquery must be of the same type");
    const ordering = operator !== "=" && operator !== "<>";
    if (types.isFloating(type) || ["row", "array", "map"].includes(type.kind))
        throw notModelled(`a comparison with ${all ? "ALL" : "ANY"} over ${typeName(type)}`, at);
    if (ordering && !types.isOrderable(type))
        throw new QueryError("TYPE_MISMATCH", `Type ${typeName(type)} must be orderable in order to be used here`, at);
    const rows = `SELECT ${coerce(inner, type).sql} FROM (${sql}) AS ${context.session.name("q")}`;
    const test = `(${coerce(value, type).sql} ${operator} ${all ? "ALL" : "ANY"} (${rows}))`;
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
    if (wrong)
        throw new QueryError(
            "TYPE_MISMATCH",
            `Left side of LIKE expression must evaluate to a varchar (actual: ${typeName(wrong.type)})`,
            node.at,
        );
    const [value, pattern, escaping] = parts;
    if (escaping && (escaping.constant === undefined || [...escaping.constant].length !== 1))
        throw new QueryError("INVALID_FUNCTION_ARGUMENT", "Escape string must be a single character", node.at);
    const sql = `(${value!.sql} LIKE ${pattern!.sql}${escaping ? ` ESCAPE ${escaping.sql}` : ""})`;
    return combine(parts, node.negated ? `(NOT ${sql})` : sql, types.boolean);
}
