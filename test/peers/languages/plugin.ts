/** The published package as a plugin of Pulumi: what programs in other languages have their components from. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runIn } from "./sdks";

const root = join(__dirname, "..", "..", "..");

/** What Pulumi's host for Node runs, with the folder of a package. */
export const runPlugin = require.resolve("@pulumi/pulumi/cmd/run-plugin");

/** A plugin that listens. */
export interface Plugin {
    /** Of the package. */
    folder: string;
    port: number;
    stop(): Promise<void>;
}

/** Unpacks what npm would publish beside what it would install with it. */
export function unpackPackage(folder: string): string {
    mkdirSync(folder);
    const packed = runIn(root, "npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder]);
    runIn(folder, "tar", ["-xzf", packed.trim()]);
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    return join(folder, "package");
}

/** A folder for the search path in which the engine finds a host for Node. */
export function installHost(folder: string): string {
    mkdirSync(folder);
    const options = ["--require", require.resolve("ts-node/register/transpile-only")];
    const command = [process.execPath, ...options, join(__dirname, "node-host.ts")].map((part) => `'${part}'`);
    writeFileSync(join(folder, "pulumi-language-nodejs"), `#!/bin/sh\nexec ${command.join(" ")}\n`, { mode: 0o755 });
    return folder;
}

/** Starts a package as Pulumi's host for Node does. It prints its port when it is ready. */
export async function startPlugin(folder: string): Promise<Plugin> {
    const plugin = spawn(process.execPath, [runPlugin, folder], {
        cwd: dirname(folder),
        stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    plugin.stderr.on("data", (text) => {
        said += text;
    });
    const ended = once(plugin, "exit");
    const [port] = await Promise.race([once(plugin.stdout, "data"), ended]);
    if (plugin.exitCode !== null) throw new Error(`the plugin ended: ${said}`);
    plugin.stdout.resume();
    return {
        folder,
        port: Number(port),
        stop: async () => {
            plugin.kill();
            await ended;
        },
    };
}
