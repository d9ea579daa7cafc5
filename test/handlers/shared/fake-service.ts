import { Readable } from "node:stream";

/** A request as the SDK's clients hand it to the network. */
export interface SentRequest {
    method: string;
    path: string;
    query: Record<string, string | null>;
    headers: Record<string, string>;
    body?: Uint8Array | string;
}

/** A response as it would come from the network. */
export interface GivenResponse {
    statusCode: number;
    headers?: Record<string, string>;
    body?: Uint8Array | string | Readable;
}

/** Client configuration that answers by a function in place of the network; serializer and retries are the SDK's own. */
export function answeredBy(answer: (request: SentRequest) => GivenResponse | Promise<GivenResponse>) {
    return {
        region: "eu-west-1",
        credentials: { accessKeyId: "test", secretAccessKey: "test" },
        requestHandler: {
            async handle(request: SentRequest) {
                const { statusCode, headers = {}, body = "" } = await answer(request);
                const stream = body instanceof Readable ? body : Readable.from([Buffer.from(body)]);
                return { response: { statusCode, headers, body: stream } };
            },
        } as never,
    };
}

/** The body of a request to a service that speaks JSON, and the operation it asks for. */
export function jsonRequest(request: SentRequest): { operation: string; input: Record<string, unknown> } {
    const operation = request.headers["x-amz-target"]!.split(".")[1]!;
    const body = typeof request.body === "string" ? request.body : new TextDecoder().decode(request.body);
    return { operation, input: JSON.parse(body) };
}

/** Answers of a service that speaks JSON. */
export function jsonResponse(output: unknown, statusCode = 200): GivenResponse {
    return { statusCode, headers: { "content-type": "application/x-amz-json-1.1" }, body: JSON.stringify(output) };
}

/** A service's error, by its name. */
export function jsonError(name: string, message: string): GivenResponse {
    return jsonResponse({ __type: name, message }, 400);
}
