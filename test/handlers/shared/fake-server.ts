import { createServer, type Server } from "node:http";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { GivenResponse, SentRequest } from "./fake-service";

/** A server that answers by a function, for processes of their own; it does not listen yet. */
export function serverOf(answer: (request: SentRequest) => GivenResponse | Promise<GivenResponse>): Server {
    return createServer(async (request, response) => {
        const url = new URL(request.url!, "http://localhost");
        const { statusCode, headers, body } = await answer({
            method: request.method!,
            path: url.pathname,
            query: Object.fromEntries(url.searchParams),
            headers: request.headers as Record<string, string>,
            body: await buffer(request),
        });
        response.writeHead(statusCode, headers);
        if (body instanceof Readable) body.pipe(response);
        else response.end(body);
    });
}
