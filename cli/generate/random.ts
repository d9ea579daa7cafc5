import { createHash } from "node:crypto";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import type { JumpableRandomGenerator } from "pure-rand/types/JumpableRandomGenerator";

/**
 * A stream of random numbers for one purpose: another seed or purpose gives an unrelated one, so that a field keeps its
 * values when others come and go. Only what IEEE 754 defines to the bit is used, no logarithms and no cosines: the
 * numbers are the same on every machine.
 */
export class Random {
    private readonly numbers: JumpableRandomGenerator;

    constructor(seed: number, purpose: string) {
        const hash = createHash("sha256").update(`${seed} ${purpose}`).digest();
        this.numbers = xoroshiro128plusFromState([0, 4, 8, 12].map((at) => hash.readInt32BE(at)));
    }

    /** From 0, less than 1. */
    fraction(): number {
        return uniformFloat64(this.numbers);
    }

    /** Both ends are included. */
    integer(from: number, to: number): number {
        return uniformInt(this.numbers, from, to);
    }

    /** True with the given probability. */
    chance(probability: number): boolean {
        return this.fraction() < probability;
    }

    /** Normally distributed, around 0 with deviation 1: algorithm N of C. F. F. Karney, https://arxiv.org/abs/1303.6257. */
    normal(): number {
        for (;;) {
            let whole = 0;
            while (this.exponential(0.5)) whole++;
            if (!this.all(whole * (whole - 1), 0.5)) continue;
            const part = this.fraction();
            if (!this.all(whole + 1, (part * (2 * whole + part)) / (2 * whole + 2))) continue;
            return this.chance(0.5) ? whole + part : -(whole + part);
        }
    }

    /** True with probability exp(-x), for x from 0 to 1: how long a run of falling numbers is (von Neumann). */
    private exponential(x: number): boolean {
        let even = true;
        for (let least = x, next = this.fraction(); next < least; next = this.fraction()) {
            least = next;
            even = !even;
        }
        return even;
    }

    private all(times: number, x: number): boolean {
        for (let time = 0; time < times; time++) if (!this.exponential(x)) return false;
        return true;
    }
}
