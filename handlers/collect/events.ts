import { type Edit, edited, elements, isJson, members } from "../shared/json-text";
import { badRequest, Refusal } from "./responses";

/** Most events of a request: each grows by its `received_at` and `event_id`, so that bytes alone don't bound the work. */
export const mostEvents = 50_000;

/**
 * The events of a body: one JSON object, an array of them, or one on each line. Each keeps its text, but for line
 * breaks between its parts, which become spaces. Whether they are good events is not looked at.
 */
export function splitEvents(body: string): string[] {
    const events = cut(body.trim()).map((event) => event.replace(/[\r\n]/g, " "));
    if (events.length === 0) throw badRequest("the body holds no event");
    if (events.length > mostEvents) throw new Refusal(413, `more than ${mostEvents} events: send fewer at once`);
    return events;
}

/** Adds members to an event that has none of their names, or null there. */
export function complete(event: string, additions: Record<string, string>): string {
    const present = members(event);
    const edits: Edit[] = [];
    const missing: string[] = [];
    for (const [name, value] of Object.entries(additions)) {
        const member = present.find((candidate) => candidate.name === name);
        if (!member) missing.push(`"${name}":"${value}"`);
        else if (event.startsWith("null", member.start)) edits.push({ ...member, text: `"${value}"` });
    }
    edits.sort((a, b) => a.start - b.start);
    const brace = event.lastIndexOf("}");
    const comma = present.length > 0 && missing.length > 0 ? "," : "";
    return edited(event, [...edits, { start: brace, end: brace, text: comma + missing.join() }]);
}

function cut(body: string): string[] {
    const isArray = body.startsWith("[");
    if (isJson(body)) return isArray ? [...elements(body)].map(({ start, end }) => body.slice(start, end)) : [body];
    if (isArray)
        throw badRequest("nothing is stored: the array is not valid JSON", [{ index: 0, reason: "not valid JSON" }]);
    return body
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => line !== "");
}
