/** `corsConfiguration` of an HTTP API. */
export interface CorsConfiguration {
    allowOrigins?: string[];
    allowMethods?: string[];
    allowHeaders?: string[];
    allowCredentials?: boolean;
    exposeHeaders?: string[];
    /** Seconds that a browser keeps a preflight's answer. */
    maxAge?: number;
}

/** Whether API Gateway answers a request itself: a browser asking beforehand. */
export function isPreflight(method: string, headers: Record<string, string>): boolean {
    return method === "OPTIONS" && "origin" in headers && "access-control-request-method" in headers;
}

/** What an allowed origin is told beforehand; others are told nothing. */
export function preflightHeaders(cors: CorsConfiguration, origin: string | undefined): Record<string, string> {
    return headersFor(cors, origin, {
        "access-control-allow-methods": cors.allowMethods?.join(","),
        "access-control-allow-headers": cors.allowHeaders?.join(","),
        "access-control-max-age": cors.maxAge?.toString(),
    });
}

/** What an allowed origin is told with a response; others are told nothing. */
export function responseHeaders(cors: CorsConfiguration, origin: string | undefined): Record<string, string> {
    return headersFor(cors, origin, { "access-control-expose-headers": cors.exposeHeaders?.join(",") });
}

function headersFor(
    { allowOrigins = [], allowCredentials }: CorsConfiguration,
    origin: string | undefined,
    more: Record<string, string | undefined>,
): Record<string, string> {
    if (origin === undefined || !allowOrigins.some((allowed) => allows(allowed, origin))) return {};
    const headers = {
        "access-control-allow-origin": allowOrigins.includes("*") ? "*" : origin,
        "access-control-allow-credentials": allowCredentials ? "true" : undefined,
        ...more,
    };
    return Object.fromEntries(Object.entries(headers).filter((entry): entry is [string, string] => !!entry[1]));
}

/** `*`, `https://*` and `http://*` stand for any origin of theirs. */
function allows(allowed: string, origin: string): boolean {
    return allowed.endsWith("*") ? origin.startsWith(allowed.slice(0, -1)) : allowed === origin;
}
