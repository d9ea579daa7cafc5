// Builds dist/: the compiled package, the handlers' bundles (dist/functions/<name>/index.js) and the files that are
// copied as they are. Reproducible: esbuild is pinned exactly, minified output carries no paths and no comments.
import { spawnSync } from "node:child_process";
import { cpSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

compile();
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
    await build({
        absWorkingDir: root,
        entryPoints: names.map((name) => ({ in: `handlers/${name}/index.ts`, out: `${name}/index` })),
        outdir: "dist/functions",
        bundle: true,
        minify: true,
        legalComments: "none",
        platform: "node",
        format: "cjs",
        target: "node24",
        mainFields: ["module", "main"],
        // The SDK's import("node:http") would load all of that module's exports, fetch and its undici among them.
        supported: { "dynamic-import": false },
        alias: { "@aws-sdk/credential-provider-node": join(root, "scripts/function-credentials.mjs") },
        logLevel: "warning",
    });
}

function copyPython() {
    cpSync(join(root, "local"), join(root, "dist/local"), {
        recursive: true,
        filter: (path) => !path.endsWith("__pycache__") && (!/\.[a-z]+$/.test(path) || path.endsWith(".py")),
    });
}
