import { isUtf8 } from "node:buffer";
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
    const sifted = siftRecords(event.records, validate);
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

const none: FailedLines["bad"] = [];

/** All records are decoded side by side: a buffer for each costs more than looking at it. */
function siftRecords(records: FirehoseTransformationEventRecord[], validate: Validator): SiftedRecord[] {
    const bytes = Buffer.allocUnsafe(records.reduce((sum, { data }) => sum + Buffer.byteLength(data, "base64"), 0));
    const ends: number[] = [];
    let end = 0;
    for (const { data } of records) {
        end += bytes.write(data, end, "base64");
        ends.push(end);
    }
    // Plain records end with a newline, so that no character goes from one into the next.
    const isText = isUtf8(bytes.subarray(0, end));
    return records.map((record, index) => {
        const start = index === 0 ? 0 : ends[index - 1]!;
        const plain = isText ? readPlain(bytes, start, ends[index]!, validate.scanner) : undefined;
        if (!plain) return siftRecord(record, validate);
        const data = plain.isRespelled ? bytes.toString("base64", start, plain.end) : record.data;
        return { record, good: plain.lines, data, bad: none };
    });
}

function siftRecord(record: FirehoseTransformationEventRecord, validate: Validator): SiftedRecord {
    const { good, bad } = sift(Buffer.from(record.data, "base64"), validate);
    return { record, good: good.length, data: joinLines(good).toString("base64"), bad };
}

function answer({ record: { recordId }, good, data }: SiftedRecord): FirehoseTransformationResultRecord {
    return good === 0 ? { recordId, result: "Dropped", data: "" } : { recordId, result: "Ok", data };
}
