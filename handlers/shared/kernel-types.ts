import type { ColumnType } from "./columns";
import { finiteDigits, safeDigits } from "./scan-value";

/** A column's type, as kernels know it; as in `kernel/values.ts`. */
export enum Kind {
    Text,
    Boolean,
    Integer,
    Decimal,
    Date,
    Timestamp,
    Nested,
}

/** A type as kernels take it. */
export function kernelType(type: ColumnType): [kind: Kind, limit: number, fractionLimit: number] {
    switch (type.kind) {
        case "string":
            return [Kind.Text, 0, 0];
        case "boolean":
            return [Kind.Boolean, 0, 0];
        case "integer":
            return [Kind.Integer, safeDigits[type.bits], 0];
        case "float":
            return [Kind.Decimal, finiteDigits, finiteDigits];
        case "decimal":
            return [Kind.Decimal, type.precision - type.scale, type.scale];
        case "date":
            return [Kind.Date, 0, 0];
        case "timestamp":
            return [Kind.Timestamp, 0, 0];
        default:
            return [Kind.Nested, 0, 0];
    }
}
