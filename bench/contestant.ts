import type { ContestantArguments, Measure } from "./case";
import { cases } from "./cases";

/** A contestant's process: gets ready, does the work once, and says what that took. */
async function main(): Promise<void> {
    const [caseName, name, data, output] = process.argv.slice(2) as ContestantArguments;
    const found = cases.find((each) => each.name === caseName)!;
    const contestant = found.contestants.find((each) => each.name === name)!;
    const work = await contestant.load(data, output);
    const cpuBefore = process.cpuUsage();
    const started = performance.now();
    await work();
    const seconds = (performance.now() - started) / 1000;
    const { user, system } = process.cpuUsage(cpuBefore);
    const memory = process.resourceUsage().maxRSS * 1024;
    process.send!({ seconds, cpuSeconds: (user + system) / 1e6, memory } satisfies Measure);
    // Some libraries leave things open.
    process.disconnect();
    process.exit();
}

main().catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
});
