import { type ThrottleSettings, TokenBucket } from "../http-api/throttle";
import type { Key, UsagePlan } from "./configuration";

/** Why a request may not pass, as API Gateway's responses are called. */
export type Denial = "INVALID_API_KEY" | "THROTTLED" | "QUOTA_EXCEEDED";

/** What keys and methods have used so far. It is exact here; on AWS it is best effort. */
export class Usage {
    private readonly buckets = new Map<string, TokenBucket>();
    private readonly used = new Map<string, { period: string; requests: number }>();

    /** Whether a key of one of the plans lets a request at `now` (in milliseconds) pass. */
    useKey(plans: UsagePlan[], value: string | undefined, now: number): { key: Key } | { denial: Denial } {
        for (const plan of plans) {
            const key = plan.keys.find((each) => each.enabled && each.value === value);
            if (key) {
                const denial = this.denialOf(plan, key, now);
                return denial ? { denial } : { key };
            }
        }
        return { denial: "INVALID_API_KEY" };
    }

    /** Whether a method takes a request at `now`. */
    useMethod(name: string, throttle: ThrottleSettings | undefined, now: number): boolean {
        return throttle === undefined || this.bucket(`method ${name}`, throttle, now).take(now);
    }

    private denialOf({ id, throttle, quota }: UsagePlan, key: Key, now: number): Denial | undefined {
        const name = `${id} ${key.id}`;
        const used = quota && this.usedIn(periodOf(quota.period, now), name);
        if (quota && used!.requests >= quota.limit) return "QUOTA_EXCEEDED";
        if (throttle && !this.bucket(name, throttle, now).take(now)) return "THROTTLED";
        if (used) used.requests++;
        return undefined;
    }

    /** What a key has used in a period; what it used in an earlier one is forgotten. */
    private usedIn(period: string, name: string): { requests: number } {
        const before = this.used.get(name);
        const used = before?.period === period ? before : { period, requests: 0 };
        this.used.set(name, used);
        return used;
    }

    private bucket(name: string, settings: ThrottleSettings, now: number): TokenBucket {
        const bucket = this.buckets.get(name) ?? new TokenBucket(settings, now);
        this.buckets.set(name, bucket);
        return bucket;
    }
}

const dayMilliseconds = 86_400_000;

/** The day, week from Sunday, or month, in UTC, that a time lies in. */
function periodOf(period: "DAY" | "WEEK" | "MONTH", time: number): string {
    const date = new Date(time);
    if (period === "MONTH") return date.toISOString().slice(0, 7);
    const days = period === "WEEK" ? date.getUTCDay() : 0;
    return new Date(time - days * dayMilliseconds).toISOString().slice(0, 10);
}
