import { randomUUID } from "node:crypto";
import { region } from "../../runtime";
import type { KinesisRecord } from "../kinesis";
import type { StreamConfiguration } from "./configuration";
import type { StreamRecord } from "./record-buffer";

/** Why Firehose could not use a record. */
export interface Failure {
    code: string;
    message: string;
    /** What the function itself said; not part of the failed record. */
    detail?: string;
}

/** What became of one record. */
export type Verdict =
    | { kind: "ok"; record: StreamRecord }
    | { kind: "dropped" }
    | { kind: "failed"; record: StreamRecord; failure: Failure };

/** What a function says of one record, if it keeps to the format. */
interface Answer {
    recordId?: unknown;
    result?: unknown;
    data?: unknown;
}

/** The largest answer of a synchronous invocation, in bytes. */
export const payloadLimit = 6 * 1024 * 1024 + 100;

const failures = {
    missing: {
        code: "Lambda.MissingRecordId",
        message:
            "One or more record Ids were not returned. Ensure that the Lambda function returns all received record Ids.",
    },
    duplicated: {
        code: "Lambda.DuplicatedRecordId",
        message:
            "Multiple records were returned with the same record Id. Ensure that the Lambda function returns a unique record Id for each record.",
    },
    rejected: { code: "Lambda.ProcessingFailedStatus", message: "ProcessingFailed status set for record" },
    malformed: {
        code: "Lambda.FunctionError",
        message:
            "Check your function and make sure the output is in required format. In addition to that, make sure the processed records contain valid result status of Dropped, Ok, or ProcessingFailed",
    },
};

/** The event that a transformation function receives. */
export function transformationEvent({ arn, source }: StreamConfiguration, records: StreamRecord[]) {
    return {
        invocationId: randomUUID(),
        deliveryStreamArn: arn,
        ...(source && { sourceKinesisStreamArn: source.kinesisStreamArn }),
        region,
        records: records.map(({ id, arrival, data, source }) => ({
            recordId: id,
            approximateArrivalTimestamp: arrival,
            data: data.toString("base64"),
            ...(source && { kinesisRecordMetadata: metadataOf(source) }),
        })),
    };
}

function metadataOf({ shardId, sequenceNumber, partitionKey, arrival }: KinesisRecord) {
    return { shardId, sequenceNumber, subsequenceNumber: 0, partitionKey, approximateArrivalTimestamp: arrival };
}

/** Reads a function's answer: exactly one verdict for every record, in order. */
export function readAnswer(records: StreamRecord[], answer: unknown): Verdict[] {
    const answers = (answer as { records?: unknown } | null | undefined)?.records;
    if (!Array.isArray(answers)) return fail(records, failures.malformed);
    const byId = new Map<unknown, Answer[]>();
    for (const entry of answers as (Answer | null)[]) {
        if (entry) byId.set(entry.recordId, [...(byId.get(entry.recordId) ?? []), entry]);
    }
    return records.map((record) => judge(record, byId.get(record.id) ?? []));
}

/** The verdicts on a batch that failed as a whole. */
export function fail(records: StreamRecord[], failure: Failure): Verdict[] {
    return records.map((record) => ({ kind: "failed", record, failure }));
}

function judge(record: StreamRecord, answers: Answer[]): Verdict {
    const [answer, another] = answers;
    if (!answer) return { kind: "failed", record, failure: failures.missing };
    if (another) return { kind: "failed", record, failure: failures.duplicated };
    if (answer.result === "Dropped") return { kind: "dropped" };
    if (answer.result === "ProcessingFailed") return { kind: "failed", record, failure: failures.rejected };
    if (answer.result !== "Ok" || !isBase64(answer.data))
        return { kind: "failed", record, failure: failures.malformed };
    return { kind: "ok", record: { ...record, data: Buffer.from(answer.data, "base64") } };
}

function isBase64(data: unknown): data is string {
    return typeof data === "string" && /^[A-Za-z0-9+/]*={0,2}$/.test(data) && data.replace(/=+$/, "").length % 4 !== 1;
}
