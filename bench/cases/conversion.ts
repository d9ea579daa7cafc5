import { createReadStream, createWriteStream } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import type { Compression } from "../../handlers/convert-result/contract";
import { CsvToNdjson } from "../../handlers/convert-result/csv-to-ndjson";
import { gzip as gzipped } from "../../handlers/convert-result/gzip";
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
    /** Ours; absent: not compressed. */
    compression?: Compression;
    /** The others'. */
    pack(): PassThrough | ReturnType<typeof createGzip>;
    unpack(): PassThrough | ReturnType<typeof createGunzip>;
    /** What DuckDB calls it. */
    duckType: "gzip" | "none";
    /** What nobody can do without, and what ours must reach of it. */
    limit: { name: string; pack: Packing["pack"]; atLeast?: number };
    /** What ours must reach of csv-parse. */
    ofCsvParse?: number;
}

const csvBytes: Record<Size, number> = { full: 200e6, short: 20e6 };

const gzip: Packing = {
    name: "conversion",
    about: "gzip JSON lines",
    compression: "balanced",
    pack: () => zlib(6),
    unpack: createGunzip,
    duckType: "gzip",
    limit: { name: "gzip alone", pack: () => zlib(6), atLeast: 0.9 },
    ofCsvParse: 10,
};

/** The others as they are by default. What zlib makes of it at its fastest, ours may exceed by an eighth. */
const fast: Packing = {
    ...gzip,
    name: "conversion-fast",
    about: "gzip JSON lines, fast",
    compression: "fast",
    limit: { name: "gzip -1 alone", pack: () => zlib(1) },
    ofCsvParse: 30,
};

const plain: Packing = {
    name: "parsing",
    about: "JSON lines, not compressed",
    pack: () => new PassThrough(),
    unpack: () => new PassThrough(),
    duckType: "none",
    limit: { name: "copying alone", pack: () => new PassThrough() },
};

/** Athena's CSV to one gzip object of JSON lines, and without the gzip, which takes most of the time. */
export const conversions = [gzip, fast, plain].flatMap((packing) =>
    [wide, narrow].map((shape) => conversion(shape, packing)),
);

function conversion({ columns, ...shape }: Shape, packing: Packing): Case {
    const { compression, pack, unpack, duckType, limit, ofCsvParse } = packing;
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
            {
                name: "ours",
                load: async (data, output) => () =>
                    pipeline(read(data, csvFile), ours(columns, compression), createWriteStream(output)),
            },
            { ...converting("csv-parse with cast", () => castingCsvParse(columns)), atLeast: ofCsvParse },
            converting("csv-parse", () => plainCsvParse(columns)),
            converting("uDSV", () => udsv(columns)),
            {
                name: "DuckDB",
                isUnsteady: true,
                load: (data, output) => duckdb(columns, join(data, csvFile), output, duckType),
            },
            {
                name: limit.name,
                isLimit: true,
                atLeast: limit.atLeast,
                load: async (data, output) => () =>
                    pipeline(read(data, linesFile), limit.pack(), createWriteStream(output)),
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

function ours(columns: BenchColumn[], compression?: Compression) {
    return (chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> => {
        const converter = new CsvToNdjson(columns);
        return compression ? gzipped(linesOf(converter.convert), compression) : linesOf(converter.push);

        async function* linesOf(convert: CsvToNdjson["push"]): AsyncGenerator<Buffer> {
            for await (const chunk of chunks) yield convert.call(converter, chunk);
            yield converter.end();
        }
    };
}

function zlib(level: number) {
    return createGzip({ level, chunkSize: 64 * 1024 });
}

function read(data: string, file: string) {
    return createReadStream(join(data, file), { highWaterMark: 64 * 1024 });
}
