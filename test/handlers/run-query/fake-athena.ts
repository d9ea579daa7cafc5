import { AthenaClient, type StartQueryExecutionInput } from "@aws-sdk/client-athena";
import {
    answeredBy,
    type GivenResponse,
    jsonError,
    jsonRequest,
    jsonResponse,
    type SentRequest,
} from "../shared/fake-service";

/** Starts runs as Athena does: a token that it knows is answered with the run that it started. */
export class FakeAthena {
    /** Every call that was let through, in order. */
    readonly calls: StartQueryExecutionInput[] = [];
    /** Started runs by token. */
    readonly runs = new Map<string, { id: string; input: StartQueryExecutionInput }>();
    /** Faults: answers a call instead of Athena. */
    instead: (input: StartQueryExecutionInput) => GivenResponse | undefined = () => undefined;

    readonly client = new AthenaClient({
        ...answeredBy((request) => this.answer(request)),
        maxAttempts: 1,
    });

    /** The runs' inputs, in the order in which they were started. */
    get started(): StartQueryExecutionInput[] {
        return [...this.runs.values()].map(({ input }) => input);
    }

    /** The answer to a request. */
    answer(request: SentRequest): GivenResponse {
        const input = jsonRequest(request).input as unknown as StartQueryExecutionInput;
        const fault = this.instead(input);
        if (fault) return fault;
        this.calls.push(input);
        const token = input.ClientRequestToken!;
        const known = this.runs.get(token);
        if (known && JSON.stringify(known.input) !== JSON.stringify(input)) {
            return jsonError("InvalidRequestException", "Idempotent parameters do not match");
        }
        const run = known ?? { id: `run-${this.runs.size}`, input };
        this.runs.set(token, run);
        return jsonResponse({ QueryExecutionId: run.id });
    }
}

/** Athena's answer when it is called too often. */
export const throttled = jsonError("TooManyRequestsException", "Rate exceeded");
