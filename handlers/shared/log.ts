/** Severity of a log line: `error` lines are final failures, `warn` lines may be retried. */
export type Level = "info" | "warn" | "error";

/** Fields beside the message: keys and counts, never payloads. */
export interface LogFields {
    /** What was being done, e.g. `normalize`. */
    stage?: string;
    /** Why it failed. */
    reason?: string;
    /** How many events, rows or messages it concerns. */
    count?: number;
    /** SQS message that is given back for a retry. */
    messageId?: string;
    [field: string]: unknown;
}

/** Writes one JSON line to standard output, where CloudWatch Logs (and the local runtime) read it. */
export function log(level: Level, message: string, fields: LogFields = {}): void {
    process.stdout.write(`${JSON.stringify({ level, message, ...fields })}\n`);
}
