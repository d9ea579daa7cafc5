import type {
    FirehoseTransformationEvent,
    FirehoseTransformationEventRecord,
    FirehoseTransformationResult,
    FirehoseTransformationResultRecord,
} from "aws-lambda";
import { joinLines } from "../shared/json-lines";
import { log } from "../shared/log";
import { logReasons } from "../shared/log-reasons";
import type { Validate } from "../shared/validate";
import { type FailedStore, keepFailed } from "./failed-store";
import { sift } from "./sift";

/**
 * Transforms a batch of Firehose: every record is answered once, with its good lines or, if it has none, as dropped.
 * Bad lines are in the failed store before the batch is answered; if that fails, the batch fails, and Firehose repeats
 * it. The answer is never longer than the request, so Lambda's limit of 6 MB holds for both.
 */
export async function normalize(
    event: FirehoseTransformationEvent,
    validate: Validate,
    store: FailedStore,
): Promise<FirehoseTransformationResult> {
    const sifted = event.records.map((record) => ({ record, ...sift(Buffer.from(record.data, "base64"), validate) }));
    const failed = sifted.filter(({ bad }) => bad.length > 0);
    const reasons = failed.flatMap(({ bad }) => bad.map(({ reason }) => reason));
    const good = sifted.reduce((sum, lines) => sum + lines.good.length, 0);
    await keepFailed(failed, store);
    logReasons("error", "lines refused", "normalize", reasons);
    log("info", "batch", { stage: "normalize", records: sifted.length, good, bad: reasons.length });
    return { records: sifted.map(({ record, good }) => answer(record, good)) };
}

function answer({ recordId }: FirehoseTransformationEventRecord, good: Buffer[]): FirehoseTransformationResultRecord {
    if (good.length === 0) return { recordId, result: "Dropped", data: "" };
    return { recordId, result: "Ok", data: joinLines(good).toString("base64") };
}
