import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { cacheFolder } from "../cache";
import { type Configuration, providerVersion, settings } from "./configuration";
import type { ProviderSchema } from "./schema";

/** What Terraform or the provider says of a configuration. */
export interface Diagnostic {
    severity: "error" | "warning";
    summary: string;
    detail?: string;
    /** `<type>.<name>` of the resource. */
    address?: string;
}

/** Terraform with AWS's provider, which reaches no network. */
export interface Terraform {
    version: string;
    schema: ProviderSchema;
    validate(configuration: Configuration): Promise<Diagnostic[]>;
    /** Plans the creation of everything; the plan's file lies in `folder` until the next one. */
    plan(configuration: Configuration): Promise<{ diagnostics: Diagnostic[]; creates: string[] }>;
    /** The last plan in JSON. */
    show(): Promise<string>;
    stop(): void;
}

/** Longest that a command may take: one that hangs is worse than one that fails. */
const patience = 300_000;

/** Finds Terraform and the provider on this machine, or else in its registry; or says what is missing. */
export async function startTerraform(): Promise<Terraform | { missing: string }> {
    const { status, stdout } = spawnSync("terraform", ["version", "-json"], { encoding: "utf8" });
    if (status !== 0) return { missing: "terraform is not installed" };
    const folder = mkdtempSync(join(tmpdir(), "terraform-"));
    const env = { ...process.env, ...pluginSettings(folder), CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1" };
    const write = (configuration: object) => writeFileSync(join(folder, "main.tf.json"), JSON.stringify(configuration));
    write(settings);
    const started = await run("init", "-input=false", "-no-color");
    if (started.status !== 0) {
        stop();
        return { missing: `AWS's provider ${providerVersion} for Terraform is neither here nor to be had` };
    }
    const { provider_schemas } = JSON.parse((await run("providers", "schema", "-json")).output);
    const [{ resource_schemas }] = Object.values(provider_schemas) as [{ resource_schemas: ProviderSchema }];
    const { terraform_version } = JSON.parse(stdout) as { terraform_version: string };
    return {
        version: `Terraform ${terraform_version}, AWS provider ${providerVersion}`,
        schema: resource_schemas,
        async validate(configuration) {
            write(configuration);
            const { diagnostics } = JSON.parse((await run("validate", "-json")).output) as { diagnostics: Said[] };
            return diagnostics.map(diagnosticOf);
        },
        async plan(configuration) {
            write(configuration);
            const { output } = await run("plan", "-json", "-input=false", "-refresh=false", "-out=plan");
            const lines = output.split("\n").filter(Boolean).map(lineOf);
            return {
                diagnostics: lines.flatMap(({ diagnostic }) => (diagnostic ? [diagnosticOf(diagnostic)] : [])),
                creates: lines.flatMap(({ type, change }) =>
                    type === "planned_change" && change?.action === "create" ? [change.resource.addr] : [],
                ),
            };
        },
        show: async () => (await run("show", "-json", "plan")).output,
        stop,
    };

    function run(...command: string[]): Promise<{ status: number | null; output: string }> {
        // Asked to end, it ends its provider, too.
        const child = spawn("terraform", command, { cwd: folder, env, timeout: patience, killSignal: "SIGTERM" });
        const output: Buffer[] = [];
        child.stdout.on("data", (data) => output.push(data));
        child.stderr.resume();
        return new Promise((resolve, reject) => {
            child.on("error", reject);
            child.on("close", (status) => resolve({ status, output: Buffer.concat(output).toString() }));
        });
    }

    function stop(): void {
        rmSync(folder, { recursive: true, force: true });
    }
}

/** Where providers lie that were put on the machine by hand, if not where Terraform looks by itself. */
function pluginSettings(folder: string): Record<string, string> {
    const shared = ["/opt", "/usr/local/share", "/usr/share"].flatMap((root) =>
        existsSync(root) ? readdirSync(root).map((name) => join(root, name)) : [],
    );
    const own = [join(homedir(), ".terraform.d", "plugins"), process.env.TF_PLUGIN_CACHE_DIR ?? ""];
    const roots = [...own, ...shared, ...shared.map((path) => join(path, "plugins"))];
    const mirror = roots.find((root) => hasProvider(join(root, "registry.terraform.io", "hashicorp", "aws")));
    if (mirror === undefined) {
        const cache = cacheFolder("terraform-plugins");
        mkdirSync(cache, { recursive: true });
        return { TF_PLUGIN_CACHE_DIR: cache };
    }
    const file = join(folder, "settings.tfrc");
    writeFileSync(file, `provider_installation { filesystem_mirror { path = ${JSON.stringify(mirror)} } }`);
    return { TF_CLI_CONFIG_FILE: file };
}

function hasProvider(folder: string): boolean {
    return existsSync(folder) && readdirSync(folder).some((name) => name.includes(providerVersion));
}

interface Said {
    severity: "error" | "warning";
    summary: string;
    detail?: string;
    address?: string;
    snippet?: { context?: string };
}

function diagnosticOf({ severity, summary, detail, address, snippet }: Said): Diagnostic {
    // Where Terraform itself finds a fault, the address stands in the snippet only: `resource.<type>.<name>`.
    const context = snippet?.context?.replace(/^resource\./, "");
    return { severity, summary, detail, address: address ?? context };
}

interface Line {
    type: string;
    diagnostic?: Said;
    change?: { action: string; resource: { addr: string } };
}

function lineOf(text: string): Line {
    return JSON.parse(text) as Line;
}
