/**
 * Runs a Node function as Lambda's runtime does: loads the handler, then fetches invocations over the Runtime API and
 * answers them, one at a time. It stands alone: only Node's own modules, started as a process of its own.
 */
import { existsSync } from "node:fs";
import http, { Agent, type IncomingHttpHeaders } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { Lockstep } from "./lockstep";

type Callback = (error: unknown, result?: unknown) => void;
type Handler = (event: unknown, context: object, callback: Callback) => unknown;

/** An error with the name that Lambda gives it. */
class RuntimeError extends Error {
    constructor(name: string, message: string) {
        super(message);
        this.name = name;
    }
}

const [, runtimeHost, runtimePath] = /^([^/]*)(.*)$/.exec(process.env.AWS_LAMBDA_RUNTIME_API!)!;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
/** Of this machine: the handler gets others. */
const { request } = http;
const machineTime = Date.now;
/** The pipeline's time, in milliseconds since 1970. */
let now = machineTime;
let currentId: string | undefined;

endWithParent();
shiftDate();
const lockstep = process.env.EVENTPIPELINE_LOCKSTEP
    ? new Lockstep(new URL(process.env.AWS_ENDPOINT_URL!), (calls) => void call("POST", "waiting", calls))
    : undefined;
process.on("uncaughtException", (error) => void crash(error, 129));
process.on("unhandledRejection", (reason) => {
    const rejection = new RuntimeError("Runtime.UnhandledPromiseRejection", describe(reason).errorMessage);
    rejection.stack = reason instanceof Error ? reason.stack : undefined;
    void crash(rejection, 128);
});
void main();

async function main(): Promise<void> {
    let handler: Handler;
    try {
        handler = await loadHandler(process.env.LAMBDA_TASK_ROOT!, process.env._HANDLER!);
    } catch (error) {
        log("Uncaught Exception", error);
        await post("init/error", describe(error));
        process.exit(1);
    }
    for (;;) {
        const { headers, body } = await call("GET", "invocation/next");
        await answer(handler, headers, body);
    }
}

async function answer(handler: Handler, headers: IncomingHttpHeaders, body: string): Promise<void> {
    const id = String(headers["lambda-runtime-aws-request-id"]);
    currentId = id;
    const time = Number(headers["eventpipeline-time-ms"]);
    const begun = machineTime();
    now = lockstep?.begin(id, time) ?? (() => time + machineTime() - begun);
    try {
        const result = await run(handler, JSON.parse(body), contextOf(id, headers));
        const payload = stringify(result);
        await endOutput(id);
        await call("POST", `invocation/${id}/response`, payload);
    } catch (error) {
        log("Invoke Error", error);
        await endOutput(id);
        await post(`invocation/${id}/error`, describe(error));
    }
    currentId = undefined;
}

/** A promise is awaited; without one, the callback gives the result. */
function run(handler: Handler, event: unknown, context: object): Promise<unknown> {
    return new Promise((resolve, reject) => {
        const result = handler(event, context, (error, value) => (error ? reject(error) : resolve(value)));
        if (typeof (result as PromiseLike<unknown> | undefined)?.then === "function") resolve(result);
        else if (handler.length < 3) resolve(null);
    });
}

function contextOf(id: string, headers: IncomingHttpHeaders): object {
    const deadline = Number(headers["lambda-runtime-deadline-ms"]);
    return {
        functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
        functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
        memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
        logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
        logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
        invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
        awsRequestId: id,
        callbackWaitsForEmptyEventLoop: true,
        getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    };
}

/** `folder/module.export.nested`, as CommonJS or an ES module. */
async function loadHandler(root: string, name: string): Promise<Handler> {
    const [, modulePath, exportPath] = /^((?:.*\/)?[^./]+)\.([^/]+)$/.exec(name) ?? [];
    if (!modulePath || !exportPath) throw new RuntimeError("Runtime.MalformedHandlerName", `Bad handler: ${name}`);
    const file = [".js", ".mjs", ".cjs"].map((ending) => join(root, modulePath + ending)).find(existsSync);
    if (!file) throw new RuntimeError("Runtime.ImportModuleError", `Error: Cannot find module '${modulePath}'`);

    const loaded = await load(file);
    const handler = exportPath.split(".").reduce<unknown>((value, key) => (value as never)?.[key], loaded);
    if (typeof handler === "function") return handler as Handler;
    throw new RuntimeError("Runtime.HandlerNotFound", `${name} is undefined or not exported`);
}

async function load(file: string): Promise<unknown> {
    try {
        const module = (await import(pathToFileURL(file).href)) as { default?: unknown };
        // What a CommonJS module exports dynamically is found in its default only.
        return { ...(module.default as object | undefined), ...module };
    } catch (error) {
        if (error instanceof SyntaxError) throw new RuntimeError("Runtime.UserCodeSyntaxError", String(error));
        if (/_?MODULE_NOT_FOUND$/.test(String((error as NodeJS.ErrnoException).code))) {
            throw new RuntimeError("Runtime.ImportModuleError", String(error));
        }
        throw error;
    }
}

function stringify(result: unknown): string {
    try {
        return JSON.stringify(result === undefined ? null : result);
    } catch {
        throw new RuntimeError("Runtime.MarshalError", "Unable to stringify response body");
    }
}

async function crash(error: unknown, status: number): Promise<void> {
    log("Uncaught Exception", error);
    if (currentId) await post(`invocation/${currentId}/error`, describe(error)).catch(() => {});
    process.exit(status);
}

interface ErrorDescription {
    errorType: string;
    errorMessage: string;
    trace: string[];
}

function describe(error: unknown): ErrorDescription {
    if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
    return { errorType: error.name, errorMessage: error.message, trace: error.stack?.split("\n") ?? [] };
}

function log(title: string, error: unknown): void {
    const { errorType, errorMessage, trace } = describe(error);
    process.stdout.write(`ERROR\t${title}\t${JSON.stringify({ errorType, errorMessage, stack: trace })}\n`);
}

/** The last line of an invocation's output, after which its answer counts. */
function endOutput(id: string): Promise<void> {
    return new Promise((resolve) => process.stdout.write(`END RequestId: ${id}\n`, () => resolve()));
}

function post(operation: string, body: object): Promise<unknown> {
    return call("POST", operation, JSON.stringify(body));
}

function call(
    method: string,
    operation: string,
    body?: string,
): Promise<{ headers: IncomingHttpHeaders; body: string }> {
    return new Promise((resolve, reject) => {
        const url = `http://${runtimeHost}${runtimePath}/2018-06-01/runtime/${operation}`;
        const sent = request(url, { method, agent }, (response) => {
            const chunks: Buffer[] = [];
            response.on("data", (chunk: Buffer) => chunks.push(chunk));
            response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(chunks).toString() }));
            response.on("error", reject);
        });
        sent.on("error", reject);
        sent.end(body);
    });
}

/**
 * The pipeline's process holds the other end of standard input: when it dies, so does this one, even in a busy loop. The
 * thread waits for events, since one that is stuck in a read would keep this process from exiting.
 */
function endWithParent(): void {
    const watch = `new (require("node:net").Socket)({ fd: 0, readable: true, writable: false })
        .on("error", () => {}).on("close", () => process.kill(process.pid, "SIGKILL")).resume();`;
    new Worker(watch, { eval: true, env: {} }).unref();
}

/** `Date` tells the pipeline's time. */
function shiftDate(): void {
    const RealDate = Date;
    const Shifted = new Proxy(RealDate, {
        construct: (target, args, newTarget) => Reflect.construct(target, args.length ? args : [now()], newTarget),
        apply: () => new RealDate(now()).toString(),
        get: (target, key) => (key === "now" ? () => now() : Reflect.get(target, key)),
    });
    RealDate.prototype.constructor = Shifted;
    globalThis.Date = Shifted;
}
