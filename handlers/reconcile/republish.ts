import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { S3Client } from "@aws-sdk/client-s3";
import type { SQSClient } from "@aws-sdk/client-sqs";
import { type Ledger, ledgerKey } from "../shared/ledger";
import { expiryAttribute, expiryOf, republishedEntry } from "../shared/ledger-contract";
import { log } from "../shared/log";
import { announce } from "./announce";
import { type ListedObject, listObjects, versionOf } from "./list-objects";
import { keyOf, nameOf, rowsBy, type Verdict } from "./verdicts";

/** What announcing takes. */
export interface Republishing {
    s3: Pick<S3Client, "send">;
    sqs: Pick<SQSClient, "send">;
    ledger: Ledger;
    bucket: string;
    /** Milliseconds since 1970. */
    now: number;
    /** Nothing is sent and nothing is written down. */
    dryRun: boolean;
}

/** A missing object, and how often it was announced again before this. */
export interface Missing extends Verdict {
    attempts: number;
    fate: "republished" | "givenUp" | "left";
}

/** What five deliveries each did not bring about, more won't: its message lies in a dead-letter queue by now. */
const mostAttempts = 3;
const stage = "reconcile";

/**
 * Announces missing objects again, each to the subscriber that lacks it, so that the others are not disturbed. It writes
 * down how often: what was announced three times is only told of from then on.
 */
export async function republish(context: Republishing, missing: Verdict[]): Promise<Missing[]> {
    const { ledger, now } = context;
    const rows = await rowsBy(
        ledger,
        missing.map(({ object, subscriber }) => [republishedEntry(object.key), nameOf(subscriber)]),
    );
    const counted = missing.map((verdict) => {
        const row = rows.get(keyOf(republishedEntry(verdict.object.key), nameOf(verdict.subscriber)));
        const attempts = row?.version?.S === versionOf(verdict.object) ? Number(row.attempts!.N) : 0;
        return { ...verdict, attempts, fate: attempts < mostAttempts ? "left" : "givenUp" } as Missing;
    });
    const due = context.dryRun ? [] : counted.filter(({ fate }) => fate === "left");
    for (const sent of await sendAll(context, due)) {
        await writeDown(sent);
        sent.fate = "republished";
    }
    return counted;

    /** After it was sent: who dies in between announces once more, and nothing is left out. */
    async function writeDown({ object, subscriber, attempts }: Missing): Promise<void> {
        const Item = {
            ...ledgerKey(republishedEntry(object.key), nameOf(subscriber)),
            version: { S: versionOf(object) },
            attempts: { N: String(attempts + 1) },
            at: { S: new Date(now).toISOString() },
            [expiryAttribute]: { N: String(expiryOf(now)) },
        };
        await ledger.client.send(new PutItemCommand({ TableName: ledger.table, Item }));
    }
}

/** Sends each to its queue; returns those that were taken. */
async function sendAll(context: Republishing, due: Missing[]): Promise<Missing[]> {
    const letters = await Promise.all(due.map(async (missing) => ({ missing, ...(await letterOf(context, missing)) })));
    const sent: Missing[] = [];
    for (const [queueUrl, own] of Map.groupBy(letters, (letter) => letter.queueUrl)) {
        const objects = [...new Map(own.map(({ object }) => [object.key, object])).values()];
        const refused = await announce(context.sqs, queueUrl, context.bucket, objects);
        if (refused.size > 0) log("warn", "the queue did not take all", { stage, queueUrl, count: refused.size });
        const keys = new Set([...refused].map(({ key }) => key));
        sent.push(...own.filter(({ object }) => !keys.has(object.key)).map(({ missing }) => missing));
    }
    return sent;
}

/**
 * What is sent, and to whom. A run of which nobody knows how it ended may have its result there already: then those who
 * keep results are told, and otherwise those who start runs, who ask Athena.
 */
async function letterOf(
    { s3, bucket }: Republishing,
    { object, subscriber: { name, queueUrl, resultsQueueUrl }, executionId }: Missing,
): Promise<{ queueUrl: string; object: ListedObject }> {
    if (executionId !== undefined && resultsQueueUrl !== undefined) {
        const csv = `athena/${name}/${executionId}.csv`;
        for await (const { objects } of listObjects(s3, bucket, { prefix: csv }, 0)) {
            const result = objects.find(({ key }) => key === csv);
            if (result) return { queueUrl: resultsQueueUrl, object: result };
        }
    }
    return { queueUrl, object };
}
