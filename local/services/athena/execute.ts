import { csvLine } from "../../athena-sql/csv";
import { columnInfo, metadataFile } from "../../athena-sql/metadata";
import { type BoundStatement, isQuery, type Plan, plan } from "../../athena-sql/run";
import type { QueryStatement } from "../../athena-sql/syntax/statements";
import { parseLocation } from "../../athena-sql/tables/tables";
import { Caller } from "./caller";
import { runCatalogStatement } from "./catalog";
import { databaseOf, type Execution } from "./execution";
import { checkTarget, writeTable } from "./files";
import { resultEnding } from "./kinds";
import type { ResultStore, Services } from "./services";

/** Runs the statement of an execution to its end, and notes there what came of it. Returns why it is cancelled, if so. */
export async function execute(execution: Execution, services: Services): Promise<string | undefined> {
    const started = performance.now();
    const database = databaseOf(execution);
    const caller = new Caller(services.runtime.access, execution.role);
    caller.lookUp(database);
    const { statement, parameters } = execution.bind(execution.input.ExecutionParameters ?? []);
    try {
        if (isQuery(statement)) return await runQuery(execution, { statement, parameters }, caller, services);
        const { columns, lines } = await runCatalogStatement(statement, database, execution, caller, services);
        execution.columns = columns.map((name) => columnInfo({ name, type: { kind: "varchar" } }));
        execution.rows = lines.length;
        await writeResult(execution, lines.map((line) => `${line}\n`).join(""), caller, services.s3);
    } finally {
        execution.engineTime = Math.ceil(performance.now() - started);
    }
}

async function runQuery(
    execution: Execution,
    bound: BoundStatement & { statement: QueryStatement },
    caller: Caller,
    services: Services,
): Promise<string | undefined> {
    const { runtime, s3, glue } = services;
    const { statement } = bound;
    if (statement.kind !== "query" && checkTarget(statement, execution, caller, services) === "there") return;
    const planned = await plan(bound, databaseOf(execution), runtime.clock.now(), {
        engine: await services.engine(),
        objects: caller.objects(s3),
        table: caller.finder(glue),
    });
    try {
        execution.bytesScanned = planned.bytesScanned;
        if (planned.bytesScanned > (execution.workgroup.bytesScannedCutoff ?? Number.POSITIVE_INFINITY))
            return "Query cancelled! : Bytes scanned limit was exceeded";
        if (statement.kind === "query") await select(execution, planned, caller, s3);
        else await writeTable(statement, execution, planned, caller, services);
    } finally {
        planned.close();
    }
}

async function select(execution: Execution, planned: Plan, caller: Caller, s3: ResultStore): Promise<void> {
    execution.columns = planned.columns.map(columnInfo);
    const lines = [csvLine(planned.columns.map(({ name }) => name))];
    for await (const row of planned.run(execution.abort.signal)) lines.push(csvLine(row));
    execution.rows = lines.length - 1;
    if (execution.state === "RUNNING") await writeResult(execution, lines.join(""), caller, s3);
}

async function writeResult(
    { id, folder, columns, cause, statement }: Execution,
    text: string,
    caller: Caller,
    s3: ResultStore,
): Promise<void> {
    const { bucket, prefix } = parseLocation(folder);
    const ending = resultEnding(statement)!;
    caller.write(bucket, `${prefix}${id}${ending}`);
    await s3.put(bucket, `${prefix}${id}${ending}.metadata`, metadataFile(id, columns), {
        contentType: "application/octet-stream",
        cause,
    });
    const contentType = ending === ".csv" ? "text/csv" : "text/plain";
    await s3.put(bucket, `${prefix}${id}${ending}`, Buffer.from(text), { contentType, cause });
}
