import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { ConnectionCut } from "./faults/connection-cut";
import { faultyCall } from "./faults/faulty-call";
import { Listener } from "./listener";
import { AwsError, type AwsRequest, type AwsResponse, type Endpoint, type Runtime } from "./runtime";
import type { Lambda, LambdaFunction } from "./services/lambda";
import { callHeader } from "./services/lambda/lockstep";
import { operationName } from "./services/s3/protocol";
import { errorXml } from "./services/s3/xml";
import { queryError } from "./services/sns";

/**
 * The one address that stands for all of AWS: requests are told apart by the service that their signature names.
 * It speaks plain HTTP, because S3's keys need the request line as it was sent.
 */
export class Server {
    private readonly endpoints = new Map<string, Endpoint>();
    private runtime?: Runtime;
    private lambda?: Lambda;

    private constructor(private readonly listener: Listener) {
        listener.onRequest((request, response) => void this.answer(request, response));
    }

    /** Listens on a free port of the loopback interface. */
    static async start(): Promise<Server> {
        return new Server(await Listener.start());
    }

    /** Its address. */
    get url(): string {
        return this.listener.url;
    }

    /** Opens the services; before that, every request is refused. */
    serve(runtime: Runtime, lambda: Lambda, endpoints: Endpoint[]): void {
        this.runtime = runtime;
        this.lambda = lambda;
        for (const endpoint of endpoints) this.endpoints.set(endpoint.name, endpoint);
    }

    async stop(): Promise<void> {
        await this.listener.stop();
    }

    private async answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
        try {
            const request = await readRequest(incoming);
            send(outgoing, await this.dispatch(request), this.dateFor(request));
        } catch (error) {
            // The caller hung up, or sent what is not HTTP.
            outgoing.destroy(error as Error);
        }
    }

    /** Functions live in the pipeline's time: an SDK that was told another would think that its own clock is wrong, and try again. */
    private dateFor(request: AwsRequest): Date {
        const caller = this.lambda?.caller(readSignature(request)?.accessKeyId ?? "");
        return new Date(caller ? this.runtime!.clock.now() : Date.now());
    }

    private async dispatch(request: AwsRequest): Promise<AwsResponse> {
        const signature = readSignature(request);
        const runtimeApi = this.lambda?.isRuntimeApi(request.path) ? this.lambda : undefined;
        const service = runtimeApi ? "lambda" : (signature?.service ?? "s3");
        try {
            if (runtimeApi) return await runtimeApi.handleRuntimeApi(request);
            if (!signature) throw new AwsError("AccessDenied", "the request is not signed: use an AWS SDK", 403);
            const endpoint = this.endpoints.get(signature.service);
            if (!endpoint || !this.runtime) {
                throw new AwsError(
                    "NotImplemented",
                    `AWS service "${signature.service}" is not modelled on this machine`,
                    501,
                );
            }
            const caller = this.lambda?.caller(signature.accessKeyId);
            const cause = caller?.cause;
            const { access } = this.runtime;
            const role = caller?.role;
            const act = async () => {
                access?.check(role, endpoint.name, actionOf(endpoint, request), request);
                const answer = endpoint.handle({ ...request, ...(cause && { cause }), ...(role && { role }) });
                return access ? access.hideMissing(role, endpoint.name, request, answer) : answer;
            };
            return await this.runtime.work.track(() => (caller ? this.actFor(caller, endpoint, request, act) : act()));
        } catch (error) {
            if (error instanceof ConnectionCut) throw error;
            return renderError(service, this.asAwsError(service, error), request);
        }
    }

    /** A function's call: at its turn and with its faults, where there are some. */
    private actFor(
        caller: LambdaFunction,
        endpoint: Endpoint,
        request: AwsRequest,
        act: () => Promise<AwsResponse>,
    ): Promise<AwsResponse> {
        const { faults } = this.runtime!;
        const turns = caller.isBusy ? faults?.turns : undefined;
        if (!turns) return actWithFaults();
        const startTime = caller.stopTime();
        const actInTime = () => {
            startTime();
            return actWithFaults();
        };
        const call = request.headers[callHeader];
        const number = call === undefined ? undefined : Number(call);
        // An invocation waits for another function.
        if (endpoint.name === "lambda") return turns.takeAndWait(caller.processName, actInTime, number);
        return turns.take(caller.processName, actInTime, number);

        function actWithFaults(): Promise<AwsResponse> {
            const fate = faults?.call(caller.logicalName, endpoint.name, actionOf(endpoint, request));
            return fate ? faultyCall(fate, caller, act) : act();
        }
    }

    /** What no service worded is a defect of the local runtime: it must not pass unseen. */
    private asAwsError(service: string, error: unknown): AwsError {
        if (error instanceof AwsError) return error;
        const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
        this.runtime?.journal.write({ kind: "failure", stage: service, reason, count: 1 });
        return new AwsError("InternalError", reason, 500);
    }
}

async function readRequest(incoming: IncomingMessage): Promise<AwsRequest> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const [, path, query] = /^([^?]*)\??(.*)$/s.exec(incoming.url!)!;
    return {
        method: incoming.method!,
        path: path!,
        query: new URLSearchParams(query),
        headers: Object.fromEntries(
            Object.entries(incoming.headers).map(([name, value]) => [
                name,
                Array.isArray(value) ? value.join(",") : value!,
            ]),
        ),
        body: Buffer.concat(chunks),
    };
}

/** Who calls which service: in the Authorization header, or in the query of a presigned URL. */
function readSignature(request: AwsRequest): { accessKeyId: string; service: string } | undefined {
    const credential =
        /Credential=([^,\s]+)/.exec(request.headers.authorization ?? "")?.[1] ?? request.query.get("X-Amz-Credential");
    const [accessKeyId, , , service] = credential?.split("/") ?? [];
    return accessKeyId && service ? { accessKeyId, service } : undefined;
}

/** Such as `PutObject`. */
function actionOf(endpoint: Endpoint, request: AwsRequest): string {
    if (endpoint.action) return endpoint.action(request);
    if (endpoint.name === "s3") return operationName(request);
    const target = request.headers["x-amz-target"]?.split(".").at(-1);
    return target ?? new URLSearchParams(request.body.toString()).get("Action") ?? request.path;
}

function renderError(service: string, error: AwsError, request: AwsRequest): AwsResponse {
    const { status, code, message } = error;
    if (service === "s3") {
        const body = request.method === "HEAD" ? "" : errorXml(code, message, request.path);
        return { status, headers: { "content-type": "application/xml" }, body };
    }
    if (service === "sns") return { status, headers: { "content-type": "text/xml" }, body: queryError(error) };
    return {
        status,
        headers: { "content-type": "application/x-amz-json-1.1", "x-amzn-errortype": code },
        body: JSON.stringify({ __type: code, message }),
    };
}

function send(outgoing: ServerResponse, response: AwsResponse, date: Date): void {
    const body = Buffer.from(response.body ?? "");
    outgoing.writeHead(response.status, {
        ...(response.status !== 204 && { "content-length": body.length }),
        date: date.toUTCString(),
        "x-amzn-requestid": randomUUID(),
        ...response.headers,
    });
    outgoing.end(body);
}
