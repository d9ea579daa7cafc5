import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { expect } from "chai";
import fc from "fast-check";
import { parseHiveType } from "../../local/athena-sql/tables/hive-types";
import type { LakeTable } from "../../local/athena-sql/tables/tables";
import { documents, ParquetConverter } from "../../local/services/firehose/parquet-converter";
import { readJson } from "../read-json";
import { afterTest } from "../setup";
import { rejection, testRuntime } from "./support";

/** A converter by these columns, `name type`, and what plain DuckDB reads of a file that it made. */
async function prepare(...columns: string[]) {
    const { folder } = testRuntime();
    const table = { columns: columns.map(columnOf) };
    const converter = await ParquetConverter.start(folder, table);
    afterTest(() => converter.stop());
    return {
        folder,
        convert: (...records: string[]) => converter.convert(records.map(recordOf)),
        async read(file: Buffer | undefined, sql = "SELECT * FROM file") {
            const path = join(folder, "read.parquet");
            writeFileSync(path, file!);
            const instance = await DuckDBInstance.create();
            const connection = await instance.connect();
            await connection.run(`CREATE VIEW file AS SELECT * FROM read_parquet('${path}')`);
            const result = await connection.runAndReadAll(sql.replace("FILE", `'${path}'`));
            const rows = result.getRowsJson();
            const types = result.columnTypes().map(String);
            connection.closeSync();
            instance.closeSync();
            return { rows, types };
        },
    };
}

function columnOf(text: string): LakeTable["columns"][number] {
    const [name, type] = text.split(" ");
    return { name: name!, type: parseHiveType(type!), partition: name === "hour" };
}

const recordOf = (text: string) => ({ id: text, arrival: 0, data: Buffer.from(text) });

describe("Conversion to Parquet", () => {
    it("gives every column its type and keeps every digit", async () => {
        const { convert, read } = await prepare(
            ...[
                "a tinyint",
                "b bigint",
                "c decimal(20,2)",
                "d double",
                "e float",
                "f date",
                "g timestamp",
                "h boolean",
            ],
            ...["i string", "hour string"],
        );

        const { file, failed } = await convert(
            '{"a":-128,"b":9007199254740993,"c":123456789012345678.90,"d":0.1,"e":1.5,"f":"2026-02-28",' +
                '"g":"2026-11-21 04:00:00.125","h":true,"i":"naïve \\u0000"}',
            "{}",
        );

        const { rows, types } = await read(file);
        expect(failed).to.deep.equal([]);
        expect(types).to.deep.equal([
            "TINYINT",
            "BIGINT",
            "DECIMAL(20,2)",
            "DOUBLE",
            "FLOAT",
            "DATE",
            "TIMESTAMP",
            "BOOLEAN",
            "VARCHAR",
        ]);
        expect(rows).to.deep.equal([
            [
                ...[-128, "9007199254740993", "123456789012345678.90", 0.1, 1.5, "2026-02-28"],
                ...["2026-11-21 04:00:00.125", true, "naïve \u0000"],
            ],
            Array(9).fill(null),
        ]);
    });

    it("keeps the names of fields at any depth, and NULL apart from empty", async () => {
        const { convert, read } = await prepare(
            "place struct<lat:double,names:array<struct<lang:string,text:string>>>",
            "sizes map<string,struct<w:int>>",
        );

        const { file } = await convert(
            '{"place":{"lat":1.5,"names":[{"lang":"da","text":"Århus"},null]},"sizes":{"S":{"w":1},"m":null}}',
            '{"place":null,"sizes":{}}',
            '{"place":{"names":[]},"sizes":null}',
        );

        const { rows, types } = await read(file);
        expect(types).to.deep.equal([
            'STRUCT("lat" DOUBLE, "names" STRUCT("lang" VARCHAR, "text" VARCHAR)[])',
            'MAP(VARCHAR, STRUCT("w" INTEGER))',
        ]);
        expect(rows).to.deep.equal([
            [
                { lat: 1.5, names: [{ lang: "da", text: "Århus" }, null] },
                [
                    { key: "S", value: { w: 1 } },
                    { key: "m", value: null },
                ],
            ],
            [null, []],
            [{ lat: null, names: [] }, null],
        ]);
    });

    it("keeps the names of fields in lists of lists and maps of maps", async () => {
        const { convert, read } = await prepare(
            "grid array<array<struct<cell:array<struct<n:int>>>>>",
            "tree map<string,map<string,struct<n:int>>>",
        );

        const { file } = await convert('{"grid":[[{"cell":[{"n":1},{"n":2}]}],[]],"tree":{"a":{"b":{"n":3}}}}');

        expect((await read(file)).rows).to.deep.equal([
            [[[{ cell: [{ n: 1 }, { n: 2 }] }], []], [{ key: "a", value: [{ key: "b", value: { n: 3 } }] }]],
        ]);
    });

    it("ends what it is writing before it stops", async () => {
        const { folder } = testRuntime();
        const converter = await ParquetConverter.start(folder, { columns: [columnOf("a int")] });

        const conversion = converter.convert([recordOf('{"a":1}')]);
        await converter.stop();

        expect((await conversion).file!.subarray(0, 4).toString()).to.equal("PAR1");
    });

    it("compresses by Snappy", async () => {
        const { convert, read } = await prepare("a int");

        const { file } = await convert('{"a":1}');

        const { rows } = await read(file, "SELECT DISTINCT compression FROM parquet_metadata(FILE)");
        expect(rows).to.deep.equal([["SNAPPY"]]);
    });

    it("fails the record concerned, whole, and converts the others", async () => {
        const { convert, read } = await prepare("a int");

        const { converted, failed, file } = await convert(
            '{"a":1}\n{"a":2}\n',
            '{"a":3}\n{"a":"three"}\n',
            "no JSON",
            '{"a":4}',
        );

        expect(converted.map(({ id }) => id)).to.deep.equal(['{"a":1}\n{"a":2}\n', '{"a":4}']);
        expect(failed.map(({ record, code, message }) => [record.id, code, message])).to.deep.equal([
            ['{"a":3}\n{"a":"three"}\n', "MalformedData", "Data does not match the schema."],
            ["no JSON", "ParseError", "Encountered malformed JSON."],
        ]);
        expect((await read(file)).rows).to.deep.equal([[1], [2], [4]]);
    });

    it("makes no file where there is nothing to convert", async () => {
        const { convert } = await prepare("a int");

        expect(await convert("[]"))
            .to.include({ events: 0 })
            .and.to.not.have.property("file");
        expect(await convert("\n"))
            .to.deep.include({ failed: [] })
            .and.to.not.have.property("file");
    });

    it("says what to install where DuckDB is missing", async () => {
        const missing = () => Promise.reject(new Error("Cannot find module"));

        const error = await rejection(ParquetConverter.start("/tmp", { columns: [] }, missing));

        expect(error.message).to.match(/^Firehose writes Parquet by DuckDB here, and .* Install it: npm install/);
    });
});

describe("A record's JSON documents", () => {
    it("may follow each other with anything white between them, or nothing", () => {
        fc.assert(
            fc.property(
                fc.array(fc.tuple(fc.dictionary(fc.string(), fc.json()), fc.constantFrom("", "\n", " \r\n\t"))),
                (parts) => {
                    const record = parts.map(([value, space]) => `${JSON.stringify(value, null, 1)}${space}`).join("");

                    const found = documents(record);

                    expect(found.map((text) => readJson(text))).to.deep.equal(
                        parts.map(([value]) => readJson(JSON.stringify(value))),
                    );
                },
            ),
        );
    });

    for (const text of ["[{}", '{"a":"}', "}{", "{} x", "x"])
        it(`are not found in ${text}, which is left to fail`, () => {
            expect(documents(text).join("")).to.equal(text);
            expect(() => documents(text).map((each) => JSON.parse(each))).to.throw(SyntaxError);
        });
});
