import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { serverOf } from "./fake-server";
import type { GivenResponse, SentRequest } from "./fake-service";

/** A function as it is deployed: its bundle in a process of its own, with its asset file and its environment. */
interface Deployed {
    /** Folder below `handlers/`. */
    name: string;
    assetFile: string;
    asset: unknown;
    environment: object;
    /** What AWS answers. */
    answer(request: SentRequest): GivenResponse | Promise<GivenResponse>;
}

/** Invokes the function once; returns what it answers. */
export async function invokeBundle({ name, assetFile, asset, environment, answer }: Deployed, event: unknown) {
    const folder = mkdtempSync(join(tmpdir(), `${name}-`));
    const server = serverOf(answer);
    try {
        await build({
            entryPoints: [`handlers/${name}/index.ts`],
            outfile: join(folder, "index.js"),
            bundle: true,
            platform: "node",
            format: "cjs",
            logLevel: "error",
        });
        writeFileSync(join(folder, assetFile), JSON.stringify(asset));
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        const { stdout } = await promisify(execFile)(process.execPath, ["-e", invocation, JSON.stringify(event)], {
            cwd: folder,
            env: {
                ...environment,
                PATH: process.env.PATH,
                AWS_REGION: "eu-west-1",
                AWS_ACCESS_KEY_ID: "test",
                AWS_SECRET_ACCESS_KEY: "test",
                AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
            },
        });
        return JSON.parse(stdout.trimEnd().split("\n").at(-1)!);
    } finally {
        server.close();
        rmSync(folder, { recursive: true });
    }
}

const invocation = `
    const context = { awsRequestId: "invocation", getRemainingTimeInMillis: () => 60000 };
    require("./index.js").handler(JSON.parse(process.argv[1]), context).then((answer) => console.log(JSON.stringify(answer)));
`;
