import { fork } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Case, Contestant } from "../case";

/** A function's surroundings. */
export interface Deployment {
    /** Lies beside the function. */
    assetFile: string;
    asset: unknown;
    environment: object;
    /** What it is invoked with first. */
    event: unknown;
    /** Where AWS answers. */
    endpoint: string;
}

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
    rounds: 9,
    contestants: [started(name, "ours"), { ...started(name, "plain"), atLeast }, started(name, "external")],
}));

function started(name: string, variant: keyof typeof variants): Contestant {
    return {
        name: variants[variant],
        async load(data) {
            const aws = fork(join(__dirname, "fake-aws.js"), [name]);
            const [{ assetFile, asset, environment, event, endpoint }] = (await once(aws, "message")) as [Deployment];
            const folder = join(data, variant);
            await writeFile(join(folder, assetFile), JSON.stringify(asset));
            Object.assign(process.env, environment, {
                AWS_REGION: "eu-west-1",
                AWS_ACCESS_KEY_ID: "test",
                AWS_SECRET_ACCESS_KEY: "test",
                AWS_ENDPOINT_URL: endpoint,
            });
            const context = { awsRequestId: "invocation", getRemainingTimeInMillis: () => 60_000 };
            const loaded = Object.keys(require.cache).find((file) => file.includes("@aws-sdk"));
            if (loaded) throw new Error(`${loaded} is loaded already`);
            return async () => {
                const answer = await require(join(folder, "index.js")).handler(event, context);
                if (answer.batchItemFailures?.length > 0 || answer.statusCode >= 400) {
                    throw new Error(JSON.stringify(answer));
                }
            };
        },
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
