import { QueryError } from "../../athena-sql/errors";
import type { QueryFault } from "../../faults";
import { AwsError } from "../../runtime";
import { execute } from "./execute";
import { type AthenaError, type Execution, errorOf, errorTypes, queryName, type State } from "./execution";
import type { Services } from "./services";
import type { StateChange } from "./state-change";

/** Runs at the same time; others wait in the queue. */
const concurrentRuns = 4;
/** Milliseconds that a SELECT may take. */
const longestRun = 30 * 60_000;

/** Brings executions from state to state: queued, running, ended. */
export class Runs {
    private readonly slots: Slots;
    private readonly running = new Set<Promise<void>>();
    private readonly listeners: ((change: StateChange) => void)[] = [];

    constructor(private readonly services: Services) {
        // Faults are to be reproducible: runs then end in the order of their start.
        this.slots = new Slots(services.runtime.faults ? 1 : concurrentRuns);
    }

    /** Hears of every state that a run comes into. */
    onStateChange(listener: (change: StateChange) => void): void {
        this.listeners.push(listener);
    }

    /** Runs an execution as soon as there is a place for it. */
    enqueue(execution: Execution): void {
        this.change(execution, "QUEUED");
        const { work, faults } = this.services.runtime;
        const inTurn = () =>
            faults?.turns ? faults.turns.alone("athena", () => this.run(execution)) : this.run(execution);
        const run = work.track(inTurn).finally(() => this.running.delete(run));
        this.running.add(run);
    }

    cancel(execution: Execution, reason: string): void {
        this.end(execution, "CANCELLED", reason);
        execution.abort.abort();
    }

    /** Waits until nothing runs any more. */
    async ended(): Promise<void> {
        await Promise.all(this.running);
    }

    private async run(execution: Execution): Promise<void> {
        const leave = await this.slots.enter();
        try {
            if (execution.state !== "QUEUED") return;
            this.change(execution, "RUNNING");
            const fault = this.services.runtime.faults?.query(execution.workgroup.name);
            if (fault) return this.injure(execution, fault);
            const cancelled = await execute(execution, this.services);
            this.end(execution, cancelled === undefined ? "SUCCEEDED" : "CANCELLED", cancelled);
        } catch (error) {
            this.end(execution, "FAILED", reasonOf(error, execution.input.QueryString));
        } finally {
            leave();
        }
    }

    /** Ends a run as a fault wants it, without a result. */
    private injure(execution: Execution, { state, reason, retryable = false }: QueryFault): void {
        const { clock } = this.services.runtime;
        const engine = { ErrorCategory: 1, ErrorType: errorTypes.engine, Retryable: retryable };
        if (state === "CANCELLED") this.end(execution, state, reason ?? "Query cancelled by user");
        else if (state === "FAILED") this.end(execution, state, reason ?? "Query engine had an internal error", engine);
        else {
            clock.at(clock.now() + longestRun, () => {
                const timeout = { ErrorType: errorTypes.timeout };
                this.end(execution, "FAILED", reason ?? "Query timeout", timeout);
            });
        }
    }

    /** Ends a run, once. */
    private end(
        execution: Execution,
        state: "SUCCEEDED" | "FAILED" | "CANCELLED",
        reason?: string,
        error?: Partial<AthenaError>,
    ): void {
        if (execution.completed !== undefined) return;
        const { clock, journal } = this.services.runtime;
        execution.completed = clock.now();
        execution.reason = reason;
        if (state === "FAILED") execution.error = errorOf(reason!, error);
        this.change(execution, state);
        const { id: executionId, cause, rows, bytesScanned } = execution;
        const query = queryName(execution);
        journal.write({
            ...{ kind: "run", query, executionId, tier: cause.tier, trigger: cause.keys, state },
            ...(reason !== undefined && { reason }),
            ...{ rows: state === "SUCCEEDED" ? rows : 0, bytesScanned },
        });
    }

    private change(execution: Execution, state: State): void {
        const previous = execution.changes > 0 ? execution.state : undefined;
        const sequence = ++execution.changes;
        execution.state = state;
        for (const tell of this.listeners) {
            tell({ execution, state, previous, sequence, time: this.services.runtime.clock.now() });
        }
    }
}

/** A door that lets so many in at a time. */
class Slots {
    private readonly queue: (() => void)[] = [];

    constructor(private free: number) {}

    /** Waits for a place; the returned function gives it back. */
    async enter(): Promise<() => void> {
        if (this.free > 0) this.free--;
        else await new Promise<void>((resolve) => this.queue.push(resolve));
        return () => {
            const next = this.queue.shift();
            if (next) next();
            else this.free++;
        };
    }
}

/** What Athena's own API answers, too. */
const ownErrors = ["InvalidRequestException", "ResourceNotFoundException", "AccessDeniedException"];

function reasonOf(error: unknown, statement: string): string {
    if (error instanceof QueryError) return `${error.code}: ${error.describe(statement)}`;
    if (error instanceof AwsError && ownErrors.includes(error.code)) return error.message;
    return `GENERIC_INTERNAL_ERROR: ${(error as Error).message}`;
}
