import { join } from "node:path";
import { Random } from "../../cli/generate/random";
import type { Column } from "../../handlers/shared/columns";
import { entry } from "../../test/handlers/parse-access-log/entries";
import { writeTexts } from "./files";
import { uuid } from "./rows";

export const logFile = "access.log";
/** The lines that the log's events are. */
export const eventsFile = "events.ndjson";
/** Path of the requests that are events. */
export const eventPath = "/view";

const string = { kind: "string" } as const;

export const columns: Column[] = [
    { name: "page", type: string },
    { name: "visitor", type: string },
    { name: "seconds", type: { kind: "float", bits: 64 } },
    { name: "scrolled", type: { kind: "integer", bits: 32 } },
    { name: "request_time", type: { kind: "timestamp" } },
    { name: "client_address", type: string },
    { name: "user_agent", type: string },
    { name: "event_id", type: string },
    { name: "received_at", type: { kind: "timestamp" } },
];

const userAgents = [
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile",
];
const pages = ["/", "/tickets", "/timetable?from=Z%C3%BCrich&to=Bern", "/news/opening"];

/** Makes a log: of ten requests seven are events, two are for something else, and one is a health check. */
export async function makeAccessLog(folder: string, lines: number): Promise<void> {
    const events: string[] = [];
    await writeTexts(join(folder, logFile), texts());
    await writeTexts(join(folder, eventsFile), events);

    function* texts(): Generator<string> {
        const random = new Random(1, "access log");
        for (let line = 0; line < lines; line++) yield `${requestOf(random, line)}\n`;
    }

    function requestOf(random: Random, line: number): string {
        const created = new Date(Date.UTC(2026, 10, 21) + 17 * line).toISOString().replace("Z", "000Z");
        const kind = random.integer(0, 9);
        const id = `1-${uuid(random).slice(0, 8)}-${uuid(random).replaceAll("-", "").slice(0, 24)}`;
        const client = `203.0.113.${random.integer(1, 254)}`;
        const userAgent = userAgents[random.integer(0, 1)]!;
        const parts = { client: `${client}:${random.integer(1024, 65535)}`, traceId: `Root=${id}`, created, userAgent };
        if (kind === 0) return entry({ ...parts, url: "/health", userAgent: "ELB-HealthChecker/2.0" });
        if (kind < 3) return entry({ ...parts, url: `/assets/${random.integer(0, 99)}.js` });
        const page = pages[random.integer(0, 3)]!;
        const [visitor, seconds, scrolled] = [uuid(random), random.integer(1, 999) / 4, random.integer(0, 100)];
        const time = created.slice(0, -1).replace("T", " ");
        const event = { page: decodeURIComponent(page), visitor, seconds, scrolled, request_time: time };
        const filled = { client_address: client, user_agent: userAgent, event_id: id, received_at: time };
        events.push(`${JSON.stringify({ ...event, ...filled })}\n`);
        const query = new URLSearchParams({ page: event.page, visitor }).toString();
        return entry({ ...parts, url: `${eventPath}?${query}&seconds=${seconds}&scrolled=${scrolled}` });
    }
}
