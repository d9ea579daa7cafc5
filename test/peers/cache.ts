import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

/** A folder that outlives the run and lies outside of the repository. Its name should hold a version. */
export function cacheFolder(name: string): string {
    return join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "eventpipeline", name);
}

/**
 * The folder of that name, made once. `make` fills it and says whether it could. What is there is complete: it is made
 * beside and renamed, so paths that `make` writes into files must not name the folder it is given.
 *
 * @returns undefined if it could not be made
 */
export async function fetchOnce(
    name: string,
    make: (folder: string) => boolean | Promise<boolean>,
): Promise<string | undefined> {
    const folder = cacheFolder(name);
    if (existsSync(folder)) return folder;
    mkdirSync(dirname(folder), { recursive: true });
    const beside = mkdtempSync(`${folder}.`);
    try {
        if (!(await make(beside))) return undefined;
        renameSync(beside, folder);
        return folder;
    } finally {
        rmSync(beside, { recursive: true, force: true });
    }
}
