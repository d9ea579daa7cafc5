import { createHash } from "node:crypto";
import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { type Account, accountAttributes, compareSequencers, type Item, ledgerKey } from "../shared/ledger";
import { entryAttribute, Outcome, objectEntry, subscriber } from "../shared/ledger-contract";
import { readRows, writeTogether } from "../shared/ledger-rows";
import { putRun, type Run, readRuns } from "../shared/runs";
import type { CreatedObject } from "../shared/s3-events";
import type { Context } from "./context";
import type { MappedQuery } from "./contract";
import { mostObjects, versionOf } from "./statement";

/** A transaction takes 100 items; two of them may be a run and a schedule. */
export const mostClaimed = 98;

/** A version of an object that no run of the query has, or one that failed for good. */
export interface Fresh {
    object: CreatedObject;
    /** Token of the run that has an older version, or this one and failed; or the invocation that refused either. */
    before?: string;
    /** Whether it is written down that this version can be in no run. */
    isRefused?: boolean;
}

/** What the ledger knows of a query's objects. */
export interface Known {
    fresh: Fresh[];
    /** The runs that have the others. */
    runs: Run[];
}

/** Looks objects up in the ledger. Versions that are older than what a run has are left out: they can't be read. */
export async function readKnown({ ledger }: Context, { name }: MappedQuery, objects: CreatedObject[]): Promise<Known> {
    const rows = await readRows(
        ledger,
        objects.map(({ key }) => ledgerKey(objectEntry(key), subscriber("query", name))),
    );
    const byEntry = new Map(rows.map((row) => [row[entryAttribute]!.S!, row]));
    const pairs = objects.map((object) => ({ object, row: byEntry.get(objectEntry(object.key)) }));
    const tokens = pairs.flatMap(({ object, row }) => (row && isOf(row, object) ? tokenIn(row) : []));
    const runs = await readRuns(ledger, name, [...new Set(tokens)]);
    const lasting = runs.filter(({ state }) => state !== "failed").map(({ token }) => token);
    const fresh = pairs.filter(({ object, row }) => {
        if (!row) return true;
        return isOf(row, object) ? !lasting.includes(tokenIn(row)) : !isOlder(object, row);
    });
    return {
        fresh: fresh.map(({ object, row }) => (row ? freshAfter(row, object) : { object })),
        runs: runs.filter(({ token }) => lasting.includes(token)),
    };
}

function freshAfter(row: Item, object: CreatedObject): Fresh {
    const isRefused = isOf(row, object) && row.outcome!.S === Outcome.Failed;
    return { object: inOrder(object, row), before: tokenIn(row), isRefused };
}

/** Writes down a new run of as many of the objects as one takes. Fails with a conflict if somebody else has one of them. */
export async function claimRun(context: Context, query: MappedQuery, fresh: Fresh[]): Promise<Run> {
    const { ledger, now } = context;
    const claimed = fresh.slice(0, Math.min(mostClaimed, mostObjects(query)));
    const run: Run = { ...newRun(context, query, claimed), state: "claimed", claimedAt: timeOf(now()) };
    await writeTogether(ledger, [putRun(ledger, run, now()), ...putObjects(context, run, claimed)]);
    return { ...run, revision: 1 };
}

/** A run of these objects. Its token is like no other run's, and the same if they are claimed again. */
export function newRun({ environment }: Context, { name }: MappedQuery, claimed: Fresh[]): Run {
    const content = claimed.map(({ object, before }) => [versionOf(object), before]);
    const token = createHash("sha256")
        .update(JSON.stringify([environment.PIPELINE, name, content]))
        .digest("hex");
    return { query: name, token, state: "open", attempt: 1, ...withObjects([], 0, claimed), revision: 0 };
}

/** Objects of a run with others added; of many, those that are listed. */
export function withObjects(objects: Run["objects"], count: number, added: Fresh[]): Pick<Run, "objects" | "count"> {
    const more = added.map(({ object }) => ({ key: object.key, version: versionIdOf(object) }));
    return { objects: [...objects, ...more].slice(0, mostListed), count: count + added.length };
}

/** What a run's row lists, so that it stays below DynamoDB's 400 KB. */
const mostListed = 200;

/** Notes on the objects which run has them, on the condition that they still are as they were read. */
export function putObjects(context: Context, { query, token }: Run, claimed: Fresh[]): TransactWriteItem[] {
    return putAccounts(context, query, { outcome: Outcome.Started, executionId: token }, claimed);
}

/** Notes on the objects what became of them, on the same condition. */
export function putAccounts(
    { ledger, now }: Context,
    query: string,
    account: Pick<Account, "outcome" | "executionId" | "reason">,
    fresh: Fresh[],
): TransactWriteItem[] {
    return fresh.map(({ object, before }) => ({
        Put: {
            TableName: ledger.table,
            Item: {
                ...ledgerKey(objectEntry(object.key), subscriber("query", query)),
                ...accountAttributes(
                    { ...account, version: versionIdOf(object), sequencer: object.sequencer ?? "" },
                    now(),
                ),
                ...(object.again !== undefined && { again: { S: object.again } }),
            },
            ConditionExpression: before === undefined ? "attribute_not_exists(#it)" : "#it = :before",
            ExpressionAttributeNames: { "#it": before === undefined ? entryAttribute : "executionId" },
            ...(before !== undefined && { ExpressionAttributeValues: { ":before": { S: before } } }),
        },
    }));
}

/** A time as the ledger spells it. */
export function timeOf(now: number): string {
    return new Date(now).toISOString();
}

function tokenIn(row: Item): string {
    return row.executionId!.S!;
}

function versionIdOf({ versionId, eTag = "" }: CreatedObject): string {
    return versionId ?? eTag;
}

/**
 * Whether a row is of this version, and of what is to be handled again: replays' ids grow with time. Without version ids,
 * the same bytes written again are another version.
 */
function isOf(row: Item, object: CreatedObject): boolean {
    if (row.version!.S !== versionIdOf(object)) return false;
    if (object.again !== undefined && (row.again?.S ?? "") < object.again) return false;
    const { versionId, sequencer = "" } = object;
    return versionId !== undefined || sequencer === "" || [sequencer, ""].includes(row.sequencer!.S!);
}

/** A replay does not know an object's place among its versions; if the row is of the same one, it does. */
function inOrder(object: CreatedObject, row: Item): CreatedObject {
    const isSame = row.version!.S === versionIdOf(object);
    return object.sequencer === undefined && isSame ? { ...object, sequencer: row.sequencer!.S } : object;
}

function isOlder({ sequencer = "" }: CreatedObject, row: Item): boolean {
    return sequencer !== "" && compareSequencers(sequencer, row.sequencer!.S!) < 0;
}
