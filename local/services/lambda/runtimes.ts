import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { packageFile } from "../../package";

/** How to start a function's process, or why that is not possible here. */
export interface Command {
    file?: string;
    args?: string[];
    skip?: string;
}

/** Lambda's, in MB. */
export const defaultMemorySize = 128;

/** The program that runs functions of this runtime. */
export function commandOf(inputs: {
    runtime?: string;
    packageType?: string;
    layers?: string[];
    memorySize?: number;
}): Command {
    const { runtime = "" } = inputs;
    if (inputs.packageType === "Image") return { skip: "a container image does not run on this machine" };
    if (inputs.layers?.length)
        return { skip: "layers are not modelled on this machine: put their content into the code" };
    if (runtime.startsWith("nodejs")) {
        return { file: process.execPath, args: [...heapOptions(inputs.memorySize), bootFile("bootstrap.js")] };
    }
    if (runtime.startsWith("python")) {
        const python = findPython();
        if (python) return { file: python, args: ["-u", bootFile("bootstrap.py")] };
        return { skip: `${runtime} needs python3 on the PATH: install Python 3.9 or newer` };
    }
    return { skip: `the runtime ${runtime || "(none)"} does not run on this machine; nodejs and python do` };
}

/** How Node is started. Here functions share a machine: garbage is collected before a heap grows. */
function heapOptions(memorySize = defaultMemorySize): string[] {
    return [...heapLimits(memorySize), "--optimize-for-size"];
}

/**
 * The heap's limits by the function's memory in MB, so that what needs more fails here, too. AWS does not document how Lambda
 * starts Node; these shares are those of the start scripts that it has published for runtimes of one's own.
 */
export function heapLimits(memorySize: number): string[] {
    const old = Math.floor(memorySize * 0.9);
    const semi = Math.floor(memorySize * 0.05);
    return [`--max-old-space-size=${old}`, `--max-semi-space-size=${semi}`];
}

function bootFile(name: string): string {
    return packageFile(join("dist", "local", "services", "lambda", name));
}

/** The interpreter itself, past version managers' shims, which cost a shell at every start. */
function findPython(): string | undefined {
    const { status, stdout } = spawnSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" });
    return status === 0 ? stdout.trim() : undefined;
}
