import { parquetLines } from "./athena-sql/tables/parquet-files";
import { readJson } from "./read-json";
import type { S3 } from "./services/s3";
import type { StoredObject } from "./services/s3/store";
import { unpack } from "./unpack";

/** A row of a report. Integers beyond JavaScript's safe range are `bigint`. */
export type Row = Record<string, unknown>;

/** The rows of all newline-delimited JSON and Parquet objects under a prefix, in the order in which they were written. */
export async function readRows(s3: S3, prefix: string): Promise<Row[]> {
    const objects = s3.bucketNames().flatMap((bucket) => s3.list(bucket, prefix));
    const rows: Row[] = [];
    for (const object of objects.filter(hasRows).sort((a, b) => a.lastModified - b.lastModified)) {
        for (const line of await linesOf(s3, object)) if (line.trim() !== "") rows.push(parseRow(line));
    }
    return rows;
}

async function linesOf(s3: S3, object: StoredObject): Promise<string[]> {
    if (object.key.endsWith(".parquet")) return await parquetLines(object.file);
    const bytes = await s3.read(object);
    return (await unpack(object.key, bytes)).toString().split("\n");
}

/** A document as JSON, `bigint` as the number that it is. */
export function toJson(document: unknown): string {
    return JSON.stringify(
        document,
        (_key, value) => (typeof value === "bigint" ? exactJson.rawJSON(String(value)) : value),
        2,
    );
}

function hasRows({ key }: StoredObject): boolean {
    return /\.((json|ndjson|jsonl)(\.gz|\.zst)?|parquet)$/.test(key);
}

/** `JSON.parse` is fast, but mistakes escaped keys for others. */
function parseRow(line: string): Row {
    if (line.includes("\\")) return readJson(line, exactNumber);
    return exactJson.parse(line, (_key, value, { source }) =>
        typeof value === "number" ? exactNumber(source!) : value,
    ) as Row;
}

function exactNumber(digits: string): number | bigint {
    const value = Number(digits);
    const isRounded = Number.isInteger(value) && !Number.isSafeInteger(value);
    return isRounded && /^-?\d+$/.test(digits) ? BigInt(digits) : value;
}

/** JSON.rawJSON and the reviver's `source` are in every supported Node, but not yet in TypeScript's library. */
const exactJson = JSON as unknown as {
    parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
    rawJSON(text: string): unknown;
};
