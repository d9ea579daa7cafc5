import { readFileSync } from "node:fs";

/** How often the processes that run are looked at, in milliseconds. */
const period = 500;
/** What Linux counts processors' time in, everywhere. */
const ticksPerSecond = 100;

/**
 * What the processes took that this one started, by Linux's account; where there is none, nothing. Their processors' time is
 * known once they have ended. Memory is the sum of what each of them had at most, whether at the same time or not: more
 * than they ever had together, since they share what they load, too, but peaks between two looks count.
 */
export class Children {
    private readonly peaks = new Map<string, number>();
    private readonly timer = setInterval(() => this.look(), period).unref();

    /** In seconds, of those that have ended. */
    static cpuSeconds(): number {
        // Behind the name, which may hold spaces: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
        const fields = read("self/stat").split(") ").at(-1)!.split(" ");
        const [user, system] = [fields[13], fields[14]].map((ticks) => Number(ticks ?? 0));
        return (user! + system!) / ticksPerSecond;
    }

    /** In bytes. Looks no more. */
    stop(): number {
        clearInterval(this.timer);
        return [...this.peaks.values()].reduce((sum, peak) => sum + peak, 0);
    }

    private look(): void {
        for (const id of read(`self/task/${process.pid}/children`).split(" ").filter(Boolean)) {
            const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(read(`${id}/status`)) ?? [];
            if (kilobytes) this.peaks.set(id, Number(kilobytes) * 1024);
        }
    }
}

/** Empty where there is nothing, as of a process that has just ended. */
function read(name: string): string {
    try {
        return readFileSync(`/proc/${name}`, "utf8");
    } catch {
        return "";
    }
}
