import { join } from "node:path";
import { awsOf } from "../../../cli/replay/aws";
import { Journal } from "../../../cli/replay/journal";
import { type Request, replay } from "../../../cli/replay/replay";
import { operationsIn, type Target } from "../../../cli/target";
import type { ReconcileReport } from "../../../handlers/reconcile/contract";
import type { LocalPipeline } from "../../../local";

/** What it took until nothing was missing. */
export interface Repair {
    /** Hours of the pipeline's clock after the last event. */
    hours: number;
    /** Objects that reconciliation announced again. */
    republished: number;
    /** Messages put back from dead-letter queues. */
    deadLetters: number;
    /** Objects whose query run had failed for good, announced again. */
    failedRuns: number;
}

const hour = 3_600_000;
/** After so long, reconciliation has seen every object: it leaves those that are younger than an hour. */
const hoursUnseen = 2;
const mostHours = 24;

/**
 * What an operator has to do, and no more: wait, while the hourly reconciliation announces again what is missing; put
 * dead letters back; replay the objects of query runs that failed for good. Ends when every subscriber has accounted for
 * every object, no dead letter is left, and nothing new has come since.
 */
export async function repair(local: LocalPipeline, end: number, folder: string): Promise<Repair> {
    const target: Target = { operations: operationsIn(local.outputs, "the fleet"), endpointUrl: local.endpointUrl };
    const cloud = awsOf(target);
    const done: Repair = { hours: 0, republished: 0, deadLetters: 0, failedRuns: 0 };
    let replays = 0;
    for (let objects = 0; ; ) {
        await local.settle();
        const before = objects;
        objects = local.journal.of("object").length;
        const dead = await deadLetters();
        if (
            objects === before &&
            dead.length === 0 &&
            (await reconciled()).every(({ objects, done }) => done === objects)
        )
            break;
        if (done.hours >= mostHours) throw new Error(`after ${mostHours} hours not everything is accounted for`);
        for (const queue of dead) done.deadLetters += await again({ kind: "dead-letters", queue });
        for (const [to, keys] of keysOfFailedRuns(local)) {
            done.failedRuns += await again({ kind: "objects", to, keys });
        }
        await local.settle();
        done.hours += hoursUnseen;
        await local.advanceTo(end + done.hours * hour);
    }
    done.republished = republishedIn(local);
    return done;

    /** What reconciliation sees; it may be hit by a fault, too. */
    async function reconciled(): Promise<ReconcileReport["subscribers"]> {
        for (;;) {
            try {
                return ((await local.invoke("reconcile", { dryRun: true })) as ReconcileReport).subscribers;
            } catch {
                await local.settle();
            }
        }
    }

    async function deadLetters(): Promise<string[]> {
        const queues = Object.entries(target.operations.queues);
        const counts = await Promise.all(queues.map(([, { deadLetterQueueUrl }]) => cloud.count(deadLetterQueueUrl)));
        return queues.flatMap(([name], index) => (counts[index]! > 0 ? [name] : []));
    }

    async function again(request: Request): Promise<number> {
        const file = join(folder, `replay-${++replays}.ndjson`);
        const header = { replay: `replay-${replays}`, pipeline: "fleet", bucket: "fleet", request };
        const { sent } = await replay(cloud, target.operations, request, {
            pace: { take: async () => {}, pause: async () => {}, isStopped: () => false },
            journal: () => Journal.create(file, header),
        });
        return sent;
    }
}

/** By query, the objects whose run the ledger has as failed. */
function keysOfFailedRuns(local: LocalPipeline): Map<string, string[]> {
    const rows = local.counters("ledger").map((row) => ({ ...row, entry: String(row.entry) }));
    const failed = new Set(rows.filter(isFailedRun).map(({ entry }) => entry));
    const keys = new Map<string, string[]>();
    for (const { entry, subscriber, executionId } of rows as Record<string, string>[]) {
        if (!entry!.startsWith("object/") || !failed.has(`run/${executionId}`)) continue;
        keys.set(subscriber!, [...(keys.get(subscriber!) ?? []), entry!.slice("object/".length)]);
    }
    return keys;
}

function isFailedRun(row: Record<string, unknown>): boolean {
    return String(row.entry).startsWith("run/") && row.state === "failed";
}

function republishedIn(local: LocalPipeline): number {
    const lines = local.journal.of("log").map(({ line }) => line);
    return lines.filter((line) => line.includes('"object republished"')).length;
}
