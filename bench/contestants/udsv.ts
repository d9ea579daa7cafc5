import { StringDecoder } from "node:string_decoder";
import type { Parser } from "udsv";
import type { BenchColumn } from "../data/rows";
import type { Convert } from "./csv-parse";
import { lineWriter, literalsOf } from "./json-rows";

/** By uDSV, the fastest parser in JavaScript that could be found. */
export async function udsv(columns: BenchColumn[]): Promise<Convert> {
    const { inferSchema, initParser } = await import("udsv");
    const literals = literalsOf(columns);
    const writeLine = lineWriter(columns);
    return async function* (chunks) {
        const decoder = new StringDecoder("utf8");
        let parser: Parser | undefined;
        let block = "";
        const addRow = (cells: string[]) => {
            block += writeLine(cells.map((text, index) => literals[index]!(text)));
        };
        for await (const chunk of chunks) {
            const text = decoder.write(chunk);
            parser ??= initParser(inferSchema(text));
            parser.chunk(text, parser.stringArrs, addRow);
            yield block;
            block = "";
        }
        parser!.end();
        yield block;
    };
}
