import { QueryError } from "./errors";
import type { Identifier } from "./syntax/ast";
import type { Type } from "./types";

/** A column that can be named in a clause. */
export interface Field {
    name?: string;
    /** Names that may stand before it: `["t"]`, or `["db", "t"]` for a table that has no alias. */
    qualifier: string[];
    type: Type;
    /** How DuckDB names it. */
    sql: string;
    /** Known by name only: `$path` is not in `*`. */
    hidden?: boolean;
    /** The table reference it comes from, for pruning; absent where it was computed. */
    source?: Source;
}

/** One reference to a table in a statement. */
export interface Source {
    /** Tells the tables side of an outer join whose rows may be missing. */
    nullable: boolean;
    /** Called when a column is used. */
    use(column: string): void;
    /** Whether files can be left out by this column: a partition column or `$path`. */
    prunes(column: string): boolean;
    /** A condition in DuckDB's SQL that every row must meet. */
    require(condition: string): void;
}

/** Where names are looked up: the columns of a FROM, inside the scope of an outer query. */
export class Scope {
    constructor(
        readonly fields: Field[],
        readonly parent?: Scope,
    ) {}

    /** The field with this name, here or further out. */
    find(qualifier: string[], name: string, at: number): { field: Field; scope: Scope } | undefined {
        const found = this.fields.filter((field) => matches(field, qualifier, name));
        if (found.length > 1)
            throw new QueryError("AMBIGUOUS_NAME", `Column '${[...qualifier, name].join(".")}' is ambiguous`, at);
        return found[0] ? { field: found[0], scope: this } : this.parent?.find(qualifier, name, at);
    }

    /** The fields that `*`, or `qualifier.*`, stands for. */
    all(qualifier: Identifier[] | undefined, at: number): Field[] {
        const names = qualifier?.map(({ name }) => name) ?? [];
        const fields = this.fields.filter((field) => !field.hidden && isQualified(field, names));
        if (fields.length === 0)
            throw qualifier
                ? new QueryError("TABLE_NOT_FOUND", `Unable to resolve reference ${names.join(".")}`, at)
                : new QueryError("COLUMN_NOT_FOUND", "SELECT * not allowed from relation that has no columns", at);
        return fields;
    }
}

function matches(field: Field, qualifier: string[], name: string): boolean {
    return field.name?.toLowerCase() === name.toLowerCase() && isQualified(field, qualifier);
}

function isQualified(field: Field, qualifier: string[]): boolean {
    const offset = field.qualifier.length - qualifier.length;
    return (
        offset >= 0 &&
        qualifier.every((name, index) => field.qualifier[offset + index]!.toLowerCase() === name.toLowerCase())
    );
}
