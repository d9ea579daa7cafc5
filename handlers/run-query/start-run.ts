import { createHash } from "node:crypto";
import { log } from "../shared/log";
import { changeRun, type Run, runComment } from "../shared/runs";
import { timeOf } from "./claim";
import { type Context, stage } from "./context";
import type { MappedQuery } from "./contract";
import { startQuery } from "./start-query";
import { statementOf } from "./statement";

/**
 * Starts a claimed run. Done again, Athena finds the execution that it started before by the attempt's token, and answers
 * its id.
 */
export async function startRun(context: Context, query: MappedQuery, run: Run): Promise<void> {
    const { athena, ledger, pace, now } = context;
    try {
        const executionId = await startQuery(athena, startInput(context, query, run), pace);
        log("info", "query started", { stage, query: query.name, executionId, count: run.count });
        await changeRun(ledger, run, now(), (current) => {
            if (current.state !== "claimed" || current.attempt !== run.attempt) return undefined;
            return { ...current, state: "started", executionId, startedAt: timeOf(now()) };
        });
    } catch (error) {
        if (!isOfAnotherStatement(error)) throw error;
        log("warn", "query had been started before its SQL was changed", { stage, query: query.name, run: run.token });
    }
}

function startInput({ environment }: Context, query: MappedQuery, run: Run) {
    const objects = run.objects.map(({ key }) => ({ bucket: environment.BUCKET, key }));
    const { sql, parameters } = statementOf(query, objects);
    return {
        QueryString: sql + runComment(run),
        ExecutionParameters: parameters.length > 0 ? parameters : undefined,
        ClientRequestToken: createHash("sha256").update(`${run.token}/${run.attempt}`).digest("hex"),
        QueryExecutionContext: { Catalog: "AwsDataCatalog", Database: environment.DATABASE },
        WorkGroup: environment.WORKGROUP_PREFIX + query.name,
    };
}

/** Athena knows the token, with another statement: a deployment came between two starts. How it ends is heard of. */
function isOfAnotherStatement(error: unknown): boolean {
    const { name, message } = error as Error;
    return name === "InvalidRequestException" && /idempotent/i.test(message);
}
