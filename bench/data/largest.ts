import { createReadStream, createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { logFile, makeAccessLog } from "./access-log";
import { makePings } from "./pings";

/**
 * How many events the largest inputs hold, or objects. Firehose hands over 3 MB at most, SQS ten messages here; `books` reads
 * each event twice, in the backup and in the table.
 */
export const eventsIn: Record<string, number> = {
    collect: 25_000,
    normalize: 15_000,
    "count-events": 1_000_000,
    "parse-access-log": 400_000,
    "run-query": 10,
    compact: 100_000,
    reconcile: 100_000,
    books: 2_000_000,
    "run-processor": 10,
};

/** Makes what the objects hold. */
export async function makeLargestInputs(folder: string): Promise<void> {
    await makePings(folder, eventsIn["count-events"]!);
    await makeAccessLog(folder, eventsIn["parse-access-log"]!);
    const log = join(folder, logFile);
    await pipeline(createReadStream(log), createGzip(), createWriteStream(`${log}.gz`));
}
