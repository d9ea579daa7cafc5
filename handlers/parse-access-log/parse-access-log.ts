import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import type { S3Client } from "@aws-sdk/client-s3";
import { type GiveBack, type Message, reasonOf } from "../shared/batch";
import { FailedLines } from "../shared/failed-lines";
import { log } from "../shared/log";
import { logReasons } from "../shared/log-reasons";
import { openObject } from "../shared/open-object";
import type { CreatedObject } from "../shared/s3-events";
import type { ParseAccessLogEnvironment } from "./contract";
import type { ReadEvent } from "./event";
import { LogEvents } from "./log-events";
import { writeOnce } from "./write-once";

/** What the function works with. */
export interface ParseAccessLogs {
    s3: S3Client;
    environment: ParseAccessLogEnvironment;
    readEvent: ReadEvent;
}

/** A log as its key names it. */
interface LogObject {
    key: string;
    /** Year, month, day and hour of the end of its interval: the same for every reading, as its name is. */
    hour: string[];
    name: string;
}

const stage = "parse-access-log";
/** `…_app.<name>.<id>_<end of the interval>_<address>_<random>.log.gz`, below the prefix. */
const logKey = /^AWSLogs\/(?:[^/]+\/)*([^/]+_(\d{4})(\d\d)(\d\d)T(\d\d)\d\dZ_[^/]+)\.log\.gz$/;

/** What is unpacked at once: with less, calls cost more than lines. */
const chunkSize = 256 * 1024;
const hiveColumns = ["year", "month", "day", "hour"];

/** Turns logs into events; gives back the messages whose logs can't be read whole: nothing is kept of those. */
export async function parseAccessLogs(
    context: ParseAccessLogs,
    messages: Message<CreatedObject[]>[],
    giveBack: GiveBack,
): Promise<void> {
    for (const { id, content } of messages) {
        for (const object of content) await parseObject(context, object).catch((error) => giveBack(id, error));
    }
}

async function parseObject(context: ParseAccessLogs, object: CreatedObject): Promise<void> {
    const file = logObject(context.environment, object);
    if (!file) return;
    try {
        await parseLog(context, file);
    } catch (error) {
        throw new Error(`${file.key}: ${reasonOf(error)}`, { cause: error });
    }
}

function logObject(environment: ParseAccessLogEnvironment, { bucket, key }: CreatedObject): LogObject | undefined {
    const isOurs = bucket === environment.BUCKET && key.startsWith(environment.LOG_PREFIX);
    const match = isOurs ? logKey.exec(key.slice(environment.LOG_PREFIX.length)) : null;
    if (!match) {
        // Enabling the log writes a test file, for one.
        log("info", "object that is no log ignored", { stage, bucket, key });
        return undefined;
    }
    const [, name = "", ...hour] = match;
    return { key, hour, name };
}

/** Reads a log as it comes, and keeps its events as one object, which appears when the whole log is read, or not at all. */
async function parseLog(
    { s3, environment, readEvent }: ParseAccessLogs,
    { key, hour, name }: LogObject,
): Promise<void> {
    const { BUCKET: bucket, OUTPUT_PREFIX, PARTITIONS, FAILED_PREFIX, MAXIMUM_BYTES } = environment;
    const folders = PARTITIONS === "hive" ? hour.map((value, index) => `${hiveColumns[index]}=${value}`) : hour;
    const output = `${OUTPUT_PREFIX}${folders.join("/")}/${name}.json.gz`;
    const failedKey = `${FAILED_PREFIX}${stage}/${hour.join("/")}/${name}`;
    const failed = new FailedLines({ s3, bucket, key: failedKey, log: key });
    const events = new LogEvents(readEvent, failed);
    const { bytes: packed } = await openObject({ s3, bucket, key });

    let written = false;
    await pipeline(packed, createGunzip({ chunkSize }), async (chunks: AsyncIterable<Buffer>) => {
        written = await writeOnce(s3, { bucket, key: output }, linesOf(chunks));
    });

    const { count, dropped } = events;
    if (!written && count > 0) {
        log("info", "the events of this log are there already", { stage, key: output });
        return;
    }
    logReasons("error", "lines refused", stage, failed.reasons);
    log("info", "log read", { stage, key, events: count, dropped, bad: failed.reasons.length });

    /** The events in each chunk, as lines; by the end of them, the failed lines are kept. */
    async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
        let bytes = 0;
        for await (const chunk of chunks) {
            bytes += chunk.length;
            if (bytes > Number(MAXIMUM_BYTES)) throw new Error(`more than ${MAXIMUM_BYTES} bytes unpacked`);
            yield* unlessEmpty(events.push(chunk));
            await failed.flushIfLarge();
        }
        yield* unlessEmpty(events.end());
        await failed.flush();
    }
}

/** Without events there is no object. */
function unlessEmpty(lines: Buffer): Buffer[] {
    return lines.length > 0 ? [lines] : [];
}
