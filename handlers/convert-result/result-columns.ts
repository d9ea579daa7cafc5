import type { ColumnInfo } from "@aws-sdk/client-athena";
import type { Column, ColumnType } from "../shared/columns";
import type { CellKind, CsvColumn } from "./csv-columns";
import { Refusal } from "./refusal";

/**
 * How each column of a result is written, in the result's order. Throws all that keeps the result out of the declared
 * columns: it must have these columns and no others, each of a type whose every value the column's type holds exactly.
 */
export function resultColumns(result: ColumnInfo[], declared: Column[]): CsvColumn[] {
    const problems: string[] = [];
    const matched = new Set<Column>();
    const columns = result.map(match);
    for (const { name } of declared.filter((column) => !matched.has(column))) {
        problems.push(`the result has no column "${name}": add it to the SELECT or take it from output.columns`);
    }
    if (problems.length > 0) throw new Refusal(problems.join("; "));
    return columns;

    function match(info: ColumnInfo): CsvColumn {
        const name = info.Name!;
        // SQL's names don't differ by case alone.
        const column = declared.find((column) => column.name.toLowerCase() === name.toLowerCase());
        if (!column) {
            problems.push(`the result's column "${name}" is not declared: name it with AS or add it to output.columns`);
            return { name, kind: "string" };
        }
        if (matched.has(column)) problems.push(`the result has more than one column "${name}": rename all but one`);
        else if (!holds(column.type, info)) problems.push(mistyped(column, info));
        matched.add(column);
        return { name: column.name, kind: cellKind(column.type) };
    }
}

function mistyped({ name, type }: Column, info: ColumnInfo): string {
    return `column "${name}" is ${sqlType(type)}, the query yields ${describe(info)}: write ${cast(type, info)} AS ${name}`;
}

/** Bits of Athena's integers, and the decimal digits that they need. */
const integers: Partial<Record<string, { bits: number; digits: number }>> = {
    tinyint: { bits: 8, digits: 3 },
    smallint: { bits: 16, digits: 5 },
    integer: { bits: 32, digits: 10 },
    bigint: { bits: 64, digits: 19 },
};

/** Text, and types that have no column type of their own: a string column keeps them as Athena writes them. */
const texts = new Set([
    "varchar",
    "char",
    "json",
    "time",
    "time with time zone",
    "timestamp with time zone",
    "interval day to second",
    "interval year to month",
    "varbinary",
    "uuid",
    "ipaddress",
]);

/** Their text can't be read back: `{a=1, b=x, y}`. */
const nested = new Set(["array", "map", "row"]);

/** Whether every value of the result's type is, exactly, a value of the column's type. */
function holds(
    column: ColumnType,
    { Type: type = "", Precision: precision = 0, Scale: scale = 0 }: ColumnInfo,
): boolean {
    if (type === "unknown") return true; // a bare NULL's type, which has no other value
    const integer = integers[type];
    switch (column.kind) {
        case "string":
            return texts.has(type);
        case "integer":
            return integer !== undefined && integer.bits <= column.bits;
        case "float": {
            // Half of the bits and a few: integers that a float has digits for.
            const own = column.bits === 32 ? type === "float" || type === "real" : type === "double";
            return own || (integer !== undefined && integer.bits < column.bits);
        }
        case "decimal": {
            const wholeDigits = column.precision - column.scale;
            if (integer) return integer.digits <= wholeDigits;
            return type === "decimal" && precision - scale <= wholeDigits && scale <= column.scale;
        }
        case "array":
        case "map":
        case "struct":
            return type === "json";
        default:
            return type === column.kind;
    }
}

function cellKind({ kind }: ColumnType): CellKind {
    switch (kind) {
        case "integer":
        case "float":
        case "decimal":
            return "number";
        case "boolean":
            return "boolean";
        case "array":
        case "map":
        case "struct":
            return "json";
        default:
            return "string";
    }
}

/** What makes the result's type the column's. */
function cast(column: ColumnType, { Type: type = "" }: ColumnInfo): string {
    if (nested.has(type)) return "CAST(… AS JSON)";
    if (cellKind(column) === "json") return type === "varchar" ? "json_parse(…)" : "CAST(… AS JSON)";
    if (type === "timestamp with time zone") return `CAST(… AT TIME ZONE 'UTC' AS ${sqlType(column)})`;
    return `CAST(… AS ${sqlType(column)})`;
}

function describe({ Type, Precision, Scale }: ColumnInfo): string {
    return Type === "decimal" ? `decimal(${Precision},${Scale})` : `${Type}`;
}

/** The type as SQL calls it. */
function sqlType(type: ColumnType): string {
    switch (type.kind) {
        case "string":
            return "varchar";
        case "integer":
            return Object.keys(integers).find((name) => integers[name]?.bits === type.bits)!;
        case "float":
            return type.bits === 32 ? "real" : "double";
        case "decimal":
            return `decimal(${type.precision},${type.scale})`;
        default:
            return type.kind;
    }
}
