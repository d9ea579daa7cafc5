import { createHash } from "node:crypto";
import type { S3Client } from "@aws-sdk/client-s3";
import { type GiveBack, type Message, reasonOf } from "../shared/batch";
import { FailedLines } from "../shared/failed-lines";
import { isConflict } from "../shared/ledger-rows";
import { log } from "../shared/log";
import { logReasons } from "../shared/log-reasons";
import type { CreatedObject } from "../shared/s3-events";
import { type Books, type Entry, isSettled, readHeader, writeBooks } from "./books";
import type { CountEventsEnvironment } from "./contract";
import type { ReadLine } from "./read-line";
import { readObject, UnreadableObject } from "./read-object";

/** What the function works with. */
export interface CountEvents {
    s3: Pick<S3Client, "send">;
    books: Books;
    environment: CountEventsEnvironment;
    readLine: ReadLine;
    /** Waits between two attempts, in milliseconds. */
    sleep(milliseconds: number): Promise<unknown>;
    /** Milliseconds until the function is ended. */
    remaining(): number;
}

const stage = "count-events";
/** Attempts while others write to the same counters or the same books. */
const mostAttempts = 20;
const longestPause = 2_000;
/** Milliseconds that an attempt needs, and the answer after it. */
const spare = 10_000;

/** Counts the objects of the messages; gives back the messages of those that can't be. */
export async function countEvents(
    context: CountEvents,
    messages: Message<CreatedObject[]>[],
    giveBack: GiveBack,
): Promise<void> {
    for (const { id, content } of messages) {
        for (const object of content) {
            if (context.remaining() < spare) {
                giveBack(id, new Error(`${object.key}: no time left to count it in`));
                continue;
            }
            await countObject(context, object).catch((error) => {
                giveBack(id, new Error(`${object.key}: ${reasonOf(error)}`, { cause: error }));
            });
        }
    }
}

/**
 * Counts an object, unless the books say that it was. It is read as it is now, which is the announced version or a
 * newer one: that will be announced, too, and then there is nothing to add.
 */
async function countObject(context: CountEvents, object: CreatedObject): Promise<void> {
    const { bucket, key, sequencer = "", again } = object;
    const { books, environment, sleep, remaining } = context;
    if (bucket !== environment.BUCKET || !key.startsWith(environment.TRIGGER)) {
        log("info", "object that is not counted ignored", { stage, bucket, key });
        return;
    }
    let entry: Entry | undefined;
    for (let attempt = 1; ; attempt++) {
        const header = await readHeader(books, key);
        if (again === undefined && isSettled(header, sequencer)) {
            log("info", "object accounted for already", { stage, key, version: header!.version });
            return;
        }
        // Without a sequencer nobody knows whether what was read is older than what another one has written since.
        if (!entry || sequencer === "") entry = await readEntry(context, object);
        try {
            await writeBooks(books, header, entry);
            break;
        } catch (error) {
            const pause = Math.random() * Math.min(longestPause, 25 * 2 ** attempt);
            // Given back, the message comes again; a function that is ended would give back all of its batch.
            if (!isConflict(error) || attempt === mostAttempts || remaining() < spare + pause) throw error;
            await sleep(pause);
        }
    }
    const { outcome, reason, malformed, counts } = entry;
    if (outcome === "failed") throw new Error(reason);
    if (outcome === "gone") log("warn", "object no longer there", { stage, key });
    else log("info", "object counted", { stage, key, events: counts!.events, bad: malformed });
}

/** What an object is counted as. */
async function readEntry({ s3, environment, readLine }: CountEvents, object: CreatedObject): Promise<Entry> {
    const { BUCKET: bucket, FAILED_PREFIX, MAXIMUM_BYTES } = environment;
    const { key, sequencer = "", versionId, eTag = "" } = object;
    const place = { s3, bucket, key, announced: versionId ?? eTag, maximumBytes: Number(MAXIMUM_BYTES) };
    try {
        const content = await readObject(place, readLine, failedOf);
        if (!content) return { key, sequencer, version: "", outcome: "gone", malformed: 0 };
        const { counts, failed, version } = content;
        logReasons("error", "lines refused", stage, failed.reasons);
        return { key, sequencer, version, counts, outcome: "done", malformed: failed.reasons.length };
    } catch (error) {
        if (!(error instanceof UnreadableObject)) throw error;
        const { message: reason, version } = error;
        return { key, sequencer, version, outcome: "failed", reason, malformed: 0 };
    }

    /** The same version always has the same place. A hash, since keys may have 1,024 bytes already. */
    function failedOf(version: string): FailedLines {
        const hash = createHash("sha256").update(`${key} ${version}`).digest("hex");
        return new FailedLines({ s3, bucket, key: `${FAILED_PREFIX}${stage}/${hash}`, log: key });
    }
}
