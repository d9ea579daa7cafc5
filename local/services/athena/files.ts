import { notModelled, QueryError } from "../../athena-sql/errors";
import { columnInfo } from "../../athena-sql/metadata";
import { placeOf } from "../../athena-sql/names";
import type { Plan } from "../../athena-sql/run";
import type { CreateTableAs, FileFormat, Insert, QueryStatement } from "../../athena-sql/syntax/statements";
import { parseLocation } from "../../athena-sql/tables/tables";
import type { WrittenFile } from "../../athena-sql/write";
import { newUuid } from "../../identifiers";
import type { Runtime } from "../../runtime";
import type { Glue } from "../glue";
import { insertFormat, tableOf } from "../glue/written";
import type { Caller } from "./caller";
import { databaseOf, type Execution } from "./execution";
import { invalid } from "./input";
import type { Services } from "./services";

type WritingStatement = Exclude<QueryStatement, { kind: "query" }>;

/** Where the files of a statement go, and how they are written. */
interface Target {
    /** Ends in `/`. */
    location: string;
    format: FileFormat;
}

/** Athena places the tables of a workgroup that enforces its location by itself. */
export function refuseLocation({ location }: CreateTableAs, enforced: boolean): void {
    if (location === undefined || !enforced) return;
    throw invalid(
        "The Create Table As Select query failed because it was submitted with an 'external_location' property to an " +
            "Athena Workgroup that enforces a centralized output location for all queries. Please remove the " +
            "'external_location' property and resubmit the query.",
    );
}

/** Refuses a target that is taken; says whether there is nothing to do, since the table is there. */
export function checkTarget(
    statement: WritingStatement,
    execution: Execution,
    caller: Caller,
    { glue, s3 }: Services,
): "there" | undefined {
    if (statement.kind === "insert") return;
    if (statement.kind === "create table as") {
        const { schema, own } = placeIn(execution, statement);
        if (!glue.hasDatabase(schema))
            throw new QueryError("SCHEMA_NOT_FOUND", `Schema ${schema} does not exist`, statement.at);
        caller.useTable("GetTable", schema, own);
        if (glue.entry(schema, own)) {
            if (statement.ifNotExists) return "there";
            const name = `awsdatacatalog.${schema}.${own}`;
            throw new QueryError("TABLE_ALREADY_EXISTS", `Destination table '${name}' already exists`, statement.at);
        }
    }
    const { location } = targetOf(statement, execution, glue);
    const { bucket, prefix } = parseLocation(location);
    if (caller.objects(s3).list(bucket, prefix).length > 0) {
        const what =
            statement.kind === "unload" ? "Target directory" : `Target directory for table '${nameOf(statement)}'`;
        throw new QueryError("HIVE_PATH_ALREADY_EXISTS", `${what} already exists: ${location}`);
    }
    return;
}

/** Writes the rows of a statement as files, a manifest that names them, and what the catalog is to know of them. */
export async function writeTable(
    statement: WritingStatement,
    execution: Execution,
    planned: Plan,
    caller: Caller,
    { runtime, s3, glue }: Services,
): Promise<void> {
    const { id, folder, cause, abort } = execution;
    const target = targetOf(statement, execution, glue);
    const table = statement.kind === "create table as" ? newTable(statement, execution, planned, target) : undefined;
    const empty = statement.kind === "create table as" && !statement.withData;
    const files = empty ? [] : await planned.write(target.format, runtime.folder, abort.signal);
    if (execution.state !== "RUNNING") return;
    const { bucket, prefix } = parseLocation(target.location);
    const keyed = files.map((file) => ({
        ...file,
        key: `${prefix}${folders(target, file)}${fileName(target, execution, runtime)}`,
    }));
    for (const { key } of keyed) caller.write(bucket, key);
    for (const { key, body } of keyed)
        await s3.put(bucket, key, body, { contentType: "application/octet-stream", cause });
    const manifest = `${id}-manifest.csv`;
    const results = parseLocation(folder);
    caller.write(results.bucket, `${results.prefix}${manifest}`);
    const lines = Buffer.from(keyed.map(({ key }) => `s3://${bucket}/${key}\n`).join(""));
    await s3.put(results.bucket, `${results.prefix}${manifest}`, lines, { contentType: "text/csv", cause });
    execution.manifest = `${folder}${manifest}`;
    execution.rows = files.reduce((sum, { rows }) => sum + rows, 0);
    execution.columns = [columnInfo({ name: "rows", type: { kind: "bigint" } })];
    if (table) {
        caller.useTable("CreateTable", table.databaseName, table.name);
        glue.create(table);
    }
    if (statement.kind !== "unload") register(placeIn(execution, statement), target, files, caller, glue);
}

function targetOf(statement: WritingStatement, execution: Execution, glue: Glue): Target {
    switch (statement.kind) {
        case "unload":
            return statement;
        case "create table as":
            return {
                location: statement.location ?? `${execution.folder}tables/${execution.id}/`,
                format: statement.format,
            };
        case "insert": {
            const { schema, own } = placeIn(execution, statement);
            const entry = glue.entry(schema, own);
            if (!entry || "view" in entry) throw notModelled(`INSERT INTO ${own}`, statement.at);
            const { location, partitions } = entry.table;
            const folder = location.endsWith("/") ? location : `${location}/`;
            const format = insertFormat(entry);
            const hives = `${folder}${format.partitionedBy.map((name) => `${name}=\${${name}}/`).join("")}`;
            if (partitions && `${partitions.template.replace(/\/$/, "")}/` !== hives)
                throw notModelled(
                    `INSERT INTO a table whose partitions are not in folders such as ${hives}`,
                    statement.at,
                );
            return { location: folder, format };
        }
    }
}

function newTable(statement: CreateTableAs, execution: Execution, { columns }: Plan, { location, format }: Target) {
    const { schema, own } = placeIn(execution, statement);
    return tableOf({ database: schema, name: own, columns, location, format }, statement.at);
}

function register(
    { schema, own }: { schema: string; own: string },
    { location, format }: Target,
    files: WrittenFile[],
    caller: Caller,
    glue: Glue,
): void {
    const table = glue.table(schema, own)!;
    if (!table.registered || files.length === 0) return;
    caller.useTable("BatchCreatePartition", schema, own);
    const partitions = files.map((file) => ({
        values: Object.fromEntries(
            format.partitionedBy.flatMap((name, i) => (file.partition[i] === null ? [] : [[name, file.partition[i]!]])),
        ),
        location: `${location}${folders({ location, format }, file)}`,
    }));
    glue.addPartitions(table, partitions);
}

/** Hive's folders of a file: `day=2026-11-21/`. */
function folders({ format }: Target, { partition }: WrittenFile): string {
    return format.partitionedBy.map((name, i) => `${name}=${folderValue(partition[i]!)}/`).join("");
}

/** What Hive writes otherwise than it is; NULL has a folder of its own. */
function folderValue(value: string | null): string {
    if (value === null || value === "") return "__HIVE_DEFAULT_PARTITION__";
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what Hive escapes
    return value.replace(/[\u0001-\u001f"#%'*/:=?\\\u007f{[\]^]/g, (character) => {
        return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
    });
}

/** As Athena calls the files that it writes: by the time of the run; only compressed text has an ending. */
function fileName({ format }: Target, { id, submitted }: Execution, runtime: Runtime): string {
    const time = new Date(submitted).toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "_");
    const ending = format.kind !== "parquet" && format.compression === "gzip" ? ".gz" : "";
    return `${time}_00001_${id.slice(0, 5)}_${newUuid(runtime, id)}${ending}`;
}

function placeIn(execution: Execution, { name }: CreateTableAs | Insert) {
    const { database: schema, own } = placeOf(name, databaseOf(execution));
    return { schema, own };
}

function nameOf({ name }: CreateTableAs): string {
    return name.map((part) => part.name).join(".");
}
