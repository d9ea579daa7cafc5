import { readFileSync, writeFileSync } from "node:fs";
import type { Result } from "./results";

/** By case and contestant: how much less of the processors' time ours took when that was recorded. */
export type Recorded = Record<string, Record<string, number>>;

const file = "bench/recorded.json";
/** Of what is recorded; less is a loss, and no chance. */
const least = 0.8;

/**
 * The ratios of a short run that are more than a fifth below what is recorded, a sentence each. Those of the processors'
 * time: the clock's depend on what else the machine does.
 */
export function fallsOf({ case: name, contestants }: Result, all: Recorded): string[] {
    const recorded = all[name] ?? {};
    return contestants
        .filter(({ name, lessCpu }) => lessCpu < least * (recorded[name] ?? 0))
        .map(
            ({ name: contestant, lessCpu }) =>
                `${name}: ${contestant} takes ${lessCpu} times our CPU time; ${recorded[contestant]} are recorded`,
        );
}

/** Records the ratios, beside those of other cases. */
export function record(results: Result[], into = file): void {
    const now = results.map(({ case: name, contestants: [, ...others] }) => [
        name,
        Object.fromEntries(others.filter(({ isUnsteady }) => !isUnsteady).map(({ name, lessCpu }) => [name, lessCpu])),
    ]);
    writeFileSync(into, `${JSON.stringify({ ...read(into), ...Object.fromEntries(now) }, undefined, 2)}\n`);
}

/** What is recorded. */
export function read(from = file): Recorded {
    return JSON.parse(readFileSync(from, "utf8"));
}
