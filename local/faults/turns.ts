import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { ConnectionCut } from "./connection-cut";

interface Wish {
    actor: string;
    /** Acts, and settles whoever waits for it. */
    act(): Promise<void>;
    drop(): void;
}

/**
 * Has everything that works at the same time act one after another: a function's process with each service call, Athena
 * with a run, Firehose with an object. Nobody acts before all have said what they want to do next, or are done; then the
 * seed says whose turn it is. So it does not matter who was faster: the same seed gives the same order.
 */
export class Turns {
    /** Who works, and on how many things. */
    private readonly working = new Map<string, number>();
    /** Who waits for the work of others. */
    private readonly away = new Map<string, number>();
    private wishes: Wish[] = [];
    private taken = 0;
    private choosing = false;

    constructor(private readonly seed: number) {}

    /** Somebody works from now on, until the returned function is called. */
    begin(actor: string): () => void {
        this.working.set(actor, (this.working.get(actor) ?? 0) + 1);
        let open = true;
        return () => {
            if (!open) return;
            open = false;
            const rest = this.working.get(actor)! - 1;
            if (rest > 0) this.working.set(actor, rest);
            else this.working.delete(actor);
            void this.choose();
        };
    }

    /** Acts when it is the actor's turn. */
    take<T>(actor: string, act: () => Promise<T>): Promise<T> {
        return new Promise<T>((resolve, reject) => {
            this.wish(actor, reject, () => act().then(resolve, reject));
        });
    }

    /** As `take`, for what waits for the work of others, who get their turns meanwhile. */
    takeAndWait<T>(actor: string, act: () => Promise<T>): Promise<T> {
        return new Promise<T>((resolve, reject) => {
            this.wish(actor, reject, async () => {
                const change = (by: number) => this.away.set(actor, (this.away.get(actor) ?? 0) + by);
                change(1);
                const over = () => {
                    change(-1);
                    void this.choose();
                };
                void act().then(resolve, reject).finally(over);
            });
        });
    }

    /** Does a piece of work that is one act. */
    async alone<T>(actor: string, act: () => Promise<T>): Promise<T> {
        const end = this.begin(actor);
        try {
            return await this.take(actor, act);
        } finally {
            end();
        }
    }

    /** What the actor's process still wanted when it died does not happen. */
    drop(actor: string): void {
        const dropped = this.wishes.filter((wish) => wish.actor === actor);
        this.wishes = this.wishes.filter((wish) => wish.actor !== actor);
        for (const wish of dropped) wish.drop();
    }

    private wish(actor: string, reject: (error: Error) => void, act: () => Promise<void>): void {
        this.wishes.push({ actor, act, drop: () => reject(new ConnectionCut()) });
        void this.choose();
    }

    /** Gives turns, as long as everybody who works waits for one. */
    private async choose(): Promise<void> {
        if (this.choosing) return;
        this.choosing = true;
        for (;;) {
            // What follows from the last act at once, such as a message that is handed to a function, comes before the next.
            for (let rounds = 0; rounds < 3; rounds++) await setImmediate();
            const waiting = new Set(this.wishes.map(({ actor }) => actor));
            if (
                waiting.size === 0 ||
                [...this.working.keys()].some((actor) => !waiting.has(actor) && !this.away.get(actor))
            )
                break;
            const chosen = this.chosen([...waiting]);
            const index = this.wishes.findIndex(({ actor }) => actor === chosen);
            const [wish] = this.wishes.splice(index, 1);
            await wish!.act();
        }
        this.choosing = false;
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
