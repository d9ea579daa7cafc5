import { parseIotSql } from "./iot-sql";
import type { Plan } from "./types";

/**
 * What somebody who operates a pipeline needs to know of it: the names of its parts, for `eventpipeline replay`, `reconcile` and `books`. There is
 * nothing secret in it.
 */
export interface Operations {
    /** Name of the pipeline. */
    pipeline: string;
    /** Region of its stack. */
    region: string;
    /** Name of the bucket. */
    bucketName: string;
    /** ARN of the topic that announces new objects; absent where nothing reacts to them. */
    topicArn?: string;
    /** Name of the ledger's table; absent where nothing keeps books. */
    ledgerTableName?: string;
    /** Name of the function that compares the objects with the ledger; absent where nothing keeps books. */
    reconcileFunctionName?: string;
    /** Name of the function that makes up the books of the ingests; absent where there are none. */
    booksFunctionName?: string;
    /** Name → ingest. */
    ingests: Record<string, OperatedIngest>;
    /** Name, as in `deadLetterQueueUrls` → queue of new objects. */
    queues: Record<string, OperatedQueue>;
    /**
     * Who reacts to new objects: `query/<name>`, `rollup/<name>`, `processor/<name>` as the ledger spells them,
     * `convert-result`, `parse-access-log/<ingest>`.
     */
    subscribers: Record<string, OperatedSubscriber>;
}

/** An ingest's delivery stream and failed store. */
export interface OperatedIngest {
    /** Name of the delivery stream that takes records. */
    deliveryStreamName: string;
    /** Where what failed is kept, ending in `/`. */
    failedPrefix: string;
    /** Present where a rule of AWS IoT Core puts events on the stream: whether they are what was published. */
    takesPayloads?: boolean;
}

/** A queue and its dead-letter queue. */
export interface OperatedQueue {
    /** URL of the queue. */
    queueUrl: string;
    /** URL of its dead-letter queue. */
    deadLetterQueueUrl: string;
}

/** Which objects a subscriber reacts to, and where it hears of them. */
export interface OperatedSubscriber {
    /** Start of the keys, ending in `/`. */
    prefix: string;
    /** Name of the queue. */
    queue: string;
    /** Of a query: whether it reads its whole tables, not only what is new. */
    wholeTables?: boolean;
}

/** Who reacts to which new objects. */
export function subscribersOf({ queries, rollups, processors, ingests }: Plan): Record<string, OperatedSubscriber> {
    const logged = ingests.filter(({ accessLog }) => accessLog !== undefined);
    return Object.fromEntries<OperatedSubscriber>([
        ...queries.map(({ name, trigger, newData }): [string, OperatedSubscriber] => [
            `query/${name}`,
            { prefix: trigger, queue: "run-query", wholeTables: newData === undefined },
        ]),
        ...(queries.length > 0 ? [["convert-result", { prefix: "athena/", queue: "convert-result" }] as const] : []),
        ...rollups.map(({ name, trigger }) => [`rollup/${name}`, { prefix: trigger, queue: name }] as const),
        ...processors.map(({ name, trigger }) => [`processor/${name}`, { prefix: trigger, queue: name }] as const),
        ...logged.map(
            ({ name, accessLog }) => [`parse-access-log/${name}`, { prefix: accessLog!.prefix, queue: name }] as const,
        ),
    ]);
}

/** Whether a rule's events are the payloads as they were published: it selects `*` alone, and does not cut arrays. */
export function takesPayloads(sql: string, batchMode: boolean): boolean {
    const { select } = parseIotSql(sql);
    return !batchMode && select.length === 1 && select[0]!.kind === "all";
}
