import { notModelled, QueryError } from "../../athena-sql/errors";
import { placeOf, viewColumns, viewOf } from "../../athena-sql/names";
import type { Identifier } from "../../athena-sql/syntax/ast";
import type { CreateView, Drop, Show, Statement } from "../../athena-sql/syntax/statements";
import type { Entry } from "../glue";
import type { Caller } from "./caller";
import type { Execution } from "./execution";
import { repair } from "./repair";
import type { Lines, Services } from "./services";
import * as shows from "./shows";

const nothing: Lines = { columns: [], lines: [] };

/** Runs a statement that reads and writes the catalog only, or the prepared statements of a workgroup. */
export async function runCatalogStatement(
    statement: Statement,
    database: string,
    { workgroup }: Pick<Execution, "workgroup">,
    caller: Caller,
    services: Services,
): Promise<Lines> {
    const { glue, prepared, s3 } = services;
    switch (statement.kind) {
        case "create view":
            return createView(statement, database, caller, services);
        case "drop view":
            return dropView(statement, database, caller, services);
        case "drop table":
            return dropTable(statement, database, caller, services);
        case "repair": {
            const entry = hivesTable(statement.name, database, caller, services);
            return repair(entry.table, caller, glue, s3);
        }
        case "prepare":
            caller.checkWorkgroup("CreatePreparedStatement", workgroup.name);
            prepared.create(workgroup.name, statement.name.name, statement.sql);
            return nothing;
        case "deallocate":
            caller.checkWorkgroup("DeletePreparedStatement", workgroup.name);
            prepared.delete(workgroup.name, statement.name.name);
            return nothing;
        case "show databases":
            caller.useDatabases();
            return { columns: ["database_name"], lines: shows.matching(glue.databases, statement.pattern).sort() };
        case "show tables":
        case "show views": {
            const place = statement.database?.name.toLowerCase() ?? database;
            return listed(statement.kind === "show views", place, statement.pattern, caller, services);
        }
        case "show create view": {
            const { database: schema, own } = placeOf(statement.name, database);
            const view = caller.finder(glue)(schema, own);
            if (!view || !("query" in view))
                throw new QueryError(
                    "TABLE_NOT_FOUND",
                    `View 'awsdatacatalog.${schema}.${own}' does not exist`,
                    statement.at,
                );
            return { columns: ["create view"], lines: shows.viewText(view) };
        }
        default:
            return show(statement as Show, database, caller, services);
    }
}

/** What Hive shows of a table. */
function show(statement: Show, database: string, caller: Caller, services: Services): Lines {
    const { name } = statement as { name: Identifier[] };
    switch (statement.kind) {
        case "describe":
            return {
                columns: ["col_name", "data_type", "comment"],
                lines: shows.described(found(name, database, caller, services)),
            };
        case "show columns":
            return { columns: ["field"], lines: shows.columnNames(found(name, database, caller, services)) };
        case "show create table":
            return {
                columns: ["createtab_stmt"],
                lines: shows.tableText(hivesTable(name, database, caller, services)),
            };
        case "show tblproperties": {
            const { inputs } = hivesTable(name, database, caller, services);
            const { property } = statement;
            return { columns: ["prpt_name", "prpt_value"], lines: shows.properties(inputs, property) };
        }
        default: {
            const { table } = hivesTable(name, database, caller, services);
            caller.useTable("GetPartitions", table.database, table.name);
            return { columns: ["partition"], lines: shows.partitionNames(table) };
        }
    }
}

function listed(
    viewsOnly: boolean,
    database: string,
    pattern: string | undefined,
    caller: Caller,
    { glue }: Services,
): Lines {
    if (!glue.hasDatabase(database))
        throw new QueryError("FAILED", `SemanticException [Error 10072]: Database does not exist: ${database}`);
    caller.useDatabase("GetTables", database);
    const entries = glue.inDatabase(database).filter((entry) => !viewsOnly || "view" in entry);
    const names = entries.map((entry) => ("view" in entry ? entry.view : entry.table).name);
    return { columns: [viewsOnly ? "views" : "tab_name"], lines: shows.matching(names, pattern).sort() };
}

// Views

function createView(statement: CreateView, database: string, caller: Caller, { glue, runtime }: Services): Lines {
    const { database: schema, own } = placeOf(statement.name, database);
    if (!glue.hasDatabase(schema)) throw new QueryError("NOT_FOUND", `Schema ${schema} not found`, statement.at);
    const columns = viewColumns(statement, database, runtime.clock.now(), caller.finder(glue));
    const before = glue.entry(schema, own);
    if (before && (!statement.replace || "table" in before))
        throw new QueryError(
            "TABLE_ALREADY_EXISTS",
            `${"table" in before ? "Table" : "View"} already exists: 'awsdatacatalog.${schema}.${own}'`,
            statement.at,
        );
    caller.useTable(before ? "UpdateTable" : "CreateTable", schema, own);
    glue.putView(viewOf(statement.sql, { database: schema, name: own, context: database, columns }));
    return nothing;
}

function dropView({ name, ifExists, at }: Drop, database: string, caller: Caller, { glue }: Services): Lines {
    const { database: schema, own } = placeOf(name, database);
    caller.useTable("GetTable", schema, own);
    const entry = glue.entry(schema, own);
    if (!entry && ifExists) return nothing;
    const whole = `awsdatacatalog.${schema}.${own}`;
    if (!entry) throw new QueryError("GENERIC_USER_ERROR", `View '${whole}' does not exist`, at);
    if ("table" in entry)
        throw new QueryError(
            "GENERIC_USER_ERROR",
            `View '${whole}' does not exist, but a table with that name exists. Did you mean DROP TABLE ${whole}?`,
            at,
        );
    caller.useTable("DeleteTable", schema, own);
    glue.drop(schema, own);
    return nothing;
}

// Tables

/** Takes a table out of the catalog; all of Athena's are external, so that its objects stay. */
function dropTable({ name, ifExists }: Drop, database: string, caller: Caller, services: Services): Lines {
    const { database: schema, own } = placeOf(name, database);
    if (ifExists && !services.glue.entry(schema, own)) return nothing;
    const entry = found(name, database, caller, services);
    if ("view" in entry) throw new QueryError("FAILED", "SemanticException Cannot drop a view with DROP TABLE");
    caller.useTable("DeleteTable", schema, own);
    services.glue.drop(schema, own);
    return nothing;
}

/** A table or a view, as Hive looks for it. */
function found(name: Identifier[], database: string, caller: Caller, { glue }: Services): Entry {
    const { database: schema, own } = placeOf(name, database);
    caller.useTable("GetTable", schema, own);
    const entry = glue.entry(schema, own);
    if (!entry) throw new QueryError("FAILED", `SemanticException [Error 10001]: Table not found ${schema}.${own}`);
    return entry;
}

function hivesTable(name: Identifier[], database: string, caller: Caller, services: Services) {
    const entry = found(name, database, caller, services);
    if ("view" in entry) throw notModelled(`this statement of the view ${entry.view.name}`, name[0]!.at);
    return entry;
}
