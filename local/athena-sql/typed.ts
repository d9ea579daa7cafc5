import { castSql } from "./casts";
import { QueryError } from "./errors";
import type { Field, Scope } from "./scope";
import type * as ast from "./syntax/ast";
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
    /** Names that count before columns: parameters of lambdas, or the output columns that ORDER BY sees. */
    lambdas: Map<string, Typed>;
    /** Whether `lambdas` are output columns. */
    ordering?: boolean;
    inAggregate: boolean;
    session: Session;
}

/** What a statement knows while it is translated. */
export interface Session {
    /** When it started, in milliseconds since 1970. */
    now: number;
    parameters: ast.Expression[];
    /** Translates an expression: those that hold others come back here. */
    translate(node: ast.Expression, context: Context): Typed;
    /** A new name. */
    name(prefix: string): string;
    /** Translates a subquery; its columns are `c1`, `c2`, … */
    query(query: ast.Query, scope: Scope): { sql: string; columns: { name?: string; type: Type }[]; uses: Use[] };
}

/** An expression that reads no column. */
export function literal(sql: string, type: Type, constant?: string): Typed {
    return { sql, type, constant, uses: [], aggregate: false, window: false, subquery: false };
}

/** An expression made of others. */
export function combine(parts: Typed[], sql: string, type: Type): Typed {
    return {
        sql,
        type,
        uses: parts.flatMap(({ uses }) => uses),
        aggregate: parts.some(({ aggregate }) => aggregate),
        window: parts.some(({ window }) => window),
        subquery: parts.some(({ subquery }) => subquery),
    };
}

/** An operator on two expressions. */
export function binary(
    left: Typed,
    right: Typed,
    operator: (left: Typed, right: Typed) => { sql: string; type: Type },
): Typed {
    const { sql, type } = operator(left, right);
    return combine([left, right], sql, type);
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

/** Translates an expression that must be a condition. */
export function condition(node: ast.Expression, context: Context, what: string): Typed {
    const typed = context.session.translate(node, context);
    if (!types.coercible(typed.type, types.boolean))
        throw new QueryError(
            "TYPE_MISMATCH",
            `${what} must evaluate to a boolean: actual type ${typeName(typed.type)}`,
            node.at,
        );
    return coerce(typed, types.boolean);
}
