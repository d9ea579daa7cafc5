/** Behind what is reserved: bytes are moved four at a time, and an escape of six may follow three of them. */
const slack = 16;

/** A few bytes that are written often, in words of four. */
export interface Words {
    words: Int32Array;
    /** In bytes. */
    length: number;
}

/** The text's UTF-8. */
export function toWords(text: string): Words {
    const bytes = Buffer.from(text);
    const padded = Buffer.alloc(bytes.length + slack);
    bytes.copy(padded);
    const words = Int32Array.from({ length: Math.ceil(bytes.length / 4) }, (_, index) => padded.readInt32LE(4 * index));
    return { words, length: bytes.length };
}

/** A buffer that grows. It has a little more room than was asked for: see `slack`. */
export class Bytes {
    bytes: Buffer;
    view: DataView;
    length = 0;
    /** The length up to which a word or an escape can be written without looking. */
    room: number;

    constructor(size: number) {
        this.bytes = Buffer.allocUnsafe(size);
        this.view = viewOf(this.bytes);
        this.room = size - slack;
    }

    /** Makes room for so many bytes more. */
    reserve(bytes: number): void {
        const needed = this.length + bytes;
        if (needed <= this.room) return;
        const larger = Buffer.allocUnsafe(2 * needed + slack);
        this.bytes.copy(larger, 0, 0, this.length);
        this.bytes = larger;
        this.view = viewOf(larger);
        this.room = larger.length - slack;
    }

    append(bytes: Uint8Array): void {
        this.reserve(bytes.length);
        this.bytes.set(bytes, this.length);
        this.length += bytes.length;
    }

    /** Room must have been reserved. */
    write({ words, length }: Words): void {
        const start = this.length;
        for (let index = 0; index < words.length; index++) this.view.setInt32(start + 4 * index, words[index]!, true);
        this.length = start + length;
    }

    /** All that was written; what comes next is written over it. */
    take(): Buffer {
        const taken = this.bytes.subarray(0, this.length);
        this.length = 0;
        return taken;
    }

    /** Takes away what stands at the start. */
    drop(bytes: number): void {
        this.bytes.copyWithin(0, bytes, this.length);
        this.length -= bytes;
    }
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
    return new DataView(buffer, byteOffset, length);
}
