import { kernelModule } from "../shared/web-assembly";
import bytes from "./deflate-kernel-bytes";
import { type Deflater, pieceBytes } from "./deflater";

/** What the WebAssembly module exports. */
interface Kernel {
    memory: { buffer: ArrayBuffer };
    /** In its memory, where a piece is put, and where its blocks are. */
    piece: { value: number };
    blocks: { value: number };
    deflate(length: number): number;
}

const newKernel = kernelModule<Kernel>(bytes);

/** Kernels that nobody compresses with: to make another one, and to take its memory away, costs more than a small result. */
const idle: Kernel[] = [];

/** By the kernel in WebAssembly, on the thread that calls. */
export class KernelDeflater implements Deflater {
    readonly piece: Buffer;
    private readonly kernel = idle.pop() ?? newKernel();

    constructor() {
        const { memory, piece } = this.kernel;
        this.piece = Buffer.from(memory.buffer, piece.value, pieceBytes);
    }

    async deflate(length: number): Promise<Buffer[]> {
        const { memory, blocks, deflate } = this.kernel;
        const compressed = deflate(length);
        return [Buffer.from(Buffer.from(memory.buffer, blocks.value, compressed))];
    }

    close(): void {
        idle.push(this.kernel);
    }
}
