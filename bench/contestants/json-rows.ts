import type { BenchColumn } from "../data/rows";

/** A cell's text as JSON. */
export type ToLiteral = (text: string) => string;

/** By column, for parsers that do not tell NULL from an empty text: where there is no text, numbers and booleans are null. */
export function literalsOf(columns: BenchColumn[]): ToLiteral[] {
    return columns.map(({ kind }) => (kind === "string" ? JSON.stringify : plainLiteral));
}

function plainLiteral(text: string): string {
    return text === "" || text === "NaN" ? "null" : text;
}

/** Makes the line of a row's literals, keys and all. */
export function lineWriter(columns: BenchColumn[]): (literals: string[]) => string {
    const keys = columns.map(({ name }, index) => `${index === 0 ? "{" : ","}${JSON.stringify(name)}:`);
    return (literals) => {
        let line = "";
        for (let index = 0; index < keys.length; index++) line += keys[index]! + literals[index]!;
        return `${line}}\n`;
    };
}
