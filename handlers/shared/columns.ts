/** A column as the plan hands it to the functions. */
export interface Column {
    name: string;
    type: ColumnType;
}

/** A column's type, parsed by the plan. */
export type ColumnType =
    | { kind: "string" }
    | { kind: "boolean" }
    | { kind: "integer"; bits: 8 | 16 | 32 | 64 }
    | { kind: "float"; bits: 32 | 64 }
    | { kind: "decimal"; precision: number; scale: number }
    | { kind: "date" }
    | { kind: "timestamp" }
    | { kind: "array"; element: ColumnType }
    | { kind: "map"; value: ColumnType }
    | { kind: "struct"; fields: Column[] };
