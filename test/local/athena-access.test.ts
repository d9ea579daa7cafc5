import { expect } from "chai";
import { Access } from "../../local/iam/access";
import { arnOf } from "../../local/iam/requirements";
import type { Cause, Runtime } from "../../local/runtime";
import { Athena } from "../../local/services/athena";
import { Glue } from "../../local/services/glue";
import { S3 } from "../../local/services/s3";
import { table } from "./athena-support";
import { afterTest, arn, bucket, resource, testRuntime } from "./support";

const worker = resource("aws:iam/role:Role", "worker", {
    assumeRolePolicy: JSON.stringify({
        Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
    }),
});

/** Everything but one action on resources that are called so. */
const policy = (denied: { action: string; where: string } | undefined) =>
    resource("aws:iam/rolePolicy:RolePolicy", "work", {
        role: worker.outputs.name,
        policy: JSON.stringify({
            Version: "2012-10-17",
            Statement: [
                { Effect: "Allow", Action: "*", Resource: "*" },
                ...(denied ? [{ Effect: "Deny", Action: denied.action, Resource: resourceOf(denied) }] : []),
            ],
        }),
    });

function resourceOf({ action, where }: { action: string; where: string }): string {
    return where.startsWith("arn:") ? `${where}*` : arnOf(action.split(":")[0]!, where);
}

async function lake(denied?: { action: string; where: string }) {
    const plain = testRuntime([
        bucket("lake"),
        resource("aws:glue/catalogDatabase:CatalogDatabase", "web", { name: "web" }),
        table("copy", "parquet", [{ name: "n", type: "int" }]),
        resource("aws:athena/workgroup:Workgroup", "w", {
            name: "w",
            configuration: { resultConfiguration: { outputLocation: "s3://lake/athena/w/" } },
        }),
        ...[worker, policy(denied)],
    ]);
    const runtime: Runtime = { ...plain, access: new Access(plain.program, plain.journal) };
    const s3 = new S3(runtime);
    const athena = await Athena.start(runtime, s3, new Glue(runtime));
    afterTest(() => athena.stop());
    const created: { key: string; cause?: Cause }[] = [];
    s3.onCreated(({ key, cause }) => created.push({ key, cause }));

    const call = async (operation: string, input: object, cause?: Cause) => {
        const { body } = await athena.handle({
            ...{ method: "POST", path: "/", query: new URLSearchParams(), role: arn(worker), cause },
            headers: { "x-amz-target": `AmazonAthena.${operation}` },
            body: Buffer.from(JSON.stringify(input)),
        });
        return JSON.parse(String(body));
    };
    const run = async (QueryString: string, cause?: Cause) => {
        const QueryExecutionContext = { Database: "web" };
        const started = await call(
            "StartQueryExecution",
            { QueryString, QueryExecutionContext, WorkGroup: "w" },
            cause,
        );
        if (started.Message !== undefined) return String(started.Message);
        await runtime.work.idle();
        const { QueryExecution } = await call("GetQueryExecution", { QueryExecutionId: started.QueryExecutionId });
        return QueryExecution.Status.StateChangeReason as string | undefined;
    };
    return { run, call, created };
}

const setup = [
    "CREATE VIEW v AS SELECT 1 AS a",
    "CREATE TABLE t WITH (partitioned_by = ARRAY['b']) AS SELECT 1 AS a, 'x' AS b",
];

describe("Athena's statements", () => {
    const needs: [string, string, string][] = [
        ["CREATE VIEW w AS SELECT n FROM copy", "glue:CreateTable", "table/web/w"],
        ["CREATE VIEW w AS SELECT n FROM copy", "glue:GetTable", "table/web/copy"],
        ["CREATE OR REPLACE VIEW v AS SELECT n FROM copy", "glue:UpdateTable", "table/web/v"],
        ["SELECT * FROM v", "glue:GetTable", "table/web/v"],
        ["DROP VIEW v", "glue:DeleteTable", "table/web/v"],
        ["DROP TABLE t", "glue:DeleteTable", "table/web/t"],
        ["CREATE TABLE u AS SELECT 1 AS a", "glue:CreateTable", "table/web/u"],
        ["CREATE TABLE u AS SELECT 1 AS a", "s3:ListBucket", "arn:aws:s3:::lake"],
        ["INSERT INTO copy SELECT 1", "s3:PutObject", "arn:aws:s3:::lake/copy/"],
        ["INSERT INTO t SELECT 1, 'y'", "glue:BatchCreatePartition", "table/web/t"],
        ["SHOW DATABASES", "glue:GetDatabases", "catalog"],
        ["SHOW TABLES", "glue:GetTables", "database/web"],
        ["SHOW PARTITIONS t", "glue:GetPartitions", "table/web/t"],
        ["MSCK REPAIR TABLE t", "glue:GetPartitions", "table/web/t"],
        ["DESCRIBE copy", "glue:GetTable", "table/web/copy"],
        ["SHOW COLUMNS IN copy", "s3:PutObject", "arn:aws:s3:::lake/athena/w/"],
        ["PREPARE p FROM SELECT 1", "athena:CreatePreparedStatement", "workgroup/w"],
        ["EXECUTE p", "athena:GetPreparedStatement", "workgroup/w"],
        ["DEALLOCATE PREPARE p", "athena:DeletePreparedStatement", "workgroup/w"],
    ];
    for (const [sql, action, where] of needs)
        it(`need ${action}: ${sql}`, async () => {
            const { run } = await lake({ action, where });
            for (const statement of setup) await run(statement);

            const reason = await run(sql);

            expect(reason).to.match(/not authorized to perform: /);
            expect(reason).to.include(action).and.to.include(where);
        });

    it("run for a role that may, and tell of their objects with what caused them", async () => {
        const { run, created } = await lake();
        const cause = { keys: ["raw/a.json"], tier: 0 };
        for (const statement of setup) expect(await run(statement), statement).to.equal(undefined);
        created.length = 0;

        expect(await run("INSERT INTO t SELECT n, 'y' FROM copy UNION ALL SELECT 2, 'z'", cause)).to.equal(undefined);

        expect(
            created.map(({ key }) => key.replace(/[-0-9a-f]{36}/g, "id").replace(/\d{8}_.*$/, "file")),
        ).to.deep.equal(["athena/w/tables/id/b=z/file", "athena/w/id-manifest.csv"]);
        for (const object of created) expect(object.cause).to.deep.equal({ keys: ["raw/a.json"], tier: 1 });
    });

    it("need the right to each operation on prepared statements", async () => {
        const { call } = await lake({ action: "athena:ListPreparedStatements", where: "workgroup/w" });

        expect(await call("ListPreparedStatements", { WorkGroup: "w" })).to.include({
            __type: "AccessDeniedException",
        });
        expect(await call("GetPreparedStatement", { WorkGroup: "w", StatementName: "x" })).to.include({
            __type: "ResourceNotFoundException",
        });
    });
});
