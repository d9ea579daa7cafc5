import { createReadStream, createWriteStream } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { CsvToNdjson } from "../../handlers/convert-result/csv-to-ndjson";
import type { Case, Contestant, Size } from "../case";
import { differingLines } from "../compare-lines";
import { type Convert, castingCsvParse, plainCsvParse } from "../contestants/csv-parse";
import { duckdb } from "../contestants/duckdb";
import { udsv } from "../contestants/udsv";
import { madeOnce } from "../data/files";
import { csvFile, linesFile, makeResult } from "../data/result";
import { type BenchColumn, narrow, type Shape, wide } from "../data/rows";

/** What comes of the lines in the end. */
interface Packing {
    name: string;
    about: string;
    pack(): PassThrough | ReturnType<typeof createGzip>;
    unpack(): PassThrough | ReturnType<typeof createGunzip>;
    /** What DuckDB calls it. */
    duckType: "gzip" | "none";
    /** What ours must reach, of `pack` alone and of csv-parse. */
    ofLimit?: number;
    ofCsvParse?: number;
}

const csvBytes: Record<Size, number> = { full: 200e6, short: 20e6 };

const gzip: Packing = {
    name: "conversion",
    about: "gzip JSON lines",
    pack: () => createGzip({ level: 6, chunkSize: 64 * 1024 }),
    unpack: createGunzip,
    duckType: "gzip",
    ofLimit: 0.9,
    ofCsvParse: 10,
};

const plain: Packing = {
    name: "parsing",
    about: "JSON lines, not compressed",
    pack: () => new PassThrough(),
    unpack: () => new PassThrough(),
    duckType: "none",
};

/** Athena's CSV to one gzip object of JSON lines, and without the gzip, which takes most of the time. */
export const conversions = [gzip, plain].flatMap((packing) =>
    [wide, narrow].map((shape) => conversion(shape, packing)),
);

function conversion({ columns, ...shape }: Shape, packing: Packing): Case {
    const { pack, unpack, duckType, ofLimit, ofCsvParse } = packing;
    return {
        name: `${packing.name}-${shape.name}`,
        about: `a result of ${shape.about} to ${packing.about}`,
        data: (size) =>
            madeOnce(`result-${shape.name}-${size}-1`, (folder) =>
                makeResult(folder, { columns, ...shape }, csvBytes[size]),
            ),
        differences: (data, output) =>
            differingLines(
                () => read(data, linesFile),
                () => createReadStream(output).pipe(unpack()),
            ),
        contestants: [
            converting("ours", async () => ours(columns)),
            { ...converting("csv-parse with cast", () => castingCsvParse(columns)), atLeast: ofCsvParse },
            converting("csv-parse", () => plainCsvParse(columns)),
            converting("uDSV", () => udsv(columns)),
            {
                name: "DuckDB",
                isUnsteady: true,
                load: (data, output) => duckdb(columns, join(data, csvFile), output, duckType),
            },
            {
                name: packing === gzip ? "gzip alone" : "copying alone",
                isLimit: true,
                atLeast: ofLimit,
                load: async (data, output) => () => pipeline(read(data, linesFile), pack(), createWriteStream(output)),
            },
        ],
    };

    function converting(name: string, load: () => Promise<Convert>): Contestant {
        return {
            name,
            async load(data, output) {
                const convert = await load();
                return () => pipeline(read(data, csvFile), convert, pack(), createWriteStream(output));
            },
        };
    }
}

function ours(columns: BenchColumn[]): Convert {
    return async function* (chunks) {
        const converter = new CsvToNdjson(columns);
        for await (const chunk of chunks) yield converter.push(chunk);
        yield converter.end();
    };
}

function read(data: string, file: string) {
    return createReadStream(join(data, file), { highWaterMark: 64 * 1024 });
}
