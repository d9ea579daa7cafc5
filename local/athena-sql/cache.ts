/** What most queries need of it; those that take patterns out of their rows need more, one after the other. */
const most = 1_000;

/** Remembers what was made of a text: so much of it that memory does not grow with the rows. */
export class Cache<T> {
    private readonly known = new Map<string, T>();

    /** What is known of the text, or else what `make` makes of it; what it throws is not remembered. */
    get(text: string, make: () => T): T {
        const known = this.known.get(text);
        if (known !== undefined) return known;
        const made = make();
        if (this.known.size >= most) this.known.clear();
        this.known.set(text, made);
        return made;
    }

    get size(): number {
        return this.known.size;
    }
}
