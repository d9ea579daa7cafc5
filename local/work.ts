/** Counts what is under way, so that one can wait until nothing moves. */
export class Work {
    private underWay = 0;
    private waiters: (() => void)[] = [];

    /** Marks the start of a piece of work; call the returned function when it is done. */
    begin(): () => void {
        this.underWay++;
        let open = true;
        return () => {
            if (!open) return;
            open = false;
            if (--this.underWay === 0) setImmediate(() => this.release());
        };
    }

    /** Runs `action` as a piece of work. */
    async track<T>(action: () => Promise<T>): Promise<T> {
        const done = this.begin();
        try {
            return await action();
        } finally {
            done();
        }
    }

    /** Resolves when nothing is under way. */
    idle(): Promise<void> {
        return new Promise((resolve) => {
            this.waiters.push(resolve);
            setImmediate(() => this.release());
        });
    }

    private release(): void {
        if (this.underWay > 0) return;
        const waiters = this.waiters;
        this.waiters = [];
        for (const resolve of waiters) resolve();
    }
}
