import { type AttributeValue, type DynamoDBClient, paginateQuery } from "@aws-sdk/client-dynamodb";
import {
    entryAttribute,
    expiryAttribute,
    expiryOf,
    type Outcome,
    objectEntry,
    subscriberAttribute,
} from "./ledger-contract";

/** A ledger and the client that speaks with it. */
export interface Ledger {
    client: DynamoDBClient;
    /** Name of the table. */
    table: string;
}

/** A row of the ledger, or of a counters' table. */
export type Item = Record<string, AttributeValue>;

/** How a subscriber accounted for an object. */
export interface Account {
    /** `rollup/<name>`, `query/<name>` or `processor/<name>`. */
    subscriber: string;
    outcome: Outcome;
    /** Version id of the object, or its ETag where the bucket keeps no versions. */
    version: string;
    /** Orders the versions of one key; empty where no announcement said it. */
    sequencer: string;
    /** The invocation or query run that accounted for it. */
    executionId: string;
    /** When, ISO 8601. */
    at: string;
    /** Why it failed. */
    reason?: string;
}

/** Who accounted for an object, one for each subscriber; read from the table's newest state. */
export async function accountsOf(ledger: Ledger, key: string): Promise<Account[]> {
    const rows = await rowsOf(ledger, objectEntry(key));
    return rows.map((row) => ({
        subscriber: text(row[subscriberAttribute]),
        outcome: text(row.outcome) as Outcome,
        version: text(row.version),
        sequencer: text(row.sequencer),
        executionId: text(row.executionId),
        at: text(row.at),
        ...(row.reason && { reason: text(row.reason) }),
    }));
}

/** All rows of an entry, in order of their subscribers. */
export async function rowsOf({ client, table }: Ledger, entry: string): Promise<Item[]> {
    const rows: Item[] = [];
    const pages = paginateQuery(
        { client },
        {
            TableName: table,
            KeyConditionExpression: "#entry = :entry",
            ExpressionAttributeNames: { "#entry": entryAttribute },
            ExpressionAttributeValues: { ":entry": { S: entry } },
            ConsistentRead: true,
        },
    );
    for await (const { Items = [] } of pages) rows.push(...Items);
    return rows;
}

/** A row's key. */
export function ledgerKey(entry: string, subscriber: string): Item {
    return { [entryAttribute]: { S: entry }, [subscriberAttribute]: { S: subscriber } };
}

/** A row's attributes for an account, without its key. */
export function accountAttributes(account: Omit<Account, "subscriber" | "at">, now: number): Item {
    const { reason, ...rest } = account;
    const texts = Object.entries({ ...rest, at: new Date(now).toISOString(), ...(reason && { reason }) });
    return {
        ...Object.fromEntries(texts.map(([name, value]) => [name, { S: value }])),
        [expiryAttribute]: { N: String(expiryOf(now)) },
    };
}

/**
 * Which of two versions of one key is newer: negative if the first is older. S3's sequencers are hexadecimal numbers of
 * different lengths, to be compared as texts after the shorter is filled up with zeros on its right.
 */
export function compareSequencers(a: string, b: string): number {
    const length = Math.max(a.length, b.length);
    const [left, right] = [a, b].map((each) => each.toUpperCase().padEnd(length, "0"));
    return left! < right! ? -1 : left! > right! ? 1 : 0;
}

function text(value: AttributeValue | undefined): string {
    return value?.S ?? "";
}
