import type { Column, ColumnType } from "../shared/columns";
import { isJson } from "../shared/json-text";
import { validator } from "../shared/validate";
import { clientAddress } from "./client-address";
import { type Entry, parseEntry } from "./entry";
import { parseRequest } from "./request";

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
export interface ReadEvent {
    (line: string): Reading;
    columns: Column[];
    settings: EventSettings;
}

/** A field of a query string. */
interface Field {
    name: string;
    value: string;
}

/** HTTP requests; gRPC's and WebSockets' are no events. */
export const requestTypes = ["http", "https", "h2"];
/** How the user agents of health checks begin. */
export const healthCheckers = ["ELB-HealthChecker", "Amazon-Route53-Health-Check-Service"];
const healthCheck = new RegExp(`^(?:${healthCheckers.join("|")})\\b`);
/** What the log itself says of a request, which nobody else may. */
const columnsOfLog = new Set(["request_time", "client_address", "user_agent"]);

/** Makes the reader for a table's columns. */
export function eventReader(columns: Column[], settings: EventSettings): ReadEvent {
    const types = new Map(columns.map(({ name, type }) => [name, type]));
    const keys = new Map(columns.map(({ name }) => [name, `${JSON.stringify(name)}:`]));
    const validate = validator(columns);
    const methods = methodsOf(settings);

    return Object.assign(readLine, { columns, settings });

    function readLine(line: string): Reading {
        const entry = parseEntry(line);
        if (!entry) return { reason: "no whole entry of an Application Load Balancer's access log" };
        if (!requestTypes.includes(entry.type)) return { dropped: "connections" };
        if (healthCheck.test(entry.userAgent)) return { dropped: "healthChecks" };
        const request = parseRequest(entry.request);
        if (!methods.includes(request.method)) return { dropped: "otherMethods" };
        if (request.path === undefined) return { reason: "the request line has no URL" };
        if (request.path !== settings.path) return { dropped: "otherPaths" };
        if (/^[45]/.test(entry.status)) return { dropped: "refused" };
        return readRequest(entry, request.query);
    }

    function readRequest({ client, created, userAgent, traceId }: Entry, query: string): Reading {
        const address = clientAddress(client, settings.clientAddress);
        if (address === undefined) return { reason: "the client has no IP address" };
        const fields = queryFields(query);
        if (!fields) return { reason: "the query string is not validly percent-encoded" };
        const id = requestId(traceId);
        // One text is put together: an array of its parts would cost as much as all the rest.
        let members = "";
        let [hasId, hasReceived] = [false, false];
        for (const { name, value } of fields) {
            if (columnsOfLog.has(name)) {
                return { reason: `column ${name}: the log says it, the query string may not` };
            }
            hasId ||= name === "event_id";
            hasReceived ||= name === "received_at";
            members += `,${keyOf(name)}${literal(value, types.get(name))}`;
        }
        members += `,${keyOf("request_time")}${time("request_time", created)}`;
        if (address !== "") members += `,${keyOf("client_address")}${JSON.stringify(address)}`;
        if (userAgent !== "-") members += `,${keyOf("user_agent")}${JSON.stringify(userAgent)}`;
        // What the sender may say too counts where it does not.
        if (id !== undefined && !hasId) members += `,${keyOf("event_id")}${JSON.stringify(id)}`;
        if (!hasReceived) members += `,${keyOf("received_at")}${time("received_at", created)}`;
        const verdict = validate(`{${members.slice(1)}}`);
        return verdict.ok ? { event: verdict.text } : { reason: verdict.reason };
    }

    function keyOf(name: string): string {
        return keys.get(name) ?? `${JSON.stringify(name)}:`;
    }

    /** As tables read it, where it is read as a time. */
    function time(name: string, created: string): string {
        return JSON.stringify(types.get(name)?.kind === "timestamp" ? respelled(created) : created);
    }
}

/** The methods of the requests that are events. */
export function methodsOf({ beacons }: EventSettings): string[] {
    return beacons ? ["GET", "POST"] : ["GET"];
}

/** As tables read it, from ISO 8601. */
function respelled(time: string): string {
    return time.slice(0, -1).replace("T", " ");
}

/** What tells the request from all others: a sender may make up the `Root` part, and then there is a `Self` part. */
function requestId(traceId: string): string | undefined {
    return (/(?:^|;)Self=([^;]+)/.exec(traceId) ?? /(?:^|;)Root=([^;]+)/.exec(traceId))?.[1];
}

/** The fields of a query string, decoded; undefined if it can't be. */
function queryFields(query: string): Field[] | undefined {
    const fields: Field[] = [];
    try {
        for (const field of query.split("&")) {
            const mark = field.indexOf("=");
            const nameEnd = mark < 0 ? field.length : mark;
            if (field === "") continue;
            fields.push({ name: decoded(field.slice(0, nameEnd)), value: decoded(field.slice(nameEnd + 1)) });
        }
        return fields;
    } catch {
        return undefined;
    }
}

function decoded(part: string): string {
    return /[+%]/.test(part) ? decodeURIComponent(part.replaceAll("+", " ")) : part;
}

/**
 * The value as JSON of its column's type, digit for digit. One that is not of that type stays a string, which the check
 * against the columns then refuses.
 */
function literal(value: string, type: ColumnType | undefined): string {
    const isText = !type || textKinds.has(type.kind);
    if (!isText && /^-?[1-9]\d{0,14}$/.test(value)) return value;
    // White space between JSON's tokens may be newlines, which would end the line.
    return isText || !isJson(value) ? JSON.stringify(value) : value.replace(/[\r\n]/g, " ");
}

const textKinds = new Set<ColumnType["kind"]>(["string", "date", "timestamp"]);
