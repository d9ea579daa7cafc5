import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../cache";
import type { Configuration } from "./configuration";
import type { Terraform } from "./terraform";

/**
 * File with the plan of a program's configuration in JSON, made only if no run has kept it: two judges look at the same
 * plans. The last plan of each program is kept.
 */
export async function keptPlan(
    program: string,
    configuration: Configuration,
    terraform: Pick<Terraform, "plan" | "show">,
): Promise<string> {
    const folder = folderOf(program);
    const file = join(folder, fileOf(configuration));
    if (existsSync(file)) return file;
    const { diagnostics } = await terraform.plan(configuration);
    if (diagnostics.length > 0) throw new Error(`${program}: ${diagnostics[0]!.summary} (${diagnostics[0]!.address})`);
    return keepPlan(program, configuration, await terraform.show());
}

/** Keeps a plan that was just made, in place of the program's last. */
export function keepPlan(program: string, configuration: Configuration, plan: string): string {
    const folder = folderOf(program);
    mkdirSync(folder, { recursive: true });
    for (const old of readdirSync(folder)) rmSync(join(folder, old));
    const file = join(folder, fileOf(configuration));
    writeFileSync(file, plan);
    return file;
}

function folderOf(program: string): string {
    return join(cacheFolder("terraform-plans"), program.replaceAll("/", "-"));
}

function fileOf(configuration: Configuration): string {
    return `${createHash("sha256").update(JSON.stringify(configuration)).digest("hex").slice(0, 16)}.json`;
}
