import type { ResultCompression } from "./contract";
import { gzip } from "./gzip";
import { zstd } from "./zstd";

/** How a result's lines are packed. */
export interface Packing {
    /** What the key ends in: Athena knows the compression by that. */
    ending: string;
    pack(lines: AsyncIterable<Uint8Array>): AsyncIterable<Buffer>;
}

/** What a result's key may end in, however it is packed today. */
export const endings = [".json.gz", ".json.zst"];

/** The packing of a result. */
export function packingOf(compression: ResultCompression = "balanced"): Packing {
    if (compression === "zstd") return { ending: ".json.zst", pack: zstd };
    return { ending: ".json.gz", pack: (lines) => gzip(lines, compression) };
}
