import { printFixedPoint, unit } from "../shared/fixed-point";
import type { Item } from "../shared/ledger";

/** What a counter holds, by attribute: `count` and the sums, as multiples of 10^-15. */
export type Totals = Record<string, bigint>;

/** A counter: name and start of its interval. */
export type Counter = [name: string, timestamp: string];

/** Counters and what they hold, or what is to be added to them. */
export class Counts {
    private readonly totals = new Map<string, Totals>();

    /** Adds to a counter. */
    add(counter: Counter, totals: Totals): void {
        this.addTo(JSON.stringify(counter), totals, 1n);
    }

    /** Adds all of these. */
    addAll(counts: Counts): void {
        for (const [id, totals] of counts.totals) this.addTo(id, totals, 1n);
    }

    /** What has to be added to `others` to make it this. */
    minus(others: Counts): Counts {
        const difference = new Counts();
        difference.addAll(this);
        for (const [id, totals] of others.totals) difference.addTo(id, totals, -1n);
        for (const [id, totals] of difference.totals) {
            if (Object.values(totals).every((value) => value === 0n)) difference.totals.delete(id);
        }
        return difference;
    }

    /** The counters in one order, the same for everybody. */
    sorted(): [Counter, Totals][] {
        const entries = [...this.totals].sort(([a], [b]) => (a < b ? -1 : 1));
        return entries.map(([id, totals]) => [JSON.parse(id), totals]);
    }

    /** How many events they stand for. */
    get events(): number {
        return Number([...this.totals.values()].reduce((sum, { count = 0n }) => sum + count, 0n) / unit);
    }

    get isEmpty(): boolean {
        return this.totals.size === 0;
    }

    /** As a row of the ledger keeps them. */
    toItem(): Item {
        return Object.fromEntries(
            [...this.totals].map(([id, totals]) => [
                id,
                {
                    M: Object.fromEntries(
                        Object.entries(totals).map(([name, value]) => [name, { N: printFixedPoint(value) }]),
                    ),
                },
            ]),
        );
    }

    /** Bytes that they take in a row of the ledger, at most. */
    get bytes(): number {
        const numberBytes = 24;
        return [...this.totals].reduce(
            (sum, [id, totals]) =>
                sum +
                Buffer.byteLength(id) +
                Object.keys(totals).reduce((each, name) => each + name.length + numberBytes, 8),
            0,
        );
    }

    private addTo(id: string, totals: Totals, factor: bigint): void {
        const own = this.totals.get(id);
        if (!own) {
            this.totals.set(
                id,
                mapped(totals, (value) => factor * value),
            );
            return;
        }
        for (const [name, value] of Object.entries(totals)) own[name] = (own[name] ?? 0n) + factor * value;
    }
}

function mapped(totals: Totals, change: (value: bigint) => bigint): Totals {
    return Object.fromEntries(Object.entries(totals).map(([name, value]) => [name, change(value)]));
}
