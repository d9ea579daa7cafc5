import { GetItemCommand, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { type Item, ledgerKey, rowsOf } from "../shared/ledger";
import { compactionEntry, expiryAttribute, expiryOf, subscriberAttribute } from "../shared/ledger-contract";
import type { Context } from "./context";
import type { Interval } from "./interval";

/**
 * How far a run is. `claimed`: its objects are its own, and it is to be started; `started`: Athena has it; `done`: its
 * Parquet is part of the table; `failed`: it is to be started again, later.
 */
export type RunState = "claimed" | "started" | "done" | "failed";

/** What tells one attempt of a run from all others. */
export interface Attempt {
    interval: Interval;
    /** From 1, of the runs of an interval. */
    number: number;
    /** From 1. */
    attempt: number;
}

/** Makes Parquet of some objects of an interval, which no other run has. */
export interface Run extends Attempt {
    state: RunState;
    /** Of each object's key the part behind the ingest's prefix. */
    objects: string[];
    /** Athena's id of the attempt. */
    executionId?: string;
    /** Why the last attempt failed. */
    reason?: string;
    /** When the row was written, in milliseconds since 1970. */
    at: number;
}

/** What changes when a run comes into another state. */
export type Change = Pick<Run, "state" | "attempt"> & Partial<Pick<Run, "executionId" | "reason">>;

const scheduleRow = "schedule";
const runRow = /^run\/(\d+)$/;

/** When the message comes that an interval waits for; 0 where none was ever sent. */
export async function readWakeTime({ ledger, compaction }: Context, interval: Interval): Promise<number> {
    const Key = ledgerKey(compactionEntry(compaction.output, interval), scheduleRow);
    const { Item } = await ledger.client.send(
        new GetItemCommand({ TableName: ledger.table, Key, ConsistentRead: true }),
    );
    return Number(Item?.wakeAt?.N ?? 0);
}

/** Writes down when the message comes. */
export async function writeWakeTime({ ledger, compaction }: Context, interval: Interval, at: number): Promise<void> {
    const Item = {
        ...ledgerKey(compactionEntry(compaction.output, interval), scheduleRow),
        wakeAt: { N: String(at) },
        [expiryAttribute]: { N: String(expiryOf(at)) },
    };
    await ledger.client.send(new PutItemCommand({ TableName: ledger.table, Item }));
}

/** An interval's runs, in their order, as they are now. */
export async function readRuns({ ledger, compaction }: Context, interval: Interval): Promise<Run[]> {
    const rows = await rowsOf(ledger, compactionEntry(compaction.output, interval));
    return rows.flatMap((row) => {
        const match = runRow.exec(row[subscriberAttribute]!.S!);
        return match ? [fromRow(row, interval, Number(match[1]))] : [];
    });
}

/**
 * Writes a new run, unless there is one of its number: whoever knows all runs before it so takes objects that no other
 * has. These rows are never forgotten: an object that is announced again after years is still known.
 */
export async function addRun({ ledger, compaction }: Context, run: Run): Promise<boolean> {
    const { state, attempt, objects, at } = run;
    const Item = {
        ...rowKey(compaction.output, run),
        state: { S: state },
        attempt: { N: String(attempt) },
        at: { N: String(at) },
        objects: { L: objects.map((S) => ({ S })) },
    };
    return await unlessConflict(
        ledger.client.send(
            new PutItemCommand({
                TableName: ledger.table,
                Item,
                ConditionExpression: "attribute_not_exists(#state)",
                ExpressionAttributeNames: { "#state": "state" },
            }),
        ),
    );
}

/** Changes a run, unless somebody else changed it meanwhile. */
export async function changeRun({ ledger, compaction, now }: Context, run: Run, change: Change): Promise<boolean> {
    const values = { ...change, at: now() };
    const names = Object.entries(values).filter(([, value]) => value !== undefined);
    return await unlessConflict(
        ledger.client.send(
            new UpdateItemCommand({
                TableName: ledger.table,
                Key: rowKey(compaction.output, run),
                UpdateExpression: `SET ${names.map(([name]) => `#${name} = :${name}`).join(", ")}`,
                ConditionExpression: "#state = :beforeState AND #attempt = :beforeAttempt",
                ExpressionAttributeNames: Object.fromEntries(names.map(([name]) => [`#${name}`, name])),
                ExpressionAttributeValues: {
                    ...Object.fromEntries(names.map(([name, value]) => [`:${name}`, attribute(value)])),
                    ":beforeState": attribute(run.state),
                    ":beforeAttempt": attribute(run.attempt),
                },
            }),
        ),
    );
}

async function unlessConflict(write: Promise<unknown>): Promise<boolean> {
    try {
        await write;
        return true;
    } catch (error) {
        if ((error as Error).name === "ConditionalCheckFailedException") return false;
        throw error;
    }
}

function rowKey(output: string, { interval, number }: Run): Item {
    return ledgerKey(compactionEntry(output, interval), `run/${String(number).padStart(6, "0")}`);
}

function attribute(value: string | number) {
    return typeof value === "number" ? { N: String(value) } : { S: value };
}

function fromRow(row: Item, interval: Interval, number: number): Run {
    const { state, attempt, objects, executionId, reason, at } = row;
    return {
        interval,
        number,
        attempt: Number(attempt!.N),
        state: state!.S as RunState,
        objects: objects!.L!.map(({ S }) => S!),
        at: Number(at!.N),
        ...(executionId && { executionId: executionId.S! }),
        ...(reason && { reason: reason.S! }),
    };
}
