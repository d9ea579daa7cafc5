/** Of `WebAssembly`, which Node's types leave out. */
interface Compiler {
    Module: new (bytes: Buffer) => object;
    Instance: new (module: object) => { exports: object };
}

/** A constant that a module exports. */
export interface Constant {
    value: number;
}

const { Module, Instance } = (globalThis as unknown as { WebAssembly: Compiler }).WebAssembly;

/** A kernel's module, of its bytes in Base64: makes instances of it, and is compiled for the first of them. */
export function kernelModule<Kernel extends object>(bytes: string): () => Kernel {
    let compiled: object | undefined;
    return () => {
        compiled ??= new Module(Buffer.from(bytes, "base64"));
        return new Instance(compiled).exports as Kernel;
    };
}
