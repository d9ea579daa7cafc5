import { gunzipSync } from "node:zlib";
import { expect } from "chai";
import { lake, table } from "./athena-support";

const unload = (query: string, to = "s3://lake/copy/", more = "") =>
    `UNLOAD (${query}) TO '${to}' WITH (format = 'PARQUET'${more})`;

describe("UNLOAD", () => {
    it("writes Parquet that reads as the rows that it was made of, in every type", async () => {
        const { run, result, keys } = await lake();

        for (const more of ["", ", compression = 'SNAPPY'"]) {
            const { execution } = await run(
                unload("SELECT * FROM clicks", more ? "s3://lake/snappy/" : undefined, more),
            );
            expect(execution.Status.State, execution.Status.StateChangeReason).to.equal("SUCCEEDED");
        }

        expect(keys("copy/")).to.have.length(1);
        expect(keys("snappy/")).to.have.length(1);
        expect(await result("SELECT * FROM copy ORDER BY i8, s")).to.equal(
            await result("SELECT * FROM clicks ORDER BY i8, s"),
        );
    });

    it("names its files in a manifest, counts their rows, and shows no CSV", async () => {
        const { s3, call, run, keys } = await lake();

        const { id, execution } = await run(unload("SELECT s FROM clicks", "s3://lake/copy"));
        const results = await call("GetQueryResults", { QueryExecutionId: id });

        const manifest = `athena/w/${id}-manifest.csv`;
        expect(execution).to.deep.include({ StatementType: "DML", SubstatementType: "UNLOAD" });
        expect(execution.Statistics.DataManifestLocation).to.equal(`s3://lake/${manifest}`);
        expect(keys("athena/")).to.deep.equal([manifest]);
        expect(String(await s3.read(s3.get("lake", manifest)!))).to.equal(`s3://lake/${keys("copy/")[0]}\n`);
        expect(results.UpdateCount).to.equal(3);
        expect(results.ResultSet.Rows).to.deep.equal([]);
        expect(results.ResultSet.ResultSetMetadata.ColumnInfo[0]).to.include({ Name: "rows", Type: "bigint" });
    });

    it("writes no file where there are no rows", async () => {
        const { s3, run, keys } = await lake();

        const { id, execution } = await run(unload("SELECT s FROM clicks WHERE false"));

        expect(execution.Status.State).to.equal("SUCCEEDED");
        expect(keys("copy/")).to.deep.equal([]);
        expect(s3.get("lake", `athena/w/${id}-manifest.csv`)!.size).to.equal(0);
    });

    for (const [what, query, reason] of [
        [
            "two columns of a name",
            "SELECT 1 AS a, 2 AS A",
            "DUPLICATE_COLUMN_NAME: line 1:1: Column name 'a' specified more than once",
        ],
        [
            "a time with a zone",
            "SELECT current_timestamp AS t",
            "NOT_SUPPORTED: line 1:1: Unsupported Hive type: timestamp(3) with time zone",
        ],
        [
            "a type in another",
            "SELECT ARRAY[current_timestamp] AS t",
            "NOT_SUPPORTED: line 1:1: Unsupported Hive type: timestamp(3) with time zone",
        ],
        [
            "a row without names",
            "SELECT ROW(1) AS r",
            "NOT_SUPPORTED: line 1:1: Anonymous row type is not supported in Hive.",
        ],
        ["an error while it runs", "SELECT 1 / 0 AS a", "DIVISION_BY_ZERO"],
    ] as const) {
        it(`fails of ${what}, and leaves nothing`, async () => {
            const { run, keys } = await lake();

            const { execution } = await run(unload(query));

            expect(execution.Status.State).to.equal("FAILED");
            expect(execution.Status.StateChangeReason).to.include(reason);
            expect(keys("copy/")).to.deep.equal([]);
        });
    }

    it("fails where something lies already", async () => {
        const { run, keys } = await lake();
        await run(unload("SELECT s FROM clicks"));

        const { execution } = await run(unload("SELECT s FROM clicks"));

        expect(execution.Status.StateChangeReason).to.equal(
            "HIVE_PATH_ALREADY_EXISTS: Target directory already exists: s3://lake/copy/",
        );
        expect(keys("copy/")).to.have.length(1);
    });

    it("writes gzipped JSON: a row a line, every digit, NULL spelled out", async () => {
        const { s3, run, keys } = await lake();

        const { reason } = await run(
            "UNLOAD (SELECT *, X'4142' AS bytes FROM clicks) TO 's3://lake/json' WITH (format = 'JSON')",
        );

        expect(reason).to.equal(undefined);
        expect(keys("json/")).to.have.length(1);
        const [key] = keys("json/");
        expect(key).to.match(/\/\d{8}_\d{6}_00001_[0-9a-f]{5}_[-0-9a-f]{36}\.gz$/);
        const lines = String(gunzipSync(await s3.read(s3.get("lake", key!)!))).split("\n");
        expect(lines).to.deep.equal([
            '{"s":"ü \\" \\n","b":true,"i8":-128,"i16":32767,"i32":-2147483648,"i64":9007199254740993,"f32":0.1,"f64":1.0E-300,' +
                '"money":1234567890123456.7891,"day":"1969-12-31","at":"2026-11-21 04:00:00.123",' +
                '"list":[{"n":1,"t":"2026-11-21 04:00:00.5"},null],"dictionary":{"A":1.5,"b":null},' +
                '"place":{"lat":1.5,"names":["a",""]},"bytes":"AB"}',
            '{"s":"","b":false,"i8":null,"i16":null,"i32":null,"i64":null,"f32":null,"f64":null,"money":null,"day":null,' +
                '"at":null,"list":[],"dictionary":{},"place":{"lat":null,"names":null},"bytes":"AB"}',
            `{${["s", "b", "i8", "i16", "i32", "i64", "f32", "f64", "money", "day", "at", "list", "dictionary", "place"].map((name) => `"${name}":null`).join(",")},"bytes":"AB"}`,
            "",
        ]);
    });

    it("writes JSON that reads as the rows that it was made of", async () => {
        const { run, result } = await lake([table("again", "json")]);

        await run("UNLOAD (SELECT * FROM clicks) TO 's3://lake/again/' WITH (format = 'JSON')");

        expect(await result("SELECT * FROM again ORDER BY i8, s")).to.equal(
            await result("SELECT * FROM clicks ORDER BY i8, s"),
        );
    });

    it("writes numbers that JSON does not know as texts, and timestamps without zeros at their end", async () => {
        const { s3, run, keys } = await lake();

        await run(
            "UNLOAD (SELECT nan() AS a, -infinity() AS b, TIMESTAMP '2026-11-20 10:00:00' AS c, MAP(ARRAY[DATE '2026-11-20'], ARRAY[1]) AS d) TO 's3://lake/json/' WITH (format = 'JSON')",
        );

        expect(String(gunzipSync(await s3.read(s3.get("lake", keys("json/")[0]!)!)))).to.equal(
            '{"a":"NaN","b":"-Infinity","c":"2026-11-20 10:00:00","d":{"2026-11-20":1}}\n',
        );
    });

    it("writes names of columns and fields in lower case, and the rows of each file in their order", async () => {
        const { s3, run, keys } = await lake();

        await run(
            `UNLOAD (SELECT n AS "Nn", CAST(ROW(n) AS ROW(Ff bigint)) AS r, n % 2 = 0 AS even FROM UNNEST(sequence(1, 4000)) t(n) ORDER BY n DESC)
             TO 's3://lake/json/' WITH (format = 'JSON', partitioned_by = ARRAY['even'])`,
        );

        const lines = String(gunzipSync(await s3.read(s3.get("lake", keys("json/even=true/")[0]!)!))).split("\n");
        expect(lines[0]).to.equal('{"nn":4000,"r":{"ff":4000}}');
        expect(lines.slice(0, -1).map((line) => JSON.parse(line).nn)).to.deep.equal(
            Array.from({ length: 2000 }, (_, index) => 4000 - 2 * index),
        );
    });

    it("writes gzipped text, fields between the delimiter, NULL as \\N", async () => {
        const { s3, run, keys } = await lake();

        await run(
            "UNLOAD (SELECT s, b, i64 FROM clicks WHERE s = '' OR s IS NULL) TO 's3://lake/text/' WITH (format = 'TEXTFILE', field_delimiter = ',')",
        );

        expect(String(gunzipSync(await s3.read(s3.get("lake", keys("text/")[0]!)!)))).to.equal(
            ",false,\\N\n\\N,\\N,\\N\n",
        );
    });

    it("writes a folder for each partition, which its files leave out", async () => {
        const { s3, run, keys } = await lake();

        const { id, reason } = await run(
            "UNLOAD (SELECT n, d, p FROM (VALUES (1, DATE '2026-11-20', 'a/b'), (2, DATE '2026-11-21', NULL), (3, DATE '2026-11-20', 'a/b')) t(n, d, p)) TO 's3://lake/days/' WITH (format = 'JSON', partitioned_by = ARRAY['d', 'p'])",
        );

        expect(reason).to.equal(undefined);
        const written = keys("days/");
        expect(written.map((key) => key.slice(0, key.lastIndexOf("/") + 1))).to.deep.equal([
            "days/d=2026-11-20/p=a%2Fb/",
            "days/d=2026-11-21/p=__HIVE_DEFAULT_PARTITION__/",
        ]);
        expect(String(gunzipSync(await s3.read(s3.get("lake", written[0]!)!)))).to.equal('{"n":1}\n{"n":3}\n');
        expect(String(await s3.read(s3.get("lake", `athena/w/${id}-manifest.csv`)!))).to.equal(
            written.map((key) => `s3://lake/${key}\n`).join(""),
        );
    });

    for (const [what, query, properties, reason] of [
        [
            "partition columns that are not the last",
            "SELECT 1 AS a, 2 AS b",
            "partitioned_by = ARRAY['a']",
            "HIVE_COLUMN_ORDER_MISMATCH",
        ],
        [
            "nothing but partition columns",
            "SELECT 1 AS a",
            "partitioned_by = ARRAY['a']",
            "INVALID_TABLE_PROPERTY: line 1:1: Table contains only partition columns",
        ],
        [
            "a partition of a time",
            "SELECT 1 AS a, TIMESTAMP '2026-11-20 00:00:00' AS b",
            "partitioned_by = ARRAY['b']",
            "a partition column of type timestamp(0) is not modelled locally",
        ],
        [
            "too many partitions",
            "SELECT 1 AS a, n FROM UNNEST(sequence(1, 101)) t(n)",
            "partitioned_by = ARRAY['n']",
            "HIVE_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of 100",
        ],
    ] as const) {
        it(`fails of ${what}`, async () => {
            const { run, keys } = await lake();

            const result = await run(`UNLOAD (${query}) TO 's3://lake/out/' WITH (format = 'JSON', ${properties})`);

            expect(result.reason).to.include(reason);
            expect(keys("out/")).to.deep.equal([]);
        });
    }

    it("writes no nested values into text", async () => {
        const { run } = await lake();

        const { reason } = await run("UNLOAD (SELECT list FROM clicks) TO 's3://lake/out/' WITH (format = 'TEXTFILE')");

        expect(reason).to.include("in a text file is not modelled locally");
    });
});
