import {
    BatchGetItemCommand,
    GetItemCommand,
    PutItemCommand,
    type TransactWriteItem,
    TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import type { Item, Ledger } from "./ledger";
import { entryAttribute } from "./ledger-contract";

/** Keys of one BatchGetItem. */
const mostKeys = 100;

/**
 * A row that is read, changed, and written back if nobody wrote meanwhile: its revision says so. 0 where there is no row
 * yet.
 */
export interface Revised {
    revision: number;
}

/** One row as it is now. */
export async function readRow({ client, table }: Ledger, key: Item): Promise<Item | undefined> {
    return (await client.send(new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true }))).Item;
}

/** The rows of these keys that there are, as they are now, in any order. */
export async function readRows({ client, table }: Ledger, keys: Item[]): Promise<Item[]> {
    const rows: Item[] = [];
    for (let left = keys; left.length > 0; ) {
        const RequestItems = { [table]: { Keys: left.slice(0, mostKeys), ConsistentRead: true } };
        const { Responses, UnprocessedKeys } = await client.send(new BatchGetItemCommand({ RequestItems }));
        rows.push(...(Responses![table] as Item[]));
        left = [...((UnprocessedKeys?.[table]?.Keys as Item[]) ?? []), ...left.slice(mostKeys)];
    }
    return rows;
}

/** Writes all rows or, where one of their conditions does not hold, none: then the error `isConflict`. */
export async function writeTogether({ client }: Ledger, writes: TransactWriteItem[]): Promise<void> {
    await client.send(new TransactWriteItemsCommand({ TransactItems: writes }));
}

/** The same for one row. */
export async function write({ client }: Ledger, { Put }: TransactWriteItem): Promise<void> {
    await client.send(new PutItemCommand(Put!));
}

/** Puts a row of the next revision, on the condition that the row is still that of `before`. */
export function putRevision({ table }: Ledger, row: Item, before: Revised): TransactWriteItem {
    const isNew = before.revision === 0;
    return {
        Put: {
            TableName: table,
            Item: { ...row, revision: { N: String(before.revision + 1) } },
            ConditionExpression: isNew ? "attribute_not_exists(#it)" : "#it = :before",
            ExpressionAttributeNames: { "#it": isNew ? entryAttribute : "revision" },
            ...(!isNew && { ExpressionAttributeValues: { ":before": { N: String(before.revision) } } }),
        },
    };
}

/** Whether a write failed because somebody else wrote: what it was made from is to be read again. */
export function isConflict(error: unknown): boolean {
    const { name, CancellationReasons: reasons = [] } = error as Error & { CancellationReasons?: { Code?: string }[] };
    if (/^(ConditionalCheckFailed|TransactionConflict|TransactionInProgress)Exception$/.test(name)) return true;
    return name === "TransactionCanceledException" && reasons.every(({ Code }) => harmless.includes(String(Code)));
}

const harmless = [
    "None",
    "ConditionalCheckFailed",
    "TransactionConflict",
    "ThrottlingError",
    "ProvisionedThroughputExceeded",
];
