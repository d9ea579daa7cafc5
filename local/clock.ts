/** The one clock of a local pipeline: every timestamp, buffer, window and timeout goes by it. */
export interface Clock {
    /** Milliseconds since 1970. */
    now(): number;
    /** Calls `action` once when `time` has come; the returned function cancels it. */
    at(time: number, action: () => void): () => void;
    /** The same for what comes again and again by the clock: nobody waits for it. */
    recurring(time: number, action: () => void): () => void;
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

    recurring(time: number, action: () => void): () => void {
        const timer = this.start(time, action);
        this.recurrent.add(timer);
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
    recurs: boolean;
}

/** Time that stands still until it is moved: a buffer of 15 minutes takes none in a test. */
export class VirtualClock implements Clock {
    private appointments: Appointment[] = [];

    constructor(private time: number) {}

    now(): number {
        return this.time;
    }

    at(time: number, action: () => void): () => void {
        return this.appoint({ time: Math.max(time, this.time), action, recurs: false });
    }

    recurring(time: number, action: () => void): () => void {
        return this.appoint({ time: Math.max(time, this.time), action, recurs: true });
    }

    private appoint(appointment: Appointment): () => void {
        const later = this.appointments.findIndex((other) => other.time > appointment.time);
        this.appointments.splice(later < 0 ? this.appointments.length : later, 0, appointment);
        return () => {
            this.appointments = this.appointments.filter((other) => other !== appointment);
        };
    }

    next(all = false): number | undefined {
        return this.appointments.find(({ recurs }) => all || !recurs)?.time;
    }

    /**
     * Moves to `time`, never backwards, and calls what is due on the way, in order; what recurs only where `all` says so, and
     * otherwise the next time.
     */
    advanceTo(time: number, all = true): void {
        const isDue = (each: Appointment) => each.time <= time && (all || !each.recurs);
        for (let index = this.appointments.findIndex(isDue); index >= 0; index = this.appointments.findIndex(isDue)) {
            const [{ time: due, action }] = this.appointments.splice(index, 1) as [Appointment];
            this.time = Math.max(this.time, due);
            action();
        }
        this.time = Math.max(this.time, time);
    }

    stop(): void {
        this.appointments = [];
    }
}
