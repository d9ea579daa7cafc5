import { integers, type Type } from "./types";

/** A column as Athena describes it in GetQueryResults and in `<id>.csv.metadata`. */
export interface ColumnInfo {
    CatalogName: string;
    SchemaName: string;
    TableName: string;
    Name: string;
    Label: string;
    Type: string;
    Precision: number;
    Scale: number;
    Nullable: "NOT_NULL" | "NULLABLE" | "UNKNOWN";
    CaseSensitive: boolean;
}

export function columnInfo({ name, type }: { name: string; type: Type }): ColumnInfo {
    return {
        ...{ CatalogName: "hive", SchemaName: "", TableName: "", Name: name, Label: name },
        ...{
            Type: type.kind === "real" ? "float" : type.kind,
            Precision: precisionOf(type),
            Scale: type.kind === "decimal" ? type.scale : 0,
        },
        ...{ Nullable: "UNKNOWN", CaseSensitive: type.kind === "varchar" },
    };
}

function precisionOf(type: Type): number {
    switch (type.kind) {
        case "varchar":
            return type.length ?? 2 ** 31 - 1;
        case "varbinary":
            return 2 ** 30;
        case "double":
        case "real":
            return 17;
        case "decimal":
            return type.precision;
        case "time":
        case "timestamp":
        case "timestamp with time zone":
            return Math.max(3, type.precision);
        default:
            return integers[type.kind] ?? 0;
    }
}

const nullability = { NOT_NULL: 1, NULLABLE: 2, UNKNOWN: 3 };

/** The file that Athena writes beside a result: a protobuf of the query's id and the columns. */
export function metadataFile(queryExecutionId: string, columns: ColumnInfo[]): Buffer {
    const messages = columns.map((column) =>
        Buffer.concat([
            text(1, column.CatalogName),
            text(2, column.SchemaName),
            text(3, column.TableName),
            text(4, column.Name),
            text(5, column.Label),
            text(6, column.Type),
            number(7, column.Precision),
            number(8, column.Scale),
            number(9, nullability[column.Nullable]),
            number(10, column.CaseSensitive ? 1 : 0),
        ]),
    );
    return Buffer.concat([text(1, queryExecutionId), ...messages.map((message) => bytes(4, message))]);
}

function text(field: number, value: string): Buffer {
    return bytes(field, Buffer.from(value));
}

function bytes(field: number, value: Buffer): Buffer {
    return Buffer.concat([varint((field << 3) | 2), varint(value.length), value]);
}

function number(field: number, value: number): Buffer {
    return Buffer.concat([varint(field << 3), varint(value)]);
}

function varint(value: number): Buffer {
    const digits: number[] = [];
    for (let rest = value; ; rest = Math.floor(rest / 128)) {
        if (rest < 128) return Buffer.from([...digits, rest]);
        digits.push((rest % 128) | 128);
    }
}
