import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { type Item, type Ledger, ledgerKey } from "./ledger";
import { entryAttribute, expiryAttribute, expiryOf, runEntry, subscriber } from "./ledger-contract";
import { isConflict, putRevision, type Revised, readRow, readRows, write } from "./ledger-rows";

/**
 * How far a query run is. `open`: objects may still join it; `claimed`: these and no others are its objects, and it is
 * to be started; `started`: Athena has it; then it `succeeded`, its result is kept, or it `failed` for good.
 */
export type RunState = "open" | "claimed" | "started" | "succeeded" | "failed";

/** A query run, as the ledger has it. */
export interface Run extends Revised {
    query: string;
    token: string;
    state: RunState;
    /** 1, and one more for each time that it had to be started anew. */
    attempt: number;
    /** What it is about; of a query that reads whole tables the first ones. */
    objects: RunObject[];
    /** How many objects there are. */
    count: number;
    /** Athena's id of the attempt, once it is known. */
    executionId?: string;
    /** Why the last attempt failed. */
    reason?: string;
    /** Key of the result. */
    result?: string;
    /** Rows of the result. */
    rows?: number;
    /** When its objects were complete, ISO 8601. */
    claimedAt?: string;
    startedAt?: string;
    endedAt?: string;
}

/** A version of an object. */
export interface RunObject {
    key: string;
    version: string;
}

/**
 * The last line of a run's statement: it tells, of whatever Athena runs, whose attempt it is, though nothing else was
 * written down.
 */
export function runComment({ token, attempt }: Pick<Run, "token" | "attempt">): string {
    return `\n-- run ${token}/${attempt}`;
}

/** The attempt that a statement belongs to; none where it is not the pipeline's. */
export function attemptOf(statement = ""): { token: string; attempt: number } | undefined {
    const match = /\n-- run ([0-9a-f]{64})\/(\d+)$/.exec(statement);
    return match ? { token: match[1]!, attempt: Number(match[2]) } : undefined;
}

/** Whether nothing will become of it any more. */
export function isOver({ state }: Run): boolean {
    return state === "succeeded" || state === "failed";
}

/** A query's run. */
export async function readRun(ledger: Ledger, query: string, token: string): Promise<Run | undefined> {
    const row = await readRow(ledger, runKey(query, token));
    return row && fromRow(row);
}

/** A query's runs that there are, in the tokens' order. */
export async function readRuns(ledger: Ledger, query: string, tokens: string[]): Promise<Run[]> {
    const rows = await readRows(
        ledger,
        tokens.map((token) => runKey(query, token)),
    );
    const runs = new Map(rows.map((row) => [row[entryAttribute]!.S, fromRow(row)]));
    return tokens.flatMap((token) => runs.get(runEntry(token)) ?? []);
}

/** Writes a run, on the condition that it is as it was when it was read. */
export function putRun(ledger: Ledger, run: Run, now: number): TransactWriteItem {
    return putRevision(ledger, toRow(run, now), run);
}

/**
 * Changes a run, which may not be up to date; `change` answers what it shall be, from what it is, or nothing if that is
 * right. Returns what it is then.
 */
export async function changeRun(
    ledger: Ledger,
    run: Run,
    now: number,
    change: (run: Run) => Run | undefined,
): Promise<Run> {
    const changed = change(run);
    if (!changed) return run;
    try {
        await write(ledger, putRun(ledger, changed, now));
        return { ...changed, revision: run.revision + 1 };
    } catch (error) {
        if (!isConflict(error)) throw error;
        return changeRun(ledger, (await readRun(ledger, run.query, run.token))!, now, change);
    }
}

function runKey(query: string, token: string): Item {
    return ledgerKey(runEntry(token), subscriber("query", query));
}

function toRow({ revision: _, objects, ...fields }: Run, now: number): Item {
    const scalars = Object.entries(fields).filter(([, value]) => value !== undefined);
    return {
        ...runKey(fields.query, fields.token),
        ...Object.fromEntries(
            scalars.map(([name, value]) => [name, typeof value === "number" ? { N: String(value) } : { S: value }]),
        ),
        objects: { L: objects.map(({ key, version }) => ({ M: { key: { S: key }, version: { S: version } } })) },
        [expiryAttribute]: { N: String(expiryOf(now)) },
    };
}

function fromRow({ objects, ...scalars }: Item): Run {
    const fields = Object.entries(scalars).map(([name, { S, N }]) => [name, S ?? Number(N)]);
    const list = objects!.L!.map(({ M }) => ({ key: M!.key!.S!, version: M!.version!.S! }));
    const { entry: _, subscriber: __, expires: ___, ...run } = Object.fromEntries(fields);
    return { ...run, objects: list };
}
