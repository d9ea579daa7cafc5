import { QueryError } from "../../athena-sql/errors";
import {
    type BoundStatement,
    bindParameters,
    bindValues,
    isQuery,
    type ParsedStatement,
    parseStatement,
} from "../../athena-sql/run";
import type { Execute } from "../../athena-sql/syntax/statements";
import type { Clock } from "../../clock";
import { AwsError } from "../../runtime";
import { checkStatement, invalid } from "./input";

interface PreparedStatement {
    name: string;
    sql: string;
    description?: string;
    /** Seconds since 1970. */
    modified: number;
}

/** What the operations on prepared statements are asked. */
interface Input {
    StatementName?: string;
    WorkGroup?: string;
    QueryStatement?: string;
    Description?: string;
    MaxResults?: number;
    NextToken?: string;
}

/** Of the API: https://docs.aws.amazon.com/athena/latest/APIReference/API_CreatePreparedStatement.html */
export const preparedOperations = [
    ...["CreatePreparedStatement", "GetPreparedStatement", "ListPreparedStatements"],
    ...["UpdatePreparedStatement", "DeletePreparedStatement"],
];

const page = 50;

/** The prepared statements of all workgroups. */
export class PreparedStatements {
    private readonly all = new Map<string, PreparedStatement>();

    constructor(private readonly clock: Clock) {}

    /** Answers one of the `preparedOperations`. */
    call(operation: string, input: Input): object {
        const { StatementName: name = "", WorkGroup: workgroup = "", QueryStatement, Description } = input;
        switch (operation) {
            case "CreatePreparedStatement":
                checkPreparable(QueryStatement);
                this.create(workgroup, name, QueryStatement, Description);
                return {};
            case "UpdatePreparedStatement":
                checkPreparable(QueryStatement);
                this.get(workgroup, name);
                this.put(workgroup, name, QueryStatement, Description);
                return {};
            case "GetPreparedStatement": {
                const { sql, description, modified } = this.get(workgroup, name);
                const described = { StatementName: name, WorkGroupName: workgroup, QueryStatement: sql };
                return { PreparedStatement: { ...described, Description: description, LastModifiedTime: modified } };
            }
            case "DeletePreparedStatement":
                this.delete(workgroup, name);
                return {};
            default:
                return this.list(workgroup, input);
        }
    }

    /** Refuses a name that is taken. What PREPARE does with one AWS does not document; here it fails, too. */
    create(workgroup: string, name: string, sql: string, description?: string): void {
        if (this.all.has(keyOf(workgroup, name)))
            throw invalid(`PreparedStatement ${name} already exists in WorkGroup ${workgroup}`);
        this.put(workgroup, name, sql, description);
    }

    delete(workgroup: string, name: string): void {
        this.get(workgroup, name);
        this.all.delete(keyOf(workgroup, name));
    }

    /** What EXECUTE runs: the statement, and how its `?` are filled, by USING or by the execution's parameters. */
    executed(workgroup: string, { name, values }: Execute): { parsed: ParsedStatement; bind: Bind } {
        const parsed = parseStatement(this.get(workgroup, name.name).sql);
        const bind: Bind = (parameters) => {
            if (values.length === 0) return bindParameters(parsed, parameters);
            if (parameters.length === 0) return bindValues(parsed, values);
            throw new QueryError(
                "INVALID_PARAMETER_USAGE",
                "EXECUTE takes values behind USING or as parameters, not both",
            );
        };
        return { parsed, bind };
    }

    private put(workgroup: string, name: string, sql: string, description?: string): void {
        if (!/^[a-zA-Z_][a-zA-Z0-9_@:]{0,255}$/.test(name))
            throw invalid(`'${name}' is not a name of a prepared statement`);
        const statement = {
            name,
            sql,
            modified: this.clock.now() / 1000,
            ...(description !== undefined && { description }),
        };
        this.all.set(keyOf(workgroup, name), statement);
    }

    private get(workgroup: string, name: string): PreparedStatement {
        const statement = this.all.get(keyOf(workgroup, name));
        if (statement) return statement;
        throw new AwsError(
            "ResourceNotFoundException",
            `PreparedStatement ${name} was not found in WorkGroup ${workgroup}`,
        );
    }

    private list(workgroup: string, { MaxResults = page, NextToken }: Input): object {
        if (MaxResults < 1 || MaxResults > page) throw invalid(`MaxResults must be 1 to ${page}`);
        const own = [...this.all].filter(([key]) => key.startsWith(keyOf(workgroup, "")));
        const start = Number(NextToken ?? 0);
        const statements = own
            .slice(start, start + MaxResults)
            .map(([, { name, modified }]) => ({ StatementName: name, LastModifiedTime: modified }));
        const next = start + MaxResults;
        return { PreparedStatements: statements, ...(next < own.length && { NextToken: String(next) }) };
    }
}

/** Fills the `?` of a statement with an execution's parameters. */
export type Bind = (parameters: string[]) => BoundStatement;

function keyOf(workgroup: string, name: string): string {
    return `${workgroup}/${name}`;
}

/** Refuses what EXECUTE could not run. */
function checkPreparable(sql: unknown): asserts sql is string {
    checkStatement(sql, "QueryStatement");
    try {
        const { statement } = parseStatement(sql);
        if (!isQuery(statement))
            throw new QueryError("NOT_SUPPORTED", `Cannot prepare ${statement.kind}`, statement.at);
    } catch (error) {
        throw error instanceof QueryError ? invalid(error.describe(sql)) : error;
    }
}
