import { copyFile, mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Case, Contestant } from "../case";
import { deployed } from "../deployed";

/** Handlers, and how many times as fast ours must be as the one with the SDK bundled plainly. */
const functions: Record<string, number> = {
    collect: 3,
    normalize: 3,
    "count-events": 3,
    "run-query": 1.25,
    "convert-result": 1.25,
};

const variants = { ours: "ours", plain: "SDK bundled plainly", external: "SDK not bundled" };

/** From the function's import to the answer of its first request, in a fresh process. */
export const coldStarts: Case[] = Object.entries(functions).map(([name, atLeast]) => ({
    name: `cold-start-${name}`,
    about: `import of the function ${name}, and its first request`,
    data: () => bundles(name),
    rounds: { full: 9, short: 7 },
    contestants: [
        started(name, "ours"),
        { ...started(name, "plain"), atLeast },
        // Reads hundreds of files, which takes now more and now less.
        { ...started(name, "external"), isUnsteady: true },
    ],
}));

function started(name: string, variant: keyof typeof variants): Contestant {
    return {
        name: variants[variant],
        load: (data) => deployed([name], join(data, variant)),
    };
}

/** The function in all variants, below a folder from which the SDK can be found. */
async function bundles(name: string): Promise<string> {
    const { build } = await import("esbuild");
    const data = resolve(".eventpipeline/bench/cold-start", name);
    const options = { bundle: true, minify: true, platform: "node", format: "cjs", target: "node24" } as const;
    const entryPoints = [`handlers/${name}/index.ts`];
    await mkdir(join(data, "ours"), { recursive: true });
    await copyFile(`dist/functions/${name}/index.js`, join(data, "ours", "index.js"));
    await build({ ...options, entryPoints, outfile: join(data, "plain", "index.js") });
    await build({ ...options, entryPoints, outfile: join(data, "external", "index.js"), packages: "external" });
    return data;
}
