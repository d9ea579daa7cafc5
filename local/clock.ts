/** The one clock of a local pipeline: every timestamp, buffer, window and timeout goes by it. */
export interface Clock {
    /** Milliseconds since 1970. */
    now(): number;
    /** Calls `action` once when `time` has come; the returned function cancels it. */
    at(time: number, action: () => void): () => void;
    /** When the next appointment is due, if there is one. */
    next(): number | undefined;
    /** Drops everything that is waiting. */
    stop(): void;
}

/** Time as it passes. */
export class WallClock implements Clock {
    /** Timers and when they are due. */
    private readonly waiting = new Map<NodeJS.Timeout, number>();

    now(): number {
        return Date.now();
    }

    at(time: number, action: () => void): () => void {
        const timer = setTimeout(
            () => {
                this.waiting.delete(timer);
                action();
            },
            Math.max(0, time - Date.now()),
        );
        this.waiting.set(timer, time);
        return () => {
            clearTimeout(timer);
            this.waiting.delete(timer);
        };
    }

    next(): number | undefined {
        return this.waiting.size > 0 ? Math.min(...this.waiting.values()) : undefined;
    }

    stop(): void {
        for (const timer of this.waiting.keys()) clearTimeout(timer);
        this.waiting.clear();
    }
}

interface Appointment {
    time: number;
    action: () => void;
}

/** Time that stands still until it is moved: a buffer of 15 minutes takes none in a test. */
export class VirtualClock implements Clock {
    private appointments: Appointment[] = [];

    constructor(private time: number) {}

    now(): number {
        return this.time;
    }

    at(time: number, action: () => void): () => void {
        const appointment = { time: Math.max(time, this.time), action };
        const later = this.appointments.findIndex((other) => other.time > appointment.time);
        this.appointments.splice(later < 0 ? this.appointments.length : later, 0, appointment);
        return () => {
            this.appointments = this.appointments.filter((other) => other !== appointment);
        };
    }

    next(): number | undefined {
        return this.appointments[0]?.time;
    }

    /** Moves to `time`, never backwards, and calls what is due on the way, in order. */
    advanceTo(time: number): void {
        while (this.appointments[0] && this.appointments[0].time <= time) {
            const { time: due, action } = this.appointments.shift()!;
            this.time = Math.max(this.time, due);
            action();
        }
        this.time = Math.max(this.time, time);
    }

    stop(): void {
        this.appointments = [];
    }
}
