/**
 * Writes a week of pings of 50 devices, newline-delimited JSON in order of time: one ping a minute each, thinned to about
 * 50,000. Seeded: the same file every time. Usage: ts-node -T examples/fleet/generate.ts FILE
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** One line of the file. */
export interface Ping {
    device_id: string;
    battery: number;
    sent_at: string;
}

const devices = 50;
const minutes = 7 * 24 * 60;
const kept = 0.1;
const start = Date.parse("2026-11-14T00:00:00Z");

/** The pings of the week that starts on 14 November 2026, in order of time. */
export function* pings(seed = 1): Generator<Ping> {
    const random = mulberry32(seed);
    const fleet = Array.from({ length: devices }, (_, index) => ({
        id: `device-${String(index + 1).padStart(2, "0")}`,
        charge: 0.3 + 0.7 * random(),
        // A device empties in five to fifteen days and is charged when it falls below a tenth.
        lossPerMinute: 1 / ((5 + 10 * random()) * 24 * 60),
    }));
    for (let minute = 0; minute < minutes; minute++) {
        for (const device of fleet) {
            device.charge -= device.lossPerMinute;
            if (device.charge < 0.1) device.charge = 1;
            if (random() >= kept) continue;
            const sentAt = new Date(start + minute * 60_000 + Math.floor(random() * 60_000));
            yield {
                device_id: device.id,
                battery: Math.round(device.charge * 1000) / 1000,
                sent_at: sentAt.toISOString().replace("T", " ").replace("Z", ""),
            };
        }
    }
}

/** A small seeded generator of numbers in [0, 1). */
function mulberry32(seed: number): () => number {
    let state = seed;
    return () => {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
        mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
}

if (require.main === module) {
    const file = process.argv[2];
    if (!file) throw new Error("usage: ts-node -T examples/fleet/generate.ts FILE");
    mkdirSync(dirname(file), { recursive: true });
    const lines = [...pings()]
        .sort((a, b) => (a.sent_at < b.sent_at ? -1 : 1))
        .map((ping) => `${JSON.stringify(ping)}\n`);
    writeFileSync(file, lines.join(""));
    process.stderr.write(`${file}: ${lines.length} pings of ${devices} devices\n`);
}
