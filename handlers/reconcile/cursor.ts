import { DeleteItemCommand, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { type Ledger, ledgerKey } from "../shared/ledger";
import { expiryAttribute, expiryOf } from "../shared/ledger-contract";
import type { Cursor } from "./contract";

const Key = ledgerKey("reconcile/cursor", "hourly");

/** Where the last hour's call ran out of time. */
export async function readCursor({ client, table: TableName }: Ledger): Promise<Cursor | undefined> {
    const { Item } = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
    return Item && { prefix: Item.prefix!.S!, after: Item.after!.S! };
}

/** Writes down where to go on; at the beginning, if nowhere. */
export async function writeCursor(
    { client, table: TableName }: Ledger,
    cursor: Cursor | undefined,
    now: number,
): Promise<void> {
    if (!cursor) {
        await client.send(new DeleteItemCommand({ TableName, Key }));
        return;
    }
    const { prefix, after } = cursor;
    const Item = {
        ...Key,
        prefix: { S: prefix },
        after: { S: after },
        [expiryAttribute]: { N: String(expiryOf(now)) },
    };
    await client.send(new PutItemCommand({ TableName, Item }));
}
