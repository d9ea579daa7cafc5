import type { ContestantArguments, Measure } from "./case";
import { cases } from "./cases";
import { Children } from "./children";

/** A contestant's process: gets ready, does the work once, and says what that took. */
async function main(): Promise<void> {
    const [caseName, name, data, output] = process.argv.slice(2) as ContestantArguments;
    const found = cases.find((each) => each.name === caseName)!;
    const contestant = found.contestants.find((each) => each.name === name)!;
    const children = found.countsChildren && new Children();
    const work = await contestant.load(data, output);
    const cpuBefore = cpuOf(children);
    const started = performance.now();
    await work();
    const seconds = (performance.now() - started) / 1000;
    const cpuSeconds = cpuOf(children) - cpuBefore;
    const memory = process.resourceUsage().maxRSS * 1024;
    const childrenMemory = children?.stop();
    // Whoever hears this ends the process.
    process.send!({ seconds, cpuSeconds, memory, childrenMemory } satisfies Measure);
}

function cpuOf(children: Children | undefined): number {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6 + (children ? Children.cpuSeconds() : 0);
}

main().catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
});
