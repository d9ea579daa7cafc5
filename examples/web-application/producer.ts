/**
 * Puts newline-delimited JSON from standard input on a delivery stream, as an application does with its own events.
 * What can't be stored comes out of standard output, to be sent another time.
 * Usage: ts-node -T examples/web-application/producer.ts STREAM < events.ndjson > unsent.ndjson
 */
import { setTimeout as sleep } from "node:timers/promises";
import { FirehoseClient, PutRecordBatchCommand } from "@aws-sdk/client-firehose";

/** Firehose bills every record as a multiple of 5 KB: small events share one. */
const sharedRecord = { items: Number.POSITIVE_INFINITY, bytes: 5 * 1024 };
/** PutRecordBatch takes 500 records and 4 MiB, in which the base64 of 3 MB and the JSON around it fit. */
const fullBatch = { items: 500, bytes: 3_000_000 };
const largestRecord = 1000 * 1024;

const attempts = 8;
/** Milliseconds. */
const firstBackoff = 50;
const longestBackoff = 5_000;

const stream = process.argv[2];
// Calls that fail as a whole are sent again by the client.
const client = new FirehoseClient({ maxAttempts: attempts });
let stored = 0;
let unsent = 0;

async function main(): Promise<void> {
    if (!stream) throw new Error("usage: ts-node -T producer.ts STREAM < events.ndjson > unsent.ndjson");
    for await (const batch of grouped(records(), fullBatch)) {
        const failed = await put(batch);
        stored += countLines(batch) - countLines(failed);
        keep(failed);
    }
    process.stderr.write(`${stream}: ${stored} events stored, ${unsent} not\n`);
    if (unsent > 0) process.exitCode = 1;
}

// #region put
/** Puts records, those that were not stored again, and returns what after all attempts still is not. */
async function put(records: Buffer[]): Promise<Buffer[]> {
    let pending = records;
    let reason: unknown;
    for (let attempt = 0; attempt < attempts; attempt++) {
        if (attempt > 0) await sleep(Math.random() * Math.min(longestBackoff, firstBackoff * 2 ** attempt));
        try {
            const Records = pending.map((Data) => ({ Data }));
            const answer = await client.send(new PutRecordBatchCommand({ DeliveryStreamName: stream, Records }));
            // A call that succeeds may have stored some of its records only; the answers stand in their order.
            const failures = answer.RequestResponses!.map(({ ErrorCode }) => ErrorCode);
            pending = pending.filter((_, index) => failures[index] !== undefined);
            if (pending.length === 0) return [];
            reason = failures.find((failure) => failure !== undefined);
        } catch (error) {
            reason = error;
            break;
        }
    }
    process.stderr.write(`${pending.length} of ${records.length} records are not stored: ${reason}\n`);
    return pending;
}
// #endregion

/** Lines joined to records. */
async function* records(): AsyncGenerator<Buffer> {
    for await (const group of grouped(lines(), sharedRecord)) yield Buffer.concat(group);
}

/** Lines of standard input, each ended by its newline. */
async function* lines(): AsyncGenerator<Buffer> {
    let rest = "";
    for await (const chunk of process.stdin.setEncoding("utf8")) {
        const complete = (rest + chunk).split("\n");
        rest = complete.pop()!;
        yield* complete.flatMap(line);
    }
    yield* line(rest);
}

/** Firehose joins records as they are: without its newline, an event would stick to the next. */
function line(text: string): Buffer[] {
    if (text.trim() === "") return [];
    const bytes = Buffer.from(`${text}\n`);
    if (bytes.length <= largestRecord) return [bytes];
    process.stderr.write(`an event of ${bytes.length} bytes is more than Firehose takes\n`);
    keep([bytes]);
    return [];
}

/** Groups items in their order, each group as full as it may be; what is too large for any group is one alone. */
async function* grouped(items: AsyncIterable<Buffer>, most: typeof fullBatch): AsyncGenerator<Buffer[]> {
    let group: Buffer[] = [];
    let bytes = 0;
    for await (const item of items) {
        if (group.length === most.items || (group.length > 0 && bytes + item.length > most.bytes)) {
            yield group;
            group = [];
            bytes = 0;
        }
        group.push(item);
        bytes += item.length;
    }
    if (group.length > 0) yield group;
}

function keep(records: Buffer[]): void {
    unsent += countLines(records);
    for (const record of records) process.stdout.write(record);
}

function countLines(records: Buffer[]): number {
    return records.reduce((lines, record) => lines + record.toString().split("\n").length - 1, 0);
}

void main();
