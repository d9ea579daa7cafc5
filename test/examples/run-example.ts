import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { DuckDBInstance } from "@duckdb/node-api";
import { run } from "../../cli/run";
import type { Report } from "../../local";

/** Runs an example over its events as `eventpipeline run … --json` does, and reads the document it prints. */
export async function runExample(
    folder: string,
    ingest: string,
    events: object[],
    options: { eventTime: string; step: number; at?: Date },
): Promise<{ report: Report; exitCode: number }> {
    const scratch = mkdtempSync(join(tmpdir(), "example-"));
    try {
        const file = join(scratch, "events.ndjson");
        writeFileSync(file, events.map((event) => `${JSON.stringify(event)}\n`).join(""));
        const printed: Buffer[] = [];
        const out = new Writable({
            write(chunk, _encoding, done) {
                printed.push(chunk);
                done();
            },
        });
        const exitCode = await run(folder, { ...options, events: [{ ingest, file }], json: true, config: {} }, out);
        return { report: JSON.parse(Buffer.concat(printed).toString()), exitCode };
    } finally {
        rmSync(scratch, { recursive: true });
    }
}

/** What plain DuckDB computes from the raw events, which `sql` reads as `events`. */
export async function duckdb(
    events: object[],
    columns: Record<string, string>,
    sql: string,
): Promise<Record<string, unknown>[]> {
    const scratch = mkdtempSync(join(tmpdir(), "duckdb-"));
    const instance = await DuckDBInstance.create();
    try {
        const file = join(scratch, "events.ndjson");
        writeFileSync(file, events.map((event) => `${JSON.stringify(event)}\n`).join(""));
        const connection = await instance.connect();
        await connection.run(
            `CREATE VIEW events AS SELECT * FROM read_json('${file}', columns = ${JSON.stringify(columns)})`,
        );
        const rows = await (await connection.runAndReadAll(sql)).getRowObjectsJson();
        connection.closeSync();
        return rows as Record<string, unknown>[];
    } finally {
        instance.closeSync();
        rmSync(scratch, { recursive: true });
    }
}
