import { isUtf8 } from "node:buffer";
import { splitLines } from "../shared/json-lines";
import type { Validate } from "../shared/validate";

/** A line that the table does not take, and why. */
export interface BadLine {
    reason: string;
    bytes: Buffer;
}

/** A record's lines. */
export interface SiftedLines {
    /** As the table reads them. */
    good: Buffer[];
    bad: BadLine[];
}

/** Parts a record's good lines from its bad ones. Good lines keep their bytes, but for what no reader agrees upon. */
export function sift(record: Buffer, validate: Validate): SiftedLines {
    const good: Buffer[] = [];
    const bad: BadLine[] = [];
    for (const bytes of splitLines(record)) {
        if (!isUtf8(bytes)) {
            bad.push({ reason: "not valid UTF-8", bytes });
            continue;
        }
        const text = bytes.toString();
        const verdict = validate(text);
        if (!verdict.ok) {
            bad.push({ reason: verdict.reason, bytes });
            continue;
        }
        // Table readers end lines at a carriage return too; in good JSON it is but white space.
        const line = verdict.text.replaceAll("\r", " ");
        good.push(line === text ? bytes : Buffer.from(line));
    }
    return { good, bad };
}
