/** What API Gateway answers by itself: the type of its response, the status, and what is said. */
export interface Refusal {
    responseType: string;
    /** @default API Gateway's own */
    statusCode?: string;
    template: string;
    headers?: Record<string, string>;
}

const retryAfter = { "Retry-After": "'1'" };

/** Every refusal is a JSON object with a `message`. What is not there is 404, while API Gateway by itself says 403. */
export const refusals: Refusal[] = [
    refusal("MISSING_AUTHENTICATION_TOKEN", "404", "no such stream or method: GET /streams lists the streams"),
    refusal("INVALID_API_KEY", "403", "the header x-api-key holds no key of this API"),
    refusal("UNSUPPORTED_MEDIA_TYPE", "415", "events are sent as application/json"),
    refusal("REQUEST_TOO_LARGE", "413", "a request has at most 10 MB"),
    { ...refusal("THROTTLED", "429", "too many requests at once: send again later"), headers: retryAfter },
    refusal("QUOTA_EXCEEDED", "429", "the key's quota is used up"),
    {
        responseType: "BAD_REQUEST_BODY",
        statusCode: "400",
        template:
            '{"message": "the body does not fit the columns of the stream", "problems": "$context.error.validationErrorString"}',
    },
    { responseType: "DEFAULT_4XX", template: '{"message": $context.error.messageString}' },
    { responseType: "DEFAULT_5XX", template: '{"message": $context.error.messageString}' },
];

function refusal(responseType: string, statusCode: string, message: string): Refusal {
    return { responseType, statusCode, template: JSON.stringify({ message }) };
}

/**
 * Headers by which a page may read a refusal. API Gateway can't choose among origins here: where there are several, it
 * names whoever asks. A refusal says nothing but the texts above, and no page gets further without a preflight.
 */
export function refusalHeaders(origins: string[], { headers }: Refusal): Record<string, string> {
    const [only, ...others] = origins;
    const cors: Record<string, string> = only
        ? {
              "Access-Control-Allow-Origin": others.length > 0 ? "method.request.header.Origin" : `'${only}'`,
              Vary: "'Origin'",
          }
        : {};
    const all = Object.entries({ ...headers, ...cors });
    return Object.fromEntries(all.map(([name, value]) => [`gatewayresponse.header.${name}`, value]));
}
