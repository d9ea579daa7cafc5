import { expect } from "chai";
import { lake, table } from "./athena-support";

const days = (name: string) =>
    table(name, "json", [{ name: "N", type: "int" }], {
        partitionKeys: [{ name: "day", type: "string" }],
        parameters: {
            ...{ classification: "json", "projection.enabled": "true", "projection.day.type": "date" },
            ...{ "projection.day.format": "yyyy-MM-dd", "projection.day.range": "2026-01-01,NOW" },
        },
    });

describe("Views", () => {
    it("are read like tables, and read what their query reads then", async () => {
        const { s3, run, result } = await lake();
        await result("CREATE VIEW named AS SELECT s AS name, i8 FROM clicks WHERE s IS NOT NULL;");
        await result('CREATE VIEW "lengths" AS SELECT length(v.name) AS size FROM web.named v');

        await s3.put("lake", "clicks/b.json", Buffer.from('{"s":"later"}\n'));

        expect(await result("SELECT size FROM lengths ORDER BY 1")).to.equal('"size"\n"0"\n"5"\n"5"\n');
        expect(
            await result(
                "SELECT named.name, l.size FROM web.named JOIN lengths l ON length(web.named.name) = l.size WHERE i8 IS NOT NULL",
            ),
        ).to.include('"ü "" \n","5"\n');
        const { execution } = await run("SELECT name FROM named");
        expect(execution.Statistics.DataScannedInBytes).to.be.greaterThan(0);
    });

    it("look names up in the database that counted when they were made", async () => {
        const { run, result } = await lake();
        await result("CREATE VIEW other.seen AS SELECT i8 FROM clicks WHERE i8 IS NOT NULL");

        const { reason } = await run("SELECT i8 FROM seen", undefined, { Database: "other" });

        expect(reason).to.equal(undefined);
        expect(await result("SELECT i8 FROM other.seen")).to.equal('"i8"\n"-128"\n');
    });

    it("look past the names of WITH", async () => {
        const { result } = await lake();
        await result("CREATE VIEW seen AS SELECT i8 FROM clicks WHERE i8 IS NOT NULL");

        const rows = await result(
            "WITH clicks AS (SELECT 1 AS i8) SELECT seen.i8, clicks.i8 FROM seen CROSS JOIN clicks",
        );

        expect(rows).to.equal('"i8","i8"\n"-128","1"\n');
    });

    it("are replaced only where that is said, and dropped", async () => {
        const { run, result, glue } = await lake();
        await result("CREATE VIEW v AS SELECT 1 AS a");

        expect((await run("CREATE VIEW v AS SELECT 2 AS a")).reason).to.equal(
            "TABLE_ALREADY_EXISTS: line 1:1: View already exists: 'awsdatacatalog.web.v'",
        );
        await result("CREATE OR REPLACE VIEW v AS SELECT 3 AS b");
        expect(await result("SELECT * FROM v")).to.equal('"b"\n"3"\n');
        await result("DROP VIEW v");
        await result("DROP VIEW IF EXISTS v");
        expect((await run("SELECT * FROM v")).reason).to.include(
            "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.web.v' does not exist",
        );
        expect(glue.entry("web", "v")).to.equal(undefined);
    });

    it("leave a text file without lines, and are said to be DDL", async () => {
        const { run, keys } = await lake();

        const { id, execution } = await run("CREATE VIEW v AS SELECT 1 AS a");

        expect(execution).to.deep.include({ StatementType: "DDL", SubstatementType: "CREATE_VIEW" });
        expect(keys("athena/")).to.deep.equal([`athena/w/${id}.txt`, `athena/w/${id}.txt.metadata`]);
    });

    for (const [what, before, sql, reason] of [
        [
            "a column without a name",
            [],
            "CREATE VIEW v AS SELECT 1",
            "MISSING_COLUMN_NAME: line 1:1: Column name not specified at position 1",
        ],
        [
            "two columns of a name",
            [],
            "CREATE VIEW v AS SELECT 1 AS a, 2 AS a",
            "DUPLICATE_COLUMN_NAME: line 1:1: Column name 'a' specified more than once",
        ],
        [
            "the name of a table",
            [],
            "CREATE OR REPLACE VIEW copy AS SELECT 1 AS a",
            "TABLE_ALREADY_EXISTS: line 1:1: Table already exists: 'awsdatacatalog.web.copy'",
        ],
        [
            "another database",
            [],
            "CREATE VIEW nowhere.v AS SELECT 1 AS a",
            "NOT_FOUND: line 1:1: Schema nowhere not found",
        ],
        [
            "what their query reads",
            [],
            "CREATE VIEW v AS SELECT x FROM clicks",
            "COLUMN_NOT_FOUND: line 1:25: Column 'x' cannot be resolved",
        ],
        [
            "themselves",
            ["CREATE VIEW v AS SELECT 1 AS a"],
            "CREATE OR REPLACE VIEW v AS SELECT * FROM v",
            "VIEW_IS_RECURSIVE: line 1:43: Statement would create a recursive view",
        ],
        [
            "a circle",
            [
                "CREATE VIEW v AS SELECT 1 AS a",
                "CREATE VIEW w AS SELECT * FROM v",
                "DROP VIEW v",
                "CREATE VIEW v AS SELECT 1 AS a",
                "CREATE OR REPLACE VIEW v AS SELECT 1 AS b",
            ],
            "SELECT * FROM w",
            "VIEW_IS_STALE",
        ],
        [
            "a query that became wrong",
            [
                "CREATE VIEW v AS SELECT 1 AS a",
                "CREATE VIEW w AS SELECT a FROM v",
                "CREATE OR REPLACE VIEW v AS SELECT 1 AS b",
            ],
            "SELECT 1, a FROM w",
            "INVALID_VIEW: line 1:18: Failed analyzing stored view 'awsdatacatalog.web.w': line 1:8: Column 'a' cannot be resolved",
        ],
        [
            "columns of another type",
            [
                "CREATE VIEW v AS SELECT 1 AS a",
                "CREATE VIEW w AS SELECT a FROM v",
                "CREATE OR REPLACE VIEW v AS SELECT 'x' AS a",
            ],
            "SELECT a FROM w",
            "VIEW_IS_STALE: line 1:15: View 'awsdatacatalog.web.w' is stale or in invalid state: column [a] of type varchar(1) projected from query view at position 0 cannot be coerced to column [a] of type integer stored in view definition",
        ],
        [
            "a table to drop",
            [],
            "DROP VIEW copy",
            "GENERIC_USER_ERROR: line 1:1: View 'awsdatacatalog.web.copy' does not exist, but a table with that name exists. Did you mean DROP TABLE awsdatacatalog.web.copy?",
        ],
        [
            "nothing to drop",
            [],
            "DROP VIEW v",
            "GENERIC_USER_ERROR: line 1:1: View 'awsdatacatalog.web.v' does not exist",
        ],
        [
            "an INSERT",
            ["CREATE VIEW v AS SELECT 1 AS a"],
            "INSERT INTO v SELECT 1",
            "NOT_SUPPORTED: line 1:1: Inserting into views is not supported",
        ],
    ] as const) {
        it(`fail of ${what}`, async () => {
            const { run, result } = await lake();
            for (const statement of before) await result(statement);

            expect(String((await run(sql)).reason)).to.include(reason);
        });
    }

    for (const [name, reason] of [
        ["elsewhere.web.v", "CATALOG_NOT_FOUND: line 1:13: Catalog 'elsewhere' not found"],
        ["a.b.web.v", "SYNTAX_ERROR: line 1:13: Too many dots in table name: a.b.web.v"],
    ] as const) {
        it(`lie in the catalog of Glue, not in that of ${name}`, async () => {
            const { run, result } = await lake();

            expect((await run(`CREATE VIEW ${name} AS SELECT 1 AS a`)).reason).to.equal(reason);
            expect((await run(`SELECT * FROM ${name}`)).reason).to.include("TABLE_NOT_FOUND: line 1:15");
            expect(await result("SHOW VIEWS")).to.equal("");
        });
    }

    it("fail of a circle of them", async () => {
        const { run, result } = await lake();
        await result("CREATE VIEW v AS SELECT 1 AS a");
        await result("CREATE VIEW w AS SELECT a FROM v");

        expect((await run("CREATE OR REPLACE VIEW v AS SELECT a FROM w")).reason).to.include(
            "INVALID_VIEW: line 1:43: Failed analyzing stored view 'awsdatacatalog.web.w': line 1:15: Statement would create a recursive view",
        );
    });
});

describe("SHOW and DESCRIBE", () => {
    const lines: [string, string][] = [
        ["SHOW DATABASES", "other\nweb\n"],
        ["SHOW SCHEMAS LIKE 'w*'", "web\n"],
        ["SHOW DATABASES 'x*'", ""],
        ["SHOW TABLES", "clicks\ncopy\ndays\nv\n"],
        ["SHOW TABLES IN `web` 'c*|v'", "clicks\ncopy\nv\n"],
        ["SHOW TABLES LIKE 'CO*'", "copy\n"],
        ["SHOW TABLES '.*o.*'", "copy\n"],
        ["SHOW VIEWS", "v\n"],
        ["SHOW VIEWS IN web LIKE 'x*'", ""],
        ["SHOW COLUMNS IN days", "n                   \nday                 \n"],
        ["SHOW COLUMNS FROM v FROM web", "a                   \n"],
        ["SHOW COLUMNS IN `web.days`", "n                   \nday                 \n"],
        ["SHOW PARTITIONS days", ""],
        ["SHOW CREATE VIEW v", 'CREATE VIEW v AS\nSELECT 1 AS a,\n  "x" AS b\nFROM (VALUES 1) t("x")\n'],
        [
            "DESCRIBE v",
            "a                   \tint                 \t                    \nb                   \tint                 \t                    \n",
        ],
        [
            "describe `web`.`days`;",
            [
                "n                   \tint                 \tfrom deserializer   ",
                "day                 \tstring              \t                    ",
                "",
                "# Partition Information",
                "# col_name          \tdata_type           \tcomment             ",
                "",
                "day                 \tstring              \t                    ",
                "",
            ].join("\n"),
        ],
        ["SHOW TBLPROPERTIES days ('classification')", "json\n"],
        [
            "SHOW TBLPROPERTIES days",
            "classification\tjson\nprojection.enabled\ttrue\nprojection.day.type\tdate\nprojection.day.format\tyyyy-MM-dd\nprojection.day.range\t2026-01-01,NOW\n",
        ],
        ["MSCK REPAIR TABLE days", ""],
    ];
    for (const [sql, expected] of lines)
        it(`answer ${sql}`, async () => {
            const { s3, result } = await lake([days("days")]);
            await s3.put("lake", "days/day=2026-11-20/a.json", Buffer.from('{"n":1}'));
            await result('CREATE VIEW v AS SELECT 1 AS a,\n  "x" AS b\nFROM (VALUES 1) t("x")');

            const text = await result(sql);

            expect(text.replace(/^b {19}\n/m, "")).to.equal(expected);
        });

    it("write the statement that would make a table", async () => {
        const { result } = await lake([days("days")]);

        expect(await result("SHOW CREATE TABLE days")).to.equal(
            [
                "CREATE EXTERNAL TABLE `days`(",
                "  `n` int COMMENT 'from deserializer')",
                "PARTITIONED BY ( ",
                "  `day` string)",
                "ROW FORMAT SERDE ",
                "  'org.openx.data.jsonserde.JsonSerDe' ",
                "STORED AS INPUTFORMAT ",
                "  'org.apache.hadoop.mapred.TextInputFormat' ",
                "OUTPUTFORMAT ",
                "  'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'",
                "LOCATION",
                "  's3://lake/days/'",
                "TBLPROPERTIES (",
                "  'classification'='json', ",
                "  'projection.enabled'='true', ",
                "  'projection.day.type'='date', ",
                "  'projection.day.format'='yyyy-MM-dd', ",
                "  'projection.day.range'='2026-01-01,NOW')",
                "",
            ].join("\n"),
        );
    });

    it("give each line as one value, without a header", async () => {
        const { run, call } = await lake();

        const { id, execution } = await run("DESCRIBE copy");
        const { ResultSet, UpdateCount } = await call("GetQueryResults", { QueryExecutionId: id, MaxResults: 2 });

        expect(execution).to.deep.include({ StatementType: "UTILITY", SubstatementType: "DESCRIBE_TABLE" });
        expect(execution.ResultConfiguration.OutputLocation).to.equal(`s3://lake/athena/w/${id}.txt`);
        expect(ResultSet.Rows).to.deep.equal([
            { Data: [{ VarCharValue: "s                   \tstring              \t                    " }] },
            { Data: [{ VarCharValue: "b                   \tboolean             \t                    " }] },
        ]);
        expect(ResultSet.ResultSetMetadata.ColumnInfo.map(({ Name }: { Name: string }) => Name)).to.deep.equal([
            "col_name",
            "data_type",
            "comment",
        ]);
        expect(UpdateCount).to.equal(0);
    });

    for (const [sql, reason] of [
        ["DESCRIBE nothing", "FAILED: SemanticException [Error 10001]: Table not found web.nothing"],
        ["SHOW COLUMNS IN nothing", "FAILED: SemanticException [Error 10001]: Table not found web.nothing"],
        ["SHOW CREATE TABLE nothing", "FAILED: SemanticException [Error 10001]: Table not found web.nothing"],
        ["SHOW PARTITIONS nothing", "FAILED: SemanticException [Error 10001]: Table not found web.nothing"],
        ["MSCK REPAIR TABLE nothing", "FAILED: SemanticException [Error 10001]: Table not found web.nothing"],
        ["DROP TABLE nothing", "FAILED: SemanticException [Error 10001]: Table not found web.nothing"],
        ["SHOW TABLES IN nowhere", "FAILED: SemanticException [Error 10072]: Database does not exist: nowhere"],
        ["SHOW CREATE VIEW copy", "TABLE_NOT_FOUND: line 1:1: View 'awsdatacatalog.web.copy' does not exist"],
        ["SHOW CREATE TABLE v", "NOT_SUPPORTED: line 1:19: this statement of the view v is not modelled locally"],
        ["DROP TABLE v", "FAILED: SemanticException Cannot drop a view with DROP TABLE"],
    ] as const) {
        it(`fail of what is not there: ${sql}`, async () => {
            const { run, result } = await lake();
            await result("CREATE VIEW v AS SELECT 1 AS a");

            expect((await run(sql)).reason).to.equal(reason);
        });
    }
});

describe("DROP TABLE", () => {
    it("takes the table out of the catalog, and leaves its objects", async () => {
        const { run, result, keys } = await lake();

        await result("DROP TABLE web.clicks");
        await result("DROP TABLE IF EXISTS clicks");

        expect(keys("clicks/")).to.deep.equal(["clicks/a.json"]);
        expect((await run("SELECT * FROM clicks")).reason).to.include("TABLE_NOT_FOUND");
        expect(await result("SHOW TABLES")).to.equal("copy\n");
    });
});
