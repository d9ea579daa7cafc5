import { randomUUID } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { DuckDBInstance, DuckDBValue } from "@duckdb/node-api";
import { loadDuckDb } from "../../athena-sql/engine";
import { QueryError } from "../../athena-sql/errors";
import { load } from "../../athena-sql/scans";
import { JsonLines } from "../../athena-sql/tables/json-lines";
import { withFieldNames } from "../../athena-sql/tables/parquet-files";
import type { LakeTable } from "../../athena-sql/tables/tables";
import { quote } from "../../athena-sql/text";
import type { StreamRecord } from "./record-buffer";

type Api = typeof import("@duckdb/node-api");

/** A record that is not of the table's columns, and why. */
export interface Unconverted {
    record: StreamRecord;
    code: "ParseError" | "MalformedData";
    message: string;
    /** Where; may quote the record. */
    detail: string;
}

/** What became of a buffer's records. */
export interface Conversion {
    converted: StreamRecord[];
    /** How many events they hold. */
    events: number;
    /** The Parquet file; absent where no record could be converted. */
    file?: Buffer;
    failed: Unconverted[];
}

/**
 * Converts JSON to Parquet by the columns of a Glue table, as Firehose does with the OpenX SerDe where that is certain. A
 * value of another type than its column's fails its record, although Firehose coerces some of them.
 */
export class ParquetConverter {
    private readonly lines: JsonLines;
    private readonly writing = new Set<Promise<Buffer>>();

    private constructor(
        private readonly api: Api,
        private readonly instance: DuckDBInstance,
        private readonly folder: string,
        private readonly columns: LakeTable["columns"],
    ) {
        this.lines = new JsonLines(api, { kind: "json", ignoreMalformed: false }, columns);
    }

    /** Starts DuckDB, which writes the files; `folder` holds each while it is written. */
    static async start(
        folder: string,
        { columns }: Pick<LakeTable, "columns">,
        needed?: () => Promise<Api>,
    ): Promise<ParquetConverter> {
        const api = await loadDuckDb("Firehose writes Parquet by DuckDB here", needed);
        const instance = await api.DuckDBInstance.create(":memory:", { autoinstall_known_extensions: "false" });
        const stored = columns.filter(({ partition }) => !partition);
        return new ParquetConverter(api, instance, folder, stored);
    }

    /** Stops when what is being written is done. */
    async stop(): Promise<void> {
        await Promise.allSettled(this.writing);
        this.instance.closeSync();
    }

    /** One file of all records that can be converted; a record fails as a whole. */
    async convert(records: StreamRecord[]): Promise<Conversion> {
        const converted: StreamRecord[] = [];
        const failed: Unconverted[] = [];
        const rows: DuckDBValue[][] = [];
        for (const record of records) {
            try {
                rows.push(...this.rowsOf(record));
                converted.push(record);
            } catch (error) {
                failed.push(unconverted(record, error));
            }
        }
        return { converted, events: rows.length, failed, ...(rows.length > 0 && { file: await this.write(rows) }) };
    }

    private rowsOf({ data }: StreamRecord): DuckDBValue[][] {
        return documents(data.toString()).map((document) => this.lines.row(document, () => "record"));
    }

    private write(rows: DuckDBValue[][]): Promise<Buffer> {
        const file = this.writeFile(rows).finally(() => this.writing.delete(file));
        this.writing.add(file);
        return file;
    }

    private async writeFile(rows: DuckDBValue[][]): Promise<Buffer> {
        const file = join(this.folder, `${randomUUID()}.parquet`);
        const connection = await this.instance.connect();
        try {
            const columns = this.columns.map(({ type }, index) => ({ name: `c${index}`, type }));
            await load({ api: this.api }, connection, "converted", columns, (add) => rows.forEach(add));
            const named = this.columns.map(
                ({ name, type }, index) => `${withFieldNames(`c${index}`, type)} AS "${name}"`,
            );
            const target = `${quote(file)} (FORMAT parquet, COMPRESSION snappy)`;
            await connection.run(`COPY (SELECT ${named.join(", ")} FROM converted) TO ${target}`);
            return await readFile(file);
        } finally {
            connection.disconnectSync();
            await rm(file, { force: true });
        }
    }
}

function unconverted(record: StreamRecord, error: unknown): Unconverted {
    if (!(error instanceof QueryError)) throw error;
    const [code, message] =
        error.code === "HIVE_BAD_DATA"
            ? (["MalformedData", "Data does not match the schema."] as const)
            : (["ParseError", "Encountered malformed JSON."] as const);
    return { record, code, message, detail: error.detail };
}

/** A record's JSON objects, one after the other with or without a delimiter; what is none comes as it is. */
export function documents(text: string): string[] {
    const found: string[] = [];
    let [depth, start] = [0, 0];
    for (const { 0: token, index } of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[{}]/gs)) {
        if (token === "{") depth++;
        else if (token === "}" && --depth === 0) {
            found.push(text.slice(start, index + 1));
            start = index + 1;
        }
    }
    const rest = text.slice(start);
    return rest.trim() === "" ? found : [...found, rest];
}
