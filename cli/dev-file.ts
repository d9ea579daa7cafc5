import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** How other commands find a running `eventpipeline dev`. */
export interface DevFile {
    pid: number;
    endpointUrl: string;
    /** What the program exports. */
    outputs: Record<string, unknown>;
}

/** Lies beside the program while `dev` runs. */
export function devFile(program: string): string {
    const folder = statSync(program).isDirectory() ? program : dirname(program);
    return join(folder, ".eventpipeline", "dev.json");
}

/** Says where `dev` answers. Returns what takes that back, unless another `dev` of the same program has come since. */
export function announceDev(program: string, content: DevFile): () => void {
    const file = devFile(program);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(content, undefined, 2)}\n`);
    return () => {
        if (readDevFile(program)?.endpointUrl === content.endpointUrl) rmSync(file);
    };
}

/** What the program's `dev` said; undefined if there is none. */
export function readDevFile(program: string): DevFile | undefined {
    try {
        return JSON.parse(readFileSync(devFile(program), "utf8"));
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
    }
}
