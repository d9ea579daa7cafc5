import { isQuery } from "../../athena-sql/run";
import type { Statement } from "../../athena-sql/syntax/statements";

/**
 * What Athena calls statements. The types are documented
 * (https://docs.aws.amazon.com/athena/latest/APIReference/API_QueryExecution.html); of the words for their kinds only some
 * are, and the others are made like them.
 */
const words: Record<Statement["kind"], [type: "DML" | "DDL" | "UTILITY", substatement: string]> = {
    query: ["DML", "SELECT"],
    unload: ["DML", "UNLOAD"],
    "create table as": ["DML", "CREATE_TABLE_AS_SELECT"],
    insert: ["DML", "INSERT"],
    "create view": ["DDL", "CREATE_VIEW"],
    "drop view": ["DDL", "DROP_VIEW"],
    "drop table": ["DDL", "DROP_TABLE"],
    repair: ["DDL", "MSCK_REPAIR_TABLE"],
    "show databases": ["UTILITY", "SHOW_DATABASES"],
    "show tables": ["UTILITY", "SHOW_TABLES"],
    "show views": ["UTILITY", "SHOW_VIEWS"],
    "show columns": ["UTILITY", "SHOW_COLUMNS"],
    "show partitions": ["UTILITY", "SHOW_PARTITIONS"],
    "show create table": ["UTILITY", "SHOW_CREATE_TABLE"],
    "show create view": ["UTILITY", "SHOW_CREATE_VIEW"],
    "show tblproperties": ["UTILITY", "SHOW_TBLPROPERTIES"],
    describe: ["UTILITY", "DESCRIBE_TABLE"],
    prepare: ["UTILITY", "PREPARE"],
    execute: ["UTILITY", "EXECUTE"],
    deallocate: ["UTILITY", "DEALLOCATE"],
};

export function statementType({ kind }: Statement): string {
    return words[kind][0];
}

export function substatementType({ kind }: Statement): string {
    return words[kind][1];
}

/** The ending of the file that a statement leaves its result in; undefined where it writes files of its own. */
export function resultEnding(statement: Statement): ".csv" | ".txt" | undefined {
    if (statement.kind === "query") return ".csv";
    return isQuery(statement) ? undefined : ".txt";
}
