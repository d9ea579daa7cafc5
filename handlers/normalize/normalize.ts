import type {
    FirehoseTransformationEvent,
    FirehoseTransformationEventRecord,
    FirehoseTransformationResult,
    FirehoseTransformationResultRecord,
} from "aws-lambda";
import { joinLines } from "../shared/json-lines";
import { log } from "../shared/log";
import { logReasons } from "../shared/log-reasons";
import type { Validator } from "../shared/validate";
import { type FailedLines, type FailedStore, keepFailed } from "./failed-store";
import { readPlain } from "./plain-record";
import { sift } from "./sift";

/**
 * Transforms a batch of Firehose: every record is answered once, with its good lines or, if it has none, as dropped.
 * Bad lines are in the failed store before the batch is answered; if that fails, the batch fails, and Firehose repeats
 * it. The answer is never longer than the request, so Lambda's limit of 6 MB holds for both.
 */
export async function normalize(
    event: FirehoseTransformationEvent,
    validate: Validator,
    store: FailedStore,
): Promise<FirehoseTransformationResult> {
    const sifted = event.records.map((record) => siftRecord(record, validate));
    const failed = sifted.filter(({ bad }) => bad.length > 0);
    const reasons = failed.flatMap(({ bad }) => bad.map(({ reason }) => reason));
    const good = sifted.reduce((sum, record) => sum + record.good, 0);
    await keepFailed(failed, store);
    logReasons("error", "lines refused", "normalize", reasons);
    log("info", "batch", { stage: "normalize", records: sifted.length, good, bad: reasons.length });
    return { records: sifted.map(answer) };
}

/** A record, how many good lines it has, these, and the bad ones. */
interface SiftedRecord extends FailedLines {
    good: number;
    data: string;
}

function siftRecord(record: FirehoseTransformationEventRecord, validate: Validator): SiftedRecord {
    const bytes = Buffer.from(record.data, "base64");
    const plain = readPlain(bytes, validate.scanner);
    // As it came, if it needs no change.
    if (plain) return { record, good: plain.lines, data: plain.respelled?.toString("base64") ?? record.data, bad: [] };
    const { good, bad } = sift(bytes, validate);
    return { record, good: good.length, data: joinLines(good).toString("base64"), bad };
}

function answer({ record: { recordId }, good, data }: SiftedRecord): FirehoseTransformationResultRecord {
    return good === 0 ? { recordId, result: "Dropped", data: "" } : { recordId, result: "Ok", data };
}
