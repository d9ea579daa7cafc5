import type { IncomingHttpHeaders } from "node:http";

/** From so much on, milliseconds, services refuse a signature. */
const refused = 4 * 60 * 1000;
/** What took longer says nothing of the clock. */
const longestCall = 15 * 60 * 1000;

/** The services' time, as their answers tell it. */
export class Clock {
    /** What this machine's clock is behind, in milliseconds. */
    private offset = 0;

    now(): Date {
        return new Date(Date.now() + this.offset);
    }

    /** Learns from an answer, which may say the time itself; says whether signing again may help. */
    learn(sent: number, headers: IncomingHttpHeaders, said = headers.date): boolean {
        const time = Date.parse(String(said));
        const received = Date.now();
        if (Number.isNaN(time) || headers.age !== undefined || received - sent > longestCall) return false;
        const before = this.offset;
        this.offset = time - received;
        return Math.abs(this.offset) >= refused && this.offset !== before;
    }
}
