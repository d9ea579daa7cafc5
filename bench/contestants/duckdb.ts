import type { BenchColumn } from "../data/rows";

/** By DuckDB, with as many threads as there are processors, and its own gzip, whose level can't be chosen. */
export async function duckdb(
    columns: BenchColumn[],
    csv: string,
    output: string,
    compression: "gzip" | "none",
): Promise<() => Promise<void>> {
    const { DuckDBInstance } = await import("@duckdb/node-api");
    const connection = await (await DuckDBInstance.create()).connect();
    const types = columns.map(({ name, duckType }) => `'${name}': '${duckType}'`).join(", ");
    const rows = `read_csv('${csv}', header = true, quote = '"', escape = '"', allow_quoted_nulls = false, columns = {${types}})`;
    return async () => {
        await connection.run(`COPY (SELECT * FROM ${rows}) TO '${output}' (FORMAT json, COMPRESSION ${compression})`);
    };
}
