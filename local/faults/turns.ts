import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { ConnectionCut } from "./connection-cut";

interface Wish {
    actor: string;
    /** The number of the call, where its process counts them. */
    call: number | undefined;
    /** Whether it is the actor's last: it is done. */
    last?: boolean;
    /** Acts, and settles whoever waits for it. */
    act(): Promise<void>;
    drop(): void;
}

/**
 * Has everything that works at the same time act one after another: a function's process with each service call, Athena
 * with a run, Firehose with an object. Nobody acts before all have said what they want to do next, or are done; then the
 * seed says whose turn it is. So it does not matter who was faster: the same seed gives the same order.
 *
 * A process may have several calls open. It counts them, and reports which ones it waits for whenever it can go on with
 * none of them answered (`local/services/lambda/lockstep.ts`): until then it thinks, and nobody acts.
 */
export class Turns {
    /** Who works, and on how many things. */
    private readonly working = new Map<string, number>();
    /** The calls of each that are not answered yet. */
    private readonly open = new Map<string, (number | undefined)[]>();
    /** The calls that each has said to wait for. */
    private readonly reports = new Map<string, number[]>();
    private wishes: Wish[] = [];
    private taken = 0;
    private choosing = false;

    constructor(private readonly seed: number) {}

    /** Somebody works from now on, until the returned function was called and its turn to be done has come. */
    begin(actor: string): () => Promise<void> {
        this.working.set(actor, (this.working.get(actor) ?? 0) + 1);
        return () => {
            return new Promise((resolve) => {
                const act = async () => {
                    this.leave(actor);
                    resolve();
                };
                this.wishes.push({ actor, call: undefined, last: true, act, drop: resolve });
                void this.choose();
            });
        };
    }

    /** Acts when it is the actor's turn. */
    take<T>(actor: string, act: () => Promise<T>, call?: number): Promise<T> {
        return new Promise<T>((resolve, reject) => {
            this.wish(actor, call, reject, async () => {
                const answered = await Promise.allSettled([act()]);
                this.close(actor, call);
                settle(answered[0], resolve, reject);
            });
        });
    }

    /** As `take`, for what waits for the work of others, who get their turns meanwhile. */
    takeAndWait<T>(actor: string, act: () => Promise<T>, call?: number): Promise<T> {
        return new Promise<T>((resolve, reject) => {
            this.wish(actor, call, reject, async () => {
                const over = () => {
                    this.close(actor, call);
                    void this.choose();
                };
                void act().then(resolve, reject).finally(over);
            });
        });
    }

    /** Does a piece of work that is one act. */
    async alone<T>(actor: string, act: () => Promise<T>): Promise<T> {
        this.working.set(actor, (this.working.get(actor) ?? 0) + 1);
        try {
            return await this.take(actor, act);
        } finally {
            this.leave(actor);
            void this.choose();
        }
    }

    /** The actor's process waits for the answers to these calls, and does nothing before it has one. */
    report(actor: string, calls: number[]): void {
        this.reports.set(actor, calls);
        void this.choose();
    }

    /** What the actor's process still wanted when it died does not happen. */
    drop(actor: string): void {
        const isDropped = (wish: Wish) => wish.actor === actor && !wish.last;
        const dropped = this.wishes.filter(isDropped);
        this.wishes = this.wishes.filter((wish) => !isDropped(wish));
        this.open.delete(actor);
        this.reports.delete(actor);
        for (const wish of dropped) wish.drop();
    }

    private wish(
        actor: string,
        call: number | undefined,
        reject: (error: Error) => void,
        act: () => Promise<void>,
    ): void {
        this.wishes.push({ actor, call, act, drop: () => reject(new ConnectionCut()) });
        this.open.set(actor, [...(this.open.get(actor) ?? []), call]);
        void this.choose();
    }

    private close(actor: string, call: number | undefined): void {
        const open = this.open.get(actor) ?? [];
        if (open.includes(call)) open.splice(open.indexOf(call), 1);
    }

    private leave(actor: string): void {
        const rest = this.working.get(actor)! - 1;
        if (rest > 0) this.working.set(actor, rest);
        else this.working.delete(actor);
    }

    /** Gives turns, as long as nobody who works is still thinking. */
    private async choose(): Promise<void> {
        if (this.choosing) return;
        this.choosing = true;
        for (;;) {
            // What follows from the last act at once, such as a message that is handed to a function, comes before the next.
            for (let rounds = 0; rounds < 3; rounds++) await setImmediate();
            const waiting = new Set(this.wishes.map(({ actor }) => actor));
            if (waiting.size === 0 || [...waiting, ...this.working.keys()].some((actor) => this.thinks(actor))) break;
            const wish = this.firstOf(this.chosen([...waiting]));
            this.wishes.splice(this.wishes.indexOf(wish), 1);
            await wish.act();
        }
        this.choosing = false;
    }

    /** Whether it may want something else soon. */
    private thinks(actor: string): boolean {
        if (this.wishes.some((wish) => wish.actor === actor && wish.last)) return false;
        const open = this.open.get(actor) ?? [];
        if (open.length === 0) return true;
        return !open.includes(undefined) && !this.reports.get(actor)?.every((call) => open.includes(call));
    }

    /** Its calls come in the order in which its process made them, whichever connection was faster. */
    private firstOf(actor: string): Wish {
        const order = ({ call, last }: Wish) => (last ? Number.POSITIVE_INFINITY : (call ?? 0));
        return this.wishes.filter((wish) => wish.actor === actor).reduce((a, b) => (order(b) < order(a) ? b : a));
    }

    private chosen(actors: string[]): string {
        const turn = this.taken++;
        const order = (actor: string) =>
            createHash("sha256")
                .update(JSON.stringify([this.seed, turn, actor]))
                .digest("hex");
        return actors.map((actor) => [order(actor), actor] as const).sort(([a], [b]) => (a < b ? -1 : 1))[0]![1];
    }
}

function settle<T>(
    answered: PromiseSettledResult<T>,
    resolve: (value: T) => void,
    reject: (error: unknown) => void,
): void {
    if (answered.status === "fulfilled") resolve(answered.value);
    else reject(answered.reason);
}
