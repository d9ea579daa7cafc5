import { spawn, spawnSync } from "node:child_process";
import { basename, dirname, join } from "node:path";
import { fetchOnce } from "../cache";

export const version = "3.3.30";

/** Longest that a step may take: one that hangs is worse than one that fails. */
const patience = 600_000;

/** A check of a resource in a plan. */
export interface Checked {
    /** Such as `CKV_AWS_18`. */
    check: string;
    /** What it demands. */
    name: string;
    /** Name of the plan's folder, which is the program's. */
    program: string;
    /** `<type>.<name>` */
    resource: string;
}

export interface Findings {
    passed: number;
    failed: Checked[];
}

export interface Checkov {
    check(plans: string[]): Promise<Findings>;
}

/** Checkov, fetched once by pip into an environment of its own; or says what is missing for that. */
export async function startCheckov(): Promise<Checkov | { missing: string }> {
    if (spawnSync("python3", ["-m", "venv", "-h"]).status !== 0)
        return { missing: "Python with venv is not installed" };
    const folder = await fetchOnce(`checkov-${version}`, install);
    if (!folder) return { missing: `checkov ${version} is not to be had from pip` };
    return { check: (plans) => check(join(folder, "bin", "python"), plans) };
}

/** Its scripts name the folder, which is moved; `python -m` does not need them. */
function install(folder: string): boolean {
    const made = spawnSync("python3", ["-m", "venv", folder], { timeout: patience });
    if (made.status !== 0) return false;
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", `checkov==${version}`];
    return spawnSync(join(folder, "bin", "python"), pip, { timeout: patience }).status === 0;
}

async function check(python: string, plans: string[]): Promise<Findings> {
    const options = ["--framework", "terraform_plan", "--compact", "--quiet", "--skip-download", "--output", "json"];
    const child = spawn(python, ["-m", "checkov.main", ...options, "--file", ...plans], {
        stdio: ["ignore", "pipe", "inherit"],
        timeout: patience,
        killSignal: "SIGKILL",
    });
    const output: Buffer[] = [];
    child.stdout.on("data", (data) => output.push(data));
    const status = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
    if (status !== 0 && status !== 1) throw new Error(`checkov ended with ${status}`);
    const said = JSON.parse(Buffer.concat(output).toString()) as Said | Said[];
    const { summary, results } = [said].flat()[0]!;
    if (summary.parsing_errors > 0) throw new Error(`checkov could not read ${summary.parsing_errors} files`);
    return { passed: summary.passed, failed: results.failed_checks.map(checkedOf) };
}

interface Said {
    summary: { passed: number; parsing_errors: number };
    results: { failed_checks: { check_id: string; check_name: string; file_abs_path: string; resource: string }[] };
}

function checkedOf(failed: Said["results"]["failed_checks"][number]): Checked {
    const { check_id, check_name, file_abs_path, resource } = failed;
    return { check: check_id, name: check_name, program: basename(dirname(file_abs_path)), resource };
}
