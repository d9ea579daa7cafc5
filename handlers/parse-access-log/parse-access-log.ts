import { isUtf8 } from "node:buffer";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { type GiveBack, type Message, reasonOf } from "../shared/batch";
import { FailedLines } from "../shared/failed-lines";
import { log } from "../shared/log";
import { type LogLine, LogLines } from "../shared/log-lines";
import { logReasons } from "../shared/log-reasons";
import type { CreatedObject } from "../shared/s3-events";
import { withoutAddress } from "./client-address";
import type { ParseAccessLogEnvironment } from "./contract";
import type { Dropped, ReadEvent } from "./event";
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

/** What became of the lines of a log. */
interface Counts {
    events: number;
    dropped: Partial<Record<Dropped, number>>;
}

const stage = "parse-access-log";
/** Load balancers take request lines of 16 KB and headers of 64 KB. */
const longestLine = 128 * 1024;
/** `…_app.<name>.<id>_<end of the interval>_<address>_<random>.log.gz`, below the prefix. */
const logKey = /^AWSLogs\/(?:[^/]+\/)*([^/]+_(\d{4})(\d\d)(\d\d)T(\d\d)\d\dZ_[^/]+)\.log\.gz$/;

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
    const { BUCKET: bucket, OUTPUT_PREFIX, PARTITIONS, FAILED_PREFIX, CLIENT_ADDRESS, MAXIMUM_BYTES } = environment;
    const folders = PARTITIONS === "hive" ? hour.map((value, index) => `${hiveColumns[index]}=${value}`) : hour;
    const output = `${OUTPUT_PREFIX}${folders.join("/")}/${name}.json.gz`;
    const failedKey = `${FAILED_PREFIX}${stage}/${hour.join("/")}/${name}`;
    const failed = new FailedLines({ s3, bucket, key: failedKey, log: key });
    const counts: Counts = { events: 0, dropped: {} };
    const { Body: body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));

    let written = false;
    await pipeline(body as Readable, createGunzip(), async (chunks: AsyncIterable<Buffer>) => {
        written = await writeOnce(s3, { bucket, key: output }, events(chunks));
    });

    if (!written && counts.events > 0) {
        log("info", "the events of this log are there already", { stage, key: output });
        return;
    }
    logReasons("error", "lines refused", stage, failed.reasons);
    log("info", "log read", { stage, key, ...counts, bad: failed.reasons.length });

    /** The events in each chunk, as lines; by the end of them, the failed lines are kept. */
    async function* events(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
        const lines = new LogLines(longestLine);
        let bytes = 0;
        for await (const chunk of chunks) {
            bytes += chunk.length;
            if (bytes > Number(MAXIMUM_BYTES)) throw new Error(`more than ${MAXIMUM_BYTES} bytes unpacked`);
            yield* read(lines.push(chunk));
            await failed.flushIfLarge();
        }
        yield* read(lines.end());
        await failed.flush();
    }

    function* read(lines: LogLine[]): Generator<Buffer> {
        const found = lines.flatMap((line) => readLine(line) ?? []);
        counts.events += found.length;
        if (found.length > 0) yield Buffer.from(found.join(""));
    }

    function readLine(line: LogLine): string | undefined {
        const reading = line.isTooLong
            ? { reason: `longer than ${longestLine} bytes` }
            : isUtf8(line.bytes)
              ? readEvent(line.bytes.toString())
              : { reason: "not valid UTF-8" };
        if ("event" in reading) return `${reading.event}\n`;
        if ("dropped" in reading) counts.dropped[reading.dropped] = (counts.dropped[reading.dropped] ?? 0) + 1;
        else failed.add(reading.reason, { ...line, bytes: withoutAddress(line.bytes, CLIENT_ADDRESS) });
        return undefined;
    }
}
