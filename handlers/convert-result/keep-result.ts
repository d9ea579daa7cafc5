import {
    HeadObjectCommand,
    type HeadObjectCommandOutput,
    NoSuchKey,
    type PutObjectCommandInput,
    type S3Client,
} from "@aws-sdk/client-s3";
import { type OpenObject, openObject } from "../shared/open-object";
import { uploadObject } from "../shared/upload-object";
import type { ResultCompression } from "./contract";
import { type CsvColumn, CsvToNdjson } from "./csv-to-ndjson";
import { endings, packingOf } from "./packing";
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
    compression?: ResultCompression;
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

/** Where a result is, or is written under a condition. */
interface Place {
    key: string;
    condition?: Condition;
}

const maxAttempts = 5;

/** Converts the result to one packed object of JSON lines; once only, and in `replace` mode never over a newer run's. */
export async function keepResult(s3: S3Client, result: Result, attempts = maxAttempts): Promise<Kept> {
    const { key, condition } = await placeOf(s3, result);
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

function placeOf(s3: S3Client, result: Result): Promise<Place> {
    return result.mode === "replace" ? newestPlace(s3, result) : ownPlace(s3, result);
}

/** The run's own; its result may be there as it was packed before the compression was changed. */
async function ownPlace(s3: S3Client, { bucket, prefix, submitted, executionId, compression }: Result): Promise<Place> {
    const name = `${prefix}run_date=${submitted.toISOString().slice(0, 10)}/${executionId}`;
    const { ending } = packingOf(compression);
    for (const other of endings.filter((each) => each !== ending)) {
        if (await head(s3, bucket, name + other)) return { key: name + other };
    }
    return { key: name + ending, condition: { IfNoneMatch: "*" } };
}

/** The one of all runs, gzip in any case: programs name it. */
async function newestPlace(s3: S3Client, result: Result): Promise<Place> {
    const key = `${result.prefix}latest.json.gz`;
    const present = await head(s3, result.bucket, key);
    if (!present) return { key, condition: { IfNoneMatch: "*" } };
    const isNewer = ageOf(present.Metadata) < ageOf(metadataOf(result));
    return isNewer ? { key, condition: { IfMatch: present.ETag } } : { key };
}

function head(s3: S3Client, Bucket: string, Key: string): Promise<HeadObjectCommandOutput | undefined> {
    return s3.send(new HeadObjectCommand({ Bucket, Key })).catch(nothing);
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
        ContentType: "application/x-ndjson", // and no Content-Encoding: Athena knows the compression by the key's ending
        Metadata: metadataOf(result),
        ...object.condition,
    };
    await uploadObject(s3, params, packingOf(result.compression).pack(lines()));

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
