import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { heapLimits } from "../local/services/lambda/runtimes";
import type { Case, Contestant, ContestantArguments, Measure, Size } from "./case";

/** What a contestant came to: medians of its runs. */
export interface Outcome extends Measure {
    contestant: Contestant;
    /** Length of its output. */
    bytes: number;
    /** How its output differs from what it should be. */
    differences: string[];
}

/** Those that take longer run once. */
const longRun = 30;

/** Runs a case's contestants in turn, first all of them once, then all again: so whatever else happens hits them alike. */
export async function measure(measured: Case, size: Size, say: (text: string) => void): Promise<Outcome[]> {
    const { name, contestants } = measured;
    const rounds = roundsOf(measured, size);
    say(`${name}: data`);
    const data = await measured.data(size);
    const runs = new Map<Contestant, Run[]>(contestants.map((contestant) => [contestant, []]));
    for (let round = 1; round <= rounds; round++) {
        for (const [contestant, own] of runs) {
            if (own[0] && own[0].seconds > longRun) continue;
            say(`${name}: ${contestant.name}, ${round} of ${rounds}`);
            own.push(await run(measured, contestant, data, round === 1));
        }
    }
    return [...runs].map(([contestant, own]) => ({
        contestant,
        seconds: median(own.map(({ seconds }) => seconds)),
        cpuSeconds: median(own.map(({ cpuSeconds }) => cpuSeconds)),
        memory: median(own.map(({ memory }) => memory)),
        ...(measured.countsChildren && { childrenMemory: median(own.map((each) => each.childrenMemory!)) }),
        bytes: own[0]!.bytes,
        differences: own[0]!.differences,
    }));
}

function roundsOf({ rounds = 3 }: Case, size: Size): number {
    return typeof rounds === "number" ? rounds : rounds[size];
}

type Run = Omit<Outcome, "contestant">;

async function run(measured: Case, contestant: Contestant, data: string, isFirst: boolean): Promise<Run> {
    const folder = await mkdtemp(join(tmpdir(), "bench-"));
    const output = join(folder, "output");
    try {
        const taken = await inProcess(contestant, [measured.name, contestant.name, data, output]);
        const bytes = await stat(output).then(
            ({ size }) => size,
            () => 0,
        );
        const isCompared = isFirst && !contestant.isLimit && measured.differences;
        const differences = isCompared ? await measured.differences!(data, output) : [];
        return { ...taken, bytes, differences };
    } finally {
        await rm(folder, { recursive: true });
    }
}

async function inProcess({ name, functionMemory }: Contestant, args: ContestantArguments): Promise<Measure> {
    const execArgv = functionMemory === undefined ? [] : heapLimits(functionMemory);
    // What functions log is nobody's here.
    const child = fork(join(__dirname, "contestant.js"), args, {
        execArgv,
        stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    let taken: Measure | undefined;
    child.once("message", (message: Measure) => {
        taken = message;
        // Some libraries leave things open, and at an exit V8's threads may wait for each other.
        child.kill("SIGKILL");
    });
    const [said, [code]] = await Promise.all([text(child.stderr!), once(child, "close")]);
    if (!taken) throw new Error(`${args[0]}: ${name} ended with ${code}: ${said.trim()}`);
    return taken;
}

function median(values: number[]): number {
    const sorted = values.toSorted((a, b) => a - b);
    const middle = sorted.length >> 1;
    return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
