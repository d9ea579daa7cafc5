import { announceFailure } from "../shared/failures";
import { Outcome } from "../shared/ledger-contract";
import { isConflict, writeTogether } from "../shared/ledger-rows";
import type { CreatedObject } from "../shared/s3-events";
import { mostClaimed, putAccounts, readKnown } from "./claim";
import { type Context, stage } from "./context";
import type { MappedQuery } from "./contract";
import { backOff } from "./start-query";

/**
 * Writes down of objects that they can be in no run of the query, after a word to whoever listens: whoever dies in between
 * says it once more. What is written down at these versions, or what a run has, is left alone.
 */
export async function refuseObjects(
    context: Context,
    query: MappedQuery,
    objects: CreatedObject[],
    reason: string,
): Promise<void> {
    const { fresh } = await readKnown(context, query, objects);
    const refused = fresh.filter(({ isRefused }) => !isRefused).slice(0, mostClaimed);
    if (refused.length === 0) return;
    const named = refused.map(({ object }) => object);
    await announceFailure(context, stage, { query: query.name, reason, objects: named, count: named.length });
    const account = { outcome: Outcome.Failed, executionId: context.invocationId, reason };
    try {
        await writeTogether(context.ledger, putAccounts(context, query.name, account, refused));
    } catch (error) {
        if (!isConflict(error)) throw error;
        await backOff(context.pace);
    }
    await refuseObjects(context, query, objects, reason);
}
