import { compareKeys } from "./keys";

/** A bucket's current objects, in S3's order: by the keys' UTF-8 bytes. Finding those of a prefix looks at no others. */
export class Objects<T extends { key: string }> {
    private readonly sorted: T[] = [];

    get(key: string): T | undefined {
        const object = this.sorted[this.placeOf(key)];
        return object?.key === key ? object : undefined;
    }

    /** Keeps the object, in the place of one that has its key. */
    set(object: T): void {
        const place = this.placeOf(object.key);
        this.sorted.splice(place, this.sorted[place]?.key === object.key ? 1 : 0, object);
    }

    delete(key: string): void {
        const place = this.placeOf(key);
        if (this.sorted[place]?.key === key) this.sorted.splice(place, 1);
    }

    /** Those whose keys start with `prefix`. */
    of(prefix: string): T[] {
        const first = this.placeOf(prefix);
        let end = first;
        while (this.sorted[end]?.key.startsWith(prefix)) end++;
        return this.sorted.slice(first, end);
    }

    /** Where a key is, or would be. */
    private placeOf(key: string): number {
        let [low, high] = [0, this.sorted.length];
        while (low < high) {
            const middle = (low + high) >> 1;
            if (compareKeys(this.sorted[middle]!.key, key) < 0) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
