/** The statements that Athena runs, beside plain queries. Every one knows the offset at which it, or its name, stands. */

import type { Expression, Identifier, Query } from "./ast";

export type Statement =
    | { kind: "query"; query: Query; at: number }
    | Unload
    | CreateTableAs
    | Insert
    | CreateView
    | Drop
    | Show
    | { kind: "repair"; name: Identifier[]; at: number }
    | Prepare
    | Execute
    | { kind: "deallocate"; name: Identifier; at: number };

/** A statement that runs a query. */
export type QueryStatement = Extract<Statement, { kind: "query" }> | Unload | CreateTableAs | Insert;

/** How rows become files. */
export interface FileFormat {
    kind: "parquet" | "json" | "textfile";
    compression: "uncompressed" | "snappy" | "gzip" | "zstd";
    /** Between the fields of a text file. */
    delimiter: string;
    /** Names of the columns that make folders: the last ones of the query. */
    partitionedBy: string[];
}

/** `UNLOAD (query) TO 'location' WITH (…)`. */
export interface Unload {
    kind: "unload";
    query: Query;
    /** Ends in `/`. */
    location: string;
    format: FileFormat;
    at: number;
}

/** `CREATE TABLE name WITH (…) AS query`. */
export interface CreateTableAs {
    kind: "create table as";
    name: Identifier[];
    ifNotExists: boolean;
    query: Query;
    withData: boolean;
    /** `external_location`; ends in `/`. */
    location?: string;
    format: FileFormat;
    at: number;
}

/** `INSERT INTO name (columns) query`. */
export interface Insert {
    kind: "insert";
    name: Identifier[];
    columns?: Identifier[];
    query: Query;
    at: number;
}

/** `CREATE OR REPLACE VIEW name AS query`. */
export interface CreateView {
    kind: "create view";
    name: Identifier[];
    replace: boolean;
    query: Query;
    /** The query as it was written. */
    sql: string;
    at: number;
}

export interface Drop {
    kind: "drop view" | "drop table";
    name: Identifier[];
    ifExists: boolean;
    at: number;
}

/** What only shows something of the catalog. */
export type Show =
    | { kind: "show databases"; pattern?: string; at: number }
    | { kind: "show tables" | "show views"; database?: Identifier; pattern?: string; at: number }
    | {
          kind: "show columns" | "show partitions" | "show create table" | "show create view" | "describe";
          name: Identifier[];
          at: number;
      }
    | { kind: "show tblproperties"; name: Identifier[]; property?: string; at: number };

/** `PREPARE name FROM statement`. */
export interface Prepare {
    kind: "prepare";
    name: Identifier;
    sql: string;
    at: number;
}

/** `EXECUTE name USING values`. */
export interface Execute {
    kind: "execute";
    name: Identifier;
    values: Expression[];
    at: number;
}
