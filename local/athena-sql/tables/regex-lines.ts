import type { DuckDBValue } from "@duckdb/node-api";
import { type LineReader, linesOf, textValue, type WantedColumn } from "./formats";

/**
 * Reads lines by a regular expression, as RegexSerDe does: a column for each group. A line that does not match as a whole
 * is all NULL, and a value that is none of its column's type is NULL.
 */
export class RegexLines implements LineReader {
    constructor(
        private readonly pattern: RegExp,
        private readonly columns: WantedColumn[],
    ) {}

    read(content: Buffer, _path: string, row: (row: DuckDBValue[]) => void): void {
        for (const line of linesOf(content)) {
            const groups = this.pattern.exec(line);
            row(this.columns.map(({ ordinal, type }) => readValue(groups?.[ordinal + 1], type)));
        }
    }
}

function readValue(text: string | undefined, type: WantedColumn["type"]): DuckDBValue {
    return text === undefined ? null : (textValue(text, type) ?? null);
}

/** A regular expression of Java's as one for whole lines; refuses what means something else in JavaScript. */
export function linePattern(source: string): RegExp {
    try {
        if (/\\[pPbBdwu]|&&|\(\?<?[a-zA-Z]/.test(source)) throw new Error("it has constructs that differ");
        return new RegExp(`^(?:${source})$`, "su");
    } catch (error) {
        throw new Error(
            `the regular expression ${source} is not modelled on this machine: ${(error as Error).message}`,
        );
    }
}
