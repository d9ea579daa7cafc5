import type { LambdaClient } from "@aws-sdk/client-lambda";
import { type GiveBack, type Message, reasonOf } from "../shared/batch";
import { log } from "../shared/log";
import type { ProcessorObject } from "../shared/processor-contract";
import type { CreatedObject } from "../shared/s3-events";
import { type Books, isDone, type ObjectVersion, writeOutcome } from "./books";
import { call, parts } from "./call";
import type { RunProcessorEnvironment } from "./contract";

/** What the function works with. */
export interface RunProcessor {
    books: Books;
    environment: Pick<RunProcessorEnvironment, "BUCKET" | "TRIGGER">;
    lambda: Pick<LambdaClient, "send">;
    functionArn: string;
    /** Whether the user's function can be called once more and take all its time. */
    hasTime(): boolean;
}

/** A version that the messages tell of. */
interface Announced extends ObjectVersion {
    object: ProcessorObject;
    /** Whether it is to be handled again though it was: a replay says so. */
    isForced: boolean;
    /** Ids of the messages that do: it may be announced twice. */
    messages: Set<string>;
}

/** Reasons come from the user's function, and rows and log lines are short. */
const longestReason = 1_000;

/**
 * Calls the user's function for the versions that it is not done with, writes down how each ended, and gives back the
 * messages of those that failed.
 */
export async function runProcessor(
    context: RunProcessor,
    messages: Message<CreatedObject[]>[],
    giveBack: GiveBack,
): Promise<void> {
    const { books, lambda, functionArn, hasTime } = context;
    const stage = books.processor;
    const announced = announcedIn(context, messages, giveBack);
    const done = await Promise.all(announced.map((each) => isDone(books, each)));
    const open = announced.filter(({ isForced }, index) => isForced || !done[index]);
    log("info", "objects announced", { stage, count: announced.length, done: announced.length - open.length });
    for (const part of parts(open)) {
        if (hasTime()) await callFor(part);
        else for (const each of part) fail(each, "no time was left to call the function for it");
    }

    async function callFor(part: Announced[]): Promise<void> {
        const objects = part.map(({ object }) => object);
        const reasons = await call(lambda, functionArn, objects).catch(reasonOf);
        const reasonFor = ({ key }: Announced) => (typeof reasons === "string" ? reasons : reasons.get(key));
        await Promise.all(part.map((each) => settle(each, reasonFor(each))));
    }

    async function settle(each: Announced, reason?: string): Promise<void> {
        const short = reason?.slice(0, longestReason);
        if (short !== undefined) fail(each, short);
        await writeOutcome(books, each, short).catch((error) => {
            fail(each, `handled, but not written down: ${reasonOf(error)}`);
        });
    }

    function fail({ key, messages: ids }: Announced, reason: string): void {
        for (const id of ids) giveBack(id, `${key}: ${reason}`);
    }
}

/** The versions that the messages tell of, each once. */
function announcedIn(
    { books, environment: { BUCKET, TRIGGER } }: RunProcessor,
    messages: Message<CreatedObject[]>[],
    giveBack: GiveBack,
): Announced[] {
    const versions = new Map<string, Announced>();
    for (const { id, content } of messages) {
        for (const { eventTime, again, query, ...object } of content) {
            const { bucket, key, versionId, eTag, sequencer = "" } = object;
            const version = versionId ?? eTag;
            if (bucket !== BUCKET || !key.startsWith(TRIGGER)) {
                log("info", "object of others ignored", { stage: books.processor, bucket, key });
            } else if (version === undefined) {
                giveBack(id, `${key}: the message says neither its version nor its ETag`);
            } else {
                const name = JSON.stringify([key, version]);
                const own = versions.get(name) ?? {
                    ...{ object, key, version, sequencer },
                    ...{ isForced: false, messages: new Set() },
                };
                own.isForced ||= again !== undefined;
                versions.set(name, own);
                own.messages.add(id);
            }
        }
    }
    return [...versions.values()];
}
