import { isUtf8 } from "node:buffer";
import { gzipSync } from "node:zlib";
import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { LogLine } from "./log-lines";

/** Where the failed lines of one log go. */
export interface FailedPlace {
    s3: Pick<S3Client, "send">;
    bucket: string;
    /** Key of an object, without the number of its part and its ending. */
    key: string;
    /** Key of the log. */
    log: string;
}

/** Lines of a log that can't be read are written out before they take more memory than this. */
const partBytes = 4 * 1024 * 1024;

/**
 * Keeps lines of a log as gzip NDJSON, each `{ reason, object, offset, line }` with the line's text, or `base64` where it
 * is not UTF-8. The same log always makes the same objects.
 */
export class FailedLines {
    /** Why each of the lines failed. */
    readonly reasons: string[] = [];
    private lines: string[] = [];
    private bytes = 0;
    private parts = 0;

    constructor(private readonly place: FailedPlace) {}

    add(reason: string, { offset, bytes }: Pick<LogLine, "offset" | "bytes">): void {
        const content = isUtf8(bytes) ? { line: bytes.toString() } : { base64: bytes.toString("base64") };
        const line = `${JSON.stringify({ reason, object: this.place.log, offset, ...content })}\n`;
        this.reasons.push(reason);
        this.lines.push(line);
        this.bytes += line.length;
    }

    /** Writes out what has come together, if it is much. */
    async flushIfLarge(): Promise<void> {
        if (this.bytes >= partBytes) await this.flush();
    }

    /** Writes out what there is. */
    async flush(): Promise<void> {
        if (this.lines.length === 0) return;
        const { s3, bucket, key } = this.place;
        const Key = `${key}-${this.parts++}.json.gz`;
        const Body = gzipSync(this.lines.join(""));
        this.lines = [];
        this.bytes = 0;
        try {
            await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
        } catch (cause) {
            throw new Error(`failed store: could not write s3://${bucket}/${Key}: ${(cause as Error).name}`, { cause });
        }
    }
}
