import { isConflict } from "../shared/ledger-rows";
import type { Run } from "../shared/runs";
import type { CreatedObject } from "../shared/s3-events";
import { claimRun, type Fresh, readKnown } from "./claim";
import type { Context } from "./context";
import type { MappedQuery } from "./contract";
import { joinNextRun, tendSchedule } from "./schedule";
import { backOff } from "./start-query";
import { startRun } from "./start-run";
import { settleRun } from "./state-change";

/**
 * Sees to it that the newest version of each object is in one run of the query. An object that a run has already is left
 * to it: if the run was not started, that is made up for; if it was, Athena is asked whether it failed, since the event
 * that tells of it may be lost.
 */
export async function runNewObjects(context: Context, query: MappedQuery, objects: CreatedObject[]): Promise<void> {
    const { fresh, runs } = await readKnown(context, query, objects);
    if (query.minimumInterval === undefined) {
        await claimAll(fresh, async (left) => {
            const run = await claimRun(context, query, left);
            runs.push(run);
            return run.count;
        });
        await everyOne(runs, seeTo);
    } else {
        await everyOne(runs, seeTo);
        // Whoever was to have the query woken may have died before: so messages that come again see to it again.
        let isToBeWoken = runs.some(({ state }) => state === "open");
        await claimAll(fresh, async (left) => {
            const { count, isNew } = await joinNextRun(context, query, left);
            isToBeWoken ||= isNew;
            return count;
        });
        await tendSchedule(context, query, isToBeWoken);
    }

    /** Claims objects, the first ones first, until all are in runs; some of them may come into others' runs meanwhile. */
    async function claimAll(fresh: Fresh[], claim: (left: Fresh[]) => Promise<number>): Promise<void> {
        for (let left = fresh; left.length > 0; ) {
            try {
                left = left.slice(await claim(left));
            } catch (error) {
                if (!isConflict(error)) throw error;
                await backOff(context.pace);
                left = (await readKnown(context, query, objects)).fresh;
            }
        }
    }

    async function seeTo(run: Run): Promise<void> {
        if (run.state === "claimed") await startRun(context, query, run);
        if (run.state === "started") await settleRun(context, query, run);
    }
}

/** Does something with all items, though it fails with some; then it fails with the first of these errors. */
async function everyOne<T>(items: T[], work: (item: T) => Promise<void>): Promise<void> {
    const errors: unknown[] = [];
    for (const item of items) await work(item).catch((error) => errors.push(error));
    if (errors.length > 0) throw errors[0];
}
