import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";

/** Why an event of a request is refused; `index` counts the request's events from 0. */
export interface EventError {
    index: number;
    reason: string;
}

/** A request that is not taken, as its sender is told. */
export class Refusal extends Error {
    constructor(
        readonly statusCode: number,
        message: string,
        readonly headers: Record<string, string> = {},
        readonly errors?: EventError[],
    ) {
        super(message);
    }
}

/** 400: what was sent is wrong, and sending it again doesn't help. */
export function badRequest(message: string, errors: EventError[] = []): Refusal {
    return new Refusal(400, message, {}, errors);
}

/** The answer to a request whose events are all stored. */
export const stored: APIGatewayProxyStructuredResultV2 = { statusCode: 204 };

/** The answer to a refused request; anything but a refusal is thrown on. */
export function refused(problem: unknown): APIGatewayProxyStructuredResultV2 {
    if (!(problem instanceof Refusal)) throw problem;
    const { statusCode, message, headers, errors } = problem;
    return {
        statusCode,
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify({ message, errors }),
    };
}
