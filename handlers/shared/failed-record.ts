import { createHash } from "node:crypto";

/**
 * Name of a record in the failed store, made of what stays the same when Firehose repeats a batch, and what its own error
 * records say: when the record arrived (milliseconds since 1970), and its data in base64.
 */
export function failedRecordName(arrival: number, data: string): string {
    return createHash("sha256").update(`${arrival} ${data}`).digest("hex");
}
