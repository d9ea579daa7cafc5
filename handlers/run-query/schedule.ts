import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { ledgerKey } from "../shared/ledger";
import { expiryAttribute, expiryOf, queryEntry, scheduleRow } from "../shared/ledger-contract";
import { isConflict, putRevision, type Revised, readRow, write, writeTogether } from "../shared/ledger-rows";
import { log } from "../shared/log";
import { putRun, readRun, readRuns } from "../shared/runs";
import { type Fresh, mostClaimed, newRun, putObjects, timeOf, withObjects } from "./claim";
import { type Context, stage } from "./context";
import type { MappedQuery } from "./contract";
import { backOff } from "./start-query";
import { startRun } from "./start-run";
import { mostObjects } from "./statement";
import { sendWake, type Wake } from "./wake";

/**
 * When a query with a minimum interval may run, and what waits for that. New objects join a run that is open. When the
 * interval is over, one transaction closes it and says when the next one may come: so there are never two at a time, and
 * no object can come too late unseen.
 */
export interface Schedule extends Revised {
    /** No run may be closed before; milliseconds since 1970. */
    nextAllowed: number;
    /** Tokens of the runs that objects wait in; only the last one is not full. */
    open: string[];
    /** Tokens of the runs that were closed last. No others are closed before these are started. */
    closed: string[];
    /** When the message comes that wakes the query; other such messages are superfluous. */
    wakeAt?: number;
}

/** Runs that are closed together, by one transaction. */
const mostClosed = 50;

/**
 * Lets as many of the objects as possible join the query's next run. Fails with a conflict if somebody else changed it.
 * Returns how many joined, the first ones, and whether the run is new: then the query has to be woken.
 */
export async function joinNextRun(context: Context, query: MappedQuery, fresh: Fresh[]) {
    const { ledger, now } = context;
    const schedule = await readSchedule(context, query);
    const token = schedule.open.at(-1);
    const last = token === undefined ? undefined : await readRun(ledger, query.name, token);
    const most = mostObjects(query);
    if (last?.state === "open" && last.count < most) {
        const joining = fresh.slice(0, Math.min(mostClaimed, most - last.count));
        const joined = { ...last, ...withObjects(last.objects, last.count, joining) };
        await writeTogether(ledger, [putRun(ledger, joined, now()), ...putObjects(context, last, joining)]);
        return { count: joining.length, isNew: false };
    }
    const joining = fresh.slice(0, Math.min(mostClaimed, most));
    const run = newRun(context, query, joining);
    await writeTogether(ledger, [
        putSchedule(context, query, schedule, { open: [...schedule.open, run.token] }),
        putRun(ledger, run, now()),
        ...putObjects(context, run, joining),
    ]);
    return { count: joining.length, isNew: true };
}

/**
 * Starts what is due: runs that were closed and not started, then those that may be closed now. What is not due yet
 * waits for a message that wakes the query, which is sent if nobody has: `true`, or the time of the message that came
 * too early, unless another one is on its way.
 */
export async function tendSchedule(context: Context, query: MappedQuery, wake: boolean | number): Promise<void> {
    const { ledger, now, pace } = context;
    const schedule = await readSchedule(context, query);
    for (const run of await readRuns(ledger, query.name, schedule.closed)) {
        if (run.state === "claimed") await startRun(context, query, run);
    }
    if (schedule.open.length === 0) return;
    if (now() < schedule.nextAllowed) {
        if (wake === true || wake === schedule.wakeAt) await scheduleWake(context, query, schedule);
        return;
    }
    try {
        await closeRuns(context, query, schedule);
    } catch (error) {
        if (!isConflict(error)) throw error;
        await backOff(pace);
    }
    await tendSchedule(context, query, true);
}

/** Starts what is due of a query. A message that comes too early sends the next one. */
export async function wakeQuery(context: Context, { query: name, at }: Wake): Promise<void> {
    const query = context.queries.find((each) => each.name === name);
    if (query) await tendSchedule(context, query, at);
    else log("info", "wake of an unknown query ignored", { stage, query: name });
}

/** Closes the open runs; nothing can join them afterwards. */
async function closeRuns(context: Context, query: MappedQuery, schedule: Schedule): Promise<void> {
    const { ledger, now } = context;
    const time = now();
    const closed = schedule.open.slice(0, mostClosed);
    const runs = await readRuns(ledger, query.name, closed);
    await writeTogether(ledger, [
        putSchedule(context, query, schedule, {
            nextAllowed: time + (query.minimumInterval ?? 0) * 1000,
            open: schedule.open.slice(mostClosed),
            closed,
        }),
        ...runs.map((run) => putRun(ledger, { ...run, state: "claimed", claimedAt: timeOf(time) }, time)),
    ]);
}

/** Sends the message first: whoever dies in between sends it once more, and the one that nobody noted does nothing. */
async function scheduleWake(context: Context, query: MappedQuery, schedule: Schedule): Promise<void> {
    const wakeAt = await sendWake(context, query.name, schedule.nextAllowed);
    let current = schedule;
    while (current.nextAllowed === schedule.nextAllowed) {
        try {
            return await write(context.ledger, putSchedule(context, query, current, { wakeAt }));
        } catch (error) {
            if (!isConflict(error)) throw error;
            await backOff(context.pace);
            current = await readSchedule(context, query);
        }
    }
}

async function readSchedule({ ledger }: Context, query: MappedQuery): Promise<Schedule> {
    const row = await readRow(ledger, scheduleKey(query));
    if (!row) return { revision: 0, nextAllowed: 0, open: [], closed: [] };
    const { revision, nextAllowed, open, closed, wakeAt } = row;
    const tokens = (list: typeof open) => list!.L!.map(({ S }) => S!);
    return {
        revision: Number(revision!.N),
        nextAllowed: Number(nextAllowed!.N),
        open: tokens(open),
        closed: tokens(closed),
        ...(wakeAt && { wakeAt: Number(wakeAt.N) }),
    };
}

/** Writes a schedule with changes, on the condition that it is as it was when it was read. */
function putSchedule(
    { ledger, now }: Context,
    query: MappedQuery,
    before: Schedule,
    changes: Partial<Schedule>,
): TransactWriteItem {
    const { nextAllowed, open, closed, wakeAt } = { ...before, ...changes };
    const tokens = (list: string[]) => ({ L: list.map((S) => ({ S })) });
    const row = {
        ...scheduleKey(query),
        nextAllowed: { N: String(nextAllowed) },
        open: tokens(open),
        closed: tokens(closed),
        ...(wakeAt !== undefined && { wakeAt: { N: String(wakeAt) } }),
        [expiryAttribute]: { N: String(expiryOf(now())) },
    };
    return putRevision(ledger, row, before);
}

function scheduleKey({ name }: MappedQuery) {
    return ledgerKey(queryEntry(name), scheduleRow);
}
