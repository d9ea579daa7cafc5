import { endOfText } from "./whole-lines";

/** A kernel's memory, where lines are put there, and how many bytes of them there is room for. */
export interface LineRoom {
    memory: { buffer: ArrayBuffer };
    input: { value: number };
    inputBytes: { value: number };
}

const newline = 0x0a;

/** Gives a kernel the lines of a chunk, as many at a time as it has room for. */
export class KernelInput {
    private readonly memory: Buffer;
    private readonly start: number;
    private readonly most: number;
    /** What was looked at last, and up to where that is whole lines of UTF-8. */
    private chunk: Buffer | undefined;
    private chunkEnd = 0;
    /** The piece of it that the kernel has. */
    private pieceStart = 0;
    private pieceEnd = 0;

    constructor({ memory, input, inputBytes }: LineRoom) {
        this.memory = Buffer.from(memory.buffer);
        this.start = input.value;
        this.most = inputBytes.value;
    }

    /** Whether the kernel has the line that begins there; from now on, if need be. */
    has(chunk: Buffer, at: number): boolean {
        if (chunk !== this.chunk) this.look(chunk, at);
        return at < this.chunkEnd && (at < this.pieceEnd || this.take(chunk, at));
    }

    /** Where a place of the chunk is in the kernel's memory. */
    toMemory(at: number): number {
        return at - this.pieceStart + this.start;
    }

    /** Where a place in the kernel's memory is in the chunk. */
    toChunk(address: number): number {
        return address - this.start + this.pieceStart;
    }

    /** In the kernel's memory, behind the last line. */
    get end(): number {
        return this.toMemory(this.pieceEnd);
    }

    /** The chunk is not looked at any more: it may be filled anew. */
    forget(): void {
        this.chunk = undefined;
    }

    private look(chunk: Buffer, start: number): void {
        this.chunk = chunk;
        this.chunkEnd = endOfText(chunk, start);
        this.pieceEnd = 0;
    }

    /** Copies as many lines as there is room for; false if that is none. */
    private take(chunk: Buffer, at: number): boolean {
        const most = at + this.most;
        this.pieceStart = at;
        this.pieceEnd = this.chunkEnd <= most ? this.chunkEnd : chunk.lastIndexOf(newline, most - 1) + 1;
        chunk.copy(this.memory, this.start, at, this.pieceEnd);
        return this.pieceEnd > at;
    }
}
