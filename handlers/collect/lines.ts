import { randomUUID } from "node:crypto";
import { logReasons } from "../shared/log-reasons";
import type { Validate } from "../shared/validate";
import { complete } from "./events";
import { badRequest, type EventError, type Refusal } from "./responses";

/** The most that a Firehose record holds; an event must fit, completed and with its newline. */
const mostLineBytes = 1000 * 1024;

const tooLarge = `larger than ${mostLineBytes} bytes, the most that is stored as one`;

/** A refusal names no more events than this. */
const mostErrors = 100;

/** The events as the lines that are stored, each completed and ended by a newline; or a refusal of them all. */
export function linesOf(events: string[], validate: Validate, receivedAt: string): Buffer[] {
    const errors: EventError[] = [];
    const lines: Buffer[] = [];
    for (const [index, event] of events.entries()) {
        const verdict = validate(event);
        const line = verdict.ok ? lineOf(event, receivedAt) : undefined;
        if (line && line.length <= mostLineBytes) lines.push(line);
        else errors.push({ index, reason: verdict.ok ? tooLarge : verdict.reason });
        if (errors.length === mostErrors) break;
    }
    if (errors.length > 0) throw refusal(errors, events.length);
    return lines;
}

/** Of the event's own text: tables' spelling is the matter of the stream's transformation. */
function lineOf(event: string, receivedAt: string): Buffer {
    return Buffer.from(`${complete(event, { received_at: receivedAt, event_id: randomUUID() })}\n`);
}

function refusal(errors: EventError[], events: number): Refusal {
    const reasons = errors.map(({ reason }) => reason);
    logReasons("warn", "events refused", "collect", reasons);
    const count = errors.length === mostErrors ? `${mostErrors} or more` : errors.length;
    return badRequest(`nothing is stored: refused ${count} of ${events} events`, errors);
}
