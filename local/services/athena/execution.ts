import type { ColumnInfo } from "../../athena-sql/metadata";
import type { Statement } from "../../athena-sql/syntax/statements";
import type { Cause } from "../../runtime";
import type { StartInput } from "./input";
import { resultEnding, statementType, substatementType } from "./kinds";
import type { Bind } from "./prepared";
import { engineVersion, type Workgroup } from "./workgroups";

export type State = "QUEUED" | "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELLED";

/** Why a run FAILED: https://docs.aws.amazon.com/athena/latest/ug/error-reference.html */
export interface AthenaError {
    /** 1: system, 2: user. */
    ErrorCategory: number;
    ErrorType: number;
    Retryable: boolean;
    ErrorMessage: string;
}

/** Error types of Athena's catalog. */
export const errorTypes = { engine: 200, timeout: 210, user: 1000 };

/** One run of a statement. */
export interface Execution {
    id: string;
    input: StartInput;
    /** What it runs: of EXECUTE the statement that was prepared. */
    statement: Statement;
    /** Fills its `?`. */
    bind: Bind;
    workgroup: Workgroup;
    /** Folder of the result, `s3://bucket/prefix/`. */
    folder: string;
    cause: Cause;
    /** ARN of the role that started it: Athena reads and writes as that. */
    role?: string;
    state: State;
    reason?: string;
    /** Of a FAILED run. */
    error?: AthenaError;
    /** State changes so far. */
    changes: number;
    /** Milliseconds since 1970, as the runtime's clock has them. */
    submitted: number;
    completed?: number;
    /** Milliseconds that the engine took. */
    engineTime: number;
    bytesScanned: number;
    rows: number;
    columns: ColumnInfo[];
    /** Of a succeeded UNLOAD, INSERT or CREATE TABLE AS: where its files are named. */
    manifest?: string;
    abort: AbortController;
}

/** The run as GetQueryExecution describes it. */
export function describeExecution(execution: Execution): object {
    const { id, input, statement, workgroup, folder, state, reason, engineTime, bytesScanned, manifest } = execution;
    return {
        QueryExecutionId: id,
        Query: input.QueryString,
        StatementType: statementType(statement),
        SubstatementType: substatementType(statement),
        ResultConfiguration: {
            OutputLocation: `${folder}${id}${resultEnding(statement) ?? ""}`,
            EncryptionConfiguration: workgroup.encryption,
        },
        QueryExecutionContext: input.QueryExecutionContext,
        ExecutionParameters: input.ExecutionParameters,
        WorkGroup: workgroup.name,
        EngineVersion: engineVersion,
        Status: {
            State: state,
            StateChangeReason: reason,
            SubmissionDateTime: execution.submitted / 1000,
            ...(execution.completed !== undefined && { CompletionDateTime: execution.completed / 1000 }),
            AthenaError: execution.error,
        },
        Statistics: {
            DataScannedInBytes: bytesScanned,
            ...(manifest !== undefined && { DataManifestLocation: manifest }),
            EngineExecutionTimeInMillis: engineTime,
            TotalExecutionTimeInMillis: engineTime,
            QueryQueueTimeInMillis: 0,
            ServiceProcessingTimeInMillis: 0,
        },
    };
}

/** What Athena says of a failure, by its reason. */
export function errorOf(reason: string, known: Partial<AthenaError> = {}): AthenaError {
    const internal = reason.startsWith("GENERIC_INTERNAL_ERROR");
    return {
        ErrorCategory: internal ? 1 : 2,
        ErrorType: internal ? errorTypes.engine : errorTypes.user,
        Retryable: false,
        ErrorMessage: reason,
        ...known,
    };
}

/** Name of the query: the last folder of the place where its results go. */
export function queryName({ folder }: Execution): string {
    return folder.split("/").at(-2)!;
}

/** What started a run: of the objects that the caller works on, those that the parameters name, if they name any. */
export function causeOf(cause: Cause | undefined, parameters: string[] = []): Cause {
    const { keys = [], tier = 0, tiers } = cause ?? {};
    const named = keys.filter((key) =>
        parameters.some((parameter) => parameter.endsWith(`/${key.replaceAll("'", "''")}'`)),
    );
    const own = named.length > 0 ? named : keys;
    return { keys: own, tier: Math.max(0, ...(tiers ? own.map((key) => tiers[key] ?? tier) : [tier])) + 1 };
}

/** Where names without a database lie, in lower case. */
export function databaseOf({ input }: Pick<Execution, "input">): string {
    return (input.QueryExecutionContext?.Database ?? "default").toLowerCase();
}
