import { randomBytes } from "node:crypto";
import type { Runtime } from "./runtime";

/** A UUID for something that a service makes: random, or where a run shall be the same again, the next of its stream. */
export function newUuid(runtime: Runtime, stream: string): string {
    const hex = newBytes(runtime, stream, 16).toString("hex");
    const variant = ((Number.parseInt(hex[16]!, 16) & 3) | 8).toString(16);
    return [
        hex.slice(0, 8),
        hex.slice(8, 12),
        `4${hex.slice(13, 16)}`,
        variant + hex.slice(17, 20),
        hex.slice(20),
    ].join("-");
}

/** At most 32 bytes, as of `newUuid`. */
export function newBytes({ faults }: Runtime, stream: string, count: number): Buffer {
    return faults?.ids?.next(stream).subarray(0, count) ?? randomBytes(count);
}
