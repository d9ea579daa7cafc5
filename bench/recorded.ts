import { readFileSync, writeFileSync } from "node:fs";
import type { Result } from "./results";

/** By case and contestant: how much less of the processors' time ours took when that was recorded. */
type Recorded = Record<string, Record<string, number>>;

const file = "bench/recorded.json";
/** Of what is recorded; less is a loss, and no chance. */
const least = 0.8;

/**
 * The ratios of a short run that are more than a fifth below what is recorded, a sentence each. Those of the processors'
 * time: the clock's depend on what else the machine does.
 */
export function fallsOf({ case: name, contestants }: Result): string[] {
    const recorded = read()[name] ?? {};
    return contestants
        .filter(({ name, lessCpu }) => lessCpu < least * (recorded[name] ?? 0))
        .map(
            ({ name: contestant, lessCpu }) =>
                `${name}: ${contestant} takes ${lessCpu} times our CPU time; ${recorded[contestant]} are recorded`,
        );
}

/** Records the ratios, beside those of other cases. */
export function record(results: Result[]): void {
    const now = results.map(({ case: name, contestants: [, ...others] }) => [
        name,
        Object.fromEntries(others.map(({ name, lessCpu }) => [name, lessCpu])),
    ]);
    writeFileSync(file, `${JSON.stringify({ ...read(), ...Object.fromEntries(now) }, undefined, 2)}\n`);
}

function read(): Recorded {
    return JSON.parse(readFileSync(file, "utf8"));
}
