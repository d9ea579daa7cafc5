import type { Cause } from "../../runtime";

/** How an invocation ended. */
export interface InvocationResult extends Ending {
    /** What the function's `warn` lines said about SQS messages, by message id. */
    reasons: Record<string, MessageReason>;
}

/** How an invocation ended, as its caller is told. */
export interface Ending {
    /** What the function returned. */
    payload?: unknown;
    /** Present when it failed, as Lambda words it. */
    error?: InvocationError;
}

export interface InvocationError {
    errorType: string;
    errorMessage: string;
    trace?: string[];
}

/** Why a function gave a message back. */
export interface MessageReason {
    stage?: string;
    reason: string;
}

/** One call of a function: its event, the time that is left to it, and how it ended. */
export class Invocation {
    /** Its end, whatever that is. */
    readonly result: Promise<InvocationResult>;
    readonly reasons: Record<string, MessageReason> = {};
    /** The function's answer, which waits here until its last log line was read. */
    answer?: Ending;
    /** The function's output of this invocation was read to its end. */
    logged = false;
    /** It ran out of time. */
    timedOut = false;
    private resolve!: (result: InvocationResult) => void;
    private ended = false;
    private timer?: NodeJS.Timeout;
    private since = 0;
    /** How often its time was stopped, and not yet started again. */
    private stops = 0;

    constructor(
        readonly id: string,
        readonly event: string,
        readonly cause: Cause | undefined,
        /** Milliseconds that are left, as of `since`. */
        private left: number,
        /** Waits for its turn to be done, where everything has one. */
        readonly leave: (() => Promise<void>) | undefined,
    ) {
        this.result = new Promise((resolve) => {
            this.resolve = resolve;
        });
    }

    /** Its time counts from now on; `expired` is called when none is left. */
    startTime(expired: () => void): void {
        this.since = performance.now();
        this.timer = setTimeout(() => {
            this.timedOut = true;
            expired();
        }, this.left);
    }

    /** Until the returned function is called, its time does not count. */
    stopTime(expired: () => void): () => void {
        if (this.stops++ === 0) {
            clearTimeout(this.timer);
            this.left -= performance.now() - this.since;
        }
        return () => {
            if (--this.stops === 0 && !this.ended) this.startTime(expired);
        };
    }

    /** Whether this is its first end. */
    close(): boolean {
        const isFirst = !this.ended;
        this.ended = true;
        clearTimeout(this.timer);
        return isFirst;
    }

    finish(ending: Ending): void {
        this.resolve({ ...ending, reasons: this.reasons });
    }
}
