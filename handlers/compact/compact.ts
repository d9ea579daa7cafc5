import { GetQueueUrlCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { type GiveBack, type Message, reasonOf } from "../shared/batch";
import { log } from "../shared/log";
import type { CreatedObject } from "../shared/s3-events";
import { type Context, stage } from "./context";
import { endOf, type Interval, intervalOf, isInterval } from "./interval";
import type { Content, Wake } from "./message";
import { readWakeTime, writeWakeTime } from "./runs";
import { tend } from "./tend";

/** SQS's longest delay, in seconds. */
const longestDelay = 900;
/** Milliseconds between two looks at runs that Athena has. */
const pause = 60_000;
/** Milliseconds by which the clocks of two workers differ at most, by far. */
const skew = 60_000;

/**
 * Sees to it that the intervals of new objects are compacted when they are over, and compacts those that are; gives back
 * the messages whose intervals can't be.
 */
export async function compact(context: Context, messages: Message<Content>[], giveBack: GiveBack): Promise<void> {
    for (const { id, content } of messages) {
        const work = "wake" in content ? wakeUp(context, content.wake) : scheduleAll(context, content.objects);
        await work.catch((error) => giveBack(id, error));
    }
}

async function scheduleAll(context: Context, objects: CreatedObject[]): Promise<void> {
    for (const interval of new Set(objects.flatMap((object) => intervalIn(context, object)))) {
        await schedule(context, interval).catch((error) => {
            throw explained(interval, error);
        });
    }
}

function intervalIn({ environment, compaction }: Context, { bucket, key }: CreatedObject): Interval[] {
    const interval = bucket === environment.BUCKET ? intervalOf(compaction, key) : undefined;
    if (interval === undefined) log("info", "object that is in no hour's folder ignored", { stage, bucket, key });
    return interval === undefined ? [] : [interval];
}

/**
 * Sends the message that the interval waits for, unless one is under way: for when it is over and its last objects are
 * there, or, where it is over already, for when those that come late together are. First sent, then written down: whoever
 * dies in between sends it once more, and the second one finds nothing to do.
 */
async function schedule(context: Context, interval: Interval): Promise<void> {
    const { compaction, environment, now } = context;
    if (now() < (await readWakeTime(context, interval)) - skew) return;
    const at = Math.max(endOf(compaction, interval), now()) + Number(environment.WAIT_SECONDS) * 1000;
    await send(context, { interval, at });
    await writeWakeTime(context, interval, at);
    log("info", "interval scheduled", { stage, interval, at: new Date(at).toISOString() });
}

/** Sees to an interval if it is time, else sends the message on; and again while Athena is at work. */
async function wakeUp(context: Context, wake: Wake): Promise<void> {
    const { compaction, now } = context;
    const { interval, at } = wake;
    if (!isInterval(compaction, interval)) {
        log("warn", "interval of another compaction ignored", { stage, interval });
        return;
    }
    try {
        if (now() < at) await send(context, wake);
        else if (!(await tend(context, interval))) await send(context, { interval, at: now() + pause });
    } catch (error) {
        throw explained(interval, error);
    }
}

async function send({ sqs, queueName, now }: Context, wake: Wake): Promise<void> {
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: queueName }));
    const DelaySeconds = Math.min(longestDelay, Math.max(0, Math.ceil((wake.at - now()) / 1000)));
    await sqs.send(new SendMessageCommand({ QueueUrl, DelaySeconds, MessageBody: JSON.stringify({ wake }) }));
}

function explained(interval: Interval, error: unknown): Error {
    return new Error(`${interval}: ${reasonOf(error)}`, { cause: error });
}
