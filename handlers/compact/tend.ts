import {
    GetQueryExecutionCommand,
    type QueryExecution,
    type QueryExecutionStatus,
    StartQueryExecutionCommand,
} from "@aws-sdk/client-athena";
import { ListObjectsV2Command, type ListObjectsV2CommandOutput } from "@aws-sdk/client-s3";
import { log } from "../shared/log";
import { type Context, stage } from "./context";
import { folderOf, type Interval, sourceOf } from "./interval";
import { publish } from "./publish";
import { addRun, changeRun, type Run, readRuns } from "./runs";
import { chunksOf, statementOf, tokenOf } from "./statement";

/** Attempts in a row; one is free where it fails, and what fails three times needs somebody. */
const mostAttempts = 3;
/**
 * Milliseconds after which a failed run is tried again by whatever message comes: one of late objects, or one that was
 * redriven. Before, the message that found the failure has been given back so often that it is in the dead-letter queue.
 */
const restAfterFailure = 2 * 3_600_000;
/** Times that others may add runs at the same time. */
const mostConflicts = 20;

/**
 * Brings an interval forward, from whatever state it is in: objects that no run has get one, and each run goes as far as
 * it can. Says whether all are done. Any number of workers may do so at once.
 */
export async function tend(context: Context, interval: Interval): Promise<boolean> {
    const failures: unknown[] = [];
    let isDone = true;
    for (const run of await claimedRuns(context, interval)) {
        const done = await advance(context, run).catch((error) => void failures.push(error));
        isDone &&= done === true;
    }
    if (failures.length > 0) throw failures[0];
    return isDone;
}

/** The interval's runs, after every object that is there has one. */
async function claimedRuns(context: Context, interval: Interval): Promise<Run[]> {
    for (let attempt = 1; attempt <= mostConflicts; attempt++) {
        const runs = await readRuns(context, interval);
        const taken = new Set(runs.flatMap(({ objects }) => objects));
        const fresh = (await objectsOf(context, interval)).filter((object) => !taken.has(object));
        if (await claim(context, interval, runs, fresh)) return runs;
    }
    throw new Error("too many others add runs at the same time");
}

/** Adds runs for the objects; false where somebody else did, so that the runs are to be read again. */
async function claim(context: Context, interval: Interval, runs: Run[], fresh: string[]): Promise<boolean> {
    const { compaction, environment, now } = context;
    for (const objects of chunksOf(environment.BUCKET, compaction, fresh)) {
        const number = (runs.at(-1)?.number ?? 0) + 1;
        const run: Run = { interval, number, attempt: 1, state: "claimed", objects, at: now() };
        if (!(await addRun(context, run))) return false;
        log("info", "objects claimed", { stage, interval, run: number, count: objects.length });
        runs.push(run);
    }
    return true;
}

/** The interval's objects, as parts of their keys behind the prefix. */
async function objectsOf({ s3, environment, compaction }: Context, interval: Interval): Promise<string[]> {
    const keys: string[] = [];
    let ContinuationToken: string | undefined;
    do {
        const Prefix = sourceOf(compaction, interval);
        const page: ListObjectsV2CommandOutput = await s3.send(
            new ListObjectsV2Command({ Bucket: environment.BUCKET, Prefix, ContinuationToken }),
        );
        keys.push(...(page.Contents ?? []).map(({ Key }) => Key!));
        ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken);
    return keys.filter((key) => folderOf(compaction, key)).map((key) => key.slice(compaction.prefix.length));
}

/** Brings a run as far as it can go now. Says whether it is done; not if somebody else is at it. */
async function advance(context: Context, run: Run): Promise<boolean> {
    switch (run.state) {
        case "done":
            return true;
        case "claimed":
            await start(context, run);
            return false;
        case "started":
            return await settle(context, run, await readExecution(context, run.executionId!));
        case "failed":
            if (context.now() < run.at + restAfterFailure) throw new Error(`run ${run.number} failed: ${run.reason}`);
            return await again(context, run, run.reason!);
    }
}

/** Twice for the same attempt, Athena starts one run only. */
async function start(context: Context, run: Run): Promise<void> {
    const { athena, compaction, environment } = context;
    const { BUCKET, WORKGROUP, DATABASE } = environment;
    const command = new StartQueryExecutionCommand({
        QueryString: statementOf(BUCKET, compaction, run, run.objects),
        ClientRequestToken: tokenOf(BUCKET, compaction, run),
        WorkGroup: WORKGROUP,
        QueryExecutionContext: { Database: DATABASE },
    });
    const { QueryExecutionId: executionId } = await athena.send(command);
    await changeRun(context, run, { state: "started", attempt: run.attempt, executionId });
    log("info", "run started", { stage, interval: run.interval, run: run.number, attempt: run.attempt, executionId });
}

/** What follows from the state that Athena is in. The row says `done` when all files are part of the table. */
async function settle(context: Context, run: Run, execution: QueryExecution): Promise<boolean> {
    const { State } = execution.Status!;
    if (State === "SUCCEEDED") {
        const files = await publish(context, run, execution);
        log("info", "interval compacted", { stage, interval: run.interval, run: run.number, count: files });
        return await changeRun(context, run, { state: "done", attempt: run.attempt });
    }
    if (State !== "FAILED" && State !== "CANCELLED") return false;
    const reason = reasonOf(execution.Status!);
    if (run.attempt % mostAttempts !== 0) return await again(context, run, reason);
    await changeRun(context, run, { state: "failed", attempt: run.attempt, reason });
    throw new Error(`run ${run.number} failed: ${reason}`);
}

/** The next attempt, with a folder of its own: what the last one left behind is never looked at. */
async function again(context: Context, run: Run, reason: string): Promise<boolean> {
    const { interval, number } = run;
    const next = { state: "claimed", attempt: run.attempt + 1, reason } as const;
    log("warn", "run failed and is started again", { stage, interval, run: number, attempt: next.attempt, reason });
    if (await changeRun(context, run, next)) await start(context, { ...run, ...next });
    return false;
}

async function readExecution({ athena }: Context, executionId: string): Promise<QueryExecution> {
    const command = new GetQueryExecutionCommand({ QueryExecutionId: executionId });
    return (await athena.send(command)).QueryExecution!;
}

function reasonOf({ State, StateChangeReason }: QueryExecutionStatus): string {
    return StateChangeReason ?? `Athena says no more than ${State}`;
}
