import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Endpoint, Runtime } from "../runtime";
import { isWellFormed, readRequest } from "./http-api";
import { type HttpRequest, joinHeaders } from "./http-api/event";
import { matchRoute } from "./http-api/routes";
import {
    type ApiMethod,
    type ApiStage,
    type Key,
    quotedText,
    type RestApiConfiguration,
    readRestApis,
} from "./rest-api/configuration";
import { Integrations, type RestAnswer } from "./rest-api/integrations";
import { Templates } from "./rest-api/mapping";
import { type Judge, Models } from "./rest-api/models";
import { Usage } from "./rest-api/usage";
import { formatTime } from "./time-format";

/** The most that API Gateway takes. */
const bodyLimit = 10 * 1024 * 1024;
const json = "application/json";

/** What API Gateway answers by itself, unless the API says something else. */
const refusals: Record<string, { status: number; message: string }> = {
    MISSING_AUTHENTICATION_TOKEN: { status: 403, message: "Missing Authentication Token" },
    INVALID_API_KEY: { status: 403, message: "Forbidden" },
    THROTTLED: { status: 429, message: "Too Many Requests" },
    QUOTA_EXCEEDED: { status: 429, message: "Limit Exceeded" },
    REQUEST_TOO_LARGE: { status: 413, message: "Request Too Long" },
    UNSUPPORTED_MEDIA_TYPE: { status: 415, message: "Unsupported Media Type" },
    BAD_REQUEST_BODY: { status: 400, message: "Invalid request body" },
    API_CONFIGURATION_ERROR: { status: 500, message: "Internal server error" },
};

/** API Gateway's REST APIs: a server on this machine for each, with the templates and models as they are deployed. */
export class RestApis {
    /** Address of the first stage of each API, by its logical name. */
    readonly urls: Record<string, string> = {};
    private readonly apis: RestApiConfiguration[];
    private readonly judges = new Map<string, Judge>();
    private readonly servers: Server[] = [];
    private readonly usage = new Usage();
    private integrations?: Integrations;

    constructor(
        private readonly runtime: Runtime,
        private readonly endpoints: Endpoint[],
    ) {
        this.apis = readRestApis(runtime.program);
    }

    /** What the APIs answer to; preflights are a browser's own business. */
    get routes(): { method: string; url: string }[] {
        return this.apis.flatMap(({ logicalName, paths }) =>
            paths.flatMap(({ path, methods }) =>
                methods
                    .filter(({ httpMethod }) => httpMethod !== "OPTIONS")
                    .map(({ httpMethod }) => ({ method: httpMethod, url: `${this.urls[logicalName]}${path}` })),
            ),
        );
    }

    async start(): Promise<void> {
        if (this.apis.length === 0) return;
        this.integrations = new Integrations(await Templates.load(), this.endpoints, this.runtime.access);
        await this.readModels();
        for (const api of this.apis) {
            const server = createServer((incoming, outgoing) => {
                void this.runtime.work.track(() => this.serve(api, incoming, outgoing));
            });
            this.servers.push(server.listen(0, "127.0.0.1"));
            await once(server, "listening");
            const { port } = server.address() as AddressInfo;
            this.urls[api.logicalName] = `http://127.0.0.1:${port}/${api.stages[0]?.name ?? ""}`;
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

    private async readModels(): Promise<void> {
        const methods = this.apis.flatMap(({ paths }) => paths.flatMap((path) => path.methods));
        const schemas = new Set(methods.flatMap(({ schema }) => schema ?? []));
        if (schemas.size === 0) return;
        const models = await Models.load();
        for (const schema of schemas) this.judges.set(schema, models.judge(schema));
    }

    private async serve(api: RestApiConfiguration, incoming: IncomingMessage, outgoing: ServerResponse) {
        const request = await readRequest(incoming, bodyLimit);
        if (!request) return;
        const requestId = randomUUID();
        const { status, headers, body } = await this.answer(api, request, requestId);
        const { method, path } = request;
        this.runtime.journal.write({ kind: "request", method, path, status });
        const content = status === 204 ? undefined : Buffer.from(body);
        outgoing.writeHead(status, {
            "content-type": json,
            ...headers,
            "x-amzn-requestid": requestId,
            ...(content && { "content-length": content.length }),
        });
        outgoing.end(content);
    }

    /** API Gateway asks in this order: path, key, limits, size, media type, model; then it calls. */
    private async answer(api: RestApiConfiguration, request: HttpRequest, requestId: string): Promise<RestAnswer> {
        const now = this.runtime.clock.now();
        const headers = joinHeaders(request.rawHeaders);
        const refuse = (type: string, problems = "") => refusal(api, type, headers, problems);
        const routed = isWellFormed(request.path) ? route(api, request) : undefined;
        if (!routed) return refuse("MISSING_AUTHENTICATION_TOKEN");
        const { stage, method, resourcePath, pathParameters } = routed;

        let key: Key | undefined;
        if (method.needsKey) {
            const used = this.usage.useKey(stage.plans, headers["x-api-key"], now);
            if ("denial" in used) return refuse(used.denial);
            key = used.key;
        }
        const methodName = `${api.id} ${stage.name} ${method.httpMethod} ${resourcePath}`;
        if (!this.usage.useMethod(methodName, stage.throttle, now)) return refuse("THROTTLED");
        if (request.body.length > bodyLimit) return refuse("REQUEST_TOO_LARGE");
        if (mediaType(headers) !== json) return refuse("UNSUPPORTED_MEDIA_TYPE");
        const problems = method.schema && this.judges.get(method.schema)!(request.body.toString());
        if (problems) return refuse("BAD_REQUEST_BODY", problems);

        const context = {
            apiId: api.id,
            httpMethod: request.method,
            identity: identityOf(request, headers, key),
            path: request.path,
            requestId,
            requestTime: formatTime("dd/MMM/yyyy:HH:mm:ss '+0000'", now, "UTC"),
            requestTimeEpoch: now,
            resourcePath,
            stage: stage.name,
        };
        try {
            const call = { request, path: pathParameters, context, stage };
            return await this.integrations!.answer(method.integration, call);
        } catch (error) {
            this.runtime.journal.write({
                kind: "failure",
                stage: `REST API ${api.logicalName}: ${method.httpMethod} ${resourcePath}`,
                reason: (error as Error).message,
                count: 1,
            });
            return refuse("API_CONFIGURATION_ERROR");
        }
    }
}

interface Routed {
    stage: ApiStage;
    method: ApiMethod;
    resourcePath: string;
    pathParameters: Record<string, string>;
}

/** The stage, the path and the method that a request is for. */
function route(api: RestApiConfiguration, { method: httpMethod, path }: HttpRequest): Routed | undefined {
    const [, first, rest] = /^\/([^/]*)(.*)$/.exec(path) ?? [];
    const stage = api.stages.find(({ name }) => name === first);
    const match = stage && matchRoute(api.paths, httpMethod, rest!);
    const method = match?.route.methods.find((each) => [httpMethod, "ANY"].includes(each.httpMethod));
    if (!stage || !match || !method) return undefined;
    return { stage, method, resourcePath: match.route.path, pathParameters: match.pathParameters };
}

/** What is sent without a type counts as JSON. */
function mediaType(headers: Record<string, string>): string {
    return (headers["content-type"] ?? json).split(";")[0]!.trim().toLowerCase();
}

function identityOf({ sourceIp }: HttpRequest, headers: Record<string, string>, key: Key | undefined) {
    return { sourceIp, userAgent: headers["user-agent"] ?? "", ...(key && { apiKey: key.value, apiKeyId: key.id }) };
}

/** An answer of API Gateway's own, as the API words it: its templates know two variables and no Velocity. */
function refusal(
    api: RestApiConfiguration,
    type: string,
    request: Record<string, string>,
    problems: string,
): RestAnswer {
    const { status, message } = refusals[type]!;
    const fallback = api.responses.get(status < 500 ? "DEFAULT_4XX" : "DEFAULT_5XX");
    const response = api.responses.get(type) ?? fallback;
    const template = response?.template ?? '{"message":$context.error.messageString}';
    const body = template
        .replaceAll("$context.error.messageString", () => JSON.stringify(message))
        .replaceAll("$context.error.validationErrorString", () => JSON.stringify(`[${problems}]`).slice(1, -1));
    const headers = Object.entries(response?.headers ?? {}).flatMap(([name, value]) => {
        const text = quotedText(value) ?? request[value.replace("method.request.header.", "").toLowerCase()];
        return text === undefined ? [] : [[name, text]];
    });
    return { status: response?.statusCode ?? status, headers: Object.fromEntries(headers), body };
}
