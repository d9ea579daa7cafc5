import { createHash } from "node:crypto";

/** Ids drawn from a seed: the n-th of each stream of ids is the same again. */
export class SeededIds {
    private readonly drawn = new Map<string, number>();

    constructor(private readonly seed: number) {}

    /** The next 32 bytes of a stream. */
    next(stream: string): Buffer {
        const count = (this.drawn.get(stream) ?? 0) + 1;
        this.drawn.set(stream, count);
        return createHash("sha256")
            .update(JSON.stringify([this.seed, stream, count]))
            .digest();
    }
}
