import { createColors } from "picocolors";
import { type Entry, LocalPipeline } from "../local";
import { bytes } from "./print";

/** Options of `eventpipeline dev`, as the command line gives them. */
export interface DevOptions {
    bufferSeconds?: number;
    stack?: string;
    config: Record<string, string>;
}

/** Keeps the program's pipeline running on the wall clock and logs what happens, until it is interrupted. */
export async function dev(
    program: string,
    options: DevOptions,
    out: NodeJS.WriteStream = process.stdout,
): Promise<number> {
    const colors = createColors(out.isTTY === true);
    const print = (text: string) => out.write(`${text}\n`);
    const pipeline = await LocalPipeline.start({ program, ...options, clock: "wall" });
    try {
        for (const { method, url } of pipeline.routes) print(`${colors.bold(method)} ${url}`);
        for (const [key, value] of Object.entries(pipeline.invented))
            print(`config ${key} = ${value}  (made up for this run)`);
        print(colors.dim(`state in ${pipeline.folder}; Ctrl-C stops`));
        pipeline.journal.listen((entry) => {
            const line = describe(entry);
            if (line)
                print(
                    `${colors.dim(new Date().toISOString().slice(11, 23))} ${entry.kind === "failure" ? colors.red(line) : line}`,
                );
        });
        await interrupted();
        return 0;
    } finally {
        await pipeline.stop();
    }
}

/** One line of the log. */
function describe(entry: Entry): string | undefined {
    switch (entry.kind) {
        case "request":
            return `${entry.method} ${entry.path} → ${entry.status}`;
        case "object":
            return `${entry.key}  ${bytes(entry.bytes)}${entry.events === undefined ? "" : `, ${entry.events} events`}`;
        case "run":
            return `query ${entry.query} ${entry.state.toLowerCase()}: ${entry.reason ?? `${entry.rows} rows, ${bytes(entry.bytesScanned)} scanned`}`;
        case "failure":
            return `failed: ${entry.stage}: ${entry.reason} (${entry.count})`;
        case "skip":
            return `skipped ${entry.function}: ${entry.reason}`;
        case "log":
            return undefined;
    }
}

function interrupted(): Promise<void> {
    return new Promise((resolve) => {
        process.once("SIGINT", resolve);
        process.once("SIGTERM", resolve);
    });
}
