import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";

/** How the function is named on the command line. */
export interface ReconcilerOptions {
    /** File with the stack's outputs; `-` is standard input. */
    outputs?: string;
    /** The function itself. */
    function?: string;
}

/** Finds the function that compares objects with the ledger: by its name, its stack or the stack's outputs. */
export async function findReconciler(stack: string | undefined, options: ReconcilerOptions): Promise<string> {
    const { outputs, function: name } = options;
    if ([stack, outputs, name].filter((each) => each !== undefined).length !== 1) {
        throw new Error("say which pipeline, in one way: a stack's name, --outputs FILE, or --function NAME");
    }
    if (name !== undefined) return name;
    if (outputs !== undefined) return functionIn(readOutputs(outputs), `--outputs ${outputs}`);
    return functionIn(await outputsOf(stack!), `the stack ${stack}`);
}

/** Exported by itself, or as a part of what is exported. */
function functionIn(outputs: unknown, where: string): string {
    const names = [outputs, ...Object.values(Object(outputs))]
        .map((each) => Object(each).reconcileFunctionName)
        .filter((each) => typeof each === "string");
    const [name, ...others] = new Set(names);
    if (name === undefined) {
        throw new Error(
            `${where} has no output \`reconcileFunctionName\`: put ` +
                "`export const { reconcileFunctionName } = pipeline;` into the program, and deploy it",
        );
    }
    if (others.length > 0) {
        throw new Error(`${where} has several pipelines: say --function ${[name, ...others].join(" or --function ")}`);
    }
    return name;
}

function readOutputs(file: string): unknown {
    try {
        return JSON.parse(readFileSync(file === "-" ? 0 : file, "utf8"));
    } catch (error) {
        throw new Error(`--outputs ${file}: ${(error as Error).message}`);
    }
}

/** As Pulumi's own command line tells them: it knows the backend, the login and the passphrase. */
async function outputsOf(stack: string): Promise<unknown> {
    try {
        const args = ["stack", "output", "--json", "--stack", stack, "--non-interactive"];
        const { stdout } = await promisify(execFile)("pulumi", args);
        return JSON.parse(stdout);
    } catch (error) {
        const { code, stderr = "", message } = error as Error & { code?: unknown; stderr?: string };
        if (code !== "ENOENT") throw new Error(`the outputs of the stack ${stack}: ${stderr.trim() || message}`);
        throw new Error(
            "to ask for a stack's outputs, Pulumi's command line has to be installed: install it, or say --outputs FILE " +
                "with what `pulumi stack output --json` prints",
        );
    }
}
