/** The published package as a plugin of Pulumi: what programs in other languages have their components from. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { runIn } from "./sdks";

const root = join(__dirname, "..", "..", "..");
const runPlugin = require.resolve("@pulumi/pulumi/cmd/run-plugin");

/** A plugin that listens. */
export interface Plugin {
    port: number;
    /** What it has said. */
    said(): string;
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

/** Starts a package as Pulumi's host for Node does. It prints its port when it is ready. */
export async function startPlugin(folder: string): Promise<Plugin> {
    const plugin = spawn(process.execPath, [runPlugin, folder], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    plugin.stdout.on("data", (text) => {
        said += text;
    });
    plugin.stderr.on("data", (text) => {
        said += text;
    });
    const ended = once(plugin, "exit");
    await Promise.race([once(plugin.stdout, "data"), ended]);
    if (plugin.exitCode !== null) throw new Error(`the plugin ended: ${said}`);
    return {
        port: Number(said.trim()),
        said: () => said,
        stop: async () => {
            plugin.kill();
            await ended;
        },
    };
}
