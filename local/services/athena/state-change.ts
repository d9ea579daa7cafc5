import { randomUUID } from "node:crypto";
import { account, region } from "../../runtime";
import type { Execution, State } from "./execution";
import { statementType } from "./kinds";

/** A run came into a state. */
export interface StateChange {
    execution: Execution;
    state: State;
    /** Absent for the first. */
    previous?: State;
    /** From 1, in the order of the run's changes. */
    sequence: number;
    /** Milliseconds since 1970. */
    time: number;
}

/** The event that Athena sends of it: https://docs.aws.amazon.com/athena/latest/ug/athena-events.html */
export function stateChangeEvent({ execution, state, previous, sequence, time }: StateChange): object {
    const { id, statement, workgroup, error } = execution;
    return {
        version: "0",
        id: randomUUID(),
        "detail-type": "Athena Query State Change",
        source: "aws.athena",
        account,
        time: `${new Date(time).toISOString().slice(0, 19)}Z`,
        region,
        resources: [],
        detail: {
            versionId: "0",
            currentState: state,
            ...(previous && { previousState: previous }),
            statementType: statementType(statement),
            queryExecutionId: id,
            workgroupName: workgroup.name,
            sequenceNumber: String(sequence),
            ...(state === "FAILED" &&
                error && {
                    athenaError: {
                        errorCategory: error.ErrorCategory,
                        errorType: error.ErrorType,
                        errorMessage: error.ErrorMessage,
                        retryable: error.Retryable,
                    },
                }),
        },
    };
}
