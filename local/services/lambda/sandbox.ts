import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** How to start a function's process. */
export interface SandboxOptions {
    command: string;
    args: string[];
    /** Working directory. */
    folder: string;
    environment: Record<string, string>;
    onLine(line: string): void;
    /** After its last line; `reason` as Lambda words it: `with error: exit status 1`. */
    onExit(reason: string): void;
}

/** Processes that must not outlive this one. */
const alive = new Set<ChildProcess>();
process.on("exit", () => {
    for (const child of alive) kill(child);
});

/**
 * A function's process, in a process group of its own, so that what it started ends with it. It ends itself when its
 * standard input closes: that happens however this process dies.
 */
export class Sandbox {
    private readonly child: ChildProcess;
    private readonly closed: Promise<void>;

    constructor(options: SandboxOptions) {
        this.child = spawn(options.command, options.args, {
            cwd: options.folder,
            env: options.environment,
            stdio: ["pipe", "pipe", "pipe"],
            detached: true,
        });
        alive.add(this.child);
        for (const stream of [this.child.stdout!, this.child.stderr!]) {
            createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on("line", options.onLine);
        }
        let failure: Error | undefined;
        this.child.on("error", (error) => {
            failure = error;
        });
        this.child.stdin!.on("error", () => {});
        this.closed = new Promise((resolve) => {
            this.child.on("close", (code, signal) => {
                alive.delete(this.child);
                options.onExit(failure ? `with error: ${failure.message}` : exitReason(code, signal));
                resolve();
            });
        });
    }

    /** Kills it and waits until it is gone. */
    async stop(): Promise<void> {
        kill(this.child);
        await this.closed;
    }
}

function exitReason(code: number | null, signal: NodeJS.Signals | null): string {
    if (signal) return `with error: signal: ${signal === "SIGKILL" ? "killed" : signal}`;
    return code === 0 ? "without providing a reason" : `with error: exit status ${code}`;
}

function kill(child: ChildProcess): void {
    try {
        process.kill(-child.pid!, "SIGKILL");
    } catch {
        child.kill("SIGKILL");
    }
}
