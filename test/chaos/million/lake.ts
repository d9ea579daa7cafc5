import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { gunzipSync } from "node:zlib";
import { GetObjectCommand, paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type { LocalPipeline } from "../../../local";

/**
 * All that a run has left behind, as tables of plain DuckDB: it reads what the bucket holds as anybody does, by ListObjects
 * and GetObject, and shares no code with the pipeline.
 */
export class Lake {
    private constructor(
        private readonly instance: DuckDBInstance,
        private readonly connection: DuckDBConnection,
    ) {}

    static async of(local: LocalPipeline, sentFile: string, folder: string): Promise<Lake> {
        const bucket = new Bucket(local.endpointUrl, String(local.outputs.bucket));
        const instance = await DuckDBInstance.create(":memory:", { max_memory: "2GB" });
        const lake = new Lake(instance, await instance.connect());
        const files = { accepted: join(folder, "accepted.ndjson"), failed: join(folder, "failed.ndjson") };
        await writeLines(
            files.accepted,
            bucket.lines("backup/deviceping/", (bytes) => linesOf(bytes)),
        );
        await writeLines(files.failed, bucket.lines("failed/deviceping/", failedLines));
        const ping = "device_id: 'VARCHAR', battery: 'DOUBLE', sent_at: 'TIMESTAMP'";
        await lake.read(
            "sent_lines",
            sentFile,
            `event: 'STRUCT(event_id VARCHAR, device_id VARCHAR, battery DOUBLE, sent_at TIMESTAMP)', broken: 'VARCHAR'`,
        );
        await lake.run(
            "CREATE TABLE sent AS SELECT event.event_id AS id, event.device_id, event.battery, event.sent_at, broken FROM sent_lines",
        );
        for (const name of ["accepted", "failed"] as const) {
            await lake.read(name, files[name], "id: 'VARCHAR', broken: 'VARCHAR'");
        }
        await lake.readFolder("raw", bucket, "raw/v0/deviceping/", folder, `event_id: 'VARCHAR', ${ping}`);
        await lake.readFolder("batteries", bucket, "processed/v0/devicebattery/", folder, ping);
        const forecast = "device_id: 'VARCHAR', battery: 'DOUBLE', empty_at: 'TIMESTAMP'";
        await lake.readFolder("forecasts", bucket, "processed/v0/forecast/", folder, forecast);
        await lake.readFolder(
            "week",
            bucket,
            "reports/v0/batteryweek/",
            folder,
            "hour: 'TIMESTAMP', battery: 'DOUBLE'",
        );
        await lake.readRows(
            "counters",
            local.counters("pings"),
            folder,
            "name: 'VARCHAR', timestamp: 'VARCHAR', count: 'BIGINT'",
        );
        await lake.readLedger(local, folder);
        return lake;
    }

    /** The rows of a statement. */
    async rows(sql: string): Promise<Record<string, unknown>[]> {
        return (await this.connection.runAndReadAll(sql)).getRowObjectsJson();
    }

    /** The one number that a statement selects. */
    async number(sql: string): Promise<number> {
        return Number(Object.values((await this.rows(sql))[0]!)[0]);
    }

    close(): void {
        this.connection.closeSync();
        this.instance.closeSync();
    }

    private async run(sql: string): Promise<void> {
        await this.connection.run(sql);
    }

    private async read(table: string, files: string, columns: string): Promise<void> {
        await this.run(
            `CREATE TABLE ${table} AS SELECT * FROM read_json('${files}', format = 'newline_delimited', columns = {${columns}})`,
        );
    }

    /** All objects below a prefix; each row says which it is of. Where there is no object, the table is empty. */
    private async readFolder(table: string, bucket: Bucket, prefix: string, folder: string, columns: string) {
        const target = join(folder, table);
        await mkdir(target);
        const names: object[] = [];
        for await (const { key, bytes } of bucket.objects(prefix)) {
            const file = join(target, `${names.length}.json`);
            await writeFile(file, unpacked(bytes));
            names.push({ file, key });
        }
        if (names.length === 0) await writeFile(join(target, "none.json"), "");
        await this.readRows(`${table}_files`, names, folder, "file: 'VARCHAR', key: 'VARCHAR'");
        await this.run(
            `CREATE TABLE ${table} AS SELECT rows.* EXCLUDE (filename), files.key FROM read_json('${target}/*.json', ` +
                `format = 'newline_delimited', columns = {${columns}}, filename = true) AS rows ` +
                `JOIN ${table}_files AS files ON files.file = rows.filename`,
        );
    }

    private async readRows(table: string, rows: object[], folder: string, columns: string): Promise<void> {
        const file = join(folder, `${table}.ndjson`);
        await writeLines(file, rows);
        await this.read(table, file, columns);
    }

    /** What the ledger says of objects, and of query runs. */
    private async readLedger(local: LocalPipeline, folder: string): Promise<void> {
        const rows = local.counters("ledger");
        const of = (kind: string) =>
            rows
                .filter(({ entry }) => String(entry).startsWith(`${kind}/`))
                .map((row) => ({ ...row, name: String(row.entry).slice(kind.length + 1) }));
        const object = "name: 'VARCHAR', subscriber: 'VARCHAR', outcome: 'VARCHAR', executionId: 'VARCHAR'";
        await this.readRows("accounts", of("object"), folder, object);
        const run = "name: 'VARCHAR', query: 'VARCHAR', state: 'VARCHAR', result: 'VARCHAR'";
        await this.readRows("runs", of("run"), folder, run);
    }
}

/** The pipeline's bucket. */
class Bucket {
    private readonly client: S3Client;

    constructor(
        endpoint: string,
        private readonly name: string,
    ) {
        const credentials = { accessKeyId: "auditor", secretAccessKey: "none" };
        this.client = new S3Client({ endpoint, region: "us-east-1", forcePathStyle: true, credentials });
    }

    async *objects(Prefix: string): AsyncGenerator<{ key: string; bytes: Buffer }> {
        const { client, name: Bucket } = this;
        for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket, Prefix })) {
            for (const { Key } of Contents) {
                const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
                yield { key: Key!, bytes: Buffer.from(await Body!.transformToByteArray()) };
            }
        }
    }

    /** Each line of the objects: its event's id or, where it is no event, its text. */
    async *lines(prefix: string, read: (bytes: Buffer, key: string) => string[]): AsyncGenerator<object> {
        for await (const { key, bytes } of this.objects(prefix)) yield* read(unpacked(bytes), key).map(nameOf);
    }
}

function nameOf(line: string): { id: string } | { broken: string } {
    try {
        return { id: JSON.parse(line).event_id };
    } catch {
        return { broken: line };
    }
}

/** The lines that an object of the failed store keeps: those that the transformation refused, or Firehose's records. */
function failedLines(bytes: Buffer, key: string): string[] {
    const entries = linesOf(bytes).map((line) => JSON.parse(line));
    if (key.startsWith("failed/deviceping/normalize/")) return entries.map(({ line }) => line);
    return entries.flatMap(({ rawData }) => linesOf(Buffer.from(rawData, "base64")));
}

function linesOf(bytes: Buffer): string[] {
    return bytes
        .toString()
        .split("\n")
        .filter((line) => line !== "");
}

function unpacked(bytes: Buffer): Buffer {
    return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
}

async function writeLines(file: string, rows: Iterable<object> | AsyncIterable<object>): Promise<void> {
    const out = createWriteStream(file);
    for await (const row of rows) {
        if (!out.write(`${JSON.stringify(row, (_, value) => (typeof value === "bigint" ? Number(value) : value))}\n`)) {
            await once(out, "drain");
        }
    }
    await finished(out.end());
}
