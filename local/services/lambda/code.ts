import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import type { CapturedAsset } from "../../program";
import { readZip } from "./zip";

/** Lays a function's code out in `folder`, as Lambda does under /var/task. */
export async function unpack(code: CapturedAsset | undefined, folder: string): Promise<void> {
    if (!code) throw new Error("the function has no `code`: code in S3 or in an image is not modelled on this machine");
    await mkdir(folder, { recursive: true });
    if (code.asset === "archive") {
        for (const [path, entry] of Object.entries(code.entries)) await place(entry, inside(folder, path));
    } else if (code.asset === "folder") {
        await cp(code.path, folder, { recursive: true });
    } else if (code.asset === "file" && /\.(zip|jar)$/i.test(code.path)) {
        for (const [path, bytes] of readZip(await readFile(code.path))) await write(inside(folder, path), bytes);
    } else {
        throw new Error("the function's `code` is neither a folder, an asset archive nor a .zip file");
    }
}

async function place(entry: CapturedAsset, target: string): Promise<void> {
    if (entry.asset === "text") await write(target, entry.text);
    else if (entry.asset === "file") await write(target, await readFile(entry.path));
    else await unpack(entry, target);
}

async function write(target: string, content: string | Buffer): Promise<void> {
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content);
}

function inside(folder: string, path: string): string {
    const target = join(folder, path);
    if (!target.startsWith(folder + sep)) throw new Error(`the archive's entry ${path} lies outside of it`);
    return target;
}
