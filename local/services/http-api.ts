import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Clock } from "../clock";
import { arnOf } from "../iam/requirements";
import type { Runtime } from "../runtime";
import { functionAnswer, type HttpAnswer, message } from "./http-api/answer";
import { type ApiConfiguration, readApis, type Stage } from "./http-api/configuration";
import { isPreflight, preflightHeaders, responseHeaders } from "./http-api/cors";
import { type HttpRequest, joinHeaders, newRequestId, proxyEvent } from "./http-api/event";
import { type Match, matchRoute, type Route } from "./http-api/routes";
import { TokenBucket } from "./http-api/throttle";
import type { Lambda } from "./lambda";

/** The largest event of a synchronous invocation; API Gateway's own limit of 10 MB lies above it. */
const eventLimit = 6 * 1024 * 1024;

/** API Gateway's HTTP APIs: a server on this machine for each, functions behind its routes. */
export class HttpApi {
    /** Where each API listens, by its logical name. */
    readonly urls: Record<string, string> = {};
    private readonly apis: ApiConfiguration[];
    private readonly servers: Server[] = [];
    private readonly buckets = new Map<string, TokenBucket>();

    constructor(
        private readonly runtime: Runtime,
        private readonly lambda: Pick<Lambda, "invoke">,
    ) {
        this.apis = readApis(runtime.program);
    }

    async start(): Promise<void> {
        for (const api of this.apis) {
            const server = createServer((incoming, outgoing) => {
                void this.runtime.work.track(() => this.serve(api, incoming, outgoing));
            });
            this.servers.push(server.listen(0, "127.0.0.1"));
            await once(server, "listening");
            this.urls[api.logicalName] = `http://127.0.0.1:${(server.address() as AddressInfo).port}${pathOf(api)}`;
        }
    }

    async stop(): Promise<void> {
        for (const server of this.servers.splice(0)) {
            const closed = once(server, "close");
            server.close();
            server.closeAllConnections();
            await closed;
        }
    }

    private async serve(api: ApiConfiguration, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
        const request = await readRequest(incoming, eventLimit);
        if (!request) return;
        const requestId = newRequestId();
        const answer = await this.answer(api, request, requestId);
        this.runtime.journal.write({
            kind: "request",
            method: request.method,
            path: request.path,
            status: answer.status,
        });
        send(outgoing, answer, requestId);
    }

    /** The whole of an answer, with the API's CORS headers instead of the function's. */
    private async answer({ cors, ...api }: ApiConfiguration, request: HttpRequest, requestId: string) {
        const headers = joinHeaders(request.rawHeaders);
        if (!cors) return this.route(api, request, requestId);
        if (isPreflight(request.method, headers)) {
            return { status: 204, headers: preflightHeaders(cors, headers.origin), body: Buffer.alloc(0) };
        }
        const answer = await this.route(api, request, requestId);
        const own = Object.entries(answer.headers).filter(([name]) => !name.startsWith("access-control-"));
        return { ...answer, headers: { ...Object.fromEntries(own), ...responseHeaders(cors, headers.origin) } };
    }

    private async route(api: ApiConfiguration, request: HttpRequest, requestId: string): Promise<HttpAnswer> {
        if (!isWellFormed(request.path)) return message(400, "Bad Request");
        const { stage, path } = chooseStage(api.stages, request.path);
        const match = stage && matchRoute(api.routes, request.method, path);
        if (!match) return message(404, "Not Found");
        if (!this.mayPass(api.id, stage, match.route.key)) return message(429, "Too Many Requests");
        return this.invoke(match, request, {
            apiId: api.id,
            stage: stage.name,
            stageVariables: stage.variables,
            requestId,
        });
    }

    private mayPass(apiId: string, stage: Stage, routeKey: string): boolean {
        const settings = stage.throttle(routeKey);
        if (!settings) return true;
        const now = this.runtime.clock.now();
        const name = `${apiId} ${stage.name} ${routeKey}`;
        const bucket = this.buckets.get(name) ?? new TokenBucket(settings, now);
        this.buckets.set(name, bucket);
        return bucket.take(now);
    }

    private async invoke(
        match: Match,
        request: HttpRequest,
        context: { apiId: string; stage: string; stageVariables?: Record<string, string>; requestId: string },
    ): Promise<HttpAnswer> {
        const { clock } = this.runtime;
        const event = proxyEvent(request, { ...match, ...context, time: clock.now() });
        if (Buffer.byteLength(JSON.stringify(event)) > eventLimit) return message(413, "Request Entity Too Large");
        const { route } = match;
        const [, path = "$default"] = route.key.split(" ");
        const called = path === "$default" ? path : `${request.method}${path}`;
        const arn = arnOf("execute-api", `${context.apiId}/${context.stage}/${called}`);
        const { access } = this.runtime;
        if (access && !access.mayDeliver({ service: "apigateway.amazonaws.com", arn }, route.functionArn)) {
            return message(500, "Internal Server Error");
        }
        const answer = await within(clock, route.timeout, this.callFunction(route, event));
        return answer ?? message(503, "Service Unavailable");
    }

    private async callFunction({ functionArn }: Route, event: unknown): Promise<HttpAnswer> {
        try {
            const { payload, error } = await this.lambda.invoke(functionArn, event);
            return error ? message(500, "Internal Server Error") : functionAnswer(payload);
        } catch {
            return message(500, "Internal Server Error");
        }
    }
}

/** An API without a `$default` stage is reached under the path of its first. */
function pathOf({ stages }: ApiConfiguration): string {
    const [first] = stages;
    return !first || stages.some(({ name }) => name === "$default") ? "" : `/${first.name}`;
}

function chooseStage(stages: Stage[], path: string): { stage?: Stage; path: string } {
    const [, first, rest] = /^\/([^/]*)(.*)$/.exec(path) ?? [];
    const named = stages.find(({ name }) => name === first);
    if (named) return { stage: named, path: rest || "/" };
    return { stage: stages.find(({ name }) => name === "$default"), path };
}

/** Reads a request whole, keeping no more of a body than shows that it is too large; nothing if the client left. */
export async function readRequest(incoming: IncomingMessage, limit: number): Promise<HttpRequest | undefined> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    try {
        for await (const chunk of incoming as AsyncIterable<Buffer>) {
            if (bytes <= limit) chunks.push(chunk);
            bytes += chunk.length;
        }
    } catch {
        return undefined;
    }
    const [path, ...query] = incoming.url!.split("?");
    return {
        method: incoming.method!,
        path: path!,
        queryString: query.join("?"),
        protocol: `HTTP/${incoming.httpVersion}`,
        sourceIp: incoming.socket.remoteAddress ?? "127.0.0.1",
        rawHeaders: incoming.rawHeaders,
        body: Buffer.concat(chunks),
    };
}

function send(outgoing: ServerResponse, { status, headers, cookies = [], body }: HttpAnswer, requestId: string): void {
    const content = status === 204 || status === 304 ? undefined : body;
    outgoing.writeHead(status, {
        ...headers,
        "apigw-requestid": requestId,
        ...(content && { "content-length": content.length }),
        ...(cookies.length > 0 && { "set-cookie": cookies }),
    });
    outgoing.end(content);
}

/** Whether the path can be decoded. */
export function isWellFormed(path: string): boolean {
    try {
        decodeURIComponent(path);
        return true;
    } catch {
        return false;
    }
}

/** What `promise` gives within `milliseconds`, or nothing. */
function within<T>(clock: Clock, milliseconds: number, promise: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
        const cancel = clock.at(clock.now() + milliseconds, () => resolve(undefined));
        promise.then(resolve, reject).finally(cancel);
    });
}
