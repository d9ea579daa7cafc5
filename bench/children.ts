import { readFileSync } from "node:fs";

/** How often the processes that run are looked at, in milliseconds. */
const period = 500;
/** What Linux counts processors' time in, everywhere. */
const ticksPerSecond = 100;

/**
 * What the processes took that this one started, by Linux's account; where there is none, nothing. Their processors' time is
 * known once they have ended. Memory is the most that they had together whenever they were looked at: somewhat more than
 * they took, since they share what they load.
 */
export class Children {
    private most = 0;
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
        return this.most;
    }

    private look(): void {
        const children = read(`self/task/${process.pid}/children`).split(" ").filter(Boolean);
        const kilobytes = children.map((id) => Number(/^VmRSS:\s+(\d+) kB$/m.exec(read(`${id}/status`))?.[1] ?? 0));
        this.most = Math.max(this.most, kilobytes.reduce((sum, each) => sum + each, 0) * 1024);
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
