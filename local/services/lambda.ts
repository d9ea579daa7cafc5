import { ofType } from "../program";
import { AwsError, type AwsRequest, type AwsResponse, type Cause, type Endpoint, type Runtime } from "../runtime";
import { LambdaFunction } from "./lambda/function";
import type { InvocationResult } from "./lambda/invocation";

export type { LambdaFunction } from "./lambda/function";
export type { InvocationError, InvocationResult } from "./lambda/invocation";

/** Lambda retries a failed asynchronous invocation twice, one and two minutes later. */
const retryDelays = [60_000, 120_000];

/** Path of the Runtime API on the loopback server; the function's name follows. */
const runtimeApiPath = "/runtime/";

/** Path of an invocation by the SDK. */
const invocationPath = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/** Lambda: the program's functions, each in a process of its own. */
export class Lambda implements Endpoint {
    readonly name = "lambda";
    private readonly functions = new Map<string, LambdaFunction>();

    /** `endpointUrl` is the loopback server, which hands requests under `/runtime/` to `handleRuntimeApi`. */
    constructor(
        private readonly runtime: Runtime,
        endpointUrl: string,
    ) {
        for (const resource of ofType(runtime.program, "aws:lambda/function:Function")) {
            const lambdaFunction = new LambdaFunction(runtime, resource, endpointUrl, runtimeApiPath);
            this.functions.set(lambdaFunction.name, lambdaFunction);
        }
        this.skipCallers();
    }

    /** What a request of an SDK asks for. */
    action({ path }: AwsRequest): string {
        return invocationPath.test(path) ? "Invoke" : path;
    }

    /** Speaks REST with JSON, as all SDKs do: Invoke, and waits for the result. */
    async handle(request: AwsRequest): Promise<AwsResponse> {
        const name = request.method === "POST" && invocationPath.exec(request.path)?.[1];
        const type = request.headers["x-amz-invocation-type"] ?? "RequestResponse";
        if (!name || type !== "RequestResponse" || request.query.size > 0) {
            const what = name ? `Invoke with ${[type, ...request.query.keys()].join(", ")}` : request.path;
            throw new AwsError("NotImplemented", `lambda ${what} is not modelled on this machine`, 501);
        }
        const { payload, error } = await this.invoke(decodeURIComponent(name), parse(request.body), request.cause);
        return {
            status: 200,
            headers: {
                "content-type": "application/json",
                "x-amz-executed-version": "$LATEST",
                ...(error && { "x-amz-function-error": "Unhandled" }),
            },
            body: JSON.stringify(error ?? payload ?? null),
        };
    }

    /** The function of this name or ARN, with or without a qualifier. */
    function(nameOrArn: string): LambdaFunction {
        const arn = /^arn:[\w-]+:lambda:[^:]*:[^:]*:function:([^:]+)/.exec(nameOrArn);
        const found = this.functions.get(arn?.[1] ?? nameOrArn.replace(/:[^:]*$/, ""));
        if (!found) throw new AwsError("ResourceNotFoundException", `Function not found: ${nameOrArn}`, 404);
        return found;
    }

    /** Runs a function and waits for its result; a failure of the function is a result with an `error`. */
    async invoke(nameOrArn: string, payload: unknown, cause?: Cause): Promise<InvocationResult> {
        return this.function(nameOrArn).invoke(payload, cause);
    }

    /**
     * What calls a function that can't run here can't do its work either, and leaves its messages where they are. It is
     * told the function's name or ARN in its environment.
     */
    private skipCallers(): void {
        const all = [...this.functions.values()];
        for (const { name, arn, logicalName } of all.filter(({ skipped }) => skipped !== undefined)) {
            for (const caller of all) {
                if (caller.isTold(name) || caller.isTold(arn)) caller.skip(`it calls ${logicalName}`);
            }
        }
    }

    /** Runs a function as services do that don't wait for it, with Lambda's retries; the last failure is reported. */
    invokeAsync(nameOrArn: string, payload: unknown, cause?: Cause, attempt = 0): void {
        const invoked = this.function(nameOrArn);
        if (invoked.skipped) return;
        void this.runtime.work.track(async () => {
            const { error } = await invoked.invoke(payload, cause);
            if (!error) return;
            const delay = retryDelays[attempt];
            if (delay === undefined) {
                const reason = error.errorMessage;
                this.runtime.journal.write({ kind: "failure", stage: invoked.logicalName, reason, count: 1 });
            } else {
                const retry = () => this.invokeAsync(nameOrArn, payload, cause, attempt + 1);
                this.runtime.clock.at(this.runtime.clock.now() + delay, retry);
            }
        });
    }

    /** A function's second process, for what it does at the same time. */
    second(target: LambdaFunction): LambdaFunction {
        const second = target.again();
        this.functions.set(second.processName, second);
        return second;
    }

    /** The function that signs with this access key. */
    caller(accessKeyId: string): LambdaFunction | undefined {
        for (const candidate of this.functions.values()) if (candidate.accessKeyId === accessKeyId) return candidate;
        return undefined;
    }

    /** Whether a request belongs to the Runtime API. */
    isRuntimeApi(path: string): boolean {
        return path.startsWith(runtimeApiPath);
    }

    /** The Runtime API, by which functions' processes fetch invocations and answer them. */
    async handleRuntimeApi(request: AwsRequest): Promise<AwsResponse> {
        const [name = "", , , ...operation] = request.path.slice(runtimeApiPath.length).split("/");
        const called = this.functions.get(decodeURIComponent(name));
        if (!called) throw new AwsError("ResourceNotFoundException", `Function not found: ${name}`, 404);
        return called.handleRuntimeApi(operation.join("/"), request);
    }

    /** Ends all functions' processes. */
    async stop(): Promise<void> {
        await Promise.all([...this.functions.values()].map((each) => each.stop()));
    }
}

function parse(body: Buffer): unknown {
    try {
        return JSON.parse(body.toString() || "null");
    } catch {
        throw new AwsError("InvalidRequestContentException", "Could not parse request body into json");
    }
}
