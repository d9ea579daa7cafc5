/** The statement tree of `parser.ts`. Every node knows the offset in the statement at which it stands. */

import type { Type } from "../types";

export interface Identifier {
    name: string;
    at: number;
}

export interface Query {
    with: CommonTable[];
    body: QueryBody;
    orderBy: SortItem[];
    offset?: RowCount;
    limit?: RowCount;
    at: number;
}

/** A number of rows, as it stands or as a parameter. */
export type RowCount = number | { parameter: number; at: number };

export interface CommonTable {
    name: Identifier;
    columns?: Identifier[];
    query: Query;
}

export type QueryBody =
    | Select
    | { kind: "values"; rows: Expression[]; at: number }
    | { kind: "table"; name: Identifier[]; at: number }
    | { kind: "nested"; query: Query; at: number }
    | SetOperation;

export interface SetOperation {
    kind: "set";
    operator: "UNION" | "INTERSECT" | "EXCEPT";
    all: boolean;
    left: QueryBody;
    right: QueryBody;
    at: number;
}

export interface Select {
    kind: "select";
    distinct: boolean;
    items: SelectItem[];
    from?: Relation;
    where?: Expression;
    groupBy?: Grouping[];
    having?: Expression;
    windows: { name: Identifier; window: Window }[];
    at: number;
}

export type SelectItem =
    | { kind: "expression"; expression: Expression; alias?: Identifier }
    | { kind: "all"; qualifier?: Identifier[]; at: number };

export type Grouping =
    | { kind: "expression"; expression: Expression }
    /** A `list` is `(a, b)` without a word before it. */
    | { kind: "rollup" | "cube" | "sets" | "list"; sets: Expression[][]; at: number };

export interface SortItem {
    expression: Expression;
    descending: boolean;
    nullsFirst: boolean;
}

export interface Alias {
    name: Identifier;
    columns?: Identifier[];
}

export type Relation =
    | { kind: "table"; name: Identifier[]; alias?: Alias; at: number }
    | { kind: "subquery"; query: Query; lateral: boolean; alias?: Alias; at: number }
    | { kind: "unnest"; expressions: Expression[]; ordinality: boolean; alias?: Alias; at: number }
    | { kind: "aliased"; relation: Relation; alias: Alias; at: number }
    | Join;

export interface Join {
    kind: "join";
    type: "CROSS" | "INNER" | "LEFT" | "RIGHT" | "FULL";
    left: Relation;
    right: Relation;
    on?: Expression;
    using?: Identifier[];
    at: number;
}

export interface Window {
    name?: Identifier;
    partitionBy: Expression[];
    orderBy: SortItem[];
    frame?: Frame;
    at: number;
}

export interface Frame {
    unit: "ROWS" | "RANGE" | "GROUPS";
    start: FrameBound;
    end?: FrameBound;
    at: number;
}

export interface FrameBound {
    kind: "UNBOUNDED PRECEDING" | "PRECEDING" | "CURRENT ROW" | "FOLLOWING" | "UNBOUNDED FOLLOWING";
    value?: Expression;
}

export interface Call {
    kind: "call";
    name: string;
    args: Expression[];
    /** `count(*)`. */
    star: boolean;
    distinct: boolean;
    orderBy: SortItem[];
    filter?: Expression;
    ignoreNulls: boolean;
    over?: Window;
    at: number;
}

export type Comparison = "=" | "<>" | "<" | "<=" | ">" | ">=";
export type Arithmetic = "+" | "-" | "*" | "/" | "%";

type Node =
    | { kind: "null" }
    | { kind: "boolean"; value: boolean }
    /** A number as it was written; whether it is an integer, a decimal or a double shows in its spelling. */
    | { kind: "number"; text: string }
    | { kind: "string"; value: string }
    | { kind: "binary"; hex: string }
    /** `DATE '2026-11-21'`. */
    | { kind: "typed"; type: string; value: string }
    | { kind: "interval"; value: string; negative: boolean; from: IntervalField; to?: IntervalField }
    | { kind: "parameter"; index: number }
    | { kind: "column"; name: string }
    | { kind: "field"; base: Expression; name: string }
    | { kind: "subscript"; base: Expression; index: Expression }
    | { kind: "array"; elements: Expression[] }
    | { kind: "row"; elements: Expression[] }
    | { kind: "cast"; expression: Expression; type: Type; safe: boolean }
    | { kind: "case"; operand?: Expression; whens: { when: Expression; result: Expression }[]; else?: Expression }
    | { kind: "extract"; field: string; expression: Expression }
    | { kind: "trim"; side: "both" | "leading" | "trailing"; characters?: Expression; expression: Expression }
    | { kind: "now"; name: string; precision?: number }
    | { kind: "plus"; expression: Expression }
    | { kind: "negate"; expression: Expression }
    | { kind: "not"; expression: Expression }
    | { kind: "arithmetic"; operator: Arithmetic; left: Expression; right: Expression }
    | { kind: "concat"; left: Expression; right: Expression }
    | { kind: "compare"; operator: Comparison; left: Expression; right: Expression }
    /** `x > ALL (query)`; SOME is another word for ANY. */
    | { kind: "quantified"; operator: Comparison; all: boolean; expression: Expression; query: Query }
    | { kind: "distinct"; negated: boolean; left: Expression; right: Expression }
    | { kind: "logical"; operator: "AND" | "OR"; left: Expression; right: Expression }
    | { kind: "between"; negated: boolean; expression: Expression; low: Expression; high: Expression }
    | { kind: "in"; negated: boolean; expression: Expression; list: Expression[] }
    | { kind: "in query"; negated: boolean; expression: Expression; query: Query }
    | { kind: "like"; negated: boolean; expression: Expression; pattern: Expression; escape?: Expression }
    | { kind: "is null"; negated: boolean; expression: Expression }
    | { kind: "exists"; query: Query }
    | { kind: "subquery"; query: Query }
    | { kind: "lambda"; parameters: Identifier[]; body: Expression }
    | { kind: "time zone"; expression: Expression; zone: Expression };

export type IntervalField = "YEAR" | "MONTH" | "DAY" | "HOUR" | "MINUTE" | "SECOND";

export type Expression = (Node & { at: number }) | Call;
