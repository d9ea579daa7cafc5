import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Random } from "../../cli/generate/random";
import type { Case, Contestant, Size } from "../case";

/** Of the smaller pipeline; the other one has ten times as many. */
const events: Record<Size, number> = { full: 1_000_000, short: 50_000 };
const eventsFile = "events.json";
const perHour = 50_000;
const start = Date.parse("2026-11-21T00:00:00Z");
const hour = 3_600_000;
const batch = 5_000;
const ingest = "deviceping";

/** From the first event that is sent to the report of the second tier over the last one. */
export const wholePipeline: Case = {
    name: "pipeline",
    about: "the fleet example on this machine: what each event takes, from the first one sent to the last report",
    async data(size) {
        const folder = resolve(".eventpipeline/bench", `pipeline-${size}`);
        await mkdir(folder, { recursive: true });
        await writeFile(join(folder, eventsFile), String(events[size]));
        return folder;
    },
    rounds: 1,
    figure: (seconds, size) => `${Math.round(events[size] / seconds).toLocaleString("en")} events a second`,
    contestants: [sending("ten times as many events", 10), { ...sending("events", 1), atLeast: 1 / 1.15 }],
};

function sending(name: string, times: number): Contestant {
    return {
        name,
        things: times,
        async load(data) {
            const { LocalPipeline } = await import("eventpipeline/local");
            const count = times * Number(await readFile(join(data, eventsFile), "utf8"));
            const pipeline = await LocalPipeline.start({ program: "examples/fleet", at: new Date(start) });
            return async () => {
                let time = start;
                for (const lines of hours(count)) {
                    for (let from = 0; from < lines.length; from += batch) {
                        await pipeline.send(ingest, lines.slice(from, from + batch));
                    }
                    time += hour;
                    await pipeline.advanceTo(time);
                    await pipeline.settle();
                }
                const { reports, failed } = await pipeline.report();
                const rows = reports["reports/v0/batteryweek/"]?.length ?? 0;
                if (rows < count / perHour || failed.length > 0) throw new Error(`${rows} hours in the last report`);
                await pipeline.stop();
            };
        },
    };
}

/** The events of one hour after the other. */
function* hours(count: number): Generator<string[]> {
    const random = new Random(1, "fleet");
    for (let sent = 0; sent < count; sent += perHour) {
        const from = start + (sent / perHour) * hour;
        yield Array.from({ length: Math.min(perHour, count - sent) }, (_, index) =>
            JSON.stringify({
                device_id: `device-${random.integer(1, 100)}`,
                battery: random.integer(0, 1_000) / 1_000,
                sent_at: new Date(from + Math.floor((index * hour) / perHour)).toISOString(),
            }),
        );
    }
}
