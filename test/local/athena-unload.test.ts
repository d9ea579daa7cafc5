import { expect } from "chai";
import { Athena } from "../../local/services/athena";
import { Glue } from "../../local/services/glue";
import { S3 } from "../../local/services/s3";
import { afterTest, bucket, resource, testRuntime } from "./support";

const columns = Object.entries({
    s: "string",
    b: "boolean",
    ...{ i8: "tinyint", i16: "smallint", i32: "int", i64: "bigint" },
    ...{ f32: "float", f64: "double", money: "decimal(20,4)", day: "date", at: "timestamp" },
    list: "array<struct<n:int,t:timestamp>>",
    dictionary: "map<string,decimal(5,1)>",
    place: "struct<lat:double,names:array<string>>",
}).map(([name, type]) => ({ name, type }));

const rows = [
    '{"s":"ü \\" \\n","b":true,"i8":-128,"i16":32767,"i32":-2147483648,"i64":9007199254740993,"f32":0.1,"f64":1e-300,' +
        '"money":"1234567890123456.7891","day":"1969-12-31","at":"2026-11-21 04:00:00.123",' +
        '"list":[{"n":1,"t":"2026-11-21 04:00:00.5"},null],"dictionary":{"A":1.5,"b":null},"place":{"lat":1.5,"names":["a",""]}}',
    '{"s":"","b":false,"list":[],"dictionary":{},"place":{}}',
    "{}",
];

function table(name: string, format: "json" | "parquet") {
    const parquet = "org.apache.hadoop.hive.ql.io.parquet";
    const inputFormat =
        format === "json" ? "org.apache.hadoop.mapred.TextInputFormat" : `${parquet}.MapredParquetInputFormat`;
    const serializationLibrary =
        format === "json" ? "org.openx.data.jsonserde.JsonSerDe" : `${parquet}.serde.ParquetHiveSerDe`;
    return resource("aws:glue/catalogTable:CatalogTable", name, {
        ...{ name, databaseName: "web", tableType: "EXTERNAL_TABLE", parameters: {} },
        storageDescriptor: {
            location: `s3://lake/${name}/`,
            columns,
            inputFormat,
            serDeInfo: { serializationLibrary },
        },
    });
}

async function lake() {
    const runtime = testRuntime([
        bucket("lake"),
        resource("aws:glue/catalogDatabase:CatalogDatabase", "web", { name: "web" }),
        ...[table("clicks", "json"), table("copy", "parquet")],
        resource("aws:athena/workgroup:Workgroup", "w", {
            name: "w",
            configuration: { resultConfiguration: { outputLocation: "s3://lake/athena/w/" } },
        }),
    ]);
    const s3 = new S3(runtime);
    const athena = await Athena.start(runtime, s3, new Glue(runtime));
    afterTest(() => athena.stop());
    await s3.put("lake", "clicks/a.json", Buffer.from(rows.join("\n")));

    const call = async (operation: string, input: object) => {
        const { body } = await athena.handle({
            ...{ method: "POST", path: "/", query: new URLSearchParams() },
            headers: { "x-amz-target": `AmazonAthena.${operation}` },
            body: Buffer.from(JSON.stringify(input)),
        });
        return JSON.parse(String(body));
    };
    const run = async (QueryString: string) => {
        const QueryExecutionContext = { Database: "web" };
        const { QueryExecutionId } = await call("StartQueryExecution", {
            ...{ QueryString, QueryExecutionContext, WorkGroup: "w" },
        });
        await runtime.work.idle();
        const { QueryExecution } = await call("GetQueryExecution", { QueryExecutionId });
        return { id: QueryExecutionId as string, execution: QueryExecution };
    };
    const select = async (sql: string) => {
        const { id, execution } = await run(sql);
        expect(execution.Status.State, execution.Status.StateChangeReason).to.equal("SUCCEEDED");
        return String(await s3.read(s3.get("lake", `athena/w/${id}.csv`)!));
    };
    const keys = (prefix: string) => s3.list("lake", prefix).map(({ key }) => key);
    return { s3, call, run, select, keys };
}

const unload = (query: string, to = "s3://lake/copy/", more = "") =>
    `UNLOAD (${query}) TO '${to}' WITH (format = 'PARQUET'${more})`;

describe("UNLOAD", () => {
    it("writes Parquet that reads as the rows that it was made of, in every type", async () => {
        const { run, select, keys } = await lake();

        for (const more of ["", ", compression = 'SNAPPY'"]) {
            const { execution } = await run(
                unload("SELECT * FROM clicks", more ? "s3://lake/snappy/" : undefined, more),
            );
            expect(execution.Status.State, execution.Status.StateChangeReason).to.equal("SUCCEEDED");
        }

        expect(keys("copy/")).to.have.length(1);
        expect(keys("snappy/")).to.have.length(1);
        expect(await select("SELECT * FROM copy ORDER BY i8, s")).to.equal(
            await select("SELECT * FROM clicks ORDER BY i8, s"),
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
});
