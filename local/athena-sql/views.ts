import { castSql } from "./casts";
import { QueryError } from "./errors";
import type * as ast from "./syntax/ast";
import { coercible, type Type, typeName } from "./types";

/** A view of the catalog. */
export interface View {
    database: string;
    name: string;
    /** The database that counted when it was made: names without one lie there. */
    context: string;
    query: ast.Query;
    /** The query as it was written. */
    sql: string;
    /** As they were when the view was made. */
    columns: { name: string; type: Type }[];
}

/** What the translation of a query has at least. */
interface Translated {
    sql: string;
    columns: { name?: string; type: Type }[];
}

/** Translates the query of a view; `open` are the views that are being translated already. */
export function viewOutput<T extends Translated>(view: View, at: number, open: View[], translate: () => T): T {
    const name = `awsdatacatalog.${view.database}.${view.name}`;
    if (open.some((other) => other.database === view.database && other.name === view.name))
        throw new QueryError("VIEW_IS_RECURSIVE", "View is recursive", at);
    const output = translated(view, name, at, translate);
    const changed = staleness(view, output);
    if (changed) throw new QueryError("VIEW_IS_STALE", `View '${name}' is stale or in invalid state: ${changed}`, at);
    const cells = view.columns.map(
        ({ type }, i) => `${castSql(`c${i + 1}`, output.columns[i]!.type, type)} AS c${i + 1}`,
    );
    return { ...output, sql: `SELECT ${cells.join(", ")} FROM (${output.sql})`, columns: view.columns };
}

/** What a view's query has not any more: the columns that it had, of types that can silently become theirs. */
function staleness(view: View, { columns }: Translated): string | undefined {
    if (columns.length !== view.columns.length)
        return `stored view column count (${view.columns.length}) does not match column count derived from the view query analysis (${columns.length})`;
    for (const [i, { name, type }] of view.columns.entries()) {
        const now = columns[i]!;
        const projected = `column [${now.name}] of type ${typeName(now.type)} projected from query view at position ${i}`;
        if (now.name?.toLowerCase() !== name.toLowerCase())
            return `${projected} has a different name from column [${name}] of type ${typeName(type)} stored in view definition`;
        if (!coercible(now.type, type))
            return `${projected} cannot be coerced to column [${name}] of type ${typeName(type)} stored in view definition`;
    }
    return undefined;
}

/** What is wrong in a view is told as such, with its place there. */
function translated<T>({ sql }: View, name: string, at: number, translate: () => T): T {
    try {
        return translate();
    } catch (error) {
        if (!(error instanceof QueryError) || error.code === "NOT_SUPPORTED") throw error;
        throw new QueryError("INVALID_VIEW", `Failed analyzing stored view '${name}': ${error.describe(sql)}`, at);
    }
}
