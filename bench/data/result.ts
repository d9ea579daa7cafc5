import { createReadStream, createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { Random } from "../../cli/generate/random";
import { ReferenceCsvToNdjson } from "../../test/handlers/convert-result/reference";
import { writeTexts } from "./files";
import type { Shape, Values } from "./rows";

export const csvFile = "result.csv";
/** What the CSV is to become. */
export const linesFile = "result.ndjson";

/** Makes a result of so many bytes, and its lines by what tests compare ours to. */
export async function makeResult(folder: string, { columns, row }: Shape, bytes: number): Promise<void> {
    const csv = join(folder, csvFile);
    const reference = new ReferenceCsvToNdjson(columns);
    await writeTexts(csv, csvLines());
    await pipeline(createReadStream(csv), lines, createWriteStream(join(folder, linesFile)));

    function* csvLines(): Generator<string> {
        const random = new Random(1, "result");
        let written = 0;
        for (let line = csvLine(columns.map(({ name }) => name)); written < bytes; line = csvLine(row(random))) {
            yield line;
            written += Buffer.byteLength(line);
        }
    }

    async function* lines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
        for await (const chunk of chunks) yield reference.push(chunk);
        yield reference.end();
    }
}

/** As Athena writes it: every value in quotes, and nothing for NULL. */
function csvLine(values: Values): string {
    return `${values.map((value) => (value === null ? "" : `"${value.replaceAll('"', '""')}"`)).join(",")}\n`;
}
