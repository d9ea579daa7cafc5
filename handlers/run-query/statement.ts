import type { ObjectLayout, PartitionColumn } from "../shared/layout";
import type { CreatedObject } from "../shared/s3-events";
import type { MappedQuery } from "./contract";

/** An object that `:new_data` can't speak of. */
export class UnnameableObject extends Error {
    constructor(
        key: string,
        readonly problem: string,
    ) {
        super(`${key} ${problem}`);
    }
}

/** Where an object is. */
export type NamedObject = Pick<CreatedObject, "bucket" | "key">;

/** A statement as Athena takes it: text with `?` places, and the values for them in order. */
export interface Statement {
    sql: string;
    parameters: string[];
}

/** Athena takes parameters of up to this many characters. */
const maxParameterLength = 1024;
/** Athena's limit for a statement, in bytes. */
export const maxSqlBytes = 262_144;
/** A `:new_data` run reads at most this many objects. */
export const maxObjectsPerRun = 200;
/** Kept for the comment that names the run. */
const commentBytes = 100;
/** What an object adds to a predicate: `, ?` for its path, and for each of its partition's columns. */
const bytesPerValue = 3;

/** How a partition column's value stands in keys, below the table's prefix and the folders of the columns before. */
const folderPatterns: Record<PartitionColumn, RegExp> = {
    arrival_hour: /^(\d{4}\/\d{2}\/\d{2}\/\d{2})\//,
    arrival_day: /^(\d{4}\/\d{2}\/\d{2})\//,
    run_date: /^run_date=(\d{4}-\d{2}-\d{2})\//,
    year: /^year=(\d{4})\//,
    month: /^month=(\d{2})\//,
    day: /^day=(\d{2})\//,
    hour: /^hour=(\d{2})\//,
};

/** How many objects one run of a query takes: as many as its statement can name, or any number if it names none. */
export function mostObjects(query: MappedQuery): number {
    if (!query.newData) return Number.POSITIVE_INFINITY;
    const places = query.sql.filter((piece) => typeof piece !== "string").length;
    const values = 1 + (query.newData.partition ?? []).length;
    const left = maxSqlBytes - commentBytes - Buffer.byteLength(statementOf(query, []).sql);
    return Math.max(1, Math.min(maxObjectsPerRun, Math.floor(left / (bytesPerValue * values * places))));
}

/** The query's statement over the given objects: `:new_data` is true for the rows of exactly these. */
export function statementOf({ sql, newData }: MappedQuery, objects: NamedObject[]): Statement {
    const conditions = newData ? conditionsOf(newData, objects) : [];
    const parameters: string[] = [];
    return {
        sql: sql.map((piece) => (typeof piece === "string" ? piece : predicate(piece.newData))).join(""),
        parameters,
    };

    function predicate({ qualifier }: { qualifier?: string }): string {
        const terms = conditions.map(({ column, values }) => {
            parameters.push(...values);
            return `${qualifier ? `${qualifier}.` : ""}${column} IN (${values.map(() => "?").join(", ")})`;
        });
        return `(${terms.join(" AND ")})`;
    }
}

/**
 * The values that name an object's rows, as parameters: its path, and its partition's in the order of the columns. Throws
 * an `UnnameableObject` where `:new_data` can't speak of it.
 */
export function newDataOf(
    { prefix, partition = [] }: ObjectLayout,
    object: NamedObject,
): { path: string; partition: string[] } {
    const { key } = object;
    if (!key.startsWith(prefix)) throw new UnnameableObject(key, `lies outside the table's prefix ${prefix}`);
    const path = quoted(pathOf(object));
    if (path.length > maxParameterLength) {
        const problem = `is with its bucket longer than the ${maxParameterLength} characters of Athena's parameters`;
        throw new UnnameableObject(key, problem);
    }
    let below = key.slice(prefix.length);
    const values = partition.map((column) => {
        const [folder, value] = folderPatterns[column].exec(below) ?? [];
        if (!value) throw new UnnameableObject(key, `lies in none of the table's ${partition.join("/")} folders`);
        below = below.slice(folder!.length);
        return quoted(value);
    });
    return { path, partition: values };
}

/** Names one object as it was at one time: its place and its version. */
export function versionOf(object: CreatedObject): string {
    return JSON.stringify([pathOf(object), object.versionId ?? [object.eTag, object.sequencer]]);
}

/** `"$path"` alone would make Athena list every partition there ever was. */
function conditionsOf(layout: ObjectLayout, objects: NamedObject[]) {
    const newData = objects.map((object) => newDataOf(layout, object));
    const paths = { column: `"$path"`, values: distinct(newData.map(({ path }) => path)) };
    const partitions = layout.partition?.map((column, index) => ({
        column,
        values: distinct(newData.map(({ partition }) => partition[index]!)),
    }));
    return [paths, ...(partitions ?? [])];
}

function pathOf({ bucket, key }: NamedObject): string {
    return `s3://${bucket}/${key}`;
}

/** Athena's parameters are SQL literals: strings carry their own quotes. */
function quoted(text: string): string {
    return `'${text.replaceAll("'", "''")}'`;
}

function distinct(values: string[]): string[] {
    return [...new Set(values)].sort();
}
