/** How a cell's text becomes JSON. */
export type CellKind =
    /** A string, escaped. */
    | "string"
    /** A number, digit for digit; `NaN`, `Infinity` and `-Infinity`, which JSON can't write, become null. */
    | "number"
    /** `true` or `false`. */
    | "boolean"
    /** The text is JSON and stands as it is, on one line. */
    | "json";

/** A column of the result: its key in the JSON objects, and how its cells are written. */
export interface CsvColumn {
    name: string;
    kind: CellKind;
}

/** What stands before a column's value in the lines. */
export function keyOf({ name }: CsvColumn, index: number): string {
    return `${index === 0 ? "{" : ","}${JSON.stringify(name)}:`;
}
