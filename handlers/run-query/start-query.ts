import { setTimeout as sleep } from "node:timers/promises";
import type { AthenaClient, StartQueryExecutionInput } from "@aws-sdk/client-athena";
import { StartQueryExecutionCommand } from "@aws-sdk/client-athena";

/** The time a function has, and how it waits. */
export interface Pace {
    /** Milliseconds until the work must be done. */
    timeLeft(): number;
    sleep(milliseconds: number): Promise<unknown>;
    /** From 0 to 1, below 1. */
    random(): number;
}

/** Kept for what remains to be done after the last start. */
const reserveMilliseconds = 5_000;
const firstBackoff = 500;
const longestBackoff = 20_000;

/** Longest wait before what somebody else changed is looked at again, in milliseconds. */
const conflictBackoff = 200;

/** The pace of an invocation. */
export function paceOf(context: { getRemainingTimeInMillis(): number }): Pace {
    return { timeLeft: () => context.getRemainingTimeInMillis() - reserveMilliseconds, sleep, random: Math.random };
}

/** Starts a run and returns its id. Backs off while Athena throttles, as long as there is time. */
export async function startQuery(
    athena: AthenaClient,
    input: StartQueryExecutionInput,
    pace: Pace,
    longestWait = firstBackoff,
): Promise<string> {
    if (pace.timeLeft() <= 0) throw new Error("no time left to start it");
    try {
        const { QueryExecutionId } = await athena.send(new StartQueryExecutionCommand(input));
        return QueryExecutionId!;
    } catch (error) {
        // Full jitter: callers that were throttled together must not come back together.
        const backoff = pace.random() * longestWait;
        if (!isThrottling(error) || backoff >= pace.timeLeft()) throw error;
        await pace.sleep(backoff);
        return startQuery(athena, input, pace, Math.min(longestBackoff, 2 * longestWait));
    }
}

/** Waits a moment, as callers that got into each other's way do; fails when there is no time left. */
export async function backOff(pace: Pace): Promise<void> {
    if (pace.timeLeft() <= 0) throw new Error("no time left: others change the ledger at the same time");
    await pace.sleep(pace.random() * conflictBackoff);
}

/** Too many calls a second, or too many queries queued and running. */
function isThrottling(error: unknown): boolean {
    return /^(TooManyRequests|Throttl|RequestLimitExceeded|SlowDown)/.test((error as Error).name);
}
