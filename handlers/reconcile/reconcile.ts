import type { S3Client } from "@aws-sdk/client-s3";
import type { SQSClient } from "@aws-sdk/client-sqs";
import type { Ledger } from "../shared/ledger";
import { log } from "../shared/log";
import type {
    Cursor,
    Reconciled,
    ReconcileEnvironment,
    ReconcileReport,
    ReconcileRequest,
    SubscriberReport,
} from "./contract";
import { readCursor, writeCursor } from "./cursor";
import { listObjects } from "./list-objects";
import { writeMetrics } from "./metrics";
import { type Missing, republish } from "./republish";
import { nameOf, readVerdicts } from "./verdicts";

/** What the function works with. */
export interface Context {
    s3: Pick<S3Client, "send">;
    sqs: Pick<SQSClient, "send">;
    ledger: Ledger;
    reconciled: Reconciled;
    environment: ReconcileEnvironment;
    /** Milliseconds since 1970. */
    now(): number;
    /** Milliseconds until the function is ended. */
    timeLeft(): number;
}

const stage = "reconcile";
/** Kept for what remains to be done after the last page. */
const reserve = 30_000;
/** An answer holds 6 MB, and a person reads less. */
const mostExamples = 100;

/**
 * Compares the objects below all triggers with the ledger and announces again what no subscriber accounted for. Where the
 * time runs out, the report says where to go on; called by the clock, the next hour's call goes on there.
 */
export async function reconcile(context: Context, request: ReconcileRequest): Promise<ReconcileReport> {
    const { ledger, reconciled, environment, now } = context;
    const { hourly = false, dryRun = false } = request;
    const start = now();
    const from = start - Number(environment.LOOKBACK_HOURS) * 3_600_000;
    const to = start - Number(environment.AFTER_MINUTES) * 60_000;
    const reports = new Map(reconciled.subscribers.map((each) => [each, emptyReport(nameOf(each))]));
    const examples: ReconcileReport["examples"] = [];
    const next = await reconcileFrom(hourly ? await readCursor(ledger) : request.from);
    const subscribers = [...reports.values()];
    if (hourly) {
        await writeCursor(ledger, next, start);
        for (const each of subscribers) writeMetrics(environment.PIPELINE, each, start);
    }
    for (const { subscriber, ...counts } of subscribers) log("info", "reconciled", { stage, subscriber, ...counts });
    return {
        window: { from: new Date(from).toISOString(), to: new Date(to).toISOString() },
        subscribers,
        examples,
        ...(next && { next }),
    };

    /** Goes through the listings from there on; says where it stopped, if it did before the end. */
    async function reconcileFrom(cursor: Cursor | undefined): Promise<Cursor | undefined> {
        const { s3 } = context;
        const first = reconciled.listings.findIndex(({ prefix }) => prefix === cursor?.prefix);
        for (const listing of reconciled.listings.slice(Math.max(first, 0))) {
            const { prefix } = listing;
            const after = prefix === cursor?.prefix ? cursor.after : "";
            for await (const { objects, last } of listObjects(s3, environment.BUCKET, listing, from, after)) {
                const due = objects.filter(({ lastModified }) => lastModified >= from && lastModified <= to);
                const verdicts = await readVerdicts(ledger, reconciled.subscribers, due, to);
                for (const { subscriber, state } of verdicts) {
                    const report = reports.get(subscriber)!;
                    report.objects++;
                    report[state]++;
                }
                const missing = verdicts.filter(({ state }) => state === "missing");
                const republishing = { ...context, bucket: environment.BUCKET, now: start, dryRun };
                for (const each of await republish(republishing, missing)) tell(each);
                if (last !== undefined && context.timeLeft() < reserve) return { prefix, after: last };
            }
        }
        return undefined;
    }

    function tell({ subscriber, object, reason, attempts, fate }: Missing): void {
        const name = nameOf(subscriber);
        const { key, versionId, eTag } = object;
        const report = reports.get(subscriber)!;
        if (fate !== "left") report[fate]++;
        const message = { republished: "object republished", givenUp: "object given up", left: "object missing" }[fate];
        log("warn", message, { stage, subscriber: name, key, reason, attempts });
        if (examples.length === mostExamples) return;
        examples.push({ subscriber: name, key, version: versionId ?? eTag, reason, republished: attempts });
    }
}

function emptyReport(subscriber: string): SubscriberReport {
    return { subscriber, objects: 0, done: 0, failed: 0, inWork: 0, missing: 0, republished: 0, givenUp: 0 };
}
