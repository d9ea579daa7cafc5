import { PutItemCommand, paginateQuery } from "@aws-sdk/client-dynamodb";
import { type Item, type Ledger, ledgerKey } from "../shared/ledger";
import { booksEntry, entryAttribute, expiryAttribute, expiryOf, subscriberAttribute } from "../shared/ledger-contract";
import type { Carried, HourBooks } from "./contract";
import type { Judged } from "./judge";

/** What the ledger says of an hour. */
export interface BookedHour {
    /** Milliseconds since 1970. */
    hour: number;
    missing: number;
    carried?: Carried;
}

/** The hours of an ingest that have books, from one on, in their order. */
export async function readHours({ client, table }: Ledger, ingest: string, from: number): Promise<BookedHour[]> {
    const pages = paginateQuery(
        { client },
        {
            TableName: table,
            KeyConditionExpression: "#entry = :entry AND #hour >= :from",
            ExpressionAttributeNames: { "#entry": entryAttribute, "#hour": subscriberAttribute },
            ExpressionAttributeValues: { ":entry": { S: booksEntry(ingest) }, ":from": { S: nameOf(from) } },
            ConsistentRead: true,
        },
    );
    const rows: Item[] = [];
    for await (const { Items = [] } of pages) rows.push(...Items);
    return rows.map((row) => ({
        hour: Date.parse(`${row[subscriberAttribute]!.S!}:00:00.000Z`),
        missing: Number(row.missing!.N),
        ...(row.carriedLeast && {
            carried: { least: Number(row.carriedLeast.N), most: Number(row.carriedMost!.N) },
        }),
    }));
}

/** Writes an hour's books down, in place of what was written before. */
export async function writeHour({ client, table }: Ledger, { books, carried }: Judged, now: number): Promise<void> {
    const { ingest, hour, examples: _, notes, ...counts } = books;
    const numbers = { ...counts, ...(carried && { carriedLeast: carried.least, carriedMost: carried.most }) };
    const Item = {
        ...ledgerKey(booksEntry(ingest), nameOf(Date.parse(hour))),
        ...Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, { N: String(value) }])),
        ...(notes.length > 0 && { notes: { L: notes.map((note) => ({ S: note })) } }),
        at: { S: new Date(now).toISOString() },
        [expiryAttribute]: { N: String(expiryOf(now)) },
    };
    await client.send(new PutItemCommand({ TableName: table, Item }));
}

/** `2026-11-21T04`. */
function nameOf(hour: number): string {
    return new Date(hour).toISOString().slice(0, 13);
}

/** Whether nothing at all was found. */
export function isEmpty({ accepted, delivered, failed, again, unknown, notes }: HourBooks): boolean {
    return accepted + delivered + failed + again + unknown + notes.length === 0;
}
