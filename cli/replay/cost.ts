import type { Operations } from "../../plan";
import { counted } from "../print";
import type { ListedObject } from "./cloud";
import type { Destination } from "./destination";

/** A line of an estimate. */
export interface Cost {
    what: string;
    quantity: string;
    dollars: number;
}

/** List prices of us-east-1 in USD, without free tiers. */
export const prices = {
    asOf: "November 2026",
    athenaTerabyte: 5,
    snsMillion: 0.5,
    sqsMillion: 0.4,
    lambdaMillion: 0.2,
    /** arm64. */
    lambdaGigabyteSecond: 0.0000133334,
    s3HeadThousand: 0.0004,
    s3ListThousand: 0.005,
    firehoseGigabyte: 0.029,
};

/** Athena bills each run 10 MB at least. */
const athenaFloor = 10_000_000;
/** Objects of one run at most. */
const runObjects = 98;
/** A message is sent, received and deleted. */
const queueRequests = 3;
/** What a call is taken to need: half a gigabyte for a second. */
const callGigabyteSeconds = 0.5;

/**
 * What a replay costs at most, if nothing of it was handled before, one message a call, as far as it can be said before:
 * what the results start in turn, and what functions of one's own call, is not in it. `under` has the bytes that lie under
 * the prefixes of queries that read whole tables.
 */
export function costOf(
    { subscribers }: Operations,
    { subscribers: names, topicArn }: Destination,
    objects: ListedObject[],
    under: Map<string, number>,
): Cost[] {
    const own = names.map((name) => ({ name, ...subscribers[name]! })).map(withObjects);
    const hearing = own.filter(({ count }) => count > 0);
    // Queries share a queue: to one of them, or to all, an object is one message.
    const messages = [...Map.groupBy(hearing, ({ queue }) => queue).values()].reduce(
        (sum, all) => sum + new Set(all.flatMap(({ keys }) => keys)).size,
        0,
    );
    return [
        ...hearing.filter(({ name }) => name.startsWith("query/")).map(athena),
        ...(topicArn === undefined ? [] : [requests("SNS", "message", objects.length, prices.snsMillion)]),
        requests("SQS", "request", messages * queueRequests, prices.sqsMillion),
        {
            what: "Lambda",
            quantity: counted(messages, "call"),
            dollars:
                (messages * prices.lambdaMillion) / 1e6 + messages * callGigabyteSeconds * prices.lambdaGigabyteSecond,
        },
        {
            what: "S3",
            quantity: counted(objects.length, "HEAD request"),
            dollars:
                (objects.length * prices.s3HeadThousand) / 1000 +
                (Math.ceil(objects.length / 1000) * prices.s3ListThousand) / 1000,
        },
    ];

    function withObjects<T extends { prefix: string }>(subscriber: T) {
        const heard = objects.filter(({ key }) => key.startsWith(subscriber.prefix));
        const bytes = heard.reduce((sum, { size }) => sum + size, 0);
        return { ...subscriber, keys: heard.map(({ key }) => key), count: heard.length, bytes };
    }

    /** A run over whole tables reads what lies under the prefix, at least; one over new objects reads these. */
    function athena({
        name,
        prefix,
        count: objects,
        bytes,
        wholeTables,
    }: ReturnType<typeof withObjects> & Named): Cost {
        const runs = Math.ceil(objects / runObjects);
        const run = Math.max(athenaFloor, wholeTables ? (under.get(prefix) ?? 0) : bytes / runs);
        const scanned = Math.round(runs * run);
        return {
            what: `Athena, ${name}`,
            quantity: `${counted(runs, "run")}, ${count(Math.ceil(scanned / 1e6))} MB`,
            dollars: (scanned * prices.athenaTerabyte) / 1e12,
        };
    }
}

interface Named {
    name: string;
    prefix: string;
    wholeTables?: boolean;
}

/** What it costs to put records back. */
export function costOfRecords(objects: number, billedBytes: number): Cost[] {
    return [
        {
            what: "Firehose",
            quantity: `${count(Math.ceil(billedBytes / 1024))} kB, each record in steps of 5 kB`,
            dollars: (billedBytes * prices.firehoseGigabyte) / 1024 ** 3,
        },
        {
            what: "S3",
            quantity: `${counted(objects, "object")} read and tagged`,
            dollars: (objects * (2 * prices.s3HeadThousand + prices.s3ListThousand)) / 1000,
        },
    ];
}

/** What it costs to send dead letters on: each is received, sent, deleted, and received and deleted again. */
export function costOfMessages(messages: number): Cost[] {
    return [requests("SQS", "request", messages * 5, prices.sqsMillion)];
}

function requests(what: string, noun: string, number: number, million: number): Cost {
    return { what, quantity: counted(number, noun), dollars: (number * million) / 1e6 };
}

function count(value: number): string {
    return value.toLocaleString("en");
}
