/** A stage's limits for a route. */
export interface ThrottleSettings {
    /** Requests a second, for long. */
    rate: number;
    /** Requests at once. */
    burst: number;
}

/** A token bucket: full at first, one token a request, refilled steadily. */
export class TokenBucket {
    private tokens: number;

    constructor(
        private readonly settings: ThrottleSettings,
        private time: number,
    ) {
        this.tokens = settings.burst;
    }

    /** Whether a request at `now` (in milliseconds) may pass. */
    take(now: number): boolean {
        const { rate, burst } = this.settings;
        this.tokens = Math.min(burst, this.tokens + ((now - this.time) / 1000) * rate);
        this.time = now;
        if (this.tokens < 1) return false;
        this.tokens--;
        return true;
    }
}
