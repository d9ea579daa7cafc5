import { constants, createDeflateRaw } from "node:zlib";
import { type Deflater, pieceBytes } from "./deflater";

const chunkSize = 16 * 1024;

/** By zlib on a thread of libuv's pool. Used over and over: a new one for every piece would fill the memory until it is swept. */
export class ZlibDeflater implements Deflater {
    readonly piece = Buffer.allocUnsafeSlow(pieceBytes);
    private compressed: Buffer[] = [];
    private readonly deflater;

    constructor(level: number) {
        this.deflater = createDeflateRaw({ level, chunkSize }).on("data", (part) => this.compressed.push(part));
    }

    deflate(length: number): Promise<Buffer[]> {
        const { deflater } = this;
        deflater.write(this.piece.subarray(0, length));
        return new Promise((resolve) => {
            deflater.flush(constants.Z_FULL_FLUSH, () => {
                let part: unknown;
                do part = deflater.read();
                while (part !== null); // heard above
                resolve(this.compressed);
                this.compressed = [];
            });
        });
    }

    close(): void {
        this.deflater.destroy();
    }
}
