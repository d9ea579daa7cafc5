import { GetItemCommand, type TransactWriteItem, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { fixedPoint, printFixedPoint } from "../shared/fixed-point";
import { accountAttributes, compareSequencers, type Item, type Ledger, ledgerKey, rowsOf } from "../shared/ledger";
import {
    appliedEntry,
    entryAttribute,
    expiryAttribute,
    expiryOf,
    Outcome,
    objectEntry,
    subscriber,
    subscriberAttribute,
} from "../shared/ledger-contract";
import type { Rollup } from "./contract";
import { Counts, type Totals } from "./counts";

/** Where a rollup's counters and its books are kept. */
export interface Books {
    ledger: Ledger;
    /** Name of the counters' table. */
    table: string;
    rollup: Rollup;
    executionId: string;
    /** Milliseconds since 1970. */
    now(): number;
}

/** What the books say of an object. */
export interface Header {
    outcome: Outcome;
    version: string;
    sequencer: string;
    /** How often the books of this object were written. */
    revision: number;
}

/** What is to be said of an object. */
export interface Entry {
    key: string;
    version: string;
    /** Of the announcement; empty where it has none. */
    sequencer: string;
    /** What the counters shall hold of it. @default what they hold */
    counts?: Counts;
    outcome: "done" | "failed" | "gone";
    reason?: string;
    /** Lines that could not be counted. */
    malformed: number;
}

/** A row that says what was added to the counters. */
interface AppliedRow {
    revision: string;
    expires: number;
    counts: Counts;
}

/** What one transaction does. */
interface Step {
    /** Added to the counters. */
    counts: Counts;
    /** Rows that the new row replaces. */
    absorbed: AppliedRow[];
    /** Rows that are only kept longer. */
    renewed: AppliedRow[];
}

/** A transaction takes 100 items: the header, the new row, and counters and old rows. */
const mostSlots = 98;
/** DynamoDB takes rows of 400 KB. */
const rowBytes = 200 * 1024;
const day = 24 * 60 * 60;
/** Rows outlive their header, whenever that was written. */
const spareDays = 2;

/** What the books say of an object; undefined if nothing. */
export async function readHeader({ ledger, rollup }: Books, key: string): Promise<Header | undefined> {
    const Key = ledgerKey(objectEntry(key), subscriber("rollup", rollup.name));
    const command = new GetItemCommand({ TableName: ledger.table, Key, ConsistentRead: true });
    const { Item: row } = await ledger.client.send(command);
    if (!row) return undefined;
    return {
        outcome: row.outcome!.S as Outcome,
        version: row.version!.S!,
        sequencer: row.sequencer!.S!,
        revision: Number(row.revision!.N),
    };
}

/** Whether there is nothing to do for an announcement: it was handled, or a newer one was. */
export function isSettled(header: Header | undefined, sequencer: string): boolean {
    if (!header || sequencer === "") return false;
    const order = compareSequencers(header.sequencer, sequencer);
    return order > 0 || (order === 0 && (header.outcome === Outcome.Done || header.outcome === Outcome.Gone));
}

/**
 * Brings the counters to what the entry says, and the books with them: each transaction adds to counters and writes
 * down what it added, under the condition that the header is the one that was read. Whoever comes in between makes it
 * fail (`isConflict`), and then the header is to be read again. What is there already is never added twice.
 */
export async function writeBooks(books: Books, header: Header | undefined, entry: Entry): Promise<void> {
    const { ledger, rollup, now } = books;
    const applied = (await rowsOf(ledger, appliedEntry(rollup.name, entry.key))).map(readRow);
    const held = new Counts();
    for (const { counts } of applied) held.addAll(counts);
    const target = entry.counts ?? (header?.outcome === Outcome.Started ? new Counts() : held);
    const aging = applied.filter(({ expires }) => expires < rowExpiry(now()) - day);
    const steps = stepsOf(target.minus(held), aging);
    let revision = header?.revision;
    let number = Math.max(header?.revision ?? 0, ...applied.map((row) => Number(row.revision)));
    for (const [index, step] of steps.entries()) {
        const outcome = index < steps.length - 1 ? Outcome.Started : entry.outcome;
        const TransactItems = [
            putHeader(books, entry, { outcome, revision: ++number, events: target.events }, header, revision),
            ...rowWrites(books, entry.key, number, step),
            ...step.counts.sorted().map(([[name, timestamp], totals]) => addTo(books, name, timestamp, totals)),
        ];
        await ledger.client.send(new TransactWriteItemsCommand({ TransactItems }));
        revision = number;
    }
}

/** Counters in order, then old rows, cut into transactions; at least one, for the header. */
function stepsOf(difference: Counts, aging: AppliedRow[]): Step[] {
    const steps: Step[] = [];
    let [slots, bytes] = [mostSlots, rowBytes];
    for (const [counter, totals] of difference.sorted()) {
        const counts = new Counts();
        counts.add(counter, totals);
        next(counts.bytes).counts.addAll(counts);
    }
    for (const row of aging) {
        if (row.counts.bytes + bytes <= rowBytes) next(row.counts.bytes).absorbed.push(row);
        else next(0).renewed.push(row);
    }
    if (steps.length === 0) next(0);
    return steps;

    function next(more: number): Step {
        if (slots === mostSlots || bytes + more > rowBytes) {
            steps.push({ counts: new Counts(), absorbed: [], renewed: [] });
            [slots, bytes] = [0, 0];
        }
        slots++;
        bytes += more;
        return steps.at(-1)!;
    }
}

function putHeader(
    { ledger, rollup, executionId, now }: Books,
    { key, version, sequencer, reason, malformed }: Entry,
    { outcome, revision, events }: { outcome: Outcome; revision: number; events: number },
    header: Header | undefined,
    before: number | undefined,
): TransactWriteItem {
    const known = { outcome, version, sequencer: sequencer || (header?.sequencer ?? ""), executionId, reason };
    return {
        Put: {
            TableName: ledger.table,
            Item: {
                ...ledgerKey(objectEntry(key), subscriber("rollup", rollup.name)),
                ...accountAttributes(known, now()),
                revision: { N: String(revision) },
                events: { N: String(events) },
                malformed: { N: String(malformed) },
            },
            ExpressionAttributeNames: { "#revision": "revision" },
            ...(before === undefined
                ? { ConditionExpression: "attribute_not_exists(#revision)" }
                : {
                      ConditionExpression: "#revision = :before",
                      ExpressionAttributeValues: { ":before": { N: String(before) } },
                  }),
        },
    };
}

/** The new row, which has what is added now and what the rows had that it replaces. */
function rowWrites({ ledger, rollup, now }: Books, key: string, number: number, step: Step): TransactWriteItem[] {
    const entry = appliedEntry(rollup.name, key);
    const counts = new Counts();
    for (const each of [step.counts, ...step.absorbed.map((row) => row.counts)]) counts.addAll(each);
    const place = (revision: string) => ({ TableName: ledger.table, Key: ledgerKey(entry, revision) });
    const expires = { N: String(rowExpiry(now())) };
    const isNeeded = !step.counts.isEmpty || step.absorbed.length > 0;
    const row: Item = {
        ...ledgerKey(entry, String(number).padStart(12, "0")),
        counts: { M: counts.minus(new Counts()).toItem() },
        [expiryAttribute]: expires,
    };
    const names = { "#entry": entryAttribute };
    const isNew = { ConditionExpression: "attribute_not_exists(#entry)", ExpressionAttributeNames: names };
    return [
        ...(isNeeded ? [{ Put: { TableName: ledger.table, Item: row, ...isNew } }] : []),
        ...step.absorbed.map(({ revision }) => ({ Delete: place(revision) })),
        ...step.renewed.map(({ revision }) => ({
            Update: {
                ...place(revision),
                UpdateExpression: "SET #expires = :expires",
                ExpressionAttributeNames: { "#expires": expiryAttribute },
                ExpressionAttributeValues: { ":expires": expires },
            },
        })),
    ];
}

function addTo({ table, rollup }: Books, name: string, timestamp: string, totals: Totals): TransactWriteItem {
    const { attributes } = rollup;
    const entries = Object.entries(totals).map(([total, value], index) => ({
        name: total === "count" ? attributes.count : total,
        value: { N: printFixedPoint(value) },
        index,
    }));
    return {
        Update: {
            TableName: table,
            Key: { [attributes.name]: { S: name }, [attributes.timestamp]: { S: timestamp } },
            UpdateExpression: `ADD ${entries.map(({ index }) => `#a${index} :a${index}`).join(", ")}`,
            ExpressionAttributeNames: Object.fromEntries(entries.map((each) => [`#a${each.index}`, each.name])),
            ExpressionAttributeValues: Object.fromEntries(entries.map((each) => [`:a${each.index}`, each.value])),
        },
    };
}

function readRow(row: Item): AppliedRow {
    const counts = new Counts();
    for (const [id, { M: totals = {} }] of Object.entries(row.counts!.M!)) {
        const values = Object.entries(totals).map(([name, { N }]) => [name, fixedPoint(N!)!] as const);
        counts.add(JSON.parse(id), Object.fromEntries(values));
    }
    return { revision: row[subscriberAttribute]!.S!, expires: Number(row[expiryAttribute]!.N), counts };
}

function rowExpiry(now: number): number {
    return expiryOf(now) + spareDays * day;
}
