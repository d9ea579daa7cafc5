// Compiles handlers/count-events/kernel, which is AssemblyScript, to WebAssembly, and puts its bytes into a module that
// is bundled like any other.
import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { main } from "assemblyscript/asc";

const folder = "handlers/count-events";

/** Compiles the kernel of the package in that folder. */
export async function compileKernel(root) {
    const work = await mkdtemp(join(tmpdir(), "kernel-"));
    try {
        const outFile = join(work, "kernel.wasm");
        // No runtime: all of its memory is laid out by the compiler.
        const options = ["--runtime", "stub", "--noAssert", "-O3", "--enable", "simd"];
        const { error, stderr } = await main([
            `${folder}/kernel/index.ts`,
            "--baseDir",
            root,
            "--outFile",
            outFile,
            ...options,
        ]);
        if (error) throw new Error(`${folder}/kernel: ${error.message}\n${stderr}`);
        const text = `export default "${readFileSync(outFile).toString("base64")}";\n`;
        writeFileSync(join(root, folder, "kernel-bytes.ts"), text);
    } finally {
        await rm(work, { recursive: true });
    }
}
