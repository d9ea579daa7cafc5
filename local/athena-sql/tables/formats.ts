import type { DuckDBValue } from "@duckdb/node-api";
import type { Type } from "../types";

/** How the objects of a table are written. */
export type Format =
    | JsonFormat
    | CsvFormat
    /** RegexSerDe: a group for each column. */
    | { kind: "regex"; pattern: RegExp }
    /** LazySimpleSerDe. */
    | { kind: "text"; separator: string }
    | { kind: "parquet" };

/** The OpenX SerDe, or Hive's own, which takes none of its properties. */
export interface JsonFormat {
    kind: "json";
    /** `ignore.malformed.json`: a line that is not JSON is a row of NULLs. */
    ignoreMalformed: boolean;
    /** `case.insensitive` = false: keys name columns as they are written. */
    caseSensitive?: boolean;
    /** `dots.in.keys`: a dot in a key is `_` in the column's name. */
    dotsInKeys?: boolean;
    /** `mapping.<column>`: the keys of columns that are named otherwise. */
    keys?: Map<string, string>;
}

/** OpenCSVSerde. */
export interface CsvFormat {
    kind: "csv";
    separator: string;
    quote: string;
    escape: string;
    headerLines: number;
}

/** A column that a statement reads, of those that the objects hold. */
export interface WantedColumn {
    /** In lower case. */
    name: string;
    type: Type;
    /** Its place among the table's columns. */
    ordinal: number;
}

/** Reads objects that hold lines. */
export interface LineReader {
    /** Hands over the rows of one object's content: a value for each wanted column, in their order. */
    read(content: Buffer, path: string, row: (row: DuckDBValue[]) => void): void;
}

/** The lines of a text, without their ends. */
export function* linesOf(content: Buffer): Generator<string> {
    for (let start = 0; start < content.length; ) {
        const newline = content.indexOf(10, start);
        const end = newline < 0 ? content.length : newline;
        const text = content[end - 1] === 13 ? Math.max(start, end - 1) : end;
        yield content.toString("utf8", start, text);
        start = end + 1;
    }
}

const limits: Record<string, bigint> = {
    tinyint: 2n ** 7n,
    smallint: 2n ** 15n,
    integer: 2n ** 31n,
    bigint: 2n ** 63n,
};

/** Types that a text without a type of its own is read as. */
export const textTypes = ["varchar", "boolean", "tinyint", "smallint", "integer", "bigint", "real", "double"];

/** A text as a value of one of the `textTypes`; undefined where it is none. */
export function textValue(text: string, { kind }: Type): DuckDBValue | undefined {
    switch (kind) {
        case "varchar":
            return text;
        case "boolean":
            return /^(?:true|false)$/i.test(text) ? text.toLowerCase() === "true" : undefined;
        case "real":
        case "double":
            return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
        default: {
            const value = /^[+-]?\d+$/.test(text) ? BigInt(text.replace("+", "")) : undefined;
            const limit = limits[kind]!;
            if (value === undefined || value < -limit || value >= limit) return undefined;
            return kind === "bigint" ? value : Number(value);
        }
    }
}
