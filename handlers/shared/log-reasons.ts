import { type Level, log } from "./log";

/** More distinct reasons than this share one line, so that junk can't flood the log. */
const mostReasons = 100;

/** Logs why events were refused: one line a distinct reason, with how often it was met. */
export function logReasons(level: Level, message: string, stage: string, reasons: Iterable<string>): void {
    const counts = new Map<string, number>();
    for (const reason of reasons) {
        const key = counts.has(reason) || counts.size < mostReasons ? reason : "other reasons";
        counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    for (const [reason, count] of counts) log(level, message, { stage, reason, count });
}
