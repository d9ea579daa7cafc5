import { spawnSync } from "node:child_process";
import { join } from "node:path";

/**
 * Makes a virtual environment with these packages of PyPI in the folder, and says whether it could. The folder may be
 * renamed as long as nothing calls the scripts in it: `bin/python -m` is what to use.
 */
export function installPackages(folder: string, packages: string[]): boolean {
    const runs = (program: string, ...options: string[]) =>
        spawnSync(program, options, { stdio: ["ignore", "inherit", "inherit"] }).status === 0;
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    return runs("python3", "-m", "venv", folder) && runs(join(folder, "bin/python"), ...pip, ...packages);
}
