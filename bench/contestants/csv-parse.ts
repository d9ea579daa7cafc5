import { finished } from "node:stream/promises";
import type { CastingContext } from "csv-parse";
import type { BenchColumn } from "../data/rows";
import { lineWriter, literalsOf } from "./json-rows";

/** Makes lines of JSON of a CSV's bytes. */
export type Convert = (chunks: AsyncIterable<Buffer>) => AsyncIterable<string | Buffer>;

/** By csv-parse, which tells whether a cell had quotes only to a function that it calls for each of them. */
export async function castingCsvParse(columns: BenchColumn[]): Promise<Convert> {
    const literals = literalsOf(columns);
    const cast = (text: string, { quoting, index }: CastingContext) => (quoting ? literals[index]!(text) : "null");
    return csvParse(lineWriter(columns), { cast });
}

/** By csv-parse as most people use it. */
export async function plainCsvParse(columns: BenchColumn[]): Promise<Convert> {
    const literals = literalsOf(columns);
    const writeLine = lineWriter(columns);
    return csvParse((cells) => writeLine(cells.map((text, index) => literals[index]!(text))), {});
}

async function csvParse(
    lineOf: (cells: string[]) => string,
    options: { cast?: (text: string, context: CastingContext) => string },
): Promise<Convert> {
    const { parse } = await import("csv-parse");
    return async function* (chunks) {
        let block = "";
        const parser = parse({
            ...options,
            from_line: 2,
            on_record(cells: string[]) {
                block += lineOf(cells);
                return null;
            },
        });
        parser.resume();
        for await (const chunk of chunks) {
            await new Promise<void>((resolve, reject) => {
                parser.write(chunk, (error) => (error ? reject(error) : resolve()));
            });
            yield block;
            block = "";
        }
        await finished(parser.end());
        yield block;
    };
}
