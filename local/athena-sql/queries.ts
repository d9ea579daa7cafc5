import { orderSql } from "./calls";
import { notModelled, QueryError } from "./errors";
import { translate } from "./expressions";
import {
    bare,
    type CommonTables,
    checkAliases,
    type Joined,
    type Options,
    type Output,
    Relations,
    type Translation,
} from "./relations";
import { type Field, Scope } from "./scope";
import type * as ast from "./syntax/ast";
import { type Context, coerce, condition, type Typed, type Use, unifyTypes } from "./typed";
import * as types from "./types";
import { type Type, typeName } from "./types";

/** Translates a query into DuckDB's SQL, refusing what Athena refuses and what is not modelled. */
export function translateQuery(query: ast.Query, options: Options): Translation {
    const translator = new Translator(options);
    const { sql, columns } = translator.query(query, undefined, new Map());
    const named = columns.map(({ name, type }, index) => ({ name: name ?? `_col${index}`, type }));
    return { sql, columns: named, references: translator.references };
}

class Translator extends Relations {
    query(query: ast.Query, outer: Scope | undefined, inherited: CommonTables): Output {
        const visible = this.commonTables(query.with, outer, inherited);
        const simple = query.body.kind === "select";
        const output = simple
            ? this.select(query.body as ast.Select, query, outer, visible)
            : this.body(query.body, outer, visible);
        const order = simple ? "" : this.outputOrder(query.orderBy, output);
        const limit = query.limit === undefined ? "" : ` LIMIT ${this.rows(query.limit)}`;
        const offset = query.offset === undefined ? "" : ` OFFSET ${this.rows(query.offset)}`;
        return { ...output, sql: `${output.sql}${order}${limit}${offset}` };
    }

    private rows(count: ast.RowCount): number {
        if (typeof count === "number") return count;
        const value = this.options.parameters[count.parameter];
        if (value?.kind === "number" && /^\d+$/.test(value.text)) return Number(value.text);
        throw new QueryError("INVALID_PARAMETER_USAGE", "A number of rows must be a whole number", count.at);
    }

    /** Each use of a common table is translated by itself, as Trino does; here each is only checked. */
    private commonTables(tables: ast.CommonTable[], outer: Scope | undefined, inherited: CommonTables): CommonTables {
        const visible: CommonTables = new Map(inherited);
        const own = new Set<string>();
        for (const table of tables) {
            const name = table.name.name.toLowerCase();
            if (own.has(name))
                throw new QueryError(
                    "DUPLICATE_NAMED_QUERY",
                    `WITH query name '${name}' specified more than once`,
                    table.name.at,
                );
            own.add(name);
            const { references } = this;
            this.references = [];
            const { columns } = this.query(table.query, outer, visible);
            this.references = references;
            checkAliases(table.columns, columns.length, table.name.at);
            visible.set(name, { table, visible: new Map(visible) });
        }
        return visible;
    }

    // Bodies

    private body(body: ast.QueryBody, outer: Scope | undefined, visible: CommonTables): Output {
        switch (body.kind) {
            case "select":
                return this.select(body, { orderBy: [] }, outer, visible);
            case "values":
                return this.values(body.rows, outer, visible, body.at);
            case "table": {
                const { sql, fields, uses } = this.table(body.name, undefined, body.at, outer, visible);
                const columns = fields.filter(({ hidden }) => !hidden);
                for (const field of columns) field.source?.use(field.name!);
                return { sql: `SELECT ${listed(columns)} FROM ${sql}`, columns, uses };
            }
            case "nested": {
                const output = this.query(body.query, outer, visible);
                return { ...output, sql: `SELECT * FROM (${output.sql}) AS ${this.name("q")}` };
            }
            case "set":
                return this.setOperation(body, outer, visible);
        }
    }

    private values(rows: ast.Expression[], outer: Scope | undefined, visible: CommonTables, at: number): Output {
        const context = this.context(new Scope([], outer), visible, "VALUES clause");
        const cells = rows.map((row) =>
            (row.kind === "row" ? row.elements : [row]).map((cell) => translate(cell, context)),
        );
        const width = cells[0]!.length;
        if (cells.some((row) => row.length !== width))
            throw new QueryError("TYPE_MISMATCH", "Values rows have mismatched sizes", at);
        const columns = cells[0]!.map((_, i) => ({
            type: unifyTypes(
                cells.map((row) => row[i]!),
                at,
                "Values rows have mismatched types",
            ),
        }));
        const lines = cells.map((row) => `(${row.map((cell, i) => castTo(cell, columns[i]!.type)).join(", ")})`);
        const names = columns.map((_, i) => `c${i + 1}`).join(", ");
        return {
            sql: `SELECT * FROM (VALUES ${lines.join(", ")}) AS ${this.name("q")}(${names})`,
            columns,
            uses: cells.flat().flatMap(({ uses }) => uses),
        };
    }

    private setOperation(
        { operator, all, left, right, at }: ast.SetOperation,
        outer: Scope | undefined,
        visible: CommonTables,
    ): Output {
        const [a, b] = [this.body(left, outer, visible), this.body(right, outer, visible)];
        if (a.columns.length !== b.columns.length)
            throw new QueryError(
                "TYPE_MISMATCH",
                `${operator} query has different number of fields: ${a.columns.length}, ${b.columns.length}`,
                at,
            );
        const columns = a.columns.map(({ name, type }, i) => {
            const common = types.commonType(type, b.columns[i]!.type);
            if (!common)
                throw new QueryError(
                    "TYPE_MISMATCH",
                    `column ${i + 1} in ${operator} query has incompatible types: ${typeName(type)}, ${typeName(b.columns[i]!.type)}`,
                    at,
                );
            return { name, type: common };
        });
        const side = (output: Output) => {
            const cells = output.columns.map(
                ({ type }, i) => `${coerce(bare(`c${i + 1}`, type), columns[i]!.type).sql} AS c${i + 1}`,
            );
            return `(SELECT ${cells.join(", ")} FROM (${output.sql}) AS ${this.name("q")})`;
        };
        const sql = `${side(a)} ${operator}${all ? " ALL" : ""} ${side(b)}`;
        return { sql: `SELECT * FROM (${sql}) AS ${this.name("q")}`, columns, uses: [...a.uses, ...b.uses] };
    }

    /** ORDER BY over the columns of a result. */
    private outputOrder(items: ast.SortItem[], output: Output): string {
        if (items.length === 0) return "";
        const fields = output.columns.map(
            ({ name, type }, i): Field => ({ name, qualifier: [], type, sql: `c${i + 1}` }),
        );
        const context = this.context(new Scope(fields), new Map(), "ORDER BY clause");
        const sorted = items.map((item) => {
            const index = ordinal(item.expression, fields.length, "ORDER BY");
            return orderSql(index === undefined ? sortable(translate(item.expression, context)) : fields[index]!, item);
        });
        return ` ORDER BY ${sorted.join(", ")}`;
    }

    // SELECT

    private select(
        select: ast.Select,
        tail: { orderBy: ast.SortItem[] },
        outer: Scope | undefined,
        visible: CommonTables,
    ): Output {
        const from = select.from && this.relation(select.from, outer, visible);
        const scope = new Scope(from?.fields ?? [], outer);
        const context = this.context(scope, visible);
        context.windows = new Map(select.windows.map(({ name, window }) => [name.name.toLowerCase(), window]));
        const uses: Use[] = [...(from?.uses ?? [])];
        const note = (typed: Typed): Typed => {
            uses.push(...typed.uses.filter((use) => use.scope !== scope));
            return typed;
        };

        const where =
            select.where && note(condition(select.where, { ...context, clause: "WHERE clause" }, "WHERE clause"));
        if (select.where) this.prune(select.where, { ...context, clause: "WHERE clause" }, undefined);
        const items = this.items(select.items, from, scope);
        const grouping =
            select.groupBy && this.grouping(select.groupBy, items, { ...context, clause: "GROUP BY clause" });
        if (grouping) context.keys = grouping.keys;

        const columns = items.map(({ expression, field, name, at }, index) => {
            // Translated twice, a subquery would not be the same expression.
            const key = grouping?.items.get(index);
            const typed = field ? this.fieldItem(field, scope, context, at) : translate(expression!, context);
            return { name, at, ...note(key ? { ...key, uses: [], aggregate: false } : typed) };
        });
        const having = select.having && note(condition(select.having, context, "HAVING clause"));
        if (select.distinct) for (const item of tail.orderBy) checkDistinctOrder(item, columns);
        const orders = tail.orderBy.map((item) => ({ item, ...this.order(item, columns, context, note) }));
        const ordered = orders.flatMap(({ typed }) => (typed ? [typed] : []));

        const grouped = grouping || having || [...columns, ...ordered].some(({ aggregate }) => aggregate);
        if (grouped)
            for (const typed of [...columns, ...(having ? [having] : []), ...ordered]) checkGrouped(typed, scope);
        if (select.distinct && ordered.length > 0)
            throw new QueryError(
                "EXPRESSION_NOT_IN_DISTINCT",
                "For SELECT DISTINCT, ORDER BY expressions must appear in select list",
                tail.orderBy[0]!.expression.at,
            );

        const list = columns
            .map(({ sql, type }, i) => `${type.kind === "unknown" ? "CAST(NULL AS BOOLEAN)" : sql} AS c${i + 1}`)
            .join(", ");
        const clauses = [
            `SELECT ${select.distinct ? "DISTINCT " : ""}${list}`,
            from && `FROM ${from.sql}`,
            where && `WHERE ${where.sql}`,
            grouping?.sql && `GROUP BY ${grouping.sql}`,
            having && `HAVING ${having.sql}`,
            orders.length > 0 &&
                `ORDER BY ${orders.map(({ sql, type, item }) => orderSql({ sql, type }, item)).join(", ")}`,
        ];
        return {
            sql: clauses.filter(Boolean).join(" "),
            columns: columns.map(({ name, type }) => ({ name, type })),
            uses,
        };
    }

    /** The select list with `*` spelled out. */
    private items(items: ast.SelectItem[], from: Joined | undefined, scope: Scope): SelectColumn[] {
        return items.flatMap((item): SelectColumn[] => {
            if (item.kind === "expression") {
                const { expression, alias } = item;
                return [{ expression, name: alias?.name ?? ownName(expression), at: expression.at }];
            }
            const merged = item.qualifier ? [] : (from?.merged ?? []);
            const hidden = new Set(merged.map(({ name }) => name!.toLowerCase()));
            const rest = scope
                .all(item.qualifier, item.at)
                .filter(({ name }) => merged.length === 0 || !hidden.has(name?.toLowerCase() ?? ""));
            return [...merged, ...rest].map((field) => ({ field, name: field.name, at: item.at }));
        });
    }

    private fieldItem(field: Field, scope: Scope, context: Context, at: number): Typed {
        if (field.name !== undefined) field.source?.use(field.name);
        const typed = { ...bare(field.sql, field.type), uses: [{ field, scope, name: field.name ?? "_col", at }] };
        return context.keys?.has(field.sql) ? { ...typed, uses: [] } : typed;
    }

    private grouping(
        groups: ast.Grouping[],
        items: SelectColumn[],
        context: Context,
    ): { keys: Set<string>; items: Map<number, Typed>; sql: string } {
        const keys = new Set<string>();
        const byItem = new Map<number, Typed>();
        const key = (expression: ast.Expression, columnOnly: boolean): string => {
            const index = ordinal(expression, items.length, "GROUP BY");
            const item = index === undefined ? undefined : items[index]!;
            const typed = item?.field
                ? this.fieldItem(item.field, context.scope, context, item.at)
                : translate(item?.expression ?? expression, context);
            if (
                columnOnly &&
                (index !== undefined || typed.uses.length !== 1 || !["column", "field"].includes(expression.kind))
            )
                throw new QueryError(
                    "INVALID_COLUMN_REFERENCE",
                    "GROUP BY expression must be a column reference",
                    expression.at,
                );
            if (typed.type.kind === "map") throw notModelled("GROUP BY of a map", expression.at);
            keys.add(typed.sql);
            if (index !== undefined) byItem.set(index, typed);
            return typed.sql;
        };
        const sql = groups.map((group) => {
            if (group.kind === "expression") return key(group.expression, false);
            const { kind } = group;
            const sets = group.sets.map((set) => `(${set.map((one) => key(one, kind !== "list")).join(", ")})`);
            const words = { rollup: "ROLLUP", cube: "CUBE", sets: "GROUPING SETS", list: "GROUPING SETS" };
            return `${words[kind]} (${sets.join(", ")})`;
        });
        return { keys, items: byItem, sql: sql.join(", ") };
    }

    /** An ORDER BY item: an output column by number or name, or an expression over the input. */
    private order(
        item: ast.SortItem,
        columns: SelectOutput[],
        context: Context,
        note: (typed: Typed) => Typed,
    ): { sql: string; type: Type; typed?: Typed } {
        const { expression } = item;
        const position = (index: number) => ({ sql: String(index + 1), type: columns[index]!.type });
        const index = ordinal(expression, columns.length, "ORDER BY");
        if (index !== undefined) return position(index);
        if (expression.kind === "column") {
            const named = columns.flatMap(({ name }, i) =>
                name?.toLowerCase() === expression.name.toLowerCase() ? [i] : [],
            );
            if (new Set(named.map((i) => columns[i]!.sql)).size > 1)
                throw new QueryError("AMBIGUOUS_NAME", `Column '${expression.name}' is ambiguous`, expression.at);
            if (named.length > 0) return position(named[0]!);
        }
        // Inside an expression, too, names are those of the output first.
        const outputs = new Map(
            columns.flatMap((column): [string, Typed][] => (column.name ? [[column.name.toLowerCase(), column]] : [])),
        );
        const typed = note(translate(expression, { ...context, lambdas: outputs, ordering: true }));
        const same = columns.findIndex(({ sql }) => sql === typed.sql);
        return same >= 0 ? position(same) : { ...sortable(typed), typed };
    }
}

/** With DISTINCT, an expression in ORDER BY sees the result's columns only, of which it can be none itself. */
function checkDistinctOrder({ expression }: ast.SortItem, columns: { name?: string }[]): void {
    const names = new Set(columns.map(({ name }) => name?.toLowerCase()));
    if (expression.kind !== "column" && mentions(expression, names))
        throw new QueryError(
            "EXPRESSION_NOT_IN_DISTINCT",
            "For SELECT DISTINCT, ORDER BY expressions must appear in select list",
            expression.at,
        );
}

function mentions(node: unknown, names: Set<string | undefined>): boolean {
    if (typeof node !== "object" || node === null) return false;
    const { kind, name } = node as { kind?: string; name?: unknown };
    if (kind === "column" && typeof name === "string" && names.has(name.toLowerCase())) return true;
    return Object.values(node).some((child) => mentions(child, names));
}

/** DuckDB refuses to sort by a constant, which for Trino only changes nothing. */
function sortable({ sql, type, uses, aggregate, window }: Typed): { sql: string; type: Type } {
    return { sql: uses.length > 0 || aggregate || window ? sql : `(SELECT ${sql})`, type };
}

interface SelectColumn {
    expression?: ast.Expression;
    field?: Field;
    name?: string;
    at: number;
}

type SelectOutput = Typed & { name?: string };

function castTo(typed: Typed, type: Type): string {
    const to = type.kind === "unknown" ? types.boolean : type;
    return `CAST(${coerce(typed, to).sql} AS ${types.duckType(to)})`;
}

function listed(fields: Field[]): string {
    return fields.map(({ sql }, i) => `${sql} AS c${i + 1}`).join(", ");
}

/** The name that a column has without an alias. */
function ownName(expression: ast.Expression): string | undefined {
    if (expression.kind === "column") return expression.name;
    return expression.kind === "field" && ownName(expression.base) !== undefined ? expression.name : undefined;
}

/** The index that `GROUP BY 1` means. */
function ordinal(expression: ast.Expression, count: number, clause: string): number | undefined {
    if (expression.kind !== "number" || !/^\d+$/.test(expression.text)) return undefined;
    const index = Number(expression.text) - 1;
    if (index < 0 || index >= count)
        throw new QueryError(
            "INVALID_COLUMN_REFERENCE",
            `${clause} position ${expression.text} is not in select list`,
            expression.at,
        );
    return index;
}

function checkGrouped(typed: Typed, scope: Scope): void {
    const use = typed.uses.find((one) => one.scope === scope);
    if (use)
        throw new QueryError(
            "EXPRESSION_NOT_AGGREGATE",
            `'${use.name}' must be an aggregate expression or appear in GROUP BY clause`,
            use.at,
        );
}
