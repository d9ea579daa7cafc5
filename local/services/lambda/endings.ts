import type { Ending, InvocationError } from "./invocation";

/** Request and response payloads of a synchronous invocation, in bytes. */
export const payloadLimit = 6 * 1024 * 1024;

export const stopped: InvocationError = { errorType: "Local.Stopped", errorMessage: "the pipeline was stopped" };

/** What Lambda says of an invocation that ran out of time, in milliseconds. */
export function timeoutError(id: string, timeout: number): InvocationError {
    return {
        errorType: "Sandbox.Timedout",
        errorMessage: `RequestId: ${id} Error: Task timed out after ${(timeout / 1000).toFixed(2)} seconds`,
    };
}

/** What Lambda says of an invocation whose process is gone. */
export function exitError(id: string, reason: string): InvocationError {
    return { errorType: "Runtime.ExitError", errorMessage: `RequestId: ${id} Error: Runtime exited ${reason}` };
}

/** The error that a process reports. */
export function reportedError(body: Buffer): InvocationError {
    const { errorType, errorMessage, trace, stackTrace } = JSON.parse(body.toString()) as Record<string, unknown>;
    const lines = trace ?? stackTrace;
    return {
        errorType: String(errorType),
        errorMessage: String(errorMessage),
        ...(Array.isArray(lines) && { trace: lines.map(String) }),
    };
}

/** What a function returned. */
export function returned(body: Buffer): Ending {
    if (body.length <= payloadLimit) return { payload: JSON.parse(body.toString() || "null") };
    return {
        error: {
            errorType: "Function.ResponseSizeTooLarge",
            errorMessage: `Response payload size exceeded maximum allowed payload size (${payloadLimit} bytes).`,
        },
    };
}
