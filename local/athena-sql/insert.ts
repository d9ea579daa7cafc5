import { castSql } from "./casts";
import { notModelled, QueryError } from "./errors";
import type { Translation } from "./relations";
import type { Insert } from "./syntax/statements";
import type { LakeTable } from "./tables/tables";
import { coercible, duckType, type Type, typeName } from "./types";

/** The rows of INSERT with the columns of the table, in their order; those that it does not name are NULL. */
export function shapedLike(
    { columns: all, database, name }: LakeTable,
    { columns: named, at }: Insert,
    { sql, columns, references }: Translation,
): Translation {
    const names = named?.map((column) => column.name.toLowerCase()) ?? all.map((column) => column.name);
    const unknown = named?.find((column) => !all.some((own) => own.name === column.name.toLowerCase()));
    if (unknown)
        throw new QueryError(
            "COLUMN_NOT_FOUND",
            `Insert column name does not exist in target table: ${unknown.name}`,
            at,
        );
    const twice = names.find((column, index) => names.indexOf(column) !== index);
    if (twice !== undefined)
        throw new QueryError("DUPLICATE_COLUMN_NAME", `Insert column name is specified more than once: ${twice}`, at);
    const targets = names.map((column) => all.find((own) => own.name === column)!.type);
    if (targets.length !== columns.length || columns.some(({ type }, i) => !coercible(type, targets[i]!)))
        throw new QueryError(
            "TYPE_MISMATCH",
            `Insert query has mismatched column types: Table: [${listed(targets)}], Query: [${listed(columns.map(({ type }) => type))}]`,
            at,
        );
    for (const column of all)
        if (column.partition && !names.includes(column.name))
            throw notModelled(`INSERT INTO ${database}.${name} without its partition column ${column.name}`, at);
    const cells = all.map((column, i) => {
        const index = names.indexOf(column.name);
        const value = index < 0 ? "NULL" : castSql(`c${index + 1}`, columns[index]!.type, column.type);
        return `CAST(${value} AS ${duckType(column.type)}) AS c${i + 1}`;
    });
    return {
        sql: `SELECT ${cells.join(", ")} FROM (${sql})`,
        columns: all.map(({ name, type }) => ({ name, type })),
        references,
    };
}

function listed(types: Type[]): string {
    return types.map(typeName).join(", ");
}
