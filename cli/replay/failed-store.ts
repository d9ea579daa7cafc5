import type { OperatedIngest, Operations } from "../../plan";
import { suggestion } from "../../plan/suggestion";
import { batchesOf, type Pace, sendBatch } from "./batches";
import type { Cloud, ListedObject } from "./cloud";
import { failedRecords, NotReplayable } from "./failed-records";
import type { Journal } from "./journal";

/** What became of an ingest's failed store. */
export interface SentFailed {
    /** Objects whose records were all put. */
    sent: number;
    /** Records that were put. */
    records: number;
    /** Objects that were replayed before. */
    skipped: number;
    /** Objects that can't be put back, and why. */
    refused: { key: string; reason: string }[];
    /** Objects of which some records could not be put. */
    failed: { key: string; reason: string }[];
}

/** What there is to be put back. */
export interface FailedStore {
    objects: ListedObject[];
    records: number;
    /** As Firehose counts them: each record in steps of 5 KB. */
    billedBytes: number;
    skipped: number;
    refused: { key: string; reason: string }[];
}

/** Tag of an object that was replayed: the replay's id. */
export const replayedTag = "eventpipeline-replayed";

/** PutRecordBatch takes 500 records, of 4 MiB together. */
const batch = { entries: 500, bytes: 4 * 1024 * 1024 };
const billingStep = 5 * 1024;

/** The ingest of a name. */
export function ingestOf({ ingests, subscribers }: Operations, name: string): OperatedIngest {
    const found = ingests[name];
    if (found) return found;
    if (subscribers[`rollup/${name}`]) {
        throw new Error(
            `--failed ${name}: what a rollup could not count lies in its objects still: mend the rollup or the objects, ` +
                `and replay their keys (\`object\` of each line under failed/${name}/) with --to ${name}`,
        );
    }
    throw new Error(`--failed: unknown: \`${name}\`: ${suggestion(name, Object.keys(ingests))}`);
}

/** The objects of the failed store that were written at that time. */
export async function listFailed(
    cloud: Cloud,
    { failedPrefix }: OperatedIngest,
    { since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY }: { since?: number; until?: number },
): Promise<ListedObject[]> {
    const objects: ListedObject[] = [];
    for await (const object of cloud.list(failedPrefix)) {
        if (object.lastModified >= since && object.lastModified < until) objects.push(object);
    }
    return objects;
}

/** What putting the objects back would mean. */
export async function surveyFailed(
    cloud: Cloud,
    ingest: OperatedIngest,
    objects: ListedObject[],
    again: boolean,
): Promise<FailedStore> {
    const store: FailedStore = { objects: [], records: 0, billedBytes: 0, skipped: 0, refused: [] };
    for (const object of objects) {
        const { key } = object;
        if (!again && (await isReplayed(cloud, key))) {
            store.skipped++;
            continue;
        }
        const records = await readOrRefuse(cloud, ingest, key, store);
        if (!records) continue;
        store.objects.push(object);
        store.records += records.length;
        store.billedBytes += records.reduce(
            (sum, { length }) => sum + Math.ceil(length / billingStep) * billingStep,
            0,
        );
    }
    return store;
}

/** Puts the objects' records back on the delivery stream, with their original bytes, and tags the objects. */
export async function sendFailed(
    cloud: Cloud,
    ingest: OperatedIngest,
    objects: ListedObject[],
    options: { again: boolean; journal: Journal; pace: Pace; onProgress(done: number): void },
): Promise<SentFailed> {
    const { again, journal, pace, onProgress } = options;
    const result: SentFailed = { sent: 0, records: 0, skipped: 0, refused: [], failed: [] };
    for (const { key } of objects) {
        if (pace.isStopped()) break;
        if (journal.has(key) || (!again && (await isReplayed(cloud, key)))) {
            result.skipped++;
            continue;
        }
        const records = await readOrRefuse(cloud, ingest, key, result);
        if (records) await putAll(key, records);
        onProgress(result.sent);
    }
    return result;

    async function putAll(key: string, records: Buffer[]): Promise<void> {
        let done = journal.recordsOf(key);
        for (const own of batchesOf(records.slice(done), batch, ({ length }) => length)) {
            await pace.take(own.length);
            if (pace.isStopped()) return;
            const failures = await sendBatch(own, (all) => cloud.putRecords(ingest.deliveryStreamName, all), pace);
            if (failures.size > 0) {
                const [reason] = failures.values();
                const count = `${failures.size} of ${own.length} records`;
                result.records += own.length - failures.size;
                result.failed.push({ key, reason: `${count}: ${reason}` });
                return;
            }
            done += own.length;
            result.records += own.length;
            journal.put(key, done);
        }
        await cloud.setTags(key, { ...(await cloud.tags(key)), [replayedTag]: journal.header.replay });
        journal.sent([key]);
        result.sent++;
    }
}

async function isReplayed(cloud: Cloud, key: string): Promise<boolean> {
    return replayedTag in (await cloud.tags(key));
}

/** An object's records; one that can't be read holds up no others. */
async function readOrRefuse(
    cloud: Cloud,
    ingest: OperatedIngest,
    key: string,
    { refused }: { refused: { key: string; reason: string }[] },
): Promise<Buffer[] | undefined> {
    try {
        return failedRecords(key, await cloud.read(key), ingest);
    } catch (error) {
        if (!(error instanceof NotReplayable)) throw error;
        refused.push({ key, reason: error.message });
        return undefined;
    }
}
