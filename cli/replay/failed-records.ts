import { gunzipSync } from "node:zlib";
import type { OperatedIngest } from "../../plan";

/** Why an object of the failed store can't be put back. */
export class NotReplayable extends Error {
    override readonly name = "NotReplayable";
}

/** Reads an object's bytes: the records as they were sent once. */
type Reader = (bytes: Buffer, ingest: OperatedIngest) => Buffer[];

/** By the folder below the ingest's failed prefix: who writes there decides how. */
const readers: Record<string, Reader> = {
    /** Lines that `normalize` refused: `{ reason, line }` or `{ reason, base64 }`. */
    normalize: (bytes) => entriesIn(bytes).map(({ line, base64 }) => originalLine(line, base64)),
    /** What Firehose could not have transformed. */
    "processing-failed": rawRecords,
    /** What Firehose could not convert to Parquet. */
    "format-conversion-failed": rawRecords,
    /** What AWS IoT Core could not put on the stream. */
    iot(bytes, { takesPayloads }) {
        if (!takesPayloads) {
            throw new NotReplayable(
                "holds what a device published, of which the rule's SQL makes events: publish it again, to the object's `topic`",
            );
        }
        return entriesIn(bytes).map(({ base64OriginalPayload }) => onOneLine(decode(base64OriginalPayload)));
    },
    "parse-access-log"() {
        throw new NotReplayable(
            "holds lines of a load balancer's log, which are no events: delete the object that was made of the log, and " +
                "replay the log itself, whose key is in `object`",
        );
    },
};

/** The folders that can be read. */
export const failedFolders = Object.keys(readers);

/** The records that an object of an ingest's failed store holds, with their original bytes. */
export function failedRecords(key: string, bytes: Buffer, ingest: OperatedIngest): Buffer[] {
    const folder = key.slice(ingest.failedPrefix.length).split("/")[0]!;
    const read = Object.hasOwn(readers, folder) ? readers[folder] : undefined;
    if (!read) throw new NotReplayable(`lies in none of the folders ${failedFolders.join(", ")}`);
    return read(unpacked(bytes), ingest);
}

type Entry = Record<string, unknown>;

function entriesIn(bytes: Buffer): Entry[] {
    const lines = bytes.toString().split("\n");
    return lines.flatMap((line, index) => {
        if (line.trim() === "") return [];
        try {
            return [Object(JSON.parse(line))];
        } catch {
            throw new NotReplayable(`line ${index + 1} is not JSON`);
        }
    });
}

function rawRecords(bytes: Buffer): Buffer[] {
    return entriesIn(bytes).map(({ rawData }) => decode(rawData));
}

function originalLine(line: unknown, base64: unknown): Buffer {
    const bytes = typeof line === "string" ? Buffer.from(line) : decode(base64);
    return Buffer.concat([bytes, newline]);
}

/** A line of its own, as the rule would put it: in JSON, a line's end is but white space. */
function onOneLine(payload: Buffer): Buffer {
    return Buffer.concat([payload.map((byte) => (byte === 0x0a ? 0x20 : byte)), newline]);
}

function decode(base64: unknown): Buffer {
    if (typeof base64 !== "string") throw new NotReplayable("an entry lacks the bytes that were sent");
    return Buffer.from(base64, "base64");
}

function unpacked(bytes: Buffer): Buffer {
    if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
    try {
        return gunzipSync(bytes);
    } catch (error) {
        throw new NotReplayable(`not a whole gzip file: ${(error as Error).message}`);
    }
}

const newline = Buffer.from("\n");
