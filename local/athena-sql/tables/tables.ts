import type { Table } from "../relations";
import type { Type } from "../types";
import type { Format } from "./formats";
import { type Projection, parseProjection, projector, valuePattern } from "./projection";

/** A table over objects in S3. */
export interface LakeTable extends Table {
    /** `s3://bucket/prefix/`. */
    location: string;
    format: Format;
    /** How partition columns stand in keys; absent for a table without partitions. */
    partitions?: Partitions;
    /** Partitions that the catalog lists; absent for a table without partitions, and for one that projects them. */
    registered?: RegisteredPartition[];
}

/** A partition of the catalog. */
export interface RegisteredPartition {
    /** Without those that are NULL. */
    values: Record<string, string>;
    /** `s3://bucket/prefix/column=value/`. */
    location: string;
}

export interface Partitions {
    /** `s3://bucket/prefix/${column}/`. */
    template: string;
    projections: Map<string, Projection>;
}

/** An object that holds rows of a table. */
export interface DataFile {
    bucket: string;
    key: string;
    size: number;
    /** Where its bytes are on disk. */
    file: string;
    /** Values of the partition columns, without those that are NULL. */
    partition: Record<string, string>;
}

/** Where objects are listed. */
export interface ObjectList {
    list(bucket: string, prefix: string): { key: string; size: number; file: string }[];
}

/** Splits `s3://bucket/prefix`. */
export function parseLocation(location: string): { bucket: string; prefix: string } {
    const match = /^s3a?:\/\/([^/]+)\/?(.*)$/.exec(location);
    if (!match) throw new Error(`'${location}' is not a location in S3`);
    return { bucket: match[1]!, prefix: match[2]! };
}

/** Reads a table's partition projection from its parameters. */
export function parsePartitions(
    columns: { name: string; type: Type }[],
    location: string,
    parameters: Record<string, string>,
): Partitions {
    const folder = location.endsWith("/") ? location : `${location}/`;
    const template =
        parameters["storage.location.template"] ??
        `${folder}${columns.map(({ name }) => `${name}=\${${name}}`).join("/")}/`;
    return { template, projections: new Map(columns.map(({ name }) => [name, parseProjection(name, parameters)])) };
}

/** The objects that a scan of the whole table reads, as Athena finds them: recursively, without hidden ones. */
export function filesOf(table: LakeTable, objects: ObjectList, now: number): DataFile[] {
    if (table.registered) return registeredFiles(table.registered, objects);
    const { bucket, prefix } = parseLocation(table.partitions?.template.split("${")[0] ?? table.location);
    const folder = table.partitions || prefix === "" || prefix.endsWith("/") ? prefix : `${prefix}/`;
    const partitionOf = table.partitions ? partitionReader(table.partitions, now) : () => ({ values: {}, rest: "" });
    return objects.list(bucket, folder).flatMap((object): DataFile[] => {
        const partition = partitionOf(object.key);
        if (!partition || object.size === 0) return [];
        const inner = table.partitions ? partition.rest : object.key.slice(folder.length);
        if (isHidden(inner)) return [];
        return [{ bucket, key: object.key, size: object.size, file: object.file, partition: partition.values }];
    });
}

function registeredFiles(partitions: RegisteredPartition[], objects: ObjectList): DataFile[] {
    return partitions.flatMap(({ values, location }) => {
        const { bucket, prefix } = parseLocation(location);
        return objects
            .list(bucket, prefix)
            .filter(({ key, size }) => size > 0 && !isHidden(key.slice(prefix.length)))
            .map(({ key, size, file }) => ({ bucket, key, size, file, partition: values }));
    });
}

function isHidden(path: string): boolean {
    return /(?:^|\/)[._]/.test(path);
}

/** Finds the partition that a key lies in, if the projection has it. */
function partitionReader(
    { template, projections }: Partitions,
    now: number,
): (key: string) => { values: Record<string, string>; rest: string } | undefined {
    const { prefix } = parseLocation(template);
    const columns: string[] = [];
    const source = prefix.replace(/\$\{([^}]+)\}|[^$]+|\$/g, (part, column?: string) => {
        if (column === undefined) return part.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
        columns.push(column.toLowerCase());
        return `(${valuePattern(projections.get(column.toLowerCase())!)})`;
    });
    const pattern = new RegExp(`^${source}${prefix.endsWith("/") ? "" : "/"}(.+)$`, "s");
    const isProjected = columns.map((column) => projector(projections.get(column)!, now));
    return (key) => {
        const match = pattern.exec(key);
        if (!match) return undefined;
        const values: Record<string, string> = {};
        for (const [index, column] of columns.entries()) {
            const value = match[index + 1]!;
            if (!isProjected[index]!(value)) return undefined;
            values[column] = value;
        }
        return { values, rest: match.at(-1)! };
    };
}
