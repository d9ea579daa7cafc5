import { gunzipSync } from "node:zlib";
import { expect } from "chai";
import { lake, table } from "./athena-support";

const columns = (types: Record<string, string>) => Object.entries(types).map(([name, type]) => ({ name, type }));

describe("CREATE TABLE AS", () => {
    for (const format of ["PARQUET", "JSON"])
        it(`makes a table of ${format} that reads as the query, in every type`, async () => {
            const { run, result } = await lake();

            const { execution, reason } = await run(
                `CREATE TABLE made WITH (format = '${format}') AS SELECT * FROM clicks`,
            );

            expect(reason).to.equal(undefined);
            expect(execution).to.deep.include({ StatementType: "DML", SubstatementType: "CREATE_TABLE_AS_SELECT" });
            expect(await result("SELECT * FROM made ORDER BY i8, s")).to.equal(
                await result("SELECT * FROM clicks ORDER BY i8, s"),
            );
            expect(await result("DESCRIBE made")).to.equal(
                (await result("DESCRIBE copy")).replaceAll(
                    / {20}$/gm,
                    format === "JSON" ? "from deserializer   " : " ".repeat(20),
                ),
            );
        });

    it("makes a table of text, whose fields stand between the delimiter", async () => {
        const { s3, keys, run, result } = await lake();

        const { reason } = await run(
            "CREATE TABLE made WITH (format = 'TEXTFILE', field_delimiter = '|', write_compression = 'NONE') AS SELECT * FROM (VALUES ('a', true, 1, 1.5e0), ('', NULL, -2, nan()), (NULL, false, NULL, -infinity())) t(s, b, n, d)",
        );

        expect(reason).to.equal(undefined);
        const [key] = keys("athena/w/tables/");
        expect(key).to.match(/[0-9a-f]$/);
        expect(String(await s3.read(s3.get("lake", key!)!))).to.equal(
            "a|true|1|1.5\n|\\N|-2|NaN\n\\N|false|\\N|-Infinity\n",
        );
        expect(await result("SELECT * FROM made ORDER BY n")).to.equal(
            '"s","b","n","d"\n"",,"-2","NaN"\n"a","true","1","1.5"\n,"false",,"-Infinity"\n',
        );
    });

    it("lies below the workgroup's results, and where it is told where that is not enforced", async () => {
        const { run, result, keys } = await lake();

        const { id } = await run("CREATE TABLE one AS SELECT 1 AS a");
        const { reason } = await run(
            "CREATE TABLE two WITH (external_location = 's3://lake/two') AS SELECT 2 AS a",
            undefined,
            { WorkGroup: "free" },
        );
        const enforced = await run("CREATE TABLE three WITH (external_location = 's3://lake/three/') AS SELECT 2 AS a");

        expect(reason).to.equal(undefined);
        expect(keys(`athena/w/tables/${id}/`)).to.have.length(1);
        expect(keys("two/")).to.have.length(1);
        expect(await result("SELECT a FROM one UNION ALL SELECT a FROM two")).to.equal('"a"\n"1"\n"2"\n');
        expect(enforced.reason).to.include("enforces a centralized output location for all queries");
    });

    it("names its files in a manifest, and counts its rows", async () => {
        const { s3, call, run, keys } = await lake();

        const { id, execution } = await run("CREATE TABLE one AS SELECT s FROM clicks");
        const results = await call("GetQueryResults", { QueryExecutionId: id });

        expect(execution.Statistics.DataManifestLocation).to.equal(`s3://lake/athena/w/${id}-manifest.csv`);
        expect(String(await s3.read(s3.get("lake", `athena/w/${id}-manifest.csv`)!))).to.equal(
            `s3://lake/${keys("athena/w/tables/")[0]}\n`,
        );
        expect(results.UpdateCount).to.equal(3);
    });

    it("has folders for its partitions, which the catalog lists", async () => {
        const { keys, result, run } = await lake();

        const { id, reason } = await run(
            "CREATE TABLE days WITH (format = 'JSON', partitioned_by = ARRAY['day', 'n']) AS SELECT * FROM (VALUES ('a', DATE '2026-11-20', 1), ('b', DATE '2026-11-21', NULL), ('c', DATE '2026-11-21', 2)) t(s, day, n)",
        );

        expect(reason).to.equal(undefined);
        const folder = `athena/w/tables/${id}/`;
        expect(keys(folder).map((key) => key.slice(folder.length, key.lastIndexOf("/")))).to.deep.equal([
            "day=2026-11-20/n=1",
            "day=2026-11-21/n=2",
            "day=2026-11-21/n=__HIVE_DEFAULT_PARTITION__",
        ]);
        expect(await result("SHOW PARTITIONS days")).to.equal(
            "day=2026-11-20/n=1\nday=2026-11-21/n=2\nday=2026-11-21/n=__HIVE_DEFAULT_PARTITION__\n",
        );
        expect(await result("SELECT * FROM days ORDER BY s")).to.equal(
            '"s","day","n"\n"a","2026-11-20","1"\n"b","2026-11-21",\n"c","2026-11-21","2"\n',
        );
        const { execution } = await run("SELECT s FROM days WHERE day = DATE '2026-11-20'");
        expect(execution.Statistics.DataScannedInBytes).to.be.lessThan(50);
        expect(await result("SELECT s FROM days WHERE n IS NULL")).to.equal('"s"\n"b"\n');
    });

    it("finds with MSCK the folders that came later", async () => {
        const { s3, result, run } = await lake();
        const { id } = await run(
            "CREATE TABLE days WITH (format = 'JSON', partitioned_by = ARRAY['day']) AS SELECT 1 AS n, 'x/y' AS day",
        );
        await s3.put("lake", `athena/w/tables/${id}/day=z%3A/a.json`, Buffer.from('{"n":2}'));
        expect(await result("SELECT n, day FROM days")).to.equal('"n","day"\n"1","x/y"\n');

        const found = await result("MSCK REPAIR TABLE days");

        expect(found).to.equal("Partitions not in metastore:\tdays:day=z%3A\n");
        expect(await result("SELECT n, day FROM days ORDER BY n")).to.equal('"n","day"\n"1","x/y"\n"2","z:"\n');
        expect(await result("MSCK REPAIR TABLE days")).to.equal("");
    });

    it("is empty WITH NO DATA, and not made IF it EXISTS", async () => {
        const { result, run, keys } = await lake();

        await run("CREATE TABLE empty AS SELECT * FROM clicks WITH NO DATA");
        const { execution } = await run("CREATE TABLE IF NOT EXISTS empty AS SELECT 1 / 0 AS a");

        expect(await result("SELECT count(*) AS n, max(i8) AS m FROM empty")).to.equal('"n","m"\n"0",\n');
        expect(execution.Status.State).to.equal("SUCCEEDED");
        expect(keys("athena/w/tables/")).to.deep.equal([]);
    });

    for (const [what, sql, reason] of [
        [
            "a name that is taken",
            "CREATE TABLE copy AS SELECT 1 AS a",
            "TABLE_ALREADY_EXISTS: line 1:1: Destination table 'awsdatacatalog.web.copy' already exists",
        ],
        [
            "another database",
            "CREATE TABLE nowhere.t AS SELECT 1 AS a",
            "SCHEMA_NOT_FOUND: line 1:1: Schema nowhere does not exist",
        ],
        [
            "a column without a name",
            "CREATE TABLE t AS SELECT 1",
            "MISSING_COLUMN_NAME: line 1:1: Column name not specified at position 1",
        ],
        [
            "a type that no table has here",
            "CREATE TABLE t AS SELECT X'41' AS a",
            "columns of type 'binary' are not modelled on this machine",
        ],
        [
            "nested values in text",
            "CREATE TABLE t WITH (format = 'TEXTFILE') AS SELECT ARRAY[1] AS a",
            "a column of type array(integer) in a text file is not modelled locally",
        ],
        ["an error while it runs", "CREATE TABLE t AS SELECT 1 / 0 AS a", "DIVISION_BY_ZERO"],
    ] as const) {
        it(`fails of ${what}, and leaves no table`, async () => {
            const { run, result, keys } = await lake();

            expect((await run(sql)).reason).to.include(reason);
            expect(await result("SHOW TABLES 't'")).to.equal("");
            expect(keys("athena/w/tables/")).to.deep.equal([]);
        });
    }

    it("fails where something lies already", async () => {
        const { run } = await lake();

        const { reason } = await run(
            "CREATE TABLE web.t WITH (external_location = 's3://lake/clicks/') AS SELECT 1 AS a",
            undefined,
            { WorkGroup: "free" },
        );

        expect(reason).to.equal(
            "HIVE_PATH_ALREADY_EXISTS: Target directory for table 'web.t' already exists: s3://lake/clicks/",
        );
    });
});

describe("INSERT INTO", () => {
    it("adds a file of rows to what is there", async () => {
        const { s3, run, result, keys } = await lake();

        await run("INSERT INTO copy SELECT * FROM clicks WHERE i8 IS NULL");
        const { id, execution } = await run("INSERT INTO copy SELECT * FROM clicks WHERE i8 = ?", ["-128"]);

        expect(execution).to.deep.include({ StatementType: "DML", SubstatementType: "INSERT" });
        expect(keys("copy/")).to.have.length(2);
        expect(String(await s3.read(s3.get("lake", `athena/w/${id}-manifest.csv`)!)).trim()).to.be.oneOf(
            keys("copy/").map((key) => `s3://lake/${key}`),
        );
        expect(await result("SELECT * FROM copy ORDER BY i8, s")).to.equal(
            await result("SELECT * FROM clicks ORDER BY i8, s"),
        );
    });

    it("adds VALUES, what is not named as NULL, silently made the columns' types", async () => {
        const { s3, result, run, keys } = await lake([
            table("rows", "hivesJson", columns({ a: "bigint", b: "double", c: "string" })),
        ]);

        const { reason } = await run("INSERT INTO rows (C, a) VALUES ('x', 1), (NULL, TINYINT '2')");

        expect(reason).to.equal(undefined);
        expect(String(gunzipSync(await s3.read(s3.get("lake", keys("rows/")[0]!)!)))).to.equal(
            '{"a":1,"b":null,"c":"x"}\n{"a":2,"b":null,"c":null}\n',
        );
        expect(await result("SELECT * FROM rows ORDER BY a")).to.equal('"a","b","c"\n"1",,"x"\n"2",,\n');
    });

    it("writes text into a table of text", async () => {
        const { s3, keys, run, result } = await lake();
        await run(
            "CREATE TABLE text WITH (format = 'TEXTFILE', field_delimiter = ';') AS SELECT 'abc' AS a, 5 AS b WITH NO DATA",
        );

        await run("INSERT INTO text VALUES ('x', 7), (NULL, 8)");

        const [key] = keys("athena/w/tables/");
        expect(String(gunzipSync(await s3.read(s3.get("lake", key!)!)))).to.equal("x;7\n\\N;8\n");
        expect(await result("SELECT * FROM text ORDER BY b")).to.equal('"a","b"\n"x","7"\n,"8"\n');
    });

    it("writes into folders of partitions that the table projects", async () => {
        const { run, result, keys } = await lake([projected("days", "s3://lake/days/day=${day}/")]);

        const { reason } = await run("INSERT INTO days VALUES (1, '2026-11-20'), (2, '2026-11-21')");

        expect(reason).to.equal(undefined);
        expect(keys("days/").map((key) => key.slice(0, key.lastIndexOf("/")))).to.deep.equal([
            "days/day=2026-11-20",
            "days/day=2026-11-21",
        ]);
        expect(await result("SELECT n, day FROM days ORDER BY n")).to.equal(
            '"n","day"\n"1","2026-11-20"\n"2","2026-11-21"\n',
        );
    });

    it("lists partitions that are new to the catalog", async () => {
        const { run, result } = await lake();
        await run("CREATE TABLE days WITH (partitioned_by = ARRAY['day']) AS SELECT 1 AS n, 'x' AS day");

        await run("INSERT INTO days VALUES (2, 'x'), (3, 'y')");

        expect(await result("SHOW PARTITIONS days")).to.equal("day=x\nday=y\n");
        expect(await result("SELECT * FROM days ORDER BY n")).to.equal('"n","day"\n"1","x"\n"2","x"\n"3","y"\n');
    });

    for (const [what, sql, reason] of [
        [
            "the SerDe of OpenX, as on Athena",
            "INSERT INTO clicks SELECT * FROM clicks",
            "HIVE_UNSUPPORTED_FORMAT: Output format org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat with SerDe org.openx.data.jsonserde.JsonSerDe is not supported.",
        ],
        [
            "a table that is not there",
            "INSERT INTO nothing SELECT 1",
            "TABLE_NOT_FOUND: line 1:1: Table 'awsdatacatalog.web.nothing' does not exist",
        ],
        [
            "another number of columns",
            "INSERT INTO copy SELECT 1",
            "TYPE_MISMATCH: line 1:1: Insert query has mismatched column types: Table: [varchar, boolean, tinyint",
        ],
        [
            "another type",
            "INSERT INTO copy (i8) SELECT 'x'",
            "TYPE_MISMATCH: line 1:1: Insert query has mismatched column types: Table: [tinyint], Query: [varchar(1)]",
        ],
        [
            "a column that is not there",
            "INSERT INTO copy (x) SELECT 1",
            "COLUMN_NOT_FOUND: line 1:1: Insert column name does not exist in target table: x",
        ],
        [
            "a column twice",
            "INSERT INTO copy (s, S) SELECT 'a', 'b'",
            "DUPLICATE_COLUMN_NAME: line 1:1: Insert column name is specified more than once: s",
        ],
        [
            "a partition that is not given",
            "INSERT INTO days (n) SELECT 1",
            "INSERT INTO web.days without its partition column day is not modelled locally",
        ],
        [
            "folders that are not Hive's",
            "INSERT INTO plain SELECT 1, 'x'",
            "INSERT INTO a table whose partitions are not in folders such as s3://lake/plain/day=${day}/ is not modelled locally",
        ],
    ] as const) {
        it(`fails of ${what}`, async () => {
            const { run } = await lake([
                projected("days", "s3://lake/days/day=${day}/"),
                projected("plain", "s3://lake/plain/${day}/"),
            ]);

            expect((await run(sql)).reason).to.include(reason);
        });
    }
});

const projected = (name: string, template: string) =>
    table(name, "parquet", columns({ n: "int" }), {
        partitionKeys: [{ name: "day", type: "string" }],
        parameters: {
            ...{ "projection.enabled": "true", "projection.day.type": "date", "projection.day.format": "yyyy-MM-dd" },
            ...{ "projection.day.range": "2026-01-01,NOW", "storage.location.template": template },
        },
    });
