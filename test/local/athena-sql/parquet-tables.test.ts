import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { expect } from "chai";
import { Engine } from "../../../local/athena-sql/engine";
import { bindParameters, parseStatement, plan } from "../../../local/athena-sql/run";
import { parseHiveType } from "../../../local/athena-sql/tables/hive-types";
import type { LakeTable } from "../../../local/athena-sql/tables/tables";
import { afterTest } from "../../setup";
import { rejection, testRuntime } from "../support";

/** A table `t` over Parquet files, each written by plain DuckDB from a SELECT, or of these bytes. */
async function prepare(columns: string[], ...files: (string | Buffer)[]) {
    const { folder } = testRuntime();
    const paths = files.map((_, index) => join(folder, `${index}.parquet`));
    const writer = await DuckDBInstance.create();
    const connection = await writer.connect();
    for (const [index, content] of files.entries()) {
        if (typeof content !== "string") writeFileSync(paths[index]!, content);
        else await connection.run(`COPY (${content}) TO '${paths[index]}' (FORMAT parquet)`);
    }
    connection.closeSync();
    writer.closeSync();

    const engine = await Engine.start(folder);
    afterTest(async () => engine.stop());
    const table: LakeTable = {
        ...{ database: "lake", name: "t", location: "s3://lake/t/", format: { kind: "parquet" } },
        columns: columns.map((column) => {
            const [name, type] = column.split(" ");
            return { name: name!, type: parseHiveType(type!), partition: false };
        }),
    };
    const list = () => paths.map((file, index) => ({ key: `t/${index}`, size: statSync(file).size, file }));
    return {
        paths,
        async run(sql: string, parameters: string[] = []) {
            const statement = bindParameters(parseStatement(sql), parameters);
            const planned = await plan(statement, "lake", 0, { engine, objects: { list }, table: () => table });
            try {
                const rows: (string | undefined)[][] = [];
                for await (const row of planned.run()) rows.push(row);
                return { rows, bytesScanned: planned.bytesScanned };
            } finally {
                planned.close();
            }
        },
    };
}

const reason = async (promise: Promise<unknown>) => (await rejection(promise)).message;

describe("A table's Parquet files", () => {
    it("are read by their columns' names, whatever the case, and NULL where they have none", async () => {
        const { run } = await prepare(
            ["a int", "b string"],
            "SELECT 'x' AS B, 1::INT AS a, 2 AS other",
            "SELECT 3::INT AS A",
        );

        expect((await run("SELECT a, b FROM t ORDER BY a")).rows).to.deep.equal([
            ["1", "x"],
            ["3", undefined],
        ]);
        expect((await run("SELECT count(*) FROM t")).rows).to.deep.equal([["2"]]);
    });

    it("say where each row comes from", async () => {
        const { run } = await prepare(["a int"], "SELECT 1::INT AS a", "SELECT 2::INT AS a");

        const { rows } = await run(`SELECT a, "$path" FROM t WHERE "$path" IN (?)`, ["'s3://lake/t/1'"]);

        expect(rows).to.deep.equal([["2", "s3://lake/t/1"]]);
    });

    it("are read with nested values at any depth", async () => {
        const { run } = await prepare(
            ["place struct<lat:double,names:array<struct<lang:string>>>", "sizes map<string,struct<w:int,h:int>>"],
            `SELECT {'names': [{'LANG': 'da'}, NULL], 'lat': 1.5::DOUBLE} AS place, MAP {'s': {'w': 7::INT}} AS sizes`,
            "SELECT NULL::STRUCT(lat DOUBLE) AS place, NULL::MAP(VARCHAR, STRUCT(w INTEGER)) AS sizes",
        );

        const { rows } = await run(`
            SELECT place.lat, place.names[1].lang, place.names[2] IS NULL, sizes['s'].w, sizes['s'].h, place IS NULL
            FROM t ORDER BY 6`);

        expect(rows).to.deep.equal([
            ["1.5", "da", "true", "7", undefined, "false"],
            [undefined, undefined, "true", undefined, undefined, "true"],
        ]);
    });

    it("are read with lists of lists", async () => {
        const { run } = await prepare(
            ["grid array<array<struct<cell:array<struct<n:int>>>>>"],
            "SELECT [[{'cell': [{'n': 1::INT}, {'n': 2::INT}]}], []] AS grid",
        );

        expect((await run("SELECT grid[1][1].cell[2].n, cardinality(grid[2]) FROM t")).rows).to.deep.equal([
            ["2", "0"],
        ]);
    });

    for (const [name, content] of [
        ["JSON", Buffer.from('{"a":1}\n'.repeat(10))],
        ["cut", Buffer.from("PAR1 and so on")],
    ] as const)
        it(`fail where they are ${name}`, async () => {
            const { run } = await prepare(["a int"], content);

            for (const sql of ["SELECT a FROM t", "SELECT count(*) FROM t"])
                expect(await reason(run(sql))).to.equal("HIVE_BAD_DATA: Not valid Parquet file: s3://lake/t/0");
        });

    it("are scanned by the columns that a statement uses", async () => {
        const wide = "SELECT i::INT AS a, md5(i::VARCHAR) AS b, {'x': md5(i::VARCHAR)} AS c FROM range(1000) r(i)";
        const { run, paths } = await prepare(["a int", "b string", "c struct<x:string>"], wide, wide);
        const scanned = async (sql: string) => (await run(sql)).bytesScanned;
        const size = paths.reduce((sum, path) => sum + statSync(path).size, 0);

        const [none, a, b, c, all] = [
            await scanned("SELECT count(*) FROM t"),
            await scanned("SELECT sum(a) FROM t"),
            await scanned("SELECT max(b) FROM t"),
            await scanned("SELECT max(c.x) FROM t"),
            await scanned("SELECT sum(a), max(b), max(c.x) FROM t"),
        ];

        expect(none).to.equal(0);
        expect(a).to.be.greaterThan(0).and.lessThan(b!);
        expect(c).to.be.greaterThan(a!);
        expect(all).to.equal(a! + b! + c!);
        expect(all).to.be.lessThan(size);
    });
});
