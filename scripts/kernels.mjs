// Compiles the folders handlers/*/*kernel that have an index.ts, which are AssemblyScript, to WebAssembly, and puts the
// bytes of each into a module beside it that is bundled like any other: of kernel/ into kernel-bytes.ts.
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { main } from "assemblyscript/asc";

/** No runtime: all of a kernel's memory is laid out by the compiler. */
const options = ["--runtime", "stub", "--noAssert", "-O3", "--enable", "simd"];

/** Compiles the kernels of the package in that folder. */
export async function compileKernels(root) {
    for (const index of globSync("handlers/*/*kernel/index.ts", { cwd: root })) {
        await compileKernel(root, dirname(index));
    }
}

async function compileKernel(root, folder) {
    const work = await mkdtemp(join(tmpdir(), "kernel-"));
    try {
        const outFile = join(work, "kernel.wasm");
        const files = [`${folder}/index.ts`, "--baseDir", root, "--outFile", outFile];
        const { error, stderr } = await main([...files, ...options]);
        if (error) throw new Error(`${folder}: ${error.message}\n${stderr}`);
        const text = `export default "${readFileSync(outFile).toString("base64")}";\n`;
        writeFileSync(join(root, `${folder}-bytes.ts`), text);
    } finally {
        await rm(work, { recursive: true });
    }
}
