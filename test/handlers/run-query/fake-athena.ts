import type { AthenaError, StartQueryExecutionInput } from "@aws-sdk/client-athena";
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
export interface StartedRun {
    id: string;
    input: StartQueryExecutionInput;
    state: "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELLED";
    reason?: string;
    error?: AthenaError;
    /** When it was started, by the test's clock. */
    at: number;
}

/** Starts runs as Athena does: a token that it knows is answered with the run that it started; and tells of them. */
export class FakeAthena {
    /** Every start that was let through, in order. */
    readonly calls: StartQueryExecutionInput[] = [];
    /** Started runs by token. */
    readonly runs = new Map<string, StartedRun>();
    /** Faults: answers a start instead of Athena. */
    instead: (input: StartQueryExecutionInput) => GivenResponse | undefined = () => undefined;
    /** Runs that were asked for. */
    readonly asked: string[] = [];

    readonly client = new AthenaClient({
        ...answeredBy((request) => this.answer(request)),
        maxAttempts: 1,
    });

    constructor(private readonly now: () => number = Date.now) {}

    /** The runs' inputs, in the order in which they were started. */
    get started(): StartQueryExecutionInput[] {
        return [...this.runs.values()].map(({ input }) => input);
    }

    /** A run by its id. */
    run(id: string): StartedRun {
        return [...this.runs.values()].find((run) => run.id === id)!;
    }

    /** The answer to a request. */
    answer(request: SentRequest): GivenResponse {
        const { operation, input } = jsonRequest(request);
        return operation === "GetQueryExecution"
            ? this.describe(String(input.QueryExecutionId))
            : this.start(input as unknown as StartQueryExecutionInput);
    }

    private start(input: StartQueryExecutionInput): GivenResponse {
        const fault = this.instead(input);
        if (fault) return fault;
        this.calls.push(input);
        const token = input.ClientRequestToken!;
        const known = this.runs.get(token);
        if (known && JSON.stringify(known.input) !== JSON.stringify(input)) {
            return jsonError("InvalidRequestException", "Idempotent parameters do not match");
        }
        const run = known ?? { id: `run-${this.runs.size}`, input, state: "RUNNING", at: this.now() };
        this.runs.set(token, run);
        return jsonResponse({ QueryExecutionId: run.id });
    }

    private describe(id: string): GivenResponse {
        this.asked.push(id);
        const run = this.run(id);
        if (!run) return jsonError("InvalidRequestException", `QueryExecution ${id} was not found`);
        const { input, state, reason, error } = run;
        const Status = { State: state, StateChangeReason: reason, AthenaError: error };
        const { QueryString: Query, WorkGroup } = input;
        return jsonResponse({ QueryExecution: { QueryExecutionId: id, Query, WorkGroup, Status } });
    }
}

/** Athena's answer when it is called too often. */
export const throttled = jsonError("TooManyRequestsException", "Rate exceeded");
