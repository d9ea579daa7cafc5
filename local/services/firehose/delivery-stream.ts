import { promisify } from "node:util";
import { gzip as compressor } from "node:zlib";
import { arnOf, bucketArn, type Need, objectArn } from "../../iam/requirements";
import { newUuid } from "../../identifiers";
import { account, type Runtime, region } from "../../runtime";
import type { KinesisRecord } from "../kinesis";
import type { Lambda } from "../lambda";
import type { S3 } from "../s3";
import { formatTime } from "../time-format";
import type { BufferingHints, Conversion, Destination, StreamConfiguration, Transformation } from "./configuration";
import type { ParquetConverter, Unconverted } from "./parquet-converter";
import { errorPrefix, objectPrefix } from "./prefix";
import { RecordBuffer, type StreamRecord } from "./record-buffer";
import { type Failure, fail, payloadLimit, readAnswer, transformationEvent, type Verdict } from "./transformation";

const compress = promisify(compressor);

/** Firehose keeps trying to reach S3 for a day with records that were put, and for as long as a Kinesis stream keeps its. */
const longestRetry = 24 * 3_600_000;
const longestStreamRetry = 7 * longestRetry;
const retryInterval = 60_000;

/** One stream at work: source backup, transformation, delivery, each with its own buffer. */
export class DeliveryStream {
    private readonly backup?: RecordBuffer;
    private readonly transformation?: RecordBuffer;
    private readonly delivery: RecordBuffer;
    private converter?: ParquetConverter;

    constructor(
        readonly configuration: StreamConfiguration,
        private readonly runtime: Runtime,
        private readonly s3: Pick<S3, "put">,
        private readonly lambda: Pick<Lambda, "invoke">,
        bufferSeconds?: number,
    ) {
        const { backup, transformation, destination } = configuration;
        const buffer = (hints: BufferingHints, empty: (records: StreamRecord[]) => Promise<void>) =>
            new RecordBuffer(runtime, { ...hints, ...milliseconds(bufferSeconds) }, empty);
        this.delivery = buffer(destination.buffering, (records) =>
            this.onceS3Answers(records, () => this.deliver(records)),
        );
        if (backup) {
            this.backup = buffer(backup.buffering, (records) =>
                this.onceS3Answers(records, () => this.keepSource(backup, records)),
            );
        }
        if (transformation) {
            this.transformation = buffer(transformation.buffering, (records) =>
                this.transform(transformation, records),
            );
        }
    }

    /** Has records converted from now on. */
    convertBy(converter: ParquetConverter): void {
        this.converter = converter;
    }

    /** Whether it may read its source. */
    mayRead(): boolean {
        const { source } = this.configuration;
        return !source || !this.mayNot(source.roleArn, toRead(source.kinesisStreamArn));
    }

    /** Takes a record, put on it or read from its source, and answers its id. */
    accept(data: Buffer, source?: KinesisRecord): string {
        const record = {
            id: newUuid(this.runtime, this.configuration.name),
            arrival: this.runtime.clock.now(),
            data,
            source,
        };
        this.backup?.add(record);
        if (this.transformation) this.transformation.add(record);
        else this.pass(record);
        return record.id;
    }

    /** Waits while much is on its way, so that what a sender has no end of does not fill the memory. */
    async room(): Promise<void> {
        for (const buffer of [this.backup, this.transformation, this.delivery]) await buffer?.room();
    }

    /** On to the delivery, which is at-least-once. */
    private pass(record: StreamRecord): void {
        this.delivery.add(record);
        if (this.runtime.faults?.delivery("duplicate", this.configuration.logicalName)) this.delivery.add(record);
    }

    private async transform(transformation: Transformation, records: StreamRecord[]): Promise<void> {
        const { verdicts, attempts } = await this.invoke(transformation, records);
        const failed = verdicts.filter((verdict) => verdict.kind === "failed");
        if (failed.length > 0) {
            const records = failed.map(({ record }) => record);
            await this.onceS3Answers(records, () => this.keepFailed(transformation, failed, attempts));
        }
        for (const verdict of verdicts) if (verdict.kind === "ok") this.pass(verdict.record);
    }

    /** Invokes the function until it answers or no retry is left. */
    private async invoke(
        { lambdaArn, retries }: Transformation,
        records: StreamRecord[],
    ): Promise<{ verdicts: Verdict[]; attempts: number }> {
        for (let attempts = 1; ; attempts++) {
            const event = transformationEvent(this.configuration, records);
            const denied = this.mayNot(this.configuration.destination.role, toInvoke(lambdaArn));
            const { payload, failure } = denied
                ? { failure: { code: "Lambda.InvokeAccessDenied", message: denied.message } }
                : await invokeOnce(this.lambda, lambdaArn, event);
            if (!failure) return { verdicts: readAnswer(records, payload), attempts };
            if (attempts > retries) return { verdicts: fail(records, failure), attempts };
        }
    }

    /** Writes when S3 can be reached: Firehose tries for as long as it keeps records, and then they are lost. */
    private async onceS3Answers(
        records: StreamRecord[],
        write: () => Promise<void>,
        since = this.runtime.clock.now(),
    ): Promise<void> {
        const { faults, clock, work, journal } = this.runtime;
        const { logicalName: stage, source } = this.configuration;
        if (!faults?.delivery("unreachable", stage)) {
            await write();
            return;
        }
        if (clock.now() - since >= (source ? longestStreamRetry : longestRetry)) {
            journal.write({
                kind: "failure",
                stage,
                reason: "could not reach S3: records lost",
                count: records.length,
            });
            return;
        }
        clock.at(clock.now() + retryInterval, () => {
            void work.track(() => this.onceS3Answers(records, write, since));
        });
    }

    private async deliver(records: StreamRecord[]): Promise<void> {
        if (this.converter) return await this.deliverParquet(this.converter, records);
        const { destination, delimiter } = this.configuration;
        await this.write(destination, records, objectPrefix, join(records, delimiter));
    }

    private async deliverParquet(converter: ParquetConverter, records: StreamRecord[]): Promise<void> {
        const { conversion, logicalName: stage } = this.configuration;
        const denied = this.mayNot(conversion!.roleArn, toReadSchema(conversion!));
        if (denied) {
            const reason = `could not read the schema: ${denied.message}`;
            this.runtime.journal.write({ kind: "failure", stage, reason, count: records.length });
            return;
        }
        const { converted, events, file, failed } = await converter.convert(records);
        if (failed.length > 0) await this.keepUnconverted(failed);
        if (file) await this.write(this.configuration.destination, converted, objectPrefix, file, events);
    }

    private async keepSource(backup: Destination, records: StreamRecord[]): Promise<void> {
        await this.write(backup, records, objectPrefix, join(records, false));
    }

    private async keepFailed(
        { lambdaArn }: Transformation,
        failed: Extract<Verdict, { kind: "failed" }>[],
        attemptsMade: number,
    ): Promise<void> {
        const { destination, logicalName } = this.configuration;
        const attemptEndingTimestamp = this.runtime.clock.now();
        const lines = failed.map(({ record, failure }) => ({
            attemptsMade,
            arrivalTimestamp: record.arrival,
            errorCode: failure.code,
            errorMessage: failure.message,
            attemptEndingTimestamp,
            rawData: record.data.toString("base64"),
            lambdaArn,
        }));
        const body = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
        const written = await this.write(
            destination,
            failed.map(({ record }) => record),
            (prefix, context) =>
                errorPrefix(destination.errorOutputPrefix ?? prefix, {
                    ...context,
                    errorOutputType: "processing-failed",
                }),
            body,
        );
        if (!written) return;
        for (const [reason, count] of countReasons(failed)) {
            this.runtime.journal.write({ kind: "failure", stage: logicalName, reason, count });
        }
    }

    /** Keeps what is not of the table's columns, each record with the reason, in an object without an extension. */
    private async keepUnconverted(failed: Unconverted[]): Promise<void> {
        const { destination, logicalName: stage, conversion } = this.configuration;
        const attemptEndingTimestamp = this.runtime.clock.now();
        const { databaseName, tableName } = conversion!;
        const lines = failed.map(({ record, code, message, detail }) => ({
            attemptsMade: 1,
            arrivalTimestamp: record.arrival,
            lastErrorCode: `DataFormatConversion.${code}`,
            lastErrorMessage: `${message} ${detail}`,
            attemptEndingTimestamp,
            rawData: record.data.toString("base64"),
            dataCatalogTable: { catalogId: account, databaseName, tableName, region, versionId: "LATEST" },
        }));
        const written = await this.write(
            { ...destination, extension: "" },
            failed.map(({ record }) => record),
            (prefix, context) =>
                errorPrefix(destination.errorOutputPrefix ?? prefix, {
                    ...context,
                    errorOutputType: "format-conversion-failed",
                }),
            Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join("")),
        );
        if (!written) return;
        const reasons = failed.map(({ code, message }) => ({ failure: { code, message } }));
        for (const [reason, count] of countReasons(reasons)) {
            this.runtime.journal.write({ kind: "failure", stage, reason, count });
        }
    }

    /** Why Firehose may not do this as the role. */
    private mayNot(role: string | undefined, needs: Need[]): Error | undefined {
        const source = { service: "firehose.amazonaws.com", arn: this.configuration.arn };
        if (this.runtime.access?.mayServiceAs(role, source, needs) ?? true) return undefined;
        return new Error(`Access was denied. Ensure that the access policy of ${role} allows access to what it needs.`);
    }

    /** Writes one object; where the bucket refuses it, the records are lost and the journal says so. */
    private write(...object: Parameters<DeliveryStream["writeNow"]>): Promise<boolean> {
        const turns = this.runtime.faults?.turns;
        return turns ? turns.alone(this.configuration.name, () => this.writeNow(...object)) : this.writeNow(...object);
    }

    private async writeNow(
        destination: Destination,
        records: StreamRecord[],
        folder: typeof objectPrefix,
        body: Buffer,
        events?: number,
    ): Promise<boolean> {
        const { name, logicalName: stage } = this.configuration;
        const { bucket, prefix, timeZone, gzip, extension } = destination;
        const arrival = records.reduce((oldest, record) => Math.min(oldest, record.arrival), Number.POSITIVE_INFINITY);
        const time = formatTime("yyyy-MM-dd-HH-mm-ss", arrival, timeZone);
        const key = `${folder(prefix, { arrival, timeZone })}${name}-1-${time}-${newUuid(this.runtime, `${this.configuration.name} ${prefix}`)}${extension}`;
        try {
            const denied = this.mayNot(destination.role, toPut(bucket, key));
            if (denied) throw denied;
            await this.s3.put(bucket, key, gzip ? await compress(body) : body, {
                contentType: "application/octet-stream",
                events,
                ...(gzip && { contentEncoding: "gzip" }),
            });
            return true;
        } catch (error) {
            const reason = `could not write to ${bucket}: ${(error as Error).message}`;
            this.runtime.journal.write({ kind: "failure", stage, reason, count: records.length });
            return false;
        }
    }
}

const all = (service: string, actions: string[], ...resources: string[]): Need[] =>
    resources.flatMap((resource) => actions.map((action) => ({ action: `${service}:${action}`, resource })));

/** What Firehose asks for, as its documentation lists it: https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html */
const toPut = (bucket: string, key: string) => [
    ...all("s3", ["PutObject", "AbortMultipartUpload"], objectArn(bucket, key)),
    ...all("s3", ["GetBucketLocation", "ListBucket", "ListBucketMultipartUploads"], bucketArn(bucket)),
];
const toInvoke = (lambdaArn: string) => all("lambda", ["InvokeFunction", "GetFunctionConfiguration"], lambdaArn);
const toRead = (streamArn: string) =>
    all("kinesis", ["DescribeStream", "GetShardIterator", "GetRecords", "ListShards"], streamArn);
const toReadSchema = ({ databaseName, tableName }: Conversion) => {
    const places = ["catalog", `database/${databaseName}`, `table/${databaseName}/${tableName}`];
    return all(
        "glue",
        ["GetTable", "GetTableVersion", "GetTableVersions"],
        ...places.map((each) => arnOf("glue", each)),
    );
};

/** One invocation: its answer, or why there is none. */
async function invokeOnce(
    lambda: Pick<Lambda, "invoke">,
    lambdaArn: string,
    event: unknown,
): Promise<{ payload?: unknown; failure?: Failure }> {
    try {
        const { payload, error } = await lambda.invoke(lambdaArn, event);
        if (error) return { failure: functionError(`${error.errorType}: ${error.errorMessage}`) };
        if (Buffer.byteLength(JSON.stringify(payload) ?? "") > payloadLimit) {
            return { failure: functionError("the answer is larger than 6 MB") };
        }
        return { payload };
    } catch (error) {
        const { name, message } = error as Error;
        return { failure: { code: `Lambda.${name}`, message } };
    }
}

function functionError(detail: string): Failure {
    return {
        code: "Lambda.FunctionError",
        message: "The Lambda function was successfully invoked but it returned an error result.",
        detail,
    };
}

function countReasons(failed: { failure: Failure }[]): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { failure } of failed) {
        const reason = failure.detail ? `${failure.message} ${failure.detail}` : failure.message;
        counts.set(reason, (counts.get(reason) ?? 0) + 1);
    }
    return counts;
}

function join(records: StreamRecord[], delimiter: boolean): Buffer {
    const newline = Buffer.from("\n");
    return Buffer.concat(records.flatMap(({ data }, index) => (delimiter && index > 0 ? [newline, data] : [data])));
}

function milliseconds(seconds: number | undefined): Partial<BufferingHints> {
    return seconds === undefined ? {} : { milliseconds: seconds * 1000 };
}
