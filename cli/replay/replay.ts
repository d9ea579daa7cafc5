import type { Operations } from "../../plan";
import type { Pace } from "./batches";
import type { Cloud, ListedObject } from "./cloud";
import { type Cost, costOf, costOfMessages, costOfRecords } from "./cost";
import { queuesOf, sendDeadLetters } from "./dead-letters";
import { type Destination, destinationOf } from "./destination";
import { ingestOf, listFailed, sendFailed, surveyFailed } from "./failed-store";
import type { Journal } from "./journal";
import { sendObjects } from "./objects";
import { type ObjectSelection, selectObjects } from "./select";

/** What is to be replayed. */
export type Request =
    | ({ kind: "objects"; to?: string; again?: boolean } & ObjectSelection)
    | { kind: "dead-letters"; queue: string }
    | { kind: "failed"; ingest: string; again?: boolean; since?: number; until?: number };

/** What a replay would do. */
export interface Forecast {
    /** Where it would go. */
    to: string;
    /** Objects, messages or records. */
    unit: "objects" | "messages" | "records";
    count: number;
    bytes?: number;
    skipped: number;
    refused: Problem[];
    costs: Cost[];
}

/** What a replay did. */
export interface Outcome {
    to: string;
    unit: "objects" | "messages" | "records";
    sent: number;
    /** Done before. */
    skipped: number;
    /** What is not there any more. */
    gone: string[];
    refused: Problem[];
    failed: Problem[];
    /** How often which reason was noted on a dead letter. */
    reasons: Record<string, number>;
    /** Whether it was stopped before its end. */
    stopped: boolean;
}

/** Something that was not replayed, and why. */
export interface Problem {
    /** Key of an object, or id of a message. */
    what: string;
    reason: string;
}

/** How a replay goes about it. */
export interface Replaying {
    pace: Pace;
    /** Remembers what was sent; asked for once it is known that there is something to send. */
    journal(): Journal;
    onProgress?(done: number, all?: number): void;
}

/** Works out what a replay would do and cost; changes nothing. */
export async function forecast(cloud: Cloud, operations: Operations, request: Request): Promise<Forecast> {
    if (request.kind === "dead-letters") {
        const count = await cloud.count(queuesOf(operations, request.queue).deadLetterQueueUrl);
        const to = `the queue of ${request.queue}`;
        return { to, unit: "messages", count, skipped: 0, refused: [], costs: costOfMessages(count) };
    }
    if (request.kind === "failed") {
        const ingest = ingestOf(operations, request.ingest);
        const listed = await listFailed(cloud, ingest, request);
        const { objects, records, billedBytes, ...rest } = await surveyFailed(cloud, ingest, listed, !!request.again);
        return {
            to: `the delivery stream of ${request.ingest}`,
            ...{ unit: "records", count: records, bytes: bytesOf(objects), skipped: rest.skipped },
            refused: rest.refused.map(problem),
            costs: costOfRecords(objects.length, billedBytes),
        };
    }
    const destination = destinationOf(operations, request.to);
    const { objects, missing } = await selectObjects(cloud, operations, destination, request);
    return {
        to: destination.name,
        ...{ unit: "objects", count: objects.length, bytes: bytesOf(objects), skipped: 0 },
        refused: missing.map((what) => ({ what, reason: "there is no such object" })),
        costs: costOf(operations, destination, objects, await bytesUnder(cloud, operations, destination)),
    };
}

/** Replays what is asked for. */
export async function replay(
    cloud: Cloud,
    operations: Operations,
    request: Request,
    { pace, journal, onProgress }: Replaying,
): Promise<Outcome> {
    const outcome = { skipped: 0, gone: [], refused: [], failed: [], reasons: {} };
    if (request.kind === "dead-letters") {
        const sending = { pace, onProgress: (done: number) => onProgress?.(done) };
        const sent = await sendDeadLetters(cloud, queuesOf(operations, request.queue), sending);
        const doubled = sent.doubled.map(({ id, reason }) => ({
            what: id,
            reason: `sent, but not deleted, so that it may be sent again: ${reason}`,
        }));
        return {
            ...outcome,
            ...{ to: `the queue of ${request.queue}`, unit: "messages", sent: sent.sent, reasons: sent.reasons },
            failed: [...sent.failed.map(({ id, reason }) => ({ what: id, reason })), ...doubled],
            stopped: pace.isStopped(),
        };
    }
    if (request.kind === "failed") {
        const ingest = ingestOf(operations, request.ingest);
        const objects = await listFailed(cloud, ingest, request);
        const again = request.again === true;
        const to = `the delivery stream of ${request.ingest}`;
        if (objects.length === 0) return { ...outcome, to, unit: "records", sent: 0, stopped: false };
        const sent = await sendFailed(cloud, ingest, objects, {
            ...{ again, pace, journal: journal() },
            onProgress: (done) => onProgress?.(done, objects.length),
        });
        return {
            ...outcome,
            ...{ to, unit: "records", sent: sent.records, skipped: sent.skipped },
            refused: sent.refused.map(problem),
            failed: sent.failed.map(problem),
            stopped: pace.isStopped(),
        };
    }
    const destination = destinationOf(operations, request.to);
    const { objects, missing } = await selectObjects(cloud, operations, destination, request);
    const sent = await sendObjects(cloud, operations, objects, {
        ...{ destination, pace, again: request.again === true, journal: journal() },
        onProgress: (done) => onProgress?.(done, objects.length),
    });
    return {
        ...outcome,
        ...{ to: destination.name, unit: "objects", sent: sent.sent, skipped: sent.skipped },
        gone: [...missing, ...sent.gone],
        failed: sent.failed.map(problem),
        stopped: pace.isStopped(),
    };
}

/** Bytes under the prefixes of the queries that read their whole tables. */
async function bytesUnder(
    cloud: Cloud,
    { subscribers }: Operations,
    { subscribers: names }: Destination,
): Promise<Map<string, number>> {
    const whole = names.map((name) => subscribers[name]!).filter(({ wholeTables }) => wholeTables);
    const bytes = new Map<string, number>();
    for (const prefix of new Set(whole.map((each) => each.prefix))) {
        let sum = 0;
        for await (const { size } of cloud.list(prefix)) sum += size;
        bytes.set(prefix, sum);
    }
    return bytes;
}

function bytesOf(objects: ListedObject[]): number {
    return objects.reduce((sum, { size }) => sum + size, 0);
}

function problem({ key, reason }: { key: string; reason: string }): Problem {
    return { what: key, reason };
}
