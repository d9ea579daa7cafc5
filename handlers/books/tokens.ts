import { hash } from "node:crypto";

/**
 * What an event is told by: the first 64 bits of the SHA-256 of its `event_id`; undefined for an event without one. Of a
 * hundred million ids, two get the same token once in 3,700 times.
 */
export function tokenOf(piece: Buffer): { token: bigint; eventId: string } | undefined {
    const eventId = eventIdOf(piece.toString());
    return eventId === undefined ? undefined : { token: tokenOfId(eventId), eventId };
}

/** The token of an `event_id`. */
export function tokenOfId(eventId: string): bigint {
    return hash("sha256", eventId, "buffer").readBigUInt64BE();
}

/** An `event_id` that says nothing is none. */
export function isEventId(value: unknown): value is string {
    return typeof value === "string" && value !== "";
}

/** Also of an event that the table does not take, so that it is the same one in the backup and in the failed store. */
function eventIdOf(text: string): string | undefined {
    try {
        const eventId: unknown = JSON.parse(text)?.event_id;
        return isEventId(eventId) ? eventId : undefined;
    } catch {
        return undefined;
    }
}

/** Tokens, 8 bytes each: most objects of an hour have many. */
export class Tokens {
    private tokens = new BigUint64Array(256);
    private length = 0;

    add(token: bigint): void {
        this.grow(1);
        this.tokens[this.length++] = token;
    }

    addAll(other: Tokens): void {
        this.grow(other.length);
        this.tokens.set(other.tokens.subarray(0, other.length), this.length);
        this.length += other.length;
    }

    get count(): number {
        return this.length;
    }

    /** In ascending order. */
    sorted(): BigUint64Array {
        return this.tokens.slice(0, this.length).sort();
    }

    private grow(more: number): void {
        if (this.length + more <= this.tokens.length) return;
        const grown = new BigUint64Array(Math.max(this.length + more, 2 * this.tokens.length));
        grown.set(this.tokens.subarray(0, this.length));
        this.tokens = grown;
    }
}
