import { validateHeaderName, validateHeaderValue } from "node:http";

/** What goes back to the client. */
export interface HttpAnswer {
    status: number;
    /** Lower-case names. */
    headers: Record<string, string>;
    cookies?: string[];
    body: Buffer;
}

/** What a function may return. */
interface FunctionAnswer {
    statusCode?: unknown;
    headers?: Record<string, unknown>;
    body?: unknown;
    isBase64Encoded?: unknown;
    cookies?: unknown[];
}

/** Headers that API Gateway sets itself. */
const ownHeaders = ["content-length", "transfer-encoding", "connection"];

/** An answer of API Gateway's own. */
export function message(status: number, text: string): HttpAnswer {
    return {
        status,
        headers: { "content-type": "application/json" },
        body: Buffer.from(JSON.stringify({ message: text })),
    };
}

/** An answer made of what the function returned; what has no status is the body of a 200. */
export function functionAnswer(payload: unknown): HttpAnswer {
    if (typeof payload === "object" && payload !== null && "statusCode" in payload) {
        return explicitAnswer(payload) ?? message(500, "Internal Server Error");
    }
    const body = typeof payload === "string" ? payload : JSON.stringify(payload ?? null);
    return { status: 200, headers: { "content-type": "application/json" }, body: Buffer.from(body) };
}

/** An answer as the function words it, or nothing where HTTP does not know such. */
function explicitAnswer({ statusCode, headers = {}, body = "", ...rest }: FunctionAnswer): HttpAnswer | undefined {
    const status = Number(statusCode);
    const text = body ?? "";
    if (!Number.isInteger(status) || status < 200 || status > 599 || typeof text !== "string") return undefined;
    const given = Object.entries(headers ?? {}).map(([name, value]): [string, string] => [
        name.toLowerCase(),
        `${value}`,
    ]);
    const cookies = (rest.cookies ?? []).map(String);
    try {
        for (const [name, value] of [...given, ...cookies.map((cookie) => ["set-cookie", cookie] as const)]) {
            validateHeaderName(name);
            validateHeaderValue(name, value);
        }
    } catch {
        return undefined;
    }
    return {
        status,
        headers: {
            ...(text !== "" && { "content-type": "text/plain;charset=UTF-8" }),
            ...Object.fromEntries(given.filter(([name]) => !ownHeaders.includes(name))),
        },
        cookies,
        body: Buffer.from(text, rest.isBase64Encoded === true ? "base64" : "utf8"),
    };
}
