// Builds dist/: the compiled package, the handlers' bundles (dist/functions/<name>/index.js) and the files that are
// copied as they are. Reproducible: the compilers are pinned exactly, minified output carries no paths and no comments.
import { spawnSync } from "node:child_process";
import { cpSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { compileKernels } from "./kernels.mjs";
import { licensesOf } from "./licenses.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Clients of the SDK, and what is bundled in their place where a function has no others: they start in a third of the time. */
const ownClients = {
    "@aws-sdk/client-dynamodb": join(root, "handlers/shared/aws/dynamodb.ts"),
    "@aws-sdk/client-firehose": join(root, "handlers/shared/aws/firehose.ts"),
    "@aws-sdk/client-s3": join(root, "handlers/shared/aws/s3.ts"),
};

compile();
await compileKernels(root);
await bundleHandlers();
copyPython();

function compile() {
    const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
    const { status } = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], { cwd: root, stdio: "inherit" });
    if (status !== 0) process.exit(status ?? 1);
}

async function bundleHandlers() {
    const names = readdirSync(join(root, "handlers"), { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && entry.name !== "shared")
        .map((entry) => entry.name);
    const own = await callingOnly(Object.keys(ownClients), names);
    const others = names.filter((name) => !own.includes(name));
    const credentials = { "@aws-sdk/credential-provider-node": join(root, "scripts/function-credentials.mjs") };
    const small = {
        metafile: true,
        minify: true,
        legalComments: "none", // see licenses.mjs
        mainFields: ["module", "main"],
        // The SDK's import("node:http") would load all of that module's exports, fetch and its undici among them.
        supported: { "dynamic-import": false },
    };
    const built = [
        await build({ ...bundling(own), ...small, alias: ownClients }),
        await build({ ...bundling(others), ...small, alias: credentials }),
    ];
    const outputs = built.flatMap(({ metafile }) => Object.values(metafile.outputs));
    const inputs = outputs.flatMap(({ inputs }) =>
        Object.keys(inputs).filter((file) => inputs[file].bytesInOutput > 0),
    );
    writeFileSync(join(root, "dist/THIRD-PARTY-LICENSES.txt"), licensesOf(inputs, root));
}

/** The functions that have no clients of the SDK but these. */
async function callingOnly(clients, names) {
    const unbundled = { ...bundling(names), packages: "external", write: false, metafile: true };
    const { outputs } = (await build(unbundled)).metafile;
    const isOther = ({ path }) => path.startsWith("@aws-sdk/client-") && !clients.includes(path);
    return names.filter((name) => !outputs[`dist/functions/${name}/index.js`].imports.some(isOther));
}

function bundling(names) {
    return {
        absWorkingDir: root,
        entryPoints: names.map((name) => ({ in: `handlers/${name}/index.ts`, out: `${name}/index` })),
        outdir: "dist/functions",
        bundle: true,
        platform: "node",
        format: "cjs",
        target: "node24",
        logLevel: "warning",
    };
}

function copyPython() {
    cpSync(join(root, "local"), join(root, "dist/local"), {
        recursive: true,
        filter: (path) => !path.endsWith("__pycache__") && (!/\.[a-z]+$/.test(path) || path.endsWith(".py")),
    });
}
