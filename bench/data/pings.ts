import { createReadStream, createWriteStream } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { Random } from "../../cli/generate/random";
import type { Column } from "../../handlers/shared/columns";
import { writeTexts } from "./files";
import { uuid } from "./rows";

export const pingsFile = "pings.json.gz";
/** What the pings count, as `[[device, hour], count]` in order. */
export const countsFile = "counts.json";

/** Of a ping. */
export const pingColumns: Column[] = [
    { name: "event_id", type: { kind: "string" } },
    { name: "device_id", type: { kind: "string" } },
    { name: "battery", type: { kind: "float", bits: 64 } },
    { name: "charging", type: { kind: "boolean" } },
    { name: "sent_at", type: { kind: "timestamp" } },
    { name: "firmware", type: { kind: "string" } },
    { name: "signal", type: { kind: "integer", bits: 32 } },
];

/** Some 180 bytes, as a device sends it and the pipeline stores it. */
export function ping(random: Random, time: number, separator: " " | "T"): Record<string, unknown> {
    const at = new Date(time).toISOString();
    return {
        event_id: uuid(random),
        device_id: `device-${random.integer(0, 99)}`,
        battery: random.integer(0, 1_000) / 1_000,
        charging: random.chance(0.2),
        sent_at: separator === "T" ? at : at.slice(0, -1).replace("T", " "),
        firmware: "1.24.0",
        signal: -random.integer(40, 99),
    };
}

/** Makes a day of pings. */
export async function makePings(folder: string, lines: number): Promise<void> {
    const counts = new Map<string, number>();
    const plain = join(folder, "pings.json");
    await writeTexts(plain, texts());
    await pipeline(createReadStream(plain), createGzip(), createWriteStream(join(folder, pingsFile)));
    await rm(plain);
    await writeFile(join(folder, countsFile), printCounts(counts));

    function* texts(): Generator<string> {
        const random = new Random(1, "pings");
        const start = Date.UTC(2026, 10, 21);
        for (let line = 0; line < lines; line++) {
            const time = start + Math.floor((line * 86_400_000) / lines);
            const event = ping(random, time, " ");
            const id = JSON.stringify([event.device_id, `${new Date(time).toISOString().slice(0, 13)}:00:00Z`]);
            counts.set(id, (counts.get(id) ?? 0) + 1);
            yield `${JSON.stringify(event)}\n`;
        }
    }
}

/** Counts by what is counted, as JSON, in one order. */
export function printCounts(counts: Map<string, number>): string {
    const entries = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
    return JSON.stringify(entries.map(([id, count]) => [JSON.parse(id), count]));
}
