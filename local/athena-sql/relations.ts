import { fieldSql } from "./casts";
import { QueryError } from "./errors";
import { translate } from "./expressions";
import { type Field, Scope, type Source } from "./scope";
import type * as ast from "./syntax/ast";
import { type Context, coerce, condition, type Session, type Typed, type Use, unifyTypes } from "./typed";
import * as types from "./types";
import { type Type, typeName } from "./types";
import { type View, viewOutput } from "./views";

/** A table as a statement sees it. */
export interface Table {
    database: string;
    name: string;
    columns: { name: string; type: Type; partition: boolean }[];
}

/** One reference to a table: which of its columns are read, and what its files must satisfy. */
export interface Reference {
    table: Table;
    /** The relation that the translated statement reads. */
    relation: string;
    /** Lower-case names of the columns used; `$path` among them. */
    columns: Set<string>;
    /** Conditions over partition columns and `$path`, in DuckDB's SQL. */
    conditions: string[];
}

export interface Translation {
    sql: string;
    columns: { name: string; type: Type }[];
    references: Reference[];
}

export interface Options {
    now: number;
    parameters: ast.Expression[];
    /** Where names without a database lie. */
    database: string;
    /** Finds a table or a view; `name` is `[table]`, `[database, table]` or `[catalog, database, table]`. */
    table(name: string[], at: number, database: string): Table | View;
}

/** A translated query; its columns are `c1`, `c2`, … in its SQL. */
export interface Output {
    sql: string;
    columns: { name?: string; type: Type }[];
    uses: Use[];
}

/** A relation of FROM: its SQL and the columns that it brings. */
export interface Joined {
    sql: string;
    fields: Field[];
    /** Columns of USING, which `*` has once and first. */
    merged?: Field[];
    uses: Use[];
    references: Set<Source>;
}

/** The column of `reference` in DuckDB. */
export function columnName(table: Table, column: string): string {
    return column === "$path"
        ? "path"
        : `c${table.columns.findIndex(({ name }) => name.toLowerCase() === column.toLowerCase()) + 1}`;
}

/** Queries of WITH by name, each with those that it sees itself. */
export type CommonTables = Map<string, { table: ast.CommonTable; visible: CommonTables }>;

/** Translates FROM: what it joins, and which files of its tables are read. */
export abstract class Relations {
    references: Reference[] = [];
    private names = 0;
    /** Views that are being translated, the innermost last. */
    private openViews: View[] = [];

    constructor(protected readonly options: Options) {}

    abstract query(query: ast.Query, outer: Scope | undefined, inherited: CommonTables): Output;

    protected name(prefix: string): string {
        return `${prefix}${++this.names}`;
    }

    protected session(visible: CommonTables): Session {
        return {
            now: this.options.now,
            parameters: this.options.parameters,
            translate,
            name: (prefix) => this.name(prefix),
            query: (query, scope) => this.query(query, scope, visible),
        };
    }

    protected context(scope: Scope, visible: CommonTables, clause?: string): Context {
        return {
            scope,
            clause,
            windows: new Map(),
            lambdas: new Map(),
            inAggregate: false,
            session: this.session(visible),
        };
    }

    protected relation(relation: ast.Relation, outer: Scope | undefined, visible: CommonTables, left?: Scope): Joined {
        switch (relation.kind) {
            case "table":
                return this.table(relation.name, relation.alias, relation.at, outer, visible);
            case "subquery": {
                const output = this.query(relation.query, relation.lateral ? left : outer, visible);
                return this.derived(output, relation.alias, relation.at, relation.lateral);
            }
            case "unnest":
                return this.unnest(relation, new Scope(left?.fields ?? [], outer), visible);
            case "aliased":
                return this.renamed(this.relation(relation.relation, outer, visible), relation.alias);
            case "join":
                return this.join(relation, outer, visible, left);
        }
    }

    protected table(
        name: ast.Identifier[],
        alias: ast.Alias | undefined,
        at: number,
        outer: Scope | undefined,
        visible: CommonTables,
    ): Joined {
        const common = name.length === 1 ? visible.get(name[0]!.name.toLowerCase()) : undefined;
        if (common) {
            const output = this.query(common.table.query, outer, common.visible);
            const columns = common.table.columns
                ? output.columns.map((column, i) => ({ ...column, name: common.table.columns![i]!.name }))
                : output.columns;
            return this.derived({ ...output, columns }, alias ?? { name: name[0]! }, at, false);
        }
        const table = this.options.table(
            name.map((part) => part.name),
            at,
            this.openViews.at(-1)?.context ?? this.options.database,
        );
        // Columns can be named with the table as the statement names it.
        const qualifier = alias ? [alias.name.name] : name.map((part) => part.name);
        if ("query" in table) return this.view(table, alias, qualifier, at);
        const reference: Reference = { table, relation: this.name("t"), columns: new Set(), conditions: [] };
        this.references.push(reference);
        const source: Source = {
            nullable: false,
            use: (column) => reference.columns.add(column.toLowerCase()),
            prunes: (column) =>
                column === "$path" ||
                table.columns.some((one) => one.partition && one.name.toLowerCase() === column.toLowerCase()),
            require: (text) => reference.conditions.push(text),
        };
        checkAliases(alias?.columns, table.columns.length, at);
        const fields = table.columns.map((column, i): Field => {
            const sql = `${reference.relation}.c${i + 1}`;
            return { name: column.name, qualifier, type: column.type, sql, source };
        });
        const path: Field = {
            name: "$path",
            qualifier,
            type: types.varchar,
            sql: `${reference.relation}.path`,
            hidden: true,
            source,
        };
        const named = alias?.columns ? fields.map((field, i) => aliased(field, alias.columns![i]!.name)) : fields;
        return { sql: reference.relation, fields: [...named, path], uses: [], references: new Set([source]) };
    }

    private view(view: View, alias: ast.Alias | undefined, qualifier: string[], at: number): Joined {
        const before = this.openViews;
        const output = viewOutput(view, at, before, () => {
            this.openViews = [...before, view];
            return this.query(view.query, undefined, new Map());
        });
        this.openViews = before;
        const source = this.derived(output, alias ?? { name: { name: view.name, at } }, at, false);
        return { ...source, fields: source.fields.map((field) => ({ ...field, qualifier })) };
    }

    protected derived(output: Output, alias: ast.Alias | undefined, at: number, lateral: boolean): Joined {
        checkAliases(alias?.columns, output.columns.length, at);
        const relation = this.name("r");
        const qualifier = alias ? [alias.name.name] : [];
        const fields = output.columns.map(({ name, type }, i): Field => {
            return { name: alias?.columns?.[i]?.name ?? name, qualifier, type, sql: `${relation}.c${i + 1}` };
        });
        return {
            sql: `${lateral ? "LATERAL " : ""}(${output.sql}) AS ${relation}`,
            fields,
            uses: output.uses,
            references: new Set(),
        };
    }

    protected renamed(source: Joined, alias: ast.Alias): Joined {
        const visibleFields = source.fields.filter(({ hidden }) => !hidden);
        checkAliases(alias.columns, visibleFields.length, alias.name.at);
        const fields = visibleFields.map((field, i) => ({
            ...aliased(field, alias.columns?.[i]?.name ?? field.name),
            qualifier: [alias.name.name],
        }));
        return { ...source, fields, merged: undefined };
    }

    protected unnest(relation: ast.Relation & { kind: "unnest" }, scope: Scope, visible: CommonTables): Joined {
        const context = this.context(scope, visible, "UNNEST");
        const lists = relation.expressions.map((expression) => translate(expression, context));
        const inner: string[] = [];
        const outputs: { sql: string; type: Type; name?: string }[] = [];
        for (const [i, { sql, type }] of lists.entries()) {
            if (type.kind === "array") {
                inner.push(`unnest(${sql}) AS u${i}`);
                if (type.element.kind !== "row") outputs.push({ sql: `u${i}`, type: type.element });
                else outputs.push(...type.element.fields.map((field, k) => ({ sql: fieldSql(`u${i}`, k), ...field })));
            } else if (type.kind === "map") {
                inner.push(`unnest(map_keys(${sql})) AS k${i}`, `unnest(map_values(${sql})) AS u${i}`);
                outputs.push({ sql: `k${i}`, type: type.key }, { sql: `u${i}`, type: type.value });
            } else
                throw new QueryError(
                    "INVALID_FUNCTION_ARGUMENT",
                    `Cannot unnest type: ${typeName(type)}`,
                    relation.expressions[i]!.at,
                );
        }
        if (relation.ordinality) {
            const sizes = lists.map(({ sql, type }) =>
                type.kind === "map" ? `CAST(coalesce(cardinality(${sql}), 0) AS BIGINT)` : `coalesce(len(${sql}), 0)`,
            );
            inner.push(`unnest(generate_series(1, greatest(${sizes.join(", ")}))) AS o`);
            outputs.push({ sql: "o", type: types.bigint });
        }
        const list = outputs.map(({ sql }, i) => `${sql} AS c${i + 1}`).join(", ");
        const output: Output = {
            sql: `SELECT ${list} FROM (SELECT ${inner.join(", ")}) AS ${this.name("q")}`,
            columns: outputs,
            uses: [],
        };
        const source = this.derived(output, relation.alias, relation.at, true);
        const uses = lists.flatMap((one) => one.uses).filter((use) => use.scope !== scope);
        return { ...source, uses };
    }

    protected join(join: ast.Join, outer: Scope | undefined, visible: CommonTables, before?: Scope): Joined {
        const left = this.relation(join.left, outer, visible, before);
        const right = this.relation(
            join.right,
            outer,
            visible,
            new Scope([...(before?.fields ?? []), ...left.fields], outer),
        );
        if (join.type === "RIGHT" || join.type === "FULL") for (const source of left.references) source.nullable = true;
        if (join.type === "LEFT" || join.type === "FULL") for (const source of right.references) source.nullable = true;
        const joined: Joined = {
            sql: "",
            fields: [...left.fields, ...right.fields],
            merged: [...(left.merged ?? []), ...(right.merged ?? [])],
            uses: [...left.uses, ...right.uses],
            references: new Set([...left.references, ...right.references]),
        };
        const pair = (on: string) => `(${left.sql} ${join.type} JOIN ${right.sql}${on})`;
        if (join.using) return this.joinUsing(join, join.using, left, right, joined, pair);
        if (!join.on) return { ...joined, sql: pair("") };
        const context = this.context(new Scope(joined.fields, outer), visible, "JOIN clause");
        const on = condition(join.on, context, "JOIN ON clause");
        // Rows that don't meet ON can be left out, except on a side that keeps all of its rows.
        if (join.type !== "FULL")
            this.prune(
                join.on,
                context,
                join.type === "INNER" ? joined.references : join.type === "LEFT" ? right.references : left.references,
            );
        return {
            ...joined,
            sql: pair(` ON ${on.sql}`),
            uses: [...joined.uses, ...on.uses.filter(({ scope }) => scope !== context.scope)],
        };
    }

    protected joinUsing(
        join: ast.Join,
        using: ast.Identifier[],
        left: Joined,
        right: Joined,
        joined: Joined,
        pair: (on: string) => string,
    ): Joined {
        const conditions: string[] = [];
        const merged = using.map(({ name, at }): Field => {
            const sides = [left, right].map(({ fields }) => {
                const found = new Scope(fields).find([], name, at)?.field;
                if (!found)
                    throw new QueryError(
                        "COLUMN_NOT_FOUND",
                        `Column '${name}' is missing from ${fields === left.fields ? "left" : "right"} side of join`,
                        at,
                    );
                found.source?.use(found.name!);
                return bare(found.sql, found.type);
            }) as [Typed, Typed];
            const type = unifyTypes(sides, at, `Column types of USING '${name}' differ`);
            const [a, b] = sides.map((side) => coerce(side, type).sql);
            conditions.push(`${a} = ${b}`);
            const sql = { INNER: a!, CROSS: a!, LEFT: a!, RIGHT: b!, FULL: `coalesce(${a}, ${b})` }[join.type];
            return { name, qualifier: [], type, sql };
        });
        const names = new Set(using.map(({ name }) => name.toLowerCase()));
        // The columns themselves can still be named with their tables, but `*` has only the merged ones.
        const own = joined.fields
            .map((field) => (names.has(field.name?.toLowerCase() ?? "") ? { ...field, name: undefined } : field))
            .filter(({ name }) => name !== undefined);
        return {
            ...joined,
            sql: pair(` ON ${conditions.join(" AND ")}`),
            fields: [...merged, ...own],
            merged: undefined,
        };
    }

    // Pruning

    /** Hands every condition that only files decide to the tables that it is about. */
    protected prune(node: ast.Expression, context: Context, only: Set<Source> | undefined): void {
        if (node.kind === "logical" && node.operator === "AND") {
            this.prune(node.left, context, only);
            this.prune(node.right, context, only);
            return;
        }
        const typed = translate(node, {
            ...context,
            session: { ...context.session, query: () => ({ sql: "", columns: [{ type: types.unknown }], uses: [] }) },
        });
        const sources = new Set(typed.uses.map(({ field }) => field.source));
        const [source] = sources;
        if (sources.size !== 1 || !source || typed.subquery || typed.sql.includes("random()")) return;
        if (typed.uses.some(({ scope }) => scope !== context.scope)) return;
        if (only ? !only.has(source) : source.nullable) return;
        const columns = new Set(typed.uses.map(({ field }) => field.name!));
        if (![...columns].every((column) => source.prunes(column))) return;
        if (columns.has("$path") && !(columns.size === 1 && decidesPath(node))) return;
        source.require(typed.sql);
    }
}

/** Athena leaves files out by `$path` only for comparisons with constants. */
function decidesPath(node: ast.Expression): boolean {
    const isPath = (expression: ast.Expression) =>
        (expression.kind === "column" || expression.kind === "field") && expression.name === "$path";
    const isConstant = (expression: ast.Expression) => expression.kind === "string" || expression.kind === "parameter";
    switch (node.kind) {
        case "logical":
            return decidesPath(node.left) && decidesPath(node.right);
        case "compare":
            return (isPath(node.left) && isConstant(node.right)) || (isConstant(node.left) && isPath(node.right));
        case "in":
            return isPath(node.expression) && node.list.every(isConstant);
        case "between":
            return isPath(node.expression) && isConstant(node.low) && isConstant(node.high);
        default:
            return false;
    }
}

/** Something that only has SQL and a type. */
export function bare(sql: string, type: Type): Typed {
    return { sql, type, uses: [], aggregate: false, window: false, subquery: false };
}

/** A column under another name; what it is for its table stays. */
function aliased(field: Field, name: string | undefined): Field {
    const { source, name: own } = field;
    if (!source || own === undefined) return { ...field, name };
    const renamed: Source = {
        get nullable() {
            return source.nullable;
        },
        set nullable(value) {
            source.nullable = value;
        },
        use: () => source.use(own),
        prunes: () => false,
        require: (text) => source.require(text),
    };
    return { ...field, name, source: renamed };
}

/** Refuses a list of column names that is too long or too short. */
export function checkAliases(aliases: ast.Identifier[] | undefined, count: number, at: number): void {
    if (aliases && aliases.length !== count)
        throw new QueryError(
            "MISMATCHED_COLUMN_ALIASES",
            `Column alias list has ${aliases.length} entries but relation has ${count} columns`,
            at,
        );
}
