import type { DuckDBValue } from "@duckdb/node-api";
import { type LineReader, linesOf, textValue, type WantedColumn } from "./formats";

/**
 * Reads text as LazySimpleSerDe does: fields by their place, without quotes. `\N`, what a line lacks, and what is no value
 * of the column's type are NULL.
 */
export class SimpleLines implements LineReader {
    constructor(
        private readonly separator: string,
        private readonly columns: WantedColumn[],
    ) {}

    read(content: Buffer, _path: string, row: (row: DuckDBValue[]) => void): void {
        for (const line of linesOf(content)) {
            const fields = line.split(this.separator);
            row(this.columns.map(({ ordinal, type }) => this.value(fields[ordinal], type)));
        }
    }

    private value(field: string | undefined, type: WantedColumn["type"]): DuckDBValue {
        if (field === undefined || field === "\\N") return null;
        if ((type.kind === "double" || type.kind === "real") && /^(?:NaN|-?Infinity)$/.test(field))
            return Number(field);
        return textValue(field, type) ?? null;
    }
}
