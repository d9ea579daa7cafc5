import { AthenaClient } from "@aws-sdk/client-athena";
import {
    answeredBy,
    type GivenResponse,
    jsonError,
    jsonRequest,
    jsonResponse,
    type SentRequest,
} from "../shared/fake-service";

/** A run that Athena knows. */
export interface KnownRun {
    workGroup: string;
    /** States that it is found in, one a call; the last one stays. */
    states: string[];
    /** Name and type of the result's columns. */
    columns: [string, string][];
    submitted: string;
    /** Its statement. */
    statement: string;
}

/** Tells of runs and their results' columns, as Athena does. */
export class FakeAthena {
    readonly runs = new Map<string, KnownRun>();
    readonly operations: string[] = [];
    /** Faults: answers a call instead of Athena. */
    instead: (operation: string) => GivenResponse | undefined = () => undefined;

    readonly client = new AthenaClient({ ...answeredBy((request) => this.answer(request)), maxAttempts: 1 });

    /** The answer to a request. */
    answer(request: SentRequest): GivenResponse {
        const { operation, input } = jsonRequest(request);
        this.operations.push(operation);
        const id = input.QueryExecutionId as string;
        const run = this.runs.get(id);
        const fault = this.instead(operation);
        if (fault) return fault;
        if (!run) return jsonError("InvalidRequestException", `QueryExecution ${id} was not found`);
        return operation === "GetQueryExecution" ? execution(id, run) : results(run, input.MaxResults as number);
    }
}

function execution(QueryExecutionId: string, run: KnownRun): GivenResponse {
    const State = run.states.length > 1 ? run.states.shift() : run.states[0];
    const Status = { State, SubmissionDateTime: Date.parse(run.submitted) / 1_000 };
    return jsonResponse({
        QueryExecution: { QueryExecutionId, Query: run.statement, WorkGroup: run.workGroup, Status },
    });
}

function results({ columns }: KnownRun, maxResults: number): GivenResponse {
    if (maxResults !== 1) return jsonError("InvalidRequestException", "one row says all");
    const ColumnInfo = columns.map(([Name, Type]) => ({ Name, Label: Name, Type, Nullable: "UNKNOWN" }));
    return jsonResponse({ ResultSet: { Rows: [], ResultSetMetadata: { ColumnInfo } } });
}
