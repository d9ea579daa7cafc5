import { getRetryAfterHint, isThrottlingError, isTransientError, StandardRetryStrategy } from "@smithy/core/retry";

/** What the strategy is told of a failure. */
type ErrorInfo = Parameters<StandardRetryStrategy["refreshRetryTokenForRetry"]>[1];
type Failure = NonNullable<ErrorInfo["error"]> & { $response?: unknown };

/** Tries as the SDK does, by its own rules of what is tried again, how often, after what, and when there were too many. */
export class Attempts {
    private readonly strategy: StandardRetryStrategy;

    constructor(maxAttempts: number, baseDelay?: number) {
        this.strategy = new StandardRetryStrategy({ maxAttempts, baseDelay });
    }

    async make<T>(attempt: () => Promise<T>): Promise<T> {
        let token = await this.strategy.acquireInitialRetryToken("");
        for (;;) {
            try {
                const output = await attempt();
                this.strategy.recordSuccess(token);
                return output;
            } catch (error) {
                // It waits, or refuses.
                token = await this.strategy.refreshRetryTokenForRetry(token, infoOf(error as Failure)).catch(() => {
                    throw error;
                });
            }
        }
    }
}

function infoOf(error: Failure): ErrorInfo {
    return { error, errorType: typeOf(error), retryAfterHint: getRetryAfterHint(error.$response) };
}

function typeOf(error: Failure): ErrorInfo["errorType"] {
    if (isThrottlingError(error)) return "THROTTLING";
    return isTransientError(error) ? "TRANSIENT" : "CLIENT_ERROR";
}
