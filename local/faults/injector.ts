import { type Clock, VirtualClock } from "../clock";
import type {
    CallFault,
    Crash,
    DeliveryStreamFault,
    FaultReport,
    Faults,
    InjectedFault,
    InvocationFault,
    NotificationFault,
    QueryFault,
    VisibilityFault,
} from "../faults";
import type { FaultEntry, Journal } from "../journal";
import { means, Rule } from "./rule";
import { SeededIds } from "./seeded-ids";
import { subjectOf } from "./subject";
import { Turns } from "./turns";

/** What a call meets. */
export interface CallFate {
    /** Its process dies. */
    crash?: Crash["when"];
    /** The service answers with it. */
    error?: { code: string; status: number };
    /** The connection is cut. */
    cut?: "before" | "after";
}

/** Decides what goes wrong where services ask, and writes it into the journal. */
export class Injector {
    /** Whose turn it is. Absent with the wall clock, by which things happen when they happen. */
    readonly turns?: Turns;
    /** The ids of what services make. Absent with the wall clock, too. */
    readonly ids?: SeededIds;
    private readonly notifications: Rule<NotificationFault>[];
    private readonly calls: Rule<CallFault>[];
    private readonly crashes: Rule<Crash>[];
    private readonly invocations: Rule<InvocationFault>[];
    private readonly visibility: Rule<VisibilityFault>[];
    private readonly queries: Rule<QueryFault>[];
    private readonly deliveryStreams: Rule<DeliveryStreamFault>[];
    private readonly seed: number;
    /** Reordered notifications that wait for their successor, by destination. */
    private readonly waiting = new Map<string, (() => void)[]>();
    private readonly called = new Map<string, string[]>();

    constructor(
        faults: Faults,
        private readonly clock: Clock,
        private readonly journal: Journal,
    ) {
        this.seed = faults.seed ?? 1;
        if (clock instanceof VirtualClock) {
            this.turns = new Turns(this.seed);
            this.ids = new SeededIds(this.seed);
        }
        const rules = <T extends object>(path: string, list: T[] = []) =>
            list.map((fault, index) => new Rule(this.seed, `${path}[${index}]`, fault));
        const { notifications = [] } = faults;
        this.notifications = Array.isArray(notifications)
            ? rules("notifications", notifications)
            : Object.entries(notifications).map(
                  ([fault, probability]) =>
                      new Rule(this.seed, `notifications.${fault}`, {
                          fault: fault as NotificationFault["fault"],
                          probability,
                      }),
              );
        this.calls = rules("calls", faults.calls);
        this.crashes = rules("crashes", faults.crashes);
        this.invocations = rules("invocations", faults.invocations);
        this.visibility = rules("visibility", faults.visibility);
        this.queries = rules("queries", faults.queries);
        this.deliveryStreams = rules("deliveryStreams", faults.deliveryStreams);
    }

    /** What was injected so far. */
    report(): FaultReport {
        const paths = [
            ...[this.notifications, this.calls, this.crashes, this.invocations],
            ...[this.visibility, this.queries, this.deliveryStreams],
        ].flatMap((rules: Rule[]) => rules.map(({ path }) => path));
        const counts = new Map<string, InjectedFault>();
        for (const { kind, ...injected } of this.journal.of("fault")) {
            const key = JSON.stringify(injected);
            counts.set(key, { ...injected, count: (counts.get(key)?.count ?? 0) + 1 });
        }
        const order = ({ rule, fault, where }: InjectedFault) =>
            `${String(paths.indexOf(rule)).padStart(6)} ${fault} ${where}`;
        const injected = [...counts.values()].sort((a, b) => (order(a) < order(b) ? -1 : 1));
        const struck = new Set(injected.map(({ rule }) => rule));
        return { seed: this.seed, injected, idle: paths.filter((path) => !struck.has(path)) };
    }

    /** The service calls of each function so far, in order, as `service:Action`, by the function's logical name. */
    serviceCalls(): Record<string, string[]> {
        return Object.fromEntries(this.called);
    }

    /** Sends a notification into a queue or function, as often and as late as the rules say. */
    notify(to: string, message: string, send: () => void): void {
        const { fault, seconds = fault === "duplicate" ? 0 : 60 } = this.fateOf(to, message) ?? {};
        if (fault === "delay") this.later(seconds, send);
        if (fault === "reorder") this.hold(to, seconds, send);
        if (fault !== undefined && fault !== "duplicate") return;
        send();
        if (fault === "duplicate") this.later(seconds, send);
        for (const sendWaiting of [...(this.waiting.get(to) ?? [])]) sendWaiting();
    }

    /** What becomes of a function's next service call. */
    call(caller: string, service: string, action: string): CallFate | undefined {
        const calls = this.called.get(caller) ?? [];
        calls.push(`${service}:${action}`);
        this.called.set(caller, calls);
        const where = `${caller} ${service}:${action}`;
        const crash = this.struck(
            this.crashes,
            where,
            (rule) => rule.function === caller && rule.call === calls.length,
        );
        const failing = this.struck(this.calls, where, (rule) => {
            const own = rule.service === service && (rule.action ?? action) === action;
            return own && means(rule.function, caller);
        });
        // Of a call that its process does not survive, nothing else is to be seen.
        if (crash) return { crash: this.inject(crash, where).when };
        if (!failing) return undefined;
        const { cut, error, status } = this.inject(failing, where);
        return { cut, error: error ? { code: error, status: status ?? statusOf(error) } : undefined };
    }

    /** How an invocation of a function fails. */
    invocation(name: string): InvocationFault["fault"] | undefined {
        return this.strike(this.invocations, name, name, (rule) => means(rule.function, name))?.fault;
    }

    /** Whether messages of a queue may come again while their function works. */
    mayExpire(queue: string): boolean {
        return this.visibility.some(({ fault }) => means(fault.queue, queue));
    }

    /** Whether this message does. */
    expires(queue: string, message: string): boolean {
        const subject = `${queue} ${subjectOf(message) ?? ""}`;
        return this.strike(this.visibility, queue, subject, (rule) => means(rule.queue, queue)) !== undefined;
    }

    /** How a workgroup's run ends. */
    query(workgroup: string): QueryFault | undefined {
        return this.strike(this.queries, workgroup, workgroup, (rule) => means(rule.query, workgroup));
    }

    /** Whether this happens to a delivery stream now. */
    delivery(fault: DeliveryStreamFault["fault"], stream: string): boolean {
        const struck = this.strike(this.deliveryStreams, stream, stream, (rule) => {
            return rule.fault === fault && means(rule.stream, stream);
        });
        return struck !== undefined;
    }

    private fateOf(to: string, message: string): NotificationFault | undefined {
        const subject = subjectOf(message);
        if (subject === undefined) return undefined;
        return this.strike(this.notifications, to, `${to} ${subject}`, (rule) => {
            return means(rule.target, to) && subject.startsWith(rule.prefix ?? "");
        });
    }

    private strike<T extends object>(
        rules: Rule<T>[],
        where: string,
        subject: string,
        concerns: (fault: T) => boolean,
    ): T | undefined {
        const struck = this.struck(rules, subject, concerns);
        return struck && this.inject(struck, where);
    }

    /** The first rule that concerns and strikes a subject. All are asked, so that none depends on those before it. */
    private struck<T extends object>(
        rules: Rule<T>[],
        subject: string,
        concerns: (fault: T) => boolean,
    ): Rule<T> | undefined {
        const now = this.clock.now();
        return rules.filter((rule) => concerns(rule.fault) && rule.strikes(subject, now))[0];
    }

    private inject<T extends object>({ path, fault }: Rule<T>, where: string): T {
        this.journal.write({ kind: "fault", rule: path, fault: nameOf(fault), where });
        return fault;
    }

    private later(seconds: number, send: () => void): void {
        if (seconds === 0) send();
        else this.clock.at(this.clock.now() + seconds * 1000, send);
    }

    /** Sends after the destination's next notification, but no later than in so many seconds. */
    private hold(to: string, seconds: number, send: () => void): void {
        const waiting = this.waiting.get(to) ?? [];
        this.waiting.set(to, waiting);
        const sendOnce = () => {
            cancel();
            waiting.splice(waiting.indexOf(sendOnce), 1);
            send();
        };
        const cancel = this.clock.at(this.clock.now() + seconds * 1000, sendOnce);
        waiting.push(sendOnce);
    }
}

/** What a rule does, in a word. */
function nameOf(rule: object): FaultEntry["fault"] {
    const { fault, error, cut, when, state, retryable } = rule as Record<string, string | undefined>;
    if (cut) return `cut ${cut}`;
    if (when) return `crash ${when}`;
    if (state) return retryable ? `${state}, retryable` : state;
    return fault ?? error ?? "visible again";
}

/** The HTTP status that AWS has for an error. */
function statusOf(code: string): number {
    if (/^(SlowDown|ServiceUnavailable)/.test(code)) return 503;
    if (/^Internal/.test(code)) return 500;
    return /^AccessDenied/.test(code) ? 403 : 400;
}
