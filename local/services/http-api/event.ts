import { randomBytes } from "node:crypto";
import { account } from "../../runtime";
import { formatTime } from "../time-format";
import type { Match } from "./routes";

/** A request as it came in. */
export interface HttpRequest {
    method: string;
    /** Percent-encoded, with the stage. */
    path: string;
    /** Behind the question mark, percent-encoded. */
    queryString: string;
    /** `HTTP/1.1` */
    protocol: string;
    sourceIp: string;
    /** Names and values in turn, as they came. */
    rawHeaders: string[];
    body: Buffer;
}

/** Where a request was routed to. */
export interface RequestContext extends Match {
    apiId: string;
    stage: string;
    stageVariables?: Record<string, string>;
    requestId: string;
    /** Milliseconds since 1970. */
    time: number;
}

/** Headers of the connection, not of the request; cookies have a field of their own. */
const notPassedOn = ["connection", "keep-alive", "transfer-encoding", "cookie"];
const textTypes = ["application/json", "application/javascript", "application/xml"];

/** An id as API Gateway makes them. */
export function newRequestId(): string {
    return randomBytes(11).toString("base64");
}

/** Headers by lower-case name, repeated ones joined with commas. */
export function joinHeaders(rawHeaders: string[]): Record<string, string> {
    const pairs = rawHeaders.flatMap((name, index): [string, string][] =>
        index % 2 === 0 ? [[name.toLowerCase(), rawHeaders[index + 1]!]] : [],
    );
    return joinPairs(pairs);
}

/** The event that a function gets, in payload format 2.0. */
export function proxyEvent(request: HttpRequest, context: RequestContext) {
    const { method, path, queryString, protocol, sourceIp, body } = request;
    const { route, pathParameters, apiId, stage, stageVariables, requestId, time } = context;
    const headers = joinHeaders(request.rawHeaders);
    const rawPath = decodeURIComponent(path);
    const host = headers.host ?? "";
    const isBase64Encoded = body.length > 0 && isBinary(headers);
    return {
        version: "2.0",
        routeKey: route.key,
        rawPath,
        rawQueryString: queryString,
        ...(headers.cookie !== undefined && { cookies: headers.cookie.split(/; */) }),
        headers: passOn(headers, sourceIp, host, body.length),
        ...(queryString !== "" && { queryStringParameters: joinPairs([...new URLSearchParams(queryString)]) }),
        requestContext: {
            accountId: account,
            apiId,
            domainName: host.replace(/:\d+$/, ""),
            domainPrefix: apiId,
            http: { method, path: rawPath, protocol, sourceIp, userAgent: headers["user-agent"] ?? "" },
            requestId,
            routeKey: route.key,
            stage,
            time: formatTime("dd/MMM/yyyy:HH:mm:ss '+0000'", time, "UTC"),
            timeEpoch: time,
        },
        ...(Object.keys(pathParameters).length > 0 && { pathParameters }),
        ...(stageVariables && { stageVariables }),
        ...(body.length > 0 && { body: body.toString(isBase64Encoded ? "base64" : "utf8") }),
        isBase64Encoded,
    };
}

/** Everything is binary but text, JSON, JavaScript and XML, and these too once they are compressed. */
function isBinary(headers: Record<string, string>): boolean {
    const type = (headers["content-type"] ?? "").split(";")[0]!.trim().toLowerCase();
    return headers["content-encoding"] !== undefined || !(type.startsWith("text/") || textTypes.includes(type));
}

function passOn(
    headers: Record<string, string>,
    sourceIp: string,
    host: string,
    length: number,
): Record<string, string> {
    const kept = Object.entries(headers).filter(([name]) => !notPassedOn.includes(name));
    return {
        ...Object.fromEntries(kept),
        "content-length": String(length),
        "x-amzn-trace-id": `Root=1-${randomBytes(4).toString("hex")}-${randomBytes(12).toString("hex")}`,
        "x-forwarded-for": headers["x-forwarded-for"] ? `${headers["x-forwarded-for"]}, ${sourceIp}` : sourceIp,
        "x-forwarded-port": /:(\d+)$/.exec(host)?.[1] ?? "80",
        "x-forwarded-proto": "http",
    };
}

function joinPairs(pairs: [string, string][]): Record<string, string> {
    const joined = new Map<string, string>();
    for (const [name, value] of pairs) {
        const before = joined.get(name);
        joined.set(name, before === undefined ? value : `${before},${value}`);
    }
    return Object.fromEntries(joined);
}
