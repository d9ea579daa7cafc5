import type {
    DuckDBBlobValue,
    DuckDBListValue,
    DuckDBMapValue,
    DuckDBStructValue,
    DuckDBValue,
} from "@duckdb/node-api";
import { resultText } from "./csv";
import type { Type } from "./types";

/** A row as Hive's JSON SerDe writes it: names in lower case, NULL spelled out, every digit kept. */
export function jsonLine(row: DuckDBValue[], columns: { name: string; type: Type }[]): string {
    const members = columns.map(
        ({ name, type }, index) => `${JSON.stringify(name.toLowerCase())}:${json(row[index]!, type)}`,
    );
    return `{${members.join(",")}}\n`;
}

function json(value: DuckDBValue, type: Type): string {
    if (value === null || value === undefined) return "null";
    switch (type.kind) {
        case "boolean":
        case "tinyint":
        case "smallint":
        case "integer":
        case "bigint":
        case "decimal":
            return resultText(value, type)!;
        case "real":
        case "double": {
            const text = resultText(value, type)!;
            return Number.isFinite(value) ? text : JSON.stringify(text);
        }
        case "array":
            return `[${(value as DuckDBListValue).items.map((item) => json(item, type.element)).join(",")}]`;
        case "map": {
            const entries = (value as DuckDBMapValue).entries.map(
                (entry) => `${JSON.stringify(scalar(entry.key, type.key))}:${json(entry.value, type.value)}`,
            );
            return `{${entries.join(",")}}`;
        }
        case "row": {
            const { entries } = value as DuckDBStructValue;
            const members = type.fields.map(
                (field, i) => `${JSON.stringify(field.name!.toLowerCase())}:${json(entries[`f${i + 1}`]!, field.type)}`,
            );
            return `{${members.join(",")}}`;
        }
        default:
            return JSON.stringify(scalar(value, type));
    }
}

/** The text of a value that holds no others; bytes are taken for UTF-8, as Hive does, which loses those that are not. */
function scalar(value: DuckDBValue, type: Type): string {
    if (type.kind === "varbinary") return Buffer.from((value as DuckDBBlobValue).bytes).toString("utf8");
    const text = resultText(value, type)!;
    // It always has a fraction, of which Hive writes what is not zero.
    return type.kind === "timestamp" ? text.replace(/\.?0*$/, "") : text;
}
