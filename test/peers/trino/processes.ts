import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { createServer } from "node:net";

/** A port of the loopback interface that nobody listens on. */
export function freePort(): Promise<number> {
    return new Promise((resolve) => {
        const server = createServer().listen(0, "127.0.0.1", () => {
            const { port } = server.address() as { port: number };
            server.close(() => resolve(port));
        });
    });
}

/** Starts a server whose output goes to a file, and waits until `ready` no longer fails. */
export async function startServer(
    command: string[],
    log: string,
    ready: () => Promise<unknown>,
    seconds: number,
): Promise<ChildProcess> {
    const [program, ...options] = command;
    const server = spawn(program!, options, { stdio: ["ignore", "pipe", "pipe"] });
    const file = createWriteStream(log);
    server.stdout.pipe(file, { end: false });
    server.stderr.pipe(file, { end: false });
    let ended: string | undefined;
    server.on("error", (error) => {
        ended = error.message;
    });
    server.on("exit", (code) => {
        ended ??= `it ended with ${code}`;
    });
    for (const end = Date.now() + seconds * 1000; ; ) {
        try {
            await ready();
            return server;
        } catch (error) {
            if (ended !== undefined) throw new Error(`${program} did not start: ${ended}; see ${log}`);
            if (Date.now() > end) {
                await stopServer(server);
                throw new Error(`${program} was not ready after ${seconds} s: ${(error as Error).message}`);
            }
            await new Promise((resolve) => setTimeout(resolve, 200));
        }
    }
}

/** Ends a server that `startServer` started, and waits until it is gone. */
export async function stopServer(server: ChildProcess): Promise<void> {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const gone = new Promise((resolve) => server.once("exit", resolve));
    server.kill();
    const force = setTimeout(() => server.kill("SIGKILL"), 20_000);
    await gone;
    clearTimeout(force);
}
