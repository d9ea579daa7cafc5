import { collector, earthquakes, fleet, hourlyCounters, hours, pageviews, refused } from "./scenarios";
import { CrashSweep, type Sweep } from "./sweep";

/** Sweeps every service call of every function, prints what differs, and fails if anything does. */
async function main(): Promise<void> {
    const started = Date.now();
    const all: Sweep[] = [];
    for (const scenario of [fleet, hours, hourlyCounters, earthquakes, collector, pageviews, refused]) {
        const sweep = await CrashSweep.of(scenario);
        try {
            for (const name of Object.keys(sweep.calls)) all.push(...(await sweepFunction(sweep, name)));
        } finally {
            await sweep.stop();
        }
    }
    const seconds = ((Date.now() - started) / 1000).toFixed(0);
    print(`${summary(all)}, ${seconds} s`);
    process.exitCode = differencesIn(all) > 0 ? 1 : 0;
}

async function sweepFunction(sweep: CrashSweep, name: string): Promise<Sweep[]> {
    const swept: Sweep[] = [];
    for (const crash of sweep.crashes()) if (crash.function === name) swept.push(await sweep.crash(crash));
    print(`${name}: ${summary(swept)}`);
    for (const { call, action, when, differences } of swept) {
        for (const difference of differences) print(`    call ${call} (${action}), ${when}: ${difference}`);
    }
    return swept;
}

function summary(swept: Sweep[]): string {
    return `${swept.length / 2} calls swept, ${swept.length} crashes, ${differencesIn(swept)} differences`;
}

function differencesIn(swept: Sweep[]): number {
    return swept.reduce((sum, { differences }) => sum + differences.length, 0);
}

function print(line: string): void {
    process.stdout.write(`${line}\n`);
}

void main();
