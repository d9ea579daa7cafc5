import type { Column, ColumnType } from "../shared/columns";
import { isJson } from "../shared/json-text";
import { type Validate, validator } from "../shared/validate";
import { clientAddress } from "./client-address";
import { type Entry, parseEntry } from "./entry";

/** Which requests are events, and what is kept of them. */
export interface EventSettings {
    path: string;
    /** Whether POST requests are events too. */
    beacons: boolean;
    /** `keep`, `truncate` or `drop`. */
    clientAddress: string;
}

/** Why a request is no event. */
export type Dropped = "connections" | "healthChecks" | "otherMethods" | "otherPaths" | "refused";

/** What a line of the log is: an event as JSON, a request that is none, or something that can't be read. */
export type Reading = { event: string } | { dropped: Dropped } | { reason: string };

/** Reads a line of the log. */
export type ReadEvent = (line: string) => Reading;

/** A field of a query string: name and value. */
type Field = [name: string, value: string];

/** HTTP requests; gRPC's and WebSockets' are no events. */
const requestTypes = ["http", "https", "h2"];
const healthCheck = /^(?:ELB-HealthChecker|Amazon-Route53-Health-Check-Service)\b/;
const requestPattern = /^\S+ \w+:\/\/[^/?]*(?<path>[^?]*?)(?:\?(?<query>.*))? \S+$/s;
/** What the log itself says of a request, which nobody else may. */
const columnsOfLog = ["request_time", "client_address", "user_agent"];

/** Makes the reader for a table's columns. */
export function eventReader(columns: Column[], settings: EventSettings): ReadEvent {
    const types = new Map(columns.map(({ name, type }) => [name, type]));
    const validate = validator(columns);
    const methods = settings.beacons ? ["GET", "POST"] : ["GET"];

    return (line) => {
        const entry = parseEntry(line);
        if (!entry) return { reason: "no whole entry of an Application Load Balancer's access log" };
        if (!requestTypes.includes(entry.type)) return { dropped: "connections" };
        if (healthCheck.test(entry.userAgent)) return { dropped: "healthChecks" };
        if (!methods.includes(entry.request.split(" ", 1)[0]!)) return { dropped: "otherMethods" };
        const request = requestPattern.exec(entry.request)?.groups;
        if (!request) return { reason: "the request line has no URL" };
        if (request.path !== settings.path) return { dropped: "otherPaths" };
        if (/^[45]/.test(entry.status)) return { dropped: "refused" };
        return readRequest(entry, request.query ?? "");
    };

    function readRequest(entry: Entry, query: string): Reading {
        const address = clientAddress(entry.client, settings.clientAddress);
        if (address === undefined) return { reason: "the client has no IP address" };
        const fields = queryFields(query);
        if (!fields) return { reason: "the query string is not validly percent-encoded" };
        const claimed = fields.find(([name]) => columnsOfLog.includes(name));
        if (claimed) return { reason: `column ${claimed[0]}: the log says it, the query string may not` };
        return validated(validate, [
            ...fields.map(([name, value]) => member(name, literal(value, types.get(name)))),
            ...filled(entry, address, fields),
        ]);
    }
}

/** The columns that the log fills; what the sender may say too counts where it does not. */
function filled({ created, userAgent, traceId }: Entry, address: string, fields: Field[]): string[] {
    const given = new Set(fields.map(([name]) => name));
    const id = requestId(traceId);
    return [
        text("request_time", created),
        ...(address === "" ? [] : [text("client_address", address)]),
        ...(userAgent === "-" ? [] : [text("user_agent", userAgent)]),
        ...(id === undefined || given.has("event_id") ? [] : [text("event_id", id)]),
        ...(given.has("received_at") ? [] : [text("received_at", created)]),
    ];
}

/** What tells the request from all others: a sender may make up the `Root` part, and then there is a `Self` part. */
function requestId(traceId: string): string | undefined {
    return (/(?:^|;)Self=([^;]+)/.exec(traceId) ?? /(?:^|;)Root=([^;]+)/.exec(traceId))?.[1];
}

/** The fields of a query string, decoded; undefined if it can't be. */
function queryFields(query: string): Field[] | undefined {
    try {
        return query
            .split("&")
            .filter((field) => field !== "")
            .map((field) => {
                const [name, ...value] = field.split("=");
                return [decoded(name!), decoded(value.join("="))];
            });
    } catch {
        return undefined;
    }
}

function decoded(part: string): string {
    return decodeURIComponent(part.replaceAll("+", " "));
}

/**
 * The value as JSON of its column's type, digit for digit. One that is not of that type stays a string, which the check
 * against the columns then refuses.
 */
function literal(value: string, type: ColumnType | undefined): string {
    const isText = !type || ["string", "date", "timestamp"].includes(type.kind);
    // White space between JSON's tokens may be newlines, which would end the line.
    return isText || !isJson(value) ? JSON.stringify(value) : value.replace(/[\r\n]/g, " ");
}

function text(name: string, value: string): string {
    return member(name, JSON.stringify(value));
}

function member(name: string, json: string): string {
    return `${JSON.stringify(name)}:${json}`;
}

function validated(validate: Validate, members: string[]): Reading {
    const verdict = validate(`{${members.join(",")}}`);
    return verdict.ok ? { event: verdict.text } : { reason: verdict.reason };
}
