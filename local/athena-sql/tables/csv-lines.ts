import type { DuckDBValue } from "@duckdb/node-api";
import { notModelled, QueryError } from "../errors";
import { typeName } from "../types";
import { type CsvFormat, type LineReader, linesOf, textValue, type WantedColumn } from "./formats";

/**
 * Reads CSV as OpenCSVSerde does: line by line, fields by their place. What a line has too many is left out, what it lacks
 * is NULL, and so is a field in quotes that the line ends in; an empty field is an empty text, an empty line all NULL.
 * Quotes elsewhere than around a field, which OpenCSV reads in ways of its own, are refused.
 */
export class CsvLines implements LineReader {
    constructor(
        private readonly format: CsvFormat,
        private readonly columns: WantedColumn[],
    ) {}

    read(content: Buffer, path: string, row: (row: DuckDBValue[]) => void): void {
        let line = 0;
        for (const text of linesOf(content)) {
            line++;
            if (line <= this.format.headerLines) continue;
            const where = `s3 object ${path}, line ${line}`;
            const fields = text === "" ? [] : this.fields(text, where);
            row(this.columns.map((column) => readValue(fields[column.ordinal], column, where)));
        }
    }

    private fields(line: string, where: string): (string | undefined)[] {
        const { separator, quote, escape: escapeCharacter } = this.format;
        const special = (at: number) => line[at] === quote || line[at] === escapeCharacter;
        const fields: (string | undefined)[] = [];
        for (let at = 0; at <= line.length; at++) {
            const quoted = line[at] === quote;
            let field = "";
            if (quoted) at++;
            for (; at < line.length; at++) {
                const character = line[at];
                if (quoted ? character === quote && line[at + 1] !== quote : character === separator) break;
                if (character === escapeCharacter) {
                    if (special(at + 1) && (quoted || field !== "")) field += line[++at];
                    else if (special(at + 1)) throw strange(where);
                } else if (character === quote && !quoted) throw strange(where);
                else if (character === quote) field += line[++at];
                else field += character;
            }
            const open = quoted && at === line.length;
            if (quoted) at++;
            if (at < line.length && line[at] !== separator) throw strange(where);
            fields.push(open ? undefined : field);
        }
        return fields;
    }
}

function strange(where: string): QueryError {
    return notModelled(`a quote elsewhere than around a whole field of CSV (${where})`);
}

function readValue(field: string | undefined, { name, type }: WantedColumn, where: string): DuckDBValue {
    if (field === undefined) return null;
    const value = textValue(field, type);
    if (value !== undefined) return value;
    const shown = field.length > 100 ? `${field.slice(0, 100)}…` : field;
    throw new QueryError(
        "HIVE_BAD_DATA",
        `Error parsing field value '${shown}' as ${typeName(type)} (column ${name}: ${where})`,
    );
}
