import { HeadObjectCommand, NoSuchKey, type PutObjectCommandInput, type S3Client } from "@aws-sdk/client-s3";
import { type OpenObject, openObject } from "../shared/open-object";
import { uploadObject } from "../shared/upload-object";
import type { Compression } from "./contract";
import { type CsvColumn, CsvToNdjson } from "./csv-to-ndjson";
import { gzip } from "./gzip";
import { Refusal } from "./refusal";

/** A succeeded run's result, and where it is kept. */
export interface Result {
    bucket: string;
    /** Key of Athena's CSV. */
    csv: string;
    columns: CsvColumn[];
    executionId: string;
    /** When the run was submitted. */
    submitted: Date;
    /** Prefix under which results are kept, ending in `/`. */
    prefix: string;
    /** `append` keeps one object a run, `replace` the newest run's only. */
    mode: "append" | "replace";
    /** @default "balanced" */
    compression?: Compression;
}

/** What became of a result. */
export interface Kept {
    key: string;
    /** Rows of the result. */
    rows: number;
    /** `false` where the object was there before, or a newer run's. */
    isNew: boolean;
}

/** A precondition of a write; S3 refuses with 412 where it does not hold. */
type Condition = Pick<PutObjectCommandInput, "IfMatch" | "IfNoneMatch">;

const maxAttempts = 5;

/** Converts the result to one gzip object of JSON lines; once only, and in `replace` mode never over a newer run's. */
export async function keepResult(s3: S3Client, result: Result, attempts = maxAttempts): Promise<Kept> {
    const key = keyOf(result);
    const condition = await writeCondition(s3, result, key);
    const converter = new CsvToNdjson(result.columns);
    try {
        await convert(s3, result, converter, condition && { key, condition });
        return { key, rows: converter.rows, isNew: condition !== undefined };
    } catch (error) {
        const status = statusOf(error);
        // An object under a run's own key is that run's, whole: uploads appear at once or not at all.
        if (status === 412 && result.mode === "append") return { key, rows: converter.rows, isNew: false };
        // Someone else wrote at the same time: look again.
        if ((status === 412 || status === 409) && attempts > 1) return keepResult(s3, result, attempts - 1);
        throw error;
    }
}

function keyOf({ mode, prefix, submitted, executionId }: Result): string {
    if (mode === "replace") return `${prefix}latest.json.gz`;
    return `${prefix}run_date=${submitted.toISOString().slice(0, 10)}/${executionId}.json.gz`;
}

/** Under which condition the result may be written; undefined: not at all. */
async function writeCondition(s3: S3Client, result: Result, key: string): Promise<Condition | undefined> {
    if (result.mode === "append") return { IfNoneMatch: "*" };
    const present = await s3.send(new HeadObjectCommand({ Bucket: result.bucket, Key: key })).catch(nothing);
    if (!present) return { IfNoneMatch: "*" };
    return ageOf(present.Metadata) < ageOf(metadataOf(result)) ? { IfMatch: present.ETag } : undefined;
}

/**
 * Streams the CSV into the object, or through where there is none to be written, for its rows. What fails anywhere fails
 * the whole, and then no object appears.
 */
async function convert(
    s3: S3Client,
    result: Result,
    converter: CsvToNdjson,
    object?: { key: string; condition: Condition },
): Promise<void> {
    const { bytes: csv } = await open(s3, result);
    if (!object) {
        for await (const _ of lines());
        return;
    }
    const params = {
        Bucket: result.bucket,
        Key: object.key,
        ContentType: "application/x-ndjson", // and no Content-Encoding: Athena knows gzip by the key's ending
        Metadata: metadataOf(result),
        ...object.condition,
    };
    await uploadObject(s3, params, gzip(lines(), result.compression ?? "balanced"));

    async function* lines(): AsyncGenerator<Buffer> {
        for await (const chunk of csv) yield converter.convert(chunk);
        yield converter.end();
    }
}

async function open(s3: S3Client, { bucket, csv }: Result): Promise<OpenObject> {
    try {
        return await openObject({ s3, bucket, key: csv });
    } catch (error) {
        throw error instanceof NoSuchKey ? new Refusal("its CSV is no longer there") : error;
    }
}

function metadataOf({ submitted, executionId }: Result): Record<string, string> {
    return { submitted: submitted.toISOString(), "execution-id": executionId };
}

/** Sorts by submission; by id where two runs were submitted in the same millisecond, so that the same one always wins. */
function ageOf(metadata: Record<string, string> = {}): string {
    return `${metadata.submitted ?? ""} ${metadata["execution-id"] ?? ""}`;
}

function nothing(error: unknown): undefined {
    if (statusOf(error) !== 404) throw error;
}

function statusOf(error: unknown): number | undefined {
    return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}
