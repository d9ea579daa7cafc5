import { createHash } from "node:crypto";
import type { When } from "../faults";

/** One rule at work. */
export class Rule<T extends object = object> {
    private asked = 0;
    private readonly draws = new Map<string, number>();
    private readonly when: When;
    private readonly from: number;
    private readonly to: number;

    constructor(
        private readonly seed: number,
        /** Its path in the argument. */
        readonly path: string,
        readonly fault: T,
    ) {
        this.when = fault;
        const { from, to } = this.when;
        this.from = from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(from);
        this.to = to === undefined ? Number.POSITIVE_INFINITY : Date.parse(to);
    }

    /** Asked once for each thing that the rule concerns: whether it strikes this one. */
    strikes(subject: string, now: number): boolean {
        if (now < this.from || now >= this.to) return false;
        this.asked++;
        const { probability, times, nth } = this.when;
        if (times !== undefined) return this.asked <= times;
        if (nth !== undefined) return [nth].flat().includes(this.asked);
        return probability === undefined || this.draw(subject) < probability;
    }

    /**
     * The next number, from 0 to 1, of this subject's own stream. Ids are masked: they differ between runs, what they
     * name does not.
     */
    private draw(subject: string): number {
        const masked = subject.replace(id, "*");
        const count = (this.draws.get(masked) ?? 0) + 1;
        this.draws.set(masked, count);
        const digest = createHash("sha256")
            .update(JSON.stringify([this.seed, this.path, masked, count]))
            .digest();
        return digest.readUIntBE(0, 6) / 2 ** 48;
    }
}

const id = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** Whether a rule that names `wanted` means the resource of this logical name. */
export function means(wanted: string | undefined, name: string): boolean {
    return wanted === undefined || name === wanted || name.endsWith(`-${wanted}`);
}
