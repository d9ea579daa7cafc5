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

/**
 * A buffer that grows: it leaves its home where that has no room for what comes, and returns when it has again. There is a
 * little more room than was asked for: see `slack`.
 */
export class Bytes {
    bytes!: Buffer;
    view!: DataView;
    length = 0;
    /** The length up to which a word or an escape can be written without looking. */
    room!: number;
    /** How many bytes were dropped so far. */
    dropped = 0;

    constructor(readonly home: Buffer) {
        this.moveTo(home);
    }

    get isHome(): boolean {
        return this.bytes === this.home;
    }

    /** Makes room for so many bytes more. */
    reserve(bytes: number): void {
        const needed = this.length + bytes;
        if (needed <= this.room) return;
        const larger = Buffer.allocUnsafe(2 * needed + slack);
        this.bytes.copy(larger, 0, 0, this.length);
        this.moveTo(larger);
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
        if (!this.isHome) this.moveTo(this.home);
        return taken;
    }

    /** Takes away what stands at the start. */
    drop(bytes: number): void {
        const left = this.length - bytes;
        const target = left > this.home.length - slack ? this.bytes : this.home;
        this.bytes.copy(target, 0, bytes, this.length);
        this.length = left;
        this.dropped += bytes;
        if (target !== this.bytes) this.moveTo(target);
    }

    private moveTo(bytes: Buffer): void {
        this.bytes = bytes;
        this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
        this.room = bytes.length - slack;
    }
}
