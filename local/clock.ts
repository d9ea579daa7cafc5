/** The one clock of a local pipeline: every timestamp, buffer, window and timeout goes by it. */
export interface Clock {
    /** Milliseconds since 1970. */
    now(): number;
    /** Calls `action` once when `time` has come; the returned function cancels it. */
    at(time: number, action: () => void): () => void;
    /**
     * Calls `action` each time that so many milliseconds have passed: nobody waits for it. Where virtual time leaps over
     * several of these times, it is called at the last of them: nothing happened in between.
     */
    recurring(period: number, action: () => void): () => void;
    /** When the next appointment is due, if there is one; recurring ones count where `all` says so. */
    next(all?: boolean): number | undefined;
    /** Drops everything that is waiting. */
    stop(): void;
}

/** Time as it passes. */
export class WallClock implements Clock {
    /** Timers and when they are due. */
    private readonly waiting = new Map<NodeJS.Timeout, number>();
    /** Those of `waiting` that recur. */
    private readonly recurrent = new Set<NodeJS.Timeout>();

    now(): number {
        return Date.now();
    }

    at(time: number, action: () => void): () => void {
        const timer = this.start(time, action);
        return () => this.end(timer);
    }

    recurring(period: number, action: () => void): () => void {
        let timer: NodeJS.Timeout;
        const next = () => {
            timer = this.start(Date.now() + period, () => {
                next();
                action();
            });
            this.recurrent.add(timer);
        };
        next();
        return () => this.end(timer);
    }

    next(all = false): number | undefined {
        const times = [...this.waiting].filter(([timer]) => all || !this.recurrent.has(timer)).map(([, time]) => time);
        return times.length > 0 ? Math.min(...times) : undefined;
    }

    stop(): void {
        for (const timer of [...this.waiting.keys()]) this.end(timer);
    }

    private start(time: number, action: () => void): NodeJS.Timeout {
        const timer = setTimeout(
            () => {
                this.end(timer);
                action();
            },
            Math.max(0, time - Date.now()),
        );
        this.waiting.set(timer, time);
        return timer;
    }

    private end(timer: NodeJS.Timeout): void {
        clearTimeout(timer);
        this.waiting.delete(timer);
        this.recurrent.delete(timer);
    }
}

interface Appointment {
    time: number;
    action: () => void;
    /** Present where it comes again. */
    period?: number;
}

/** Time that stands still until it is moved: a buffer of 15 minutes takes none in a test. */
export class VirtualClock implements Clock {
    private appointments: Appointment[] = [];

    constructor(private time: number) {}

    now(): number {
        return this.time;
    }

    at(time: number, action: () => void): () => void {
        return this.appoint({ time: Math.max(time, this.time), action });
    }

    recurring(period: number, action: () => void): () => void {
        return this.appoint({ time: this.time + period, action, period });
    }

    private appoint(appointment: Appointment): () => void {
        const later = this.appointments.findIndex((other) => other.time > appointment.time);
        this.appointments.splice(later < 0 ? this.appointments.length : later, 0, appointment);
        return () => {
            this.appointments = this.appointments.filter((other) => other !== appointment);
        };
    }

    next(all = false): number | undefined {
        return this.appointments.find(({ period }) => all || period === undefined)?.time;
    }

    /** Before a leap to `time`: what recurs is due once until then, as late as it would be. */
    leap(time: number): void {
        for (const each of this.appointments.filter(({ period }) => period !== undefined)) {
            each.time += Math.max(0, Math.floor((time - each.time) / each.period!)) * each.period!;
        }
        this.appointments.sort((a, b) => a.time - b.time);
    }

    /**
     * Moves to `time`, never backwards, and calls what is due on the way, in order; what recurs only where `all` says so, and
     * otherwise the next time.
     */
    advanceTo(time: number, all = true): void {
        const isDue = (each: Appointment) => each.time <= time && (all || each.period === undefined);
        for (let index = this.appointments.findIndex(isDue); index >= 0; index = this.appointments.findIndex(isDue)) {
            const [appointment] = this.appointments.splice(index, 1) as [Appointment];
            this.time = Math.max(this.time, appointment.time);
            if (appointment.period !== undefined) {
                appointment.time = this.time + appointment.period;
                this.appoint(appointment);
            }
            appointment.action();
        }
        this.time = Math.max(this.time, time);
    }

    stop(): void {
        this.appointments = [];
    }
}
