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
/** The report of the second tier looks back a week. */
const reportedHours = 7 * 24;

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
    rounds: { full: 1, short: 3 },
    countsChildren: true,
    figure: ({ seconds }, size) => `${Math.round(events[size] / seconds).toLocaleString("en")} events a second`,
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
                for (const batches of hours(count)) {
                    for (const lines of batches) await pipeline.send(ingest, lines);
                    time += hour;
                    await pipeline.advanceTo(time);
                    await pipeline.settle();
                }
                const { reports, failed } = await pipeline.report();
                const rows = reports["reports/v0/batteryweek/"]?.length ?? 0;
                const wanted = Math.min(count / perHour, reportedHours);
                if (rows < wanted || failed.length > 0) {
                    throw new Error(`${rows} hours in the last report, ${failed.length} failures`);
                }
                await pipeline.stop();
            };
        },
    };
}

/** The events of one hour after the other, in batches, which are made when they are sent. */
function* hours(count: number): Generator<Iterable<string[]>> {
    const random = new Random(1, "fleet");
    for (let sent = 0; sent < count; sent += perHour) {
        yield batches(random, start + (sent / perHour) * hour, Math.min(perHour, count - sent));
    }
}

function* batches(random: Random, from: number, count: number): Generator<string[]> {
    for (let made = 0; made < count; made += batch) {
        yield Array.from({ length: Math.min(batch, count - made) }, (_, index) =>
            JSON.stringify({
                device_id: `device-${random.integer(1, 100)}`,
                battery: random.integer(0, 1_000) / 1_000,
                sent_at: new Date(from + Math.floor(((made + index) * hour) / perHour)).toISOString(),
            }),
        );
    }
}
