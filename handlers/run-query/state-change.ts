import { GetQueryExecutionCommand, type QueryExecution } from "@aws-sdk/client-athena";
import { announceFailure } from "../shared/failures";
import { log } from "../shared/log";
import { attemptOf, changeRun, isOver, type Run, readRun } from "../shared/runs";
import { timeOf } from "./claim";
import { type Context, stage } from "./context";
import type { MappedQuery } from "./contract";
import { startRun } from "./start-run";

/** A query execution came into another state. */
export interface StateChange {
    executionId: string;
    workgroup: string;
}

/** Times that a run is started, if what it fails of may pass. */
export const mostAttempts = 3;

/** Sees to the run that a state change tells of, if it is the pipeline's: people use the workgroups, too. */
export async function settleChange(context: Context, { executionId, workgroup }: StateChange): Promise<void> {
    const { ledger, queries, environment } = context;
    const query = queries.find(({ name }) => environment.WORKGROUP_PREFIX + name === workgroup);
    if (!query) return log("info", "run of another workgroup ignored", { stage, workgroup, executionId });
    const execution = await readExecution(context, executionId);
    const named = attemptOf(execution.Query);
    const run = named && (await readRun(ledger, query.name, named.token));
    if (!run) return log("info", "run that is not the pipeline's ignored", { stage, query: query.name, executionId });
    await settle(context, query, run, named.attempt, execution);
}

/** Asks Athena what became of a started run. */
export async function settleRun(context: Context, query: MappedQuery, run: Run): Promise<void> {
    await settle(context, query, run, run.attempt, await readExecution(context, run.executionId!));
}

/**
 * Where an attempt failed: starts the run again if that may help, else ends it, with a word to whoever listens. For an
 * attempt that was seen to already, only what was left undone is done: the start of the attempt after it.
 */
async function settle(context: Context, query: MappedQuery, run: Run, attempt: number, execution: QueryExecution) {
    const { ledger, now } = context;
    const { State: state } = execution.Status!;
    if (state !== "FAILED" && state !== "CANCELLED") return;
    const reason = reasonOf(execution);
    const executionId = execution.QueryExecutionId!;
    const isFinal = attempt >= mostAttempts || !mayPass(execution);
    // Before the row says so: whoever dies in between says it once more.
    if (isFinal && isAt(run)) {
        const { token, objects, count } = run;
        await announceFailure(context, stage, {
            ...{ query: query.name, reason, attempts: attempt, executionId, run: token, objects, count },
        });
    }
    const changed = await changeRun(ledger, run, now(), (current) => {
        if (!isAt(current)) return undefined;
        const { executionId: _, startedAt: __, ...rest } = current;
        if (!isFinal) return { ...rest, state: "claimed", attempt: attempt + 1, reason };
        return { ...current, state: "failed", executionId, reason, endedAt: timeOf(now()) };
    });
    if (changed.state === "claimed") await startRun(context, query, changed);

    function isAt(current: Run): boolean {
        return current.attempt === attempt && !isOver(current);
    }
}

async function readExecution({ athena }: Context, executionId: string): Promise<QueryExecution> {
    const command = new GetQueryExecutionCommand({ QueryExecutionId: executionId });
    return (await athena.send(command)).QueryExecution!;
}

function reasonOf({ Status }: QueryExecution): string {
    return (
        Status!.StateChangeReason ?? Status!.AthenaError?.ErrorMessage ?? `Athena says no more than ${Status!.State}`
    );
}

/** Athena says it of an error of its own; what S3 or Glue refused because of too many calls, its text says. */
function mayPass(execution: QueryExecution): boolean {
    if (execution.Status!.State !== "FAILED") return false;
    return execution.Status!.AthenaError?.Retryable === true || throttled.test(reasonOf(execution));
}

const throttled = /slow ?down|reduce your request rate|rate exceeded|throttl|too many requests/i;
