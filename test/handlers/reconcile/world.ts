import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { Listing, ReconciledSubscriber, ReconcileRequest } from "../../../handlers/reconcile/contract";
import { reconcile } from "../../../handlers/reconcile/reconcile";
import { accountAttributes, ledgerKey } from "../../../handlers/shared/ledger";
import { handledEntry, type Outcome, objectEntry, runEntry } from "../../../handlers/shared/ledger-contract";
import type { VirtualClock } from "../../../local/clock";
import { S3 } from "../../../local/services/s3";
import { Sqs } from "../../../local/services/sqs";
import { itemsOf, ownPlace } from "../../dynamodb/tables";
import { bucket, queue, start, testRuntime, testServer, versioning } from "../../local/support";
import { captureLog } from "../shared/capture-log";

export const minute = 60_000;
export const hour = 60 * minute;

/** Counts what lies below `raw/`. */
export const pings: ReconciledSubscriber = { kind: "rollup", name: "pings", trigger: "raw/", queueUrl: "pings" };
export const seen: ReconciledSubscriber = {
    ...{ kind: "query", name: "seen", trigger: "raw/", queueUrl: "run-query", resultsQueueUrl: "convert-result" },
};

/** A lake, a ledger, the queues of subscribers, and a clock. */
export async function createWorld({
    versioned = true,
    subscribers = [pings],
    listings = [{ prefix: "raw/" }] as Listing[],
} = {}) {
    const runtime = testRuntime([
        bucket("lake"),
        ...(versioned ? [versioning("lake")] : []),
        ...["pings", "run-query", "convert-result"].map((name) => queue(name)),
    ]);
    const clock = runtime.clock as VirtualClock;
    const lake = new S3(runtime);
    const sqs = new Sqs(runtime);
    const { server } = await testServer(runtime, () => [lake, sqs]);
    const settings = {
        endpoint: server.url,
        region: "us-east-1",
        credentials: { accessKeyId: "x", secretAccessKey: "x" },
    };
    const place = ownPlace(start);
    const ledger = { client: place.client, table: await place.createTable("entry", "subscriber") };
    const urlOf = (name: string) => sqs.queue(name).url.replace("http://127.0.0.1", server.url);
    const own = subscribers.map((each) => ({
        ...each,
        queueUrl: urlOf(each.queueUrl),
        ...(each.resultsQueueUrl && { resultsQueueUrl: urlOf(each.resultsQueueUrl) }),
    }));
    const context = {
        s3: new S3Client({ ...settings, forcePathStyle: true }) as Pick<S3Client, "send">,
        sqs: new SQSClient(settings) as Pick<SQSClient, "send">,
        ledger,
        reconciled: { listings, subscribers: own },
        environment: {
            PIPELINE: "web-dev",
            BUCKET: "lake",
            LEDGER_TABLE: ledger.table,
            AFTER_MINUTES: "60",
            LOOKBACK_HOURS: "48",
        },
        now: () => clock.now(),
        timeLeft: () => 900_000,
    };
    return {
        context,
        clock,
        put: (key: string, body = "{}\n") => lake.put("lake", key, Buffer.from(body)),
        account,
        handled,
        run,
        reconcile: async (request: ReconcileRequest = {}) => {
            const { result, lines } = await captureLog(() => reconcile(context, request));
            return { ...result, lines };
        },
        /** What lies in a queue, received for good. */
        received: (name: string) => {
            const messages = sqs.queue(name).receive(1000);
            for (const { receiptHandle } of messages) sqs.queue(name).delete(receiptHandle!);
            return messages.map(({ body }) => JSON.parse(body).Records);
        },
        rows: () => itemsOf(place, ledger.table),
    };

    /** Lets a subscriber write down what became of an object. */
    async function account(
        subscriber: string,
        { key, versionId, etag }: { key: string; versionId?: string; etag: string },
        outcome: Outcome,
        { version = versionId ?? etag, executionId = "invocation", at = clock.now() } = {},
    ): Promise<void> {
        const account = { outcome, version, sequencer: "0A", executionId };
        const Item = { ...ledgerKey(objectEntry(key), subscriber), ...accountAttributes(account, at) };
        await ledger.client.send(new PutItemCommand({ TableName: ledger.table, Item }));
    }

    /** Lets a processor write down that it is done with a version. */
    async function handled(name: string, { key, versionId = "" }: { key: string; versionId?: string }): Promise<void> {
        const account = { outcome: "done", version: versionId, sequencer: "", executionId: "invocation" } as const;
        const Item = { ...ledgerKey(handledEntry(name, key), versionId), ...accountAttributes(account, clock.now()) };
        await ledger.client.send(new PutItemCommand({ TableName: ledger.table, Item }));
    }

    /** Writes a query run as run-query does. */
    async function run(token: string, fields: Record<string, string>): Promise<void> {
        const attributes = Object.entries(fields).map(([name, S]) => [name, { S }]);
        const Item = { ...ledgerKey(runEntry(token), "query/seen"), ...Object.fromEntries(attributes) };
        await ledger.client.send(new PutItemCommand({ TableName: ledger.table, Item }));
    }
}
