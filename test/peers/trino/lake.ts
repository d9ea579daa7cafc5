import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Engine } from "../../../local/athena-sql/engine";
import { QueryError } from "../../../local/athena-sql/errors";
import { type BoundStatement, bindParameters, isQuery, parseStatement, plan } from "../../../local/athena-sql/run";
import { typeName } from "../../../local/athena-sql/types";
import { capture } from "../../../local/capture";
import { VirtualClock } from "../../../local/clock";
import { Journal } from "../../../local/journal";
import { type CapturedProgram, ofType } from "../../../local/program";
import { AwsError } from "../../../local/runtime";
import { Caller } from "../../../local/services/athena/caller";
import { runCatalogStatement } from "../../../local/services/athena/catalog";
import { PreparedStatements } from "../../../local/services/athena/prepared";
import type { Services } from "../../../local/services/athena/services";
import { Glue } from "../../../local/services/glue";
import { S3 } from "../../../local/services/s3";
import { Work } from "../../../local/work";
import type { Answer } from "./client";
import { objectsOf } from "./data";
import type { Moto } from "./moto";

/** When every statement runs here; Trino has its own clock. */
export const now = Date.UTC(2026, 10, 21, 4, 5, 6, 789);

const workgroup = { name: "primary", enabled: true, enforced: false };

/** The test program's tables and objects, which statements run over. */
export interface Lake {
    program: CapturedProgram;
    bucket: string;
    database: string;
    objects: { key: string; body: Buffer }[];
    /** Runs a statement as local Athena does. */
    run(sql: string, parameters?: string[]): Promise<Answer>;
    stop(): Promise<void>;
}

/** Captures the test program, and fills its bucket. */
export async function openLake(): Promise<Lake> {
    const folder = mkdtempSync(join(tmpdir(), "lake-"));
    mkdirSync(join(folder, "s3"), { recursive: true });
    const program = await capture({ program: "test/programs/lake", stack: "dev" });
    const runtime = { program, clock: new VirtualClock(now), work: new Work(), journal: new Journal(), folder };
    const s3 = new S3(runtime);
    const glue = new Glue(runtime);
    const engine = await Engine.start(folder);
    const table = ofType(program, "aws:glue/catalogTable:CatalogTable")[0]!;
    const storage = table.inputs.storageDescriptor as { location: string };
    const bucket = storage.location.split("/")[2]!;
    const database = String(table.inputs.databaseName);
    const objects = await objectsOf(engine, folder);
    for (const { key, body } of objects) await s3.put(bucket, key, body);
    const prepared = new PreparedStatements(runtime.clock);
    const services = { runtime, s3, glue, prepared, engine: async () => engine };
    return {
        program,
        bucket,
        database,
        objects,
        run: async (sql, parameters = []) => {
            try {
                const parsed = parseStatement(sql);
                const { statement } = parsed;
                if (statement.kind === "execute") {
                    const executed = prepared.executed(workgroup.name, statement);
                    return await answer(executed.bind(parameters), database, services);
                }
                return await answer(bindParameters(parsed, parameters), database, services);
            } catch (error) {
                return { columns: [], rows: [], error: described(error as Error, sql) };
            }
        },
        stop: async () => {
            engine.stop();
            rmSync(folder, { recursive: true, force: true });
        },
    };
}

/** What a statement results in; of those that write only whether it would run is told, in Trino's words. */
async function answer(bound: BoundStatement, database: string, services: Services): Promise<Answer> {
    const { statement } = bound;
    const caller = new Caller(undefined, undefined);
    if (!isQuery(statement)) {
        const { columns, lines } = await runCatalogStatement(statement, database, { workgroup }, caller, services);
        return { columns: columns.map((name) => ({ name, type: "varchar" })), rows: lines.map((line) => [line]) };
    }
    const engine = await services.engine();
    const planned = await plan(bound, database, now, {
        engine,
        objects: services.s3,
        table: caller.finder(services.glue),
    });
    try {
        if (statement.kind !== "query") return { columns: [{ name: "Valid", type: "boolean" }], rows: [["true"]] };
        const columns = planned.columns.map(({ name, type }) => ({ name, type: typeName(type) }));
        const rows: (string | null)[][] = [];
        for await (const row of planned.run()) rows.push(row.map((cell) => cell ?? null));
        return { columns, rows };
    } finally {
        planned.close();
    }
}

function described(error: Error, sql: string): string {
    if (error instanceof QueryError) return `${error.code}: ${error.describe(sql)}`;
    if (error instanceof AwsError && error.code === "ResourceNotFoundException") return `NOT_FOUND: ${error.message}`;
    return `BUG: ${error.stack}`;
}

/** Trino remembers what a folder holds, but lists one that holds nothing anew for each statement: an empty object helps. */
const hourFolders = ["19", "20", "21"].flatMap((day) =>
    Array.from({ length: 24 }, (_, index) => String(index).padStart(2, "0")).flatMap((hour) => [
        `raw/v0/reading/2026/11/${day}/${hour}/`,
        `raw/v0/sale/year=2026/month=11/day=${day}/hour=${hour}/`,
    ]),
);

/** Puts the same tables and objects into moto. */
export async function copyTo(moto: Moto, { program, bucket, database, objects }: Lake): Promise<void> {
    await moto.createBucket(bucket);
    for (const { key, body } of objects) await moto.put(bucket, key, body);
    for (const folder of hourFolders) await moto.put(bucket, `${folder}nothing`, Buffer.alloc(0));
    await moto.createDatabase(database);
    for (const { inputs } of ofType(program, "aws:glue/catalogTable:CatalogTable")) {
        const { databaseName, parameters, ...table } = inputs;
        await moto.createTable(
            String(databaseName),
            inGluesWords({ ...table, parameters: forTrino(parameters as Record<string, string>) }) as object,
        );
    }
}

/** What a Pulumi program calls `serDeInfo` is `SerdeInfo` for Glue; the keys of `parameters` are the user's. */
function inGluesWords(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(inGluesWords);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
        Object.entries(value).map(([key, member]) => {
            const name = key === "serDeInfo" ? "SerdeInfo" : key[0]!.toUpperCase() + key.slice(1);
            return [name, key === "parameters" ? member : inGluesWords(member)];
        }),
    );
}

/** Folders of months and days that hold objects: a scan would list some nine thousand without these limits. */
const narrowed: Record<string, string> = { month: "11,11", day: "19,21" };

/**
 * Partition projection as Trino's connector takes it, with the same values: years as numbers, this test's clock for NOW,
 * and of Hive's folders those of the test's days.
 */
export function forTrino(parameters: Record<string, string> = {}): Record<string, string> {
    const end = new Date(now).toISOString();
    const changed = Object.entries(parameters).flatMap(([key, value]): [string, string][] => {
        const [, column, property] = /^projection\.(\w+)\.([\w.]+)$/.exec(key) ?? [];
        if (column === undefined) return [[key, value]];
        const years = parameters[`projection.${column}.interval.unit`] === "YEARS";
        if (years && property === "type") return [[key, "integer"]];
        if (years && (property === "format" || property === "interval.unit")) return [];
        if (property !== "range") return [[key, value]];
        const format = parameters[`projection.${column}.format`] ?? "";
        const last = format
            .replace("yyyy", end.slice(0, 4))
            .replace("MM", end.slice(5, 7))
            .replace("dd", end.slice(8, 10))
            .replace("HH", end.slice(11, 13));
        return [[key, narrowed[column] ?? value.replace("NOW", last)]];
    });
    return Object.fromEntries(changed);
}
