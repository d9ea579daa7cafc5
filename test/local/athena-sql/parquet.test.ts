import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { expect } from "chai";
import { parseHiveType } from "../../../local/athena-sql/tables/hive-types";
import { parquetRelation } from "../../../local/athena-sql/tables/parquet";
import { afterTest } from "../../setup";

/** A column `a` of a Parquet file with this value, read with this type. */
async function read(value: string, hiveType: string): Promise<unknown> {
    const folder = mkdtempSync(join(tmpdir(), "it's-"));
    afterTest(() => rmSync(folder, { recursive: true }));
    const instance = await DuckDBInstance.create();
    afterTest(() => instance.closeSync());
    const connection = await instance.connect();
    const file = join(folder, "a.parquet");
    await connection.run("SET TimeZone = 'UTC'");
    await connection.run(`COPY (SELECT ${value} AS "A") TO '${file.replaceAll("'", "''")}' (FORMAT parquet)`);
    const column = { name: "a", type: parseHiveType(hiveType), ordinal: 0 };
    const { from, values } = await parquetRelation(connection, file, "s3://lake/a.parquet", [column]);
    const rows = await connection.runAndReadAll(`SELECT ${values} AS a FROM ${from}`);
    return rows.getRowObjectsJson()[0]!.a;
}

describe("a column of a Parquet file", () => {
    const readable: [string, string, unknown][] = [
        ["'x'", "string", "x"],
        ["'x'::BLOB", "string", "x"],
        ["true", "boolean", true],
        ["1::TINYINT", "tinyint", 1],
        ["1::TINYINT", "int", 1],
        ["9007199254740993", "bigint", "9007199254740993"],
        ["1.5::FLOAT", "float", 1.5],
        ["1.5::FLOAT", "double", 1.5],
        ["1.25::DECIMAL(9,2)", "decimal(9,2)", "1.25"],
        ["DATE '2026-11-21'", "date", "2026-11-21"],
        ["TIMESTAMP '2026-11-21 01:02:03.4565'", "timestamp", "2026-11-21 01:02:03.457"],
        ["TIMESTAMP_NS '2026-11-21 01:02:03.456'", "timestamp", "2026-11-21 01:02:03.456"],
        ["TIMESTAMPTZ '2026-11-21 01:02:03+01'", "timestamp", "2026-11-21 00:02:03"],
        ["[1::INTEGER, NULL]", "array<bigint>", ["1", null]],
        ["{'X': 1::INTEGER, 'z': 2}", "struct<y:string,x:bigint>", { f1: null, f2: "1" }],
        ["NULL::STRUCT(x INTEGER)", "struct<x:int>", null],
        ["[{'x': 1::INTEGER}]", "array<struct<x:int>>", [{ f1: 1 }]],
        ["MAP {'k': 1::INTEGER}", "map<string,bigint>", [{ key: "k", value: "1" }]],
        ["NULL::MAP(VARCHAR, INTEGER)", "map<string,int>", null],
        ["1", "string", undefined],
        ["9007199254740993", "int", undefined],
        ["1.5::DOUBLE", "float", undefined],
        ["1.25::DECIMAL(9,3)", "decimal(9,2)", undefined],
        ["'2026-11-21'", "timestamp", undefined],
        ["'x'", "array<string>", undefined],
        ["['x']", "array<int>", undefined],
        ["'x'", "struct<x:int>", undefined],
        ["{'x': 'y'}", "struct<x:int>", undefined],
        ["'x'", "map<string,int>", undefined],
    ];
    for (const [value, hiveType, expected] of readable)
        it(`${expected === undefined ? "is refused" : "is read"}: ${value} as ${hiveType}`, async () => {
            const found = await read(value, hiveType).catch((error: Error) => error.message);

            if (expected !== undefined) expect(found).to.deep.equal(expected);
            else
                expect(found).to.match(
                    /^HIVE_BAD_DATA: Field a's type .+ in parquet file .+ is incompatible with type/,
                );
        });
});
