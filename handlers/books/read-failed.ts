import { failedRecordName } from "../shared/failed-record";
import { LogLines } from "../shared/log-lines";
import { Pieces } from "./pieces";
import { Content, type Place, readObject } from "./read-object";

/** A record of Firehose is at most 1,000 KiB, in base64 a third more; `normalize` escapes a line's characters. */
const longestLine = 8 * 1024 * 1024;

/** A line of the failed store: of `normalize`, or an error record of Firehose. */
interface FailedLine {
    line?: string;
    base64?: string;
    rawData?: string;
    arrivalTimestamp?: number;
}

/**
 * Reads an object of the failed store: the events in its lines. Of Firehose's error records `onRecord` hears the names
 * that `normalize` would have given them.
 */
export async function readFailed(place: Place, key: string, onRecord: (name: string) => void): Promise<Content> {
    const content = new Content();
    const lines = new LogLines(longestLine);
    let unreadable = 0;
    const note = await readObject(place, key, "any", (chunk) => lines.push(chunk).forEach(read));
    if (note === undefined) lines.end().forEach(read);
    content.note = note ?? (unreadable > 0 ? `${key}: ${unreadable} lines are no failed events` : undefined);
    return content;

    function read({ bytes, isTooLong }: { bytes: Buffer; isTooLong: boolean }): void {
        const failed = isTooLong ? undefined : parse(bytes.toString());
        if (!failed) {
            unreadable++;
            return;
        }
        const pieces = new Pieces();
        for (const piece of [...pieces.push(failed.bytes), ...pieces.end()]) content.add(piece);
        if (failed.record !== undefined) onRecord(failed.record);
    }
}

function parse(text: string): { bytes: Buffer; record?: string } | undefined {
    let line: FailedLine;
    try {
        line = Object(JSON.parse(text));
    } catch {
        return undefined;
    }
    if (typeof line.line === "string") return { bytes: Buffer.from(line.line) };
    if (typeof line.base64 === "string") return { bytes: Buffer.from(line.base64, "base64") };
    if (typeof line.rawData !== "string") return undefined;
    const record = failedRecordName(Number(line.arrivalTimestamp), line.rawData);
    return { bytes: Buffer.from(line.rawData, "base64"), record };
}
