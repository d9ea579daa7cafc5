import { createHash } from "node:crypto";
import { join } from "node:path";
import { arnOf } from "../../iam/requirements";
import { newUuid } from "../../identifiers";
import type { CapturedAsset, CapturedResource } from "../../program";
import { AwsError, type AwsRequest, type AwsResponse, type Cause, type Runtime } from "../../runtime";
import { unpack } from "./code";
import { exitError, payloadLimit, reportedError, returned, stopped, timeoutError } from "./endings";
import { functionEnvironment } from "./environment";
import { type Ending, Invocation, type InvocationError, type InvocationResult } from "./invocation";
import { type Command, commandOf, defaultMemorySize } from "./runtimes";
import { Sandbox } from "./sandbox";

const traceActions = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"];

/** Lambda gives 10 s; a loaded machine that starts many processes at once gets more. */
const initMilliseconds = 60_000;

interface FunctionInputs {
    role?: string;
    loggingConfig?: { logGroup?: string };
    tracingConfig?: { mode?: string };
    handler?: string;
    runtime?: string;
    packageType?: string;
    layers?: string[];
    code?: CapturedAsset;
    timeout?: number;
    memorySize?: number;
    environment?: { variables?: Record<string, string> };
}

/**
 * A Lambda function: invocations wait in a queue and are handed one at a time to one warm process, started when first
 * needed, which fetches them over the Runtime API. A process that dies is replaced for the next invocation.
 */
export class LambdaFunction {
    readonly name: string;
    /** Tells its process from a second one of the same function. */
    readonly processName: string;
    readonly arn: string;
    readonly logicalName: string;
    /** Why it can't run on this machine; its triggers then leave their messages where they are. */
    skipped?: string;
    /** ARN of the role that it runs as. */
    readonly role?: string;
    /** Its process signs with this, so that the loopback server knows who calls. */
    readonly accessKeyId: string;
    private readonly inputs: FunctionInputs;
    private readonly command: Command;
    /** Ends the process whose invocation has no time left. */
    private readonly expired = () => void this.sandbox?.stop();
    private readonly queue: Invocation[] = [];
    private current?: Invocation;
    private sandbox?: Sandbox;
    private starting?: Promise<void>;
    private initTimer?: NodeJS.Timeout;
    private initError?: InvocationError;
    /** Answers the process's open request for its next invocation. */
    private handOver?: (response: AwsResponse) => void;
    private stopped = false;
    /** Whether it was asked what its role lets Lambda do. */
    private checked = false;

    constructor(
        private readonly runtime: Runtime,
        private readonly resource: CapturedResource,
        private readonly endpointUrl: string,
        private readonly runtimeApiPath: string,
        instance = "",
    ) {
        this.name = String(resource.outputs.name);
        this.processName = this.name + instance;
        this.arn = String(resource.outputs.arn);
        this.logicalName = resource.name;
        this.inputs = resource.inputs;
        this.role = this.inputs.role;
        this.accessKeyId = `AKIA${createHash("sha256").update(this.processName).digest("hex").slice(0, 16).toUpperCase()}`;
        this.command = commandOf(this.inputs);
        if (this.command.skip === undefined) return;
        this.skip(this.command.skip);
    }

    /** Lets it run no more. */
    skip(reason: string): void {
        if (this.skipped !== undefined) return;
        this.skipped = reason;
        this.runtime.journal.write({ kind: "skip", function: this.logicalName, reason });
    }

    /** Whether a variable of its environment has this value. */
    isTold(value: string): boolean {
        return Object.values(this.inputs.environment?.variables ?? {}).includes(value);
    }

    /** The same function with a process of its own. */
    again(): LambdaFunction {
        return new LambdaFunction(this.runtime, this.resource, this.endpointUrl, this.runtimeApiPath, "~again");
    }

    /** What it is working on. */
    get cause(): Cause | undefined {
        return this.current?.cause;
    }

    /** Whether it is working on something. */
    get isBusy(): boolean {
        return this.current !== undefined;
    }

    /** Milliseconds an invocation may take. */
    get timeout(): number {
        return (this.inputs.timeout ?? 3) * 1000;
    }

    /**
     * Milliseconds of this machine that an invocation may take: its timeout, and where a run shall be the same again on a
     * slower machine, ten times as many.
     */
    private get patience(): number {
        return this.runtime.faults?.turns ? 10 * this.timeout : this.timeout;
    }

    /** Runs it and waits for the result. */
    async invoke(payload: unknown, cause?: Cause): Promise<InvocationResult> {
        if (this.skipped) return { error: { errorType: "Local.Skipped", errorMessage: this.skipped }, reasons: {} };
        const event = JSON.stringify(payload ?? null);
        const bytes = Buffer.byteLength(event);
        if (bytes > payloadLimit) {
            throw new AwsError(
                "RequestTooLargeException",
                `${bytes} byte payload is too large for the RequestResponse invocation type (limit ${payloadLimit} bytes)`,
                413,
            );
        }
        this.checkRole();
        const fault = this.runtime.faults?.invocation(this.logicalName);
        if (fault === "throw") return { error: { errorType: "Error", errorMessage: "an injected fault" }, reasons: {} };
        const id = newUuid(this.runtime, this.processName);
        const leave = this.runtime.faults?.turns?.begin(this.processName);
        const invocation = new Invocation(id, event, cause, this.patience, leave);
        const result = await this.runtime.work.track(() => {
            this.queue.push(invocation);
            this.dispatch();
            return invocation.result;
        });
        return fault === "timeout" ? { error: timeoutError(id, this.timeout), reasons: {} } : result;
    }

    /** What Lambda itself does as the function's role: it keeps the log and the traces. */
    private checkRole(): void {
        if (this.checked) return;
        this.checked = true;
        const { loggingConfig, tracingConfig } = this.inputs;
        const log = arnOf(
            "logs",
            `log-group:${loggingConfig?.logGroup ?? `/aws/lambda/${this.name}`}:log-stream:local`,
        );
        const traced = tracingConfig?.mode === "Active";
        this.runtime.access?.mayServiceAs(this.role, { service: "lambda.amazonaws.com" }, [
            { action: "logs:CreateLogStream", resource: log },
            { action: "logs:PutLogEvents", resource: log },
            ...(traced ? traceActions.map((action) => ({ action, resource: "*" })) : []),
        ]);
    }

    /** Ends its process in the midst of what it does. */
    async kill(): Promise<void> {
        await this.sandbox?.stop();
    }

    /** The Runtime API: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html */
    async handleRuntimeApi(operation: string, request: AwsRequest): Promise<AwsResponse> {
        if (operation === "invocation/next") return this.next();
        if (operation === "waiting") {
            this.runtime.faults?.turns?.report(this.processName, JSON.parse(request.body.toString()));
            return accepted;
        }
        if (operation === "init/error") {
            this.initError = reportedError(request.body);
            return accepted;
        }
        const [, id, kind] = /^invocation\/([^/]+)\/(response|error)$/.exec(operation) ?? [];
        if (!id) throw new AwsError("NotImplemented", `Runtime API ${operation} is not modelled on this machine`, 501);
        if (this.current?.id === id) {
            this.current.answer = kind === "error" ? { error: reportedError(request.body) } : returned(request.body);
            this.finishIfDone();
        }
        return accepted;
    }

    /** Ends its process; invocations that wait fail. */
    async stop(): Promise<void> {
        this.stopped = true;
        await this.starting;
        await this.sandbox?.stop();
        this.dispatch();
    }

    /** Starts a process if there is none, and hands it the oldest invocation if it is free. */
    private dispatch(): void {
        if (this.stopped) for (const waiting of this.queue.splice(0)) void this.end(waiting, { error: stopped });
        if (this.current || !this.queue[0]) return;
        if (!this.sandbox && !this.starting) this.starting = this.start();
        if (!this.handOver) return;
        const invocation = this.queue.shift()!;
        const handOver = this.handOver;
        this.handOver = undefined;
        this.current = invocation;
        invocation.startTime(this.expired);
        const now = this.runtime.clock.now();
        handOver({
            status: 200,
            headers: {
                "content-type": "application/json",
                "lambda-runtime-aws-request-id": invocation.id,
                "lambda-runtime-deadline-ms": String(now + this.timeout),
                "lambda-runtime-invoked-function-arn": this.arn,
                // Not of Lambda: lets the process live in the pipeline's time.
                "eventpipeline-time-ms": String(now),
            },
            body: invocation.event,
        });
    }

    /** Until the returned function is called, the time of what it is working on does not count. */
    stopTime(): () => void {
        return this.current?.stopTime(this.expired) ?? (() => {});
    }

    private next(): Promise<AwsResponse> {
        clearTimeout(this.initTimer);
        return new Promise((resolve) => {
            this.handOver = resolve;
            this.dispatch();
        });
    }

    private async start(): Promise<void> {
        const folder = join(this.runtime.folder, "functions", this.processName);
        try {
            await unpack(this.inputs.code, folder);
        } catch (error) {
            this.starting = undefined;
            this.failFirst({ errorType: "Local.InvalidCode", errorMessage: (error as Error).message });
            this.dispatch();
            return;
        }
        this.starting = undefined;
        if (this.stopped) return;
        this.initError = undefined;
        this.sandbox = new Sandbox({
            command: this.command.file!,
            args: this.command.args!,
            folder,
            environment: functionEnvironment({
                name: this.name,
                runtime: this.inputs.runtime!,
                handler: this.inputs.handler!,
                memorySize: this.inputs.memorySize ?? defaultMemorySize,
                accessKeyId: this.accessKeyId,
                folder,
                state: this.runtime.folder,
                endpointUrl: this.endpointUrl,
                lockstep: this.runtime.faults?.turns !== undefined,
                runtimeApi: `${new URL(this.endpointUrl).host}${this.runtimeApiPath}${encodeURIComponent(this.processName)}`,
                variables: this.inputs.environment?.variables ?? {},
            }),
            onLine: (line) => this.readLine(line),
            onExit: (reason) => this.exited(reason),
        });
        this.initTimer = setTimeout(() => void this.sandbox?.stop(), initMilliseconds);
    }

    /** The process is gone: what it was working on, or was started for, fails. */
    private exited(reason: string): void {
        clearTimeout(this.initTimer);
        this.runtime.faults?.turns?.drop(this.processName);
        this.sandbox = undefined;
        this.handOver = undefined;
        const invocation = this.current;
        if (invocation?.timedOut) void this.end(invocation, { error: timeoutError(invocation.id, this.timeout) });
        else if (invocation)
            void this.end(invocation, invocation.answer ?? { error: exitError(invocation.id, reason) });
        else if (this.queue[0]) this.failFirst(this.initError ?? exitError(this.queue[0].id, reason));
        this.dispatch();
    }

    private failFirst(error: InvocationError): void {
        void this.end(this.queue.shift()!, { error });
    }

    private finishIfDone(): void {
        const invocation = this.current;
        if (!invocation?.answer || !invocation.logged) return;
        void this.end(invocation, invocation.answer);
    }

    private async end(invocation: Invocation, ending: Ending): Promise<void> {
        if (!invocation.close()) return;
        await invocation.leave?.();
        if (this.current === invocation) this.current = undefined;
        invocation.finish(ending);
        this.dispatch();
    }

    /** One line of output: logged, and where it is JSON, understood. */
    private readLine(line: string): void {
        const [ending, unfinished, id] = /^(.*)END RequestId: (\S+)$/.exec(line) ?? [];
        if (ending && this.current?.id === id) {
            if (unfinished) this.readLine(unfinished);
            this.current!.logged = true;
            this.finishIfDone();
            return;
        }
        this.runtime.journal.write({ kind: "log", function: this.logicalName, line });
        const { level, stage, reason, count, messageId } = parseLogLine(line);
        if (typeof reason !== "string") return;
        if (level === "error" && typeof stage === "string") {
            this.runtime.journal.write({
                kind: "failure",
                stage,
                reason,
                count: typeof count === "number" ? count : 1,
            });
        }
        if (level === "warn" && typeof messageId === "string" && this.current) {
            this.current.reasons[messageId] = { reason, ...(typeof stage === "string" && { stage }) };
        }
    }
}

const accepted: AwsResponse = { status: 202, body: "" };

function parseLogLine(line: string): Record<string, unknown> {
    if (!line.startsWith("{")) return {};
    try {
        return JSON.parse(line) as Record<string, unknown>;
    } catch {
        return {};
    }
}
