import { createHash } from "node:crypto";
import type { Compaction } from "./contract";
import { folderOf } from "./interval";
import type { Attempt } from "./runs";

/** Bytes of the names of the objects in one statement; Athena takes statements of 262,144. */
const mostBytes = 200_000;
/** Objects in one statement. */
const mostObjects = 1_000;

/** Objects as one statement each can name them; of each the part of its key behind the prefix. */
export function chunksOf(bucket: string, { prefix }: Compaction, objects: string[]): string[][] {
    const chunks: string[][] = [];
    let bytes = 0;
    for (const object of objects) {
        const size = Buffer.byteLength(literal(pathOf(bucket, prefix + object)));
        if (chunks.length === 0 || chunks.at(-1)!.length === mostObjects || bytes + size > mostBytes) {
            chunks.push([]);
            bytes = 0;
        }
        chunks.at(-1)!.push(object);
        bytes += size;
    }
    return chunks;
}

/** Where an attempt leaves its files: in a folder that nobody wrote to before, outside of the table. */
export function stagingOf({ name }: Compaction, { interval, number, attempt }: Attempt): string {
    return `athena/${name}/files/${interval}/${number}-${attempt}/`;
}

/** The statement that writes the rows of exactly these objects as Parquet. */
export function statementOf(bucket: string, compaction: Compaction, attempt: Attempt, objects: string[]): string {
    const { table, prefix, partition, columns } = compaction;
    const keys = objects.map((object) => prefix + object);
    const folders = keys.map((key) => folderOf(compaction, key)!);
    const conditions = partition.map((column, index) =>
        isIn(
            column,
            partition.length > 1 ? folders.map((parts) => parts[index]!) : folders.map((parts) => parts.join("/")),
        ),
    );
    const paths = isIn(
        "$path",
        keys.map((key) => pathOf(bucket, key)),
    );
    return [
        `UNLOAD (SELECT ${columns.map(identifier).join(", ")} FROM ${identifier(table)}`,
        `WHERE ${[...conditions, paths].join(" AND ")})`,
        `TO ${literal(pathOf(bucket, stagingOf(compaction, attempt)))} WITH (format = 'PARQUET', compression = 'SNAPPY')`,
    ].join("\n");
}

/** Names an attempt, in the whole account: Athena starts nothing twice for one token. */
export function tokenOf(bucket: string, { output }: Compaction, { interval, number, attempt }: Attempt): string {
    return createHash("sha256")
        .update(JSON.stringify([bucket, output, interval, number, attempt]))
        .digest("hex");
}

function isIn(column: string, values: string[]): string {
    return `${identifier(column)} IN (${[...new Set(values)].map(literal).join(", ")})`;
}

function pathOf(bucket: string, key: string): string {
    return `s3://${bucket}/${key}`;
}

function identifier(name: string): string {
    return `"${name}"`;
}

function literal(text: string): string {
    return `'${text.replaceAll("'", "''")}'`;
}
