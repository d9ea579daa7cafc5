import { notModelled, QueryError } from "./errors";
import { translateQuery } from "./queries";
import type { Identifier } from "./syntax/ast";
import { parseStatement } from "./syntax/statement-parser";
import type { CreateView, QueryStatement } from "./syntax/statements";
import type { LakeTable } from "./tables/tables";
import type { View } from "./views";

/** Finds a table or a view by database and name, both in lower case. */
export type Finder = (database: string, name: string) => LakeTable | View | undefined;

const ownCatalog = "awsdatacatalog";

interface Place {
    catalog: string;
    database: string;
    own: string;
}

/** Where a name lies that may leave out its catalog and its database, all in lower case. */
function resolved(name: string[], database: string): Place | undefined {
    const [own, inDatabase = database, catalog = ownCatalog, ...more] = name
        .map((part) => part.toLowerCase())
        .reverse();
    return more.length > 0 ? undefined : { catalog, database: inDatabase.toLowerCase(), own: own! };
}

/** The table or view that a name means in a database. */
export function findTable(name: string[], database: string, find: Finder, at: number): LakeTable | View {
    const place = resolved(name, database);
    if (place?.database === "information_schema") throw notModelled("information_schema", at);
    const found = place?.catalog === ownCatalog ? find(place.database, place.own) : undefined;
    if (found) return found;
    const whole = place ? `${place.catalog}.${place.database}.${place.own}` : name.join(".");
    throw new QueryError("TABLE_NOT_FOUND", `Table '${whole}' does not exist`, at);
}

/** Where something is to be made, dropped or shown; there is only one catalog. */
export function placeOf(name: Identifier[], database: string): Place {
    const texts = name.map((part) => part.name);
    const place = resolved(texts, database);
    if (!place) throw new QueryError("SYNTAX_ERROR", `Too many dots in table name: ${texts.join(".")}`, name[0]!.at);
    if (place.catalog !== ownCatalog)
        throw new QueryError("CATALOG_NOT_FOUND", `Catalog '${place.catalog}' not found`, name[0]!.at);
    return place;
}

/** A view of a query; places in it are those in its own text. */
export function viewOf(sql: string, view: Omit<View, "query" | "sql">): View {
    const { query } = parseStatement(sql).statement as QueryStatement;
    return { ...view, sql, query };
}

/** The columns that a view would have. */
export function viewColumns({ name, query, at }: CreateView, database: string, now: number, find: Finder) {
    const own = placeOf(name, database);
    const table = (used: string[], usedAt: number, from: string) => {
        const place = resolved(used, from);
        if (place && place.database === own.database && place.own === own.own)
            throw new QueryError("VIEW_IS_RECURSIVE", "Statement would create a recursive view", usedAt);
        return findTable(used, from, find, usedAt);
    };
    const { columns } = translateQuery(query, { now, parameters: [], database, table });
    checkNames(columns, at);
    return columns;
}

/** Columns of what the catalog is to keep have names, and each its own. */
export function checkNames(columns: { name: string }[], at: number): void {
    const unnamed = columns.findIndex(({ name }, index) => name === `_col${index}`);
    if (unnamed >= 0)
        throw new QueryError("MISSING_COLUMN_NAME", `Column name not specified at position ${unnamed + 1}`, at);
    const names = columns.map(({ name }) => name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined)
        throw new QueryError("DUPLICATE_COLUMN_NAME", `Column name '${twice}' specified more than once`, at);
}
