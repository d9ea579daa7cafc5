import { expect } from "chai";
import { Athena } from "../../local/services/athena";
import { Glue } from "../../local/services/glue";
import { S3 } from "../../local/services/s3";
import { afterTest, bucket, resource, testRuntime } from "./support";

/** Columns of every type that a table has here. */
export const everyType = Object.entries({
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

const serDes = {
    json: ["org.apache.hadoop.mapred.TextInputFormat", "org.openx.data.jsonserde.JsonSerDe"],
    hivesJson: ["org.apache.hadoop.mapred.TextInputFormat", "org.apache.hive.hcatalog.data.JsonSerDe"],
    parquet: [
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
    ],
} as const;

/** A table of the database `web`. */
export function table(
    name: string,
    format: keyof typeof serDes,
    columns: { name: string; type: string }[] = everyType,
    more: Record<string, unknown> = {},
) {
    const [inputFormat, serializationLibrary] = serDes[format];
    return resource("aws:glue/catalogTable:CatalogTable", name, {
        ...{ name, databaseName: "web", tableType: "EXTERNAL_TABLE", parameters: {} },
        storageDescriptor: {
            location: `s3://lake/${name}/`,
            columns,
            inputFormat,
            outputFormat: "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
            serDeInfo: { serializationLibrary },
        },
        ...more,
    });
}

const workgroup = (name: string, configuration: Record<string, unknown> = {}) =>
    resource("aws:athena/workgroup:Workgroup", name, {
        name,
        configuration: { resultConfiguration: { outputLocation: `s3://lake/athena/${name}/` }, ...configuration },
    });

/** Athena over the database `web`, whose table `clicks` has three rows of every type. */
export async function lake(also: ReturnType<typeof resource>[] = []) {
    const runtime = testRuntime([
        bucket("lake"),
        resource("aws:glue/catalogDatabase:CatalogDatabase", "web", { name: "web" }),
        resource("aws:glue/catalogDatabase:CatalogDatabase", "other", { name: "other" }),
        ...[table("clicks", "json"), table("copy", "parquet"), ...also],
        ...[workgroup("w"), workgroup("free", { enforceWorkgroupConfiguration: false })],
    ]);
    const s3 = new S3(runtime);
    const glue = new Glue(runtime);
    const athena = await Athena.start(runtime, s3, glue);
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
    /** Runs a statement to its end. */
    const run = async (
        QueryString: string,
        ExecutionParameters?: string[],
        { WorkGroup = "w", Database = "web" }: { WorkGroup?: string; Database?: string } = {},
    ) => {
        const QueryExecutionContext = { Database };
        const started = await call("StartQueryExecution", {
            ...{ QueryString, QueryExecutionContext, WorkGroup, ExecutionParameters },
        });
        if (started.Message !== undefined) return { id: "", execution: undefined, reason: String(started.Message) };
        const id = String(started.QueryExecutionId);
        await runtime.work.idle();
        const { QueryExecution: execution } = await call("GetQueryExecution", { QueryExecutionId: id });
        return { id, execution, reason: execution.Status.StateChangeReason as string | undefined };
    };
    /** The file that a statement results in. */
    const result = async (sql: string, parameters?: string[]) => {
        const { execution, reason } = await run(sql, parameters);
        expect(reason, sql).to.equal(undefined);
        const key = execution.ResultConfiguration.OutputLocation.replace("s3://lake/", "");
        return String(await s3.read(s3.get("lake", key)!));
    };
    const keys = (prefix: string) => s3.list("lake", prefix).map(({ key }) => key);
    return { runtime, s3, glue, call, run, result, keys };
}
