import { createHash } from "node:crypto";
import type { APIGatewayProxyEventV2 } from "aws-lambda";

/** What of a request matters here. */
export interface RequestParts {
    body?: string | Buffer;
    headers?: Record<string, string>;
    query?: Record<string, string>;
}

/** When all requests arrive. */
export const arrival = { milliseconds: Date.UTC(2026, 10, 21, 4, 0, 0, 123), text: "2026-11-21 04:00:00.123" };

/** A request as an HTTP API hands it over (payload format 2.0); a body of bytes comes in base64. */
export function request({ body, headers = {}, query }: RequestParts = {}): APIGatewayProxyEventV2 {
    const isBase64Encoded = Buffer.isBuffer(body);
    return {
        version: "2.0",
        routeKey: "POST /",
        rawPath: "/",
        rawQueryString: new URLSearchParams(query).toString(),
        headers,
        queryStringParameters: query,
        requestContext: {
            accountId: "123456789012",
            apiId: "api",
            domainName: "api.execute-api.eu-central-1.amazonaws.com",
            domainPrefix: "api",
            http: { method: "POST", path: "/", protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "test" },
            requestId: "id",
            routeKey: "POST /",
            stage: "$default",
            time: "21/Nov/2026:04:00:00 +0000",
            timeEpoch: arrival.milliseconds,
        },
        body: isBase64Encoded ? body.toString("base64") : body,
        isBase64Encoded,
    };
}

/** The environment's KEY_HASHES for named keys. */
export function keyHashes(keys: Record<string, string>): string {
    const hashes = Object.entries(keys).map(([name, key]) => [name, createHash("sha256").update(key).digest("hex")]);
    return JSON.stringify(Object.fromEntries(hashes));
}
