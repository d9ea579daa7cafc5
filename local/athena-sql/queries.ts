import type * as ast from "./ast";
import { notModelled, QueryError } from "./errors";
import { coerce, type Context, condition, orderSql, type Session, translate, type Typed, type Use, unifyTypes } from "./expressions";
import { Scope, type Field, type Source } from "./scope";
import * as types from "./types";
import { type Type, typeName } from "./types";

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
    /** Finds a table; `name` is `[table]`, `[database, table]` or `[catalog, database, table]`. */
    table(name: string[], at: number): Table;
}

interface Output {
    sql: string;
    columns: { name?: string; type: Type }[];
    uses: Use[];
}

/** A relation of FROM: its SQL and the columns that it brings. */
interface Joined {
    sql: string;
    fields: Field[];
    /** Columns of USING, which `*` has once and first. */
    merged?: Field[];
    uses: Use[];
    references: Set<Source>;
}

/** The column of `reference` in DuckDB. */
export function columnName(table: Table, column: string): string {
    return column === "$path" ? "path" : `c${table.columns.findIndex(({ name }) => name.toLowerCase() === column.toLowerCase()) + 1}`;
}

/** Translates a query into DuckDB's SQL, refusing what Athena refuses and what is not modelled. */
export function translateQuery(query: ast.Query, options: Options): Translation {
    const translator = new Translator(options);
    const { sql, columns } = translator.query(query, undefined, new Map());
    const named = columns.map(({ name, type }, index) => ({ name: name ?? `_col${index}`, type }));
    return { sql, columns: named, references: translator.references };
}

type CommonTables = Map<string, { table: ast.CommonTable; visible: CommonTables }>;

class Translator {
    references: Reference[] = [];
    private names = 0;

    constructor(private readonly options: Options) {}

    query(query: ast.Query, outer: Scope | undefined, inherited: CommonTables): Output {
        const visible = this.commonTables(query.with, outer, inherited);
        const simple = query.body.kind === "select";
        const output = simple ? this.select(query.body as ast.Select, query, outer, visible) : this.body(query.body, outer, visible);
        const order = simple ? "" : this.outputOrder(query.orderBy, output);
        const limit = query.limit === undefined ? "" : ` LIMIT ${query.limit}`;
        const offset = query.offset === undefined ? "" : ` OFFSET ${query.offset}`;
        return { ...output, sql: `${output.sql}${order}${limit}${offset}` };
    }

    private name(prefix: string): string {
        return `${prefix}${++this.names}`;
    }

    private session(visible: CommonTables): Session {
        return {
            now: this.options.now,
            parameters: this.options.parameters,
            name: (prefix) => this.name(prefix),
            query: (query, scope) => this.query(query, scope, visible),
        };
    }

    private context(scope: Scope, visible: CommonTables, clause?: string): Context {
        return { scope, clause, windows: new Map(), lambdas: new Map(), inAggregate: false, session: this.session(visible) };
    }

    /** Each use of a common table is translated by itself, as Trino does; here each is only checked. */
    private commonTables(tables: ast.CommonTable[], outer: Scope | undefined, inherited: CommonTables): CommonTables {
        const visible: CommonTables = new Map(inherited);
        const own = new Set<string>();
        for (const table of tables) {
            const name = table.name.name.toLowerCase();
            if (own.has(name)) throw new QueryError("DUPLICATE_NAMED_QUERY", `WITH query name '${name}' specified more than once`, table.name.at);
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
        const cells = rows.map((row) => (row.kind === "row" ? row.elements : [row]).map((cell) => translate(cell, context)));
        const width = cells[0]!.length;
        if (cells.some((row) => row.length !== width)) throw new QueryError("TYPE_MISMATCH", "Values rows have mismatched sizes", at);
        const columns = cells[0]!.map((_, i) => ({ type: unifyTypes(cells.map((row) => row[i]!), at, "Values rows have mismatched types") }));
        const lines = cells.map((row) => `(${row.map((cell, i) => castTo(cell, columns[i]!.type)).join(", ")})`);
        const names = columns.map((_, i) => `c${i + 1}`).join(", ");
        return { sql: `SELECT * FROM (VALUES ${lines.join(", ")}) AS ${this.name("q")}(${names})`, columns, uses: cells.flat().flatMap(({ uses }) => uses) };
    }

    private setOperation({ operator, all, left, right, at }: ast.SetOperation, outer: Scope | undefined, visible: CommonTables): Output {
        const [a, b] = [this.body(left, outer, visible), this.body(right, outer, visible)];
        if (a.columns.length !== b.columns.length)
            throw new QueryError("TYPE_MISMATCH", `${operator} query has different number of fields: ${a.columns.length}, ${b.columns.length}`, at);
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
            const cells = output.columns.map(({ type }, i) => `${coerce(bare(`c${i + 1}`, type), columns[i]!.type).sql} AS c${i + 1}`);
            return `(SELECT ${cells.join(", ")} FROM (${output.sql}) AS ${this.name("q")})`;
        };
        const sql = `${side(a)} ${operator}${all ? " ALL" : ""} ${side(b)}`;
        return { sql: `SELECT * FROM (${sql}) AS ${this.name("q")}`, columns, uses: [...a.uses, ...b.uses] };
    }

    /** ORDER BY over the columns of a result. */
    private outputOrder(items: ast.SortItem[], output: Output): string {
        if (items.length === 0) return "";
        const fields = output.columns.map(({ name, type }, i): Field => ({ name, qualifier: [], type, sql: `c${i + 1}` }));
        const context = this.context(new Scope(fields), new Map(), "ORDER BY clause");
        const sorted = items.map((item) => {
            const index = ordinal(item.expression, fields.length, "ORDER BY");
            return orderSql(index === undefined ? translate(item.expression, context) : fields[index]!, item);
        });
        return ` ORDER BY ${sorted.join(", ")}`;
    }

    // SELECT

    private select(select: ast.Select, tail: { orderBy: ast.SortItem[] }, outer: Scope | undefined, visible: CommonTables): Output {
        const from = select.from && this.relation(select.from, outer, visible);
        const scope = new Scope(from?.fields ?? [], outer);
        const context = this.context(scope, visible);
        context.windows = new Map(select.windows.map(({ name, window }) => [name.name.toLowerCase(), window]));
        const uses: Use[] = [...(from?.uses ?? [])];
        const note = (typed: Typed): Typed => {
            uses.push(...typed.uses.filter((use) => use.scope !== scope));
            return typed;
        };

        const where = select.where && note(condition(select.where, { ...context, clause: "WHERE clause" }, "WHERE clause"));
        if (select.where) this.prune(select.where, { ...context, clause: "WHERE clause" }, undefined);
        const items = this.items(select.items, from, scope);
        const grouping = select.groupBy && this.grouping(select.groupBy, items, { ...context, clause: "GROUP BY clause" });
        if (grouping) context.keys = grouping.keys;

        const columns = items.map(({ expression, field, name, at }) => ({ name, at, ...note(field ? this.fieldItem(field, scope, context, at) : translate(expression!, context)) }));
        const having = select.having && note(condition(select.having, context, "HAVING clause"));
        const orders = tail.orderBy.map((item) => ({ item, ...this.order(item, columns, context, note) }));
        const ordered = orders.flatMap(({ typed }) => (typed ? [typed] : []));

        const grouped = grouping || having || [...columns, ...ordered].some(({ aggregate }) => aggregate);
        if (grouped) for (const typed of [...columns, ...(having ? [having] : []), ...ordered]) checkGrouped(typed, scope);
        if (select.distinct && ordered.length > 0)
            throw new QueryError("EXPRESSION_NOT_IN_DISTINCT", "For SELECT DISTINCT, ORDER BY expressions must appear in select list", tail.orderBy[0]!.expression.at);

        const list = columns.map(({ sql, type }, i) => `${type.kind === "unknown" ? "CAST(NULL AS BOOLEAN)" : sql} AS c${i + 1}`).join(", ");
        const clauses = [
            `SELECT ${select.distinct ? "DISTINCT " : ""}${list}`,
            from && `FROM ${from.sql}`,
            where && `WHERE ${where.sql}`,
            grouping?.sql && `GROUP BY ${grouping.sql}`,
            having && `HAVING ${having.sql}`,
            orders.length > 0 && `ORDER BY ${orders.map(({ sql, type, item }) => orderSql({ sql, type }, item)).join(", ")}`,
        ];
        return { sql: clauses.filter(Boolean).join(" "), columns: columns.map(({ name, type }) => ({ name, type })), uses };
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
            const rest = scope.all(item.qualifier, item.at).filter(({ name }) => merged.length === 0 || !hidden.has(name?.toLowerCase() ?? ""));
            return [...merged, ...rest].map((field) => ({ field, name: field.name, at: item.at }));
        });
    }

    private fieldItem(field: Field, scope: Scope, context: Context, at: number): Typed {
        if (field.name !== undefined) field.source?.use(field.name);
        const typed = { ...bare(field.sql, field.type), uses: [{ field, scope, name: field.name ?? "_col", at }] };
        return context.keys?.has(field.sql) ? { ...typed, uses: [] } : typed;
    }

    private grouping(groups: ast.Grouping[], items: SelectColumn[], context: Context): { keys: Set<string>; sql: string } {
        const keys = new Set<string>();
        const key = (expression: ast.Expression): string => {
            const index = ordinal(expression, items.length, "GROUP BY");
            const item = index === undefined ? undefined : items[index]!;
            const typed = item?.field ? this.fieldItem(item.field, context.scope, context, item.at) : translate(item?.expression ?? expression, context);
            if (typed.type.kind === "map") throw notModelled("GROUP BY of a map", expression.at);
            keys.add(typed.sql);
            return typed.sql;
        };
        const sql = groups.map((group) => {
            if (group.kind === "expression") return key(group.expression);
            const sets = group.sets.map((set) => `(${set.map(key).join(", ")})`);
            return `${{ rollup: "ROLLUP", cube: "CUBE", sets: "GROUPING SETS" }[group.kind]} (${sets.join(", ")})`;
        });
        return { keys, sql: sql.join(", ") };
    }

    /** An ORDER BY item: an output column by number or name, or an expression over the input. */
    private order(item: ast.SortItem, columns: SelectOutput[], context: Context, note: (typed: Typed) => Typed): { sql: string; type: Type; typed?: Typed } {
        const { expression } = item;
        const position = (index: number) => ({ sql: String(index + 1), type: columns[index]!.type });
        const index = ordinal(expression, columns.length, "ORDER BY");
        if (index !== undefined) return position(index);
        if (expression.kind === "column") {
            const named = columns.flatMap(({ name }, i) => (name?.toLowerCase() === expression.name.toLowerCase() ? [i] : []));
            if (new Set(named.map((i) => columns[i]!.sql)).size > 1) throw new QueryError("AMBIGUOUS_NAME", `Column '${expression.name}' is ambiguous`, expression.at);
            if (named.length > 0) return position(named[0]!);
        }
        // Inside an expression, too, names are those of the output first.
        const outputs = new Map(columns.flatMap((column): [string, Typed][] => (column.name ? [[column.name.toLowerCase(), column]] : [])));
        const typed = note(translate(expression, { ...context, lambdas: outputs }));
        const same = columns.findIndex(({ sql }) => sql === typed.sql);
        return same >= 0 ? position(same) : { sql: typed.sql, type: typed.type, typed };
    }

    // FROM

    private relation(relation: ast.Relation, outer: Scope | undefined, visible: CommonTables, left?: Scope): Joined {
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

    private table(name: ast.Identifier[], alias: ast.Alias | undefined, at: number, outer: Scope | undefined, visible: CommonTables): Joined {
        const common = name.length === 1 ? visible.get(name[0]!.name.toLowerCase()) : undefined;
        if (common) {
            const output = this.query(common.table.query, outer, common.visible);
            const columns = common.table.columns ? output.columns.map((column, i) => ({ ...column, name: common.table.columns![i]!.name })) : output.columns;
            return this.derived({ ...output, columns }, alias ?? { name: name[0]! }, at, false);
        }
        const table = this.options.table(name.map((part) => part.name), at);
        const reference: Reference = { table, relation: this.name("t"), columns: new Set(), conditions: [] };
        this.references.push(reference);
        const source: Source = {
            nullable: false,
            use: (column) => reference.columns.add(column.toLowerCase()),
            prunes: (column) => column === "$path" || table.columns.some((one) => one.partition && one.name.toLowerCase() === column.toLowerCase()),
            require: (text) => reference.conditions.push(text),
        };
        const qualifier = alias ? [alias.name.name] : [table.database, table.name];
        checkAliases(alias?.columns, table.columns.length, at);
        const fields = table.columns.map((column, i): Field => {
            const sql = `${reference.relation}.c${i + 1}`;
            return { name: column.name, qualifier, type: column.type, sql, source };
        });
        const path: Field = { name: "$path", qualifier, type: types.varchar, sql: `${reference.relation}.path`, hidden: true, source };
        const named = alias?.columns ? fields.map((field, i) => aliased(field, alias.columns![i]!.name)) : fields;
        return { sql: reference.relation, fields: [...named, path], uses: [], references: new Set([source]) };
    }

    private derived(output: Output, alias: ast.Alias | undefined, at: number, lateral: boolean): Joined {
        checkAliases(alias?.columns, output.columns.length, at);
        const relation = this.name("r");
        const qualifier = alias ? [alias.name.name] : [];
        const fields = output.columns.map(({ name, type }, i): Field => {
            return { name: alias?.columns?.[i]?.name ?? name, qualifier, type, sql: `${relation}.c${i + 1}` };
        });
        return { sql: `${lateral ? "LATERAL " : ""}(${output.sql}) AS ${relation}`, fields, uses: output.uses, references: new Set() };
    }

    private renamed(source: Joined, alias: ast.Alias): Joined {
        const visibleFields = source.fields.filter(({ hidden }) => !hidden);
        checkAliases(alias.columns, visibleFields.length, alias.name.at);
        const fields = visibleFields.map((field, i) => ({ ...aliased(field, alias.columns?.[i]?.name ?? field.name), qualifier: [alias.name.name] }));
        return { ...source, fields, merged: undefined };
    }

    private unnest(relation: ast.Relation & { kind: "unnest" }, scope: Scope, visible: CommonTables): Joined {
        const context = this.context(scope, visible, "UNNEST");
        const lists = relation.expressions.map((expression) => translate(expression, context));
        const inner: string[] = [];
        const outputs: { sql: string; type: Type; name?: string }[] = [];
        for (const [i, { sql, type }] of lists.entries()) {
            if (type.kind === "array") {
                inner.push(`unnest(${sql}) AS u${i}`);
                if (type.element.kind !== "row") outputs.push({ sql: `u${i}`, type: type.element });
                else type.element.fields.forEach((field, k) => outputs.push({ sql: `struct_extract(u${i}, 'f${k + 1}')`, ...field }));
            } else if (type.kind === "map") {
                inner.push(`unnest(map_keys(${sql})) AS k${i}`, `unnest(map_values(${sql})) AS u${i}`);
                outputs.push({ sql: `k${i}`, type: type.key }, { sql: `u${i}`, type: type.value });
            } else throw new QueryError("INVALID_FUNCTION_ARGUMENT", `Cannot unnest type: ${typeName(type)}`, relation.expressions[i]!.at);
        }
        if (relation.ordinality) {
            const sizes = lists.map(({ sql, type }) => (type.kind === "map" ? `CAST(coalesce(cardinality(${sql}), 0) AS BIGINT)` : `coalesce(len(${sql}), 0)`));
            inner.push(`unnest(generate_series(1, greatest(${sizes.join(", ")}))) AS o`);
            outputs.push({ sql: "o", type: types.bigint });
        }
        const list = outputs.map(({ sql }, i) => `${sql} AS c${i + 1}`).join(", ");
        const output: Output = { sql: `SELECT ${list} FROM (SELECT ${inner.join(", ")}) AS ${this.name("q")}`, columns: outputs, uses: [] };
        const source = this.derived(output, relation.alias, relation.at, true);
        const uses = lists.flatMap((one) => one.uses).filter((use) => use.scope !== scope);
        return { ...source, uses };
    }

    private join(join: ast.Join, outer: Scope | undefined, visible: CommonTables, before?: Scope): Joined {
        const left = this.relation(join.left, outer, visible, before);
        const right = this.relation(join.right, outer, visible, new Scope([...(before?.fields ?? []), ...left.fields], outer));
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
        if (join.type !== "FULL") this.prune(join.on, context, join.type === "INNER" ? joined.references : join.type === "LEFT" ? right.references : left.references);
        return { ...joined, sql: pair(` ON ${on.sql}`), uses: [...joined.uses, ...on.uses.filter(({ scope }) => scope !== context.scope)] };
    }

    private joinUsing(join: ast.Join, using: ast.Identifier[], left: Joined, right: Joined, joined: Joined, pair: (on: string) => string): Joined {
        const conditions: string[] = [];
        const merged = using.map(({ name, at }): Field => {
            const sides = [left, right].map(({ fields }) => {
                const found = new Scope(fields).find([], name, at)?.field;
                if (!found) throw new QueryError("COLUMN_NOT_FOUND", `Column '${name}' is missing from ${fields === left.fields ? "left" : "right"} side of join`, at);
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
        const own = joined.fields.map((field) => (names.has(field.name?.toLowerCase() ?? "") ? { ...field, name: undefined } : field)).filter(({ name }) => name !== undefined);
        return { ...joined, sql: pair(` ON ${conditions.join(" AND ")}`), fields: [...merged, ...own], merged: undefined };
    }

    // Pruning

    /** Hands every condition that only files decide to the tables that it is about. */
    private prune(node: ast.Expression, context: Context, only: Set<Source> | undefined): void {
        if (node.kind === "logical" && node.operator === "AND") {
            this.prune(node.left, context, only);
            this.prune(node.right, context, only);
            return;
        }
        const typed = translate(node, { ...context, session: { ...context.session, query: () => ({ sql: "", columns: [{ type: types.unknown }], uses: [] }) } });
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

interface SelectColumn {
    expression?: ast.Expression;
    field?: Field;
    name?: string;
    at: number;
}

type SelectOutput = Typed & { name?: string };

/** Athena leaves files out by `$path` only for comparisons with constants. */
function decidesPath(node: ast.Expression): boolean {
    const isPath = (expression: ast.Expression) => (expression.kind === "column" || expression.kind === "field") && expression.name === "$path";
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

function bare(sql: string, type: Type): Typed {
    return { sql, type, uses: [], aggregate: false, window: false, subquery: false };
}

function castTo(typed: Typed, type: Type): string {
    const to = type.kind === "unknown" ? types.boolean : type;
    return `CAST(${coerce(typed, to).sql} AS ${types.duckType(to)})`;
}

function listed(fields: Field[]): string {
    return fields.map(({ sql }, i) => `${sql} AS c${i + 1}`).join(", ");
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

/** The name that a column has without an alias. */
function ownName(expression: ast.Expression): string | undefined {
    if (expression.kind === "column") return expression.name;
    return expression.kind === "field" && ownName(expression.base) !== undefined ? expression.name : undefined;
}

/** The index that `GROUP BY 1` means. */
function ordinal(expression: ast.Expression, count: number, clause: string): number | undefined {
    if (expression.kind !== "number" || !/^\d+$/.test(expression.text)) return undefined;
    const index = Number(expression.text) - 1;
    if (index < 0 || index >= count) throw new QueryError("INVALID_COLUMN_REFERENCE", `${clause} position ${expression.text} is not in select list`, expression.at);
    return index;
}

function checkAliases(aliases: ast.Identifier[] | undefined, count: number, at: number): void {
    if (aliases && aliases.length !== count)
        throw new QueryError("MISMATCHED_COLUMN_ALIASES", `Column alias list has ${aliases.length} entries but relation has ${count} columns`, at);
}

function checkGrouped(typed: Typed, scope: Scope): void {
    const use = typed.uses.find((one) => one.scope === scope);
    if (use) throw new QueryError("EXPRESSION_NOT_AGGREGATE", `'${use.name}' must be an aggregate expression or appear in GROUP BY clause`, use.at);
}
