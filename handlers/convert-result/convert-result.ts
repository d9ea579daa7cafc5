import {
    type AthenaClient,
    type ColumnInfo,
    GetQueryExecutionCommand,
    GetQueryResultsCommand,
    type QueryExecution,
} from "@aws-sdk/client-athena";
import type { S3Client } from "@aws-sdk/client-s3";
import type { SNSClient } from "@aws-sdk/client-sns";
import { type GiveBack, type Message, reasonOf } from "../shared/batch";
import { announceFailure } from "../shared/failures";
import type { Ledger } from "../shared/ledger";
import { log } from "../shared/log";
import { attemptOf, changeRun, isOver, type Run, readRun } from "../shared/runs";
import type { CreatedObject } from "../shared/s3-events";
import type { ConvertResultEnvironment, MappedResult, ResultMap } from "./contract";
import { type Kept, keepResult } from "./keep-result";
import { Refusal } from "./refusal";
import { resultColumns } from "./result-columns";

/** What the function works with. */
export interface ConvertResults {
    athena: AthenaClient;
    s3: S3Client;
    sns: Pick<SNSClient, "send">;
    ledger: Ledger;
    environment: ConvertResultEnvironment;
    results: ResultMap["results"];
    sleep(milliseconds: number): Promise<unknown>;
    /** Milliseconds since 1970. */
    now(): number;
}

/** A result as its CSV's key names it. */
interface ResultFile {
    csv: string;
    query: string;
    executionId: string;
}

const stage = "convert-result";
/** A SELECT's result. Beside it lies `.csv.metadata`; other statements write `.txt` and `-manifest.csv`. */
const resultKey = /^athena\/([^/]+)\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.csv$/;
/** Waits for the end of a run whose CSV is there already, in milliseconds; then its message has to come again. */
const waits = [250, 500, 1_000, 2_000, 4_000];

/** Keeps the results that the messages' objects are the CSV of; gives back the messages whose results can't be kept. */
export async function convertResults(
    context: ConvertResults,
    messages: Message<CreatedObject[]>[],
    giveBack: GiveBack,
): Promise<void> {
    for (const { id, content } of messages) {
        for (const object of content) await convertResult(context, object).catch((error) => giveBack(id, error));
    }
}

async function convertResult(context: ConvertResults, object: CreatedObject): Promise<void> {
    const file = resultFile(context, object);
    if (!file) return;
    try {
        const execution = await succeededRun(context, file);
        if (execution) await settle(context, file, execution, object.again !== undefined);
    } catch (error) {
        throw new Error(`${file.csv}: ${reasonOf(error)}`, { cause: error });
    }
}

function resultFile({ environment }: ConvertResults, { bucket, key }: CreatedObject): ResultFile | undefined {
    if (bucket !== environment.BUCKET) {
        log("warn", "object of another bucket ignored", { stage, bucket, key });
        return undefined;
    }
    const match = resultKey.exec(key);
    if (!match) log("info", "object that is no result ignored", { stage, key });
    return match ? { csv: key, query: match[1]!, executionId: match[2]! } : undefined;
}

/**
 * The run, if it is one of the query's and has succeeded: others may leave a part of a result behind, and people may use
 * the workgroup, too.
 */
async function succeededRun(context: ConvertResults, { csv, query, executionId }: ResultFile) {
    const run = await endedRun(context, executionId);
    if (run?.WorkGroup !== context.environment.WORKGROUP_PREFIX + query) {
        log("warn", "result of another's run ignored", { stage, key: csv, workgroup: run?.WorkGroup });
        return undefined;
    }
    if (!attemptOf(run.Query)) {
        log("info", "result of a run that is not the pipeline's ignored", { stage, key: csv, query });
        return undefined;
    }
    const state = run.Status?.State;
    if (state === "SUCCEEDED") return run;
    log("warn", "result of a run without success ignored", { stage, key: csv, query, state });
    return undefined;
}

/** The run when it is over; undefined where Athena knows none of that id. */
async function endedRun({ athena, sleep }: ConvertResults, executionId: string): Promise<QueryExecution | undefined> {
    for (const wait of [...waits, 0]) {
        const run = await queryExecution(athena, executionId);
        const state = run?.Status?.State;
        if (state !== "QUEUED" && state !== "RUNNING") return run;
        await sleep(wait);
    }
    throw new Error("its run has not ended yet");
}

async function queryExecution(athena: AthenaClient, executionId: string): Promise<QueryExecution | undefined> {
    try {
        return (await athena.send(new GetQueryExecutionCommand({ QueryExecutionId: executionId }))).QueryExecution;
    } catch (error) {
        const { name, message } = error as Error;
        if (name === "InvalidRequestException" && /not found/i.test(message)) return undefined;
        throw error;
    }
}

/**
 * Keeps a result, or books its run as failed where it never can be. What failed stays so unless a replay insists: its objects
 * may be in another run by now.
 */
async function settle(context: ConvertResults, file: ResultFile, execution: QueryExecution, isForced: boolean) {
    const { csv: key, query, executionId } = file;
    const run = await readRun(context.ledger, query, attemptOf(execution.Query)!.token);
    if (run?.state === "failed" && !isForced) {
        return log("info", "result of a run that failed ignored", { stage, query, executionId, key });
    }
    try {
        const kept = await keep(context, file, execution);
        if (run) await bookSuccess(context, file, run, kept);
        else log("warn", "the ledger has forgotten the run", { stage, query, executionId });
        const message = kept.isNew ? "result kept" : "this result or a newer one is there already";
        log("info", message, { stage, query, executionId, key: kept.key, ...(kept.isNew && { count: kept.rows }) });
    } catch (error) {
        if (!(error instanceof Refusal) || !run || run.state === "succeeded") throw error;
        await bookFailure(context, file, run, `its result can't be kept: ${error.message}`);
    }
}

async function keep(context: ConvertResults, file: ResultFile, execution: QueryExecution): Promise<Kept> {
    const { athena, s3, environment, results } = context;
    const { csv, query, executionId } = file;
    const { prefix, mode, compression, columns } = declaredResult(results, query);
    return keepResult(s3, {
        bucket: environment.BUCKET,
        csv,
        columns: resultColumns(await columnInfo(athena, executionId), columns),
        executionId,
        submitted: execution.Status!.SubmissionDateTime!,
        prefix,
        mode,
        compression,
    });
}

/** Writes into the ledger that the run succeeded; after the result is kept, so that it is true. */
async function bookSuccess(
    { ledger, now }: ConvertResults,
    { executionId }: ResultFile,
    run: Run,
    { key: result, rows }: Kept,
): Promise<void> {
    const endedAt = new Date(now()).toISOString();
    await changeRun(ledger, run, now(), (current) => {
        if (current.state === "succeeded") return undefined;
        return { ...current, state: "succeeded", executionId, result, rows, endedAt };
    });
}

/** The same of a run whose result is refused, after a word to whoever listens: whoever dies in between says it once more. */
async function bookFailure(
    context: ConvertResults,
    { query, executionId }: ResultFile,
    run: Run,
    reason: string,
): Promise<void> {
    const { ledger, now } = context;
    const { token, attempt: attempts, objects, count } = run;
    await announceFailure(context, stage, { query, reason, attempts, executionId, run: token, objects, count });
    const endedAt = new Date(now()).toISOString();
    await changeRun(ledger, run, now(), (current) => {
        return isOver(current) ? undefined : { ...current, state: "failed", executionId, reason, endedAt };
    });
}

/** Unknown queries are given back: while a deployment runs, a new query's result may come before its declaration. */
function declaredResult(results: ResultMap["results"], query: string): MappedResult {
    if (!Object.hasOwn(results, query)) throw new Error(`the pipeline has no query "${query}"`);
    return results[query]!;
}

async function columnInfo(athena: AthenaClient, executionId: string): Promise<ColumnInfo[]> {
    const input = { QueryExecutionId: executionId, MaxResults: 1 };
    const { ResultSet } = await athena.send(new GetQueryResultsCommand(input));
    return ResultSet!.ResultSetMetadata!.ColumnInfo!;
}
