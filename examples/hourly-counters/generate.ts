/**
 * Writes a day of 20,000 events as a service exports them: a gzip file of newline-delimited JSON for each hour, in Hive's
 * folders. Every tenth event is exported up to three hours late. Seeded: the same files every time.
 * Usage: ts-node -T examples/hourly-counters/generate.ts FOLDER
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

/** One line of a file. */
export interface Event {
    name: string;
    /** Seconds since 1970. */
    timestamp: number;
}

/** A file, by its path below the folder. */
export interface ExportedFile {
    path: string;
    events: Event[];
}

const names = ["login", "logout", "page viewed", 'search "x"', "päckchen"];
const number = 20_000;
const start = Date.parse("2026-11-20T00:00:00Z");
const hour = 3_600_000;

/** The files of 20 November 2026, and of the three hours after it, in which its last events come late. */
export function exportedFiles(): ExportedFile[] {
    const random = randomNumbers(1);
    const hours = new Map<number, Event[]>();
    for (let index = 0; index < number; index++) {
        const time = start + Math.floor((index / number) * 24 * hour);
        const late = index % 10 === 0 ? 1 + Math.floor(random() * 3) : 0;
        const exported = Math.floor(time / hour) + late;
        const event = {
            name: names[Math.floor(random() ** 2 * names.length)]!,
            timestamp: Math.floor(time / 1000),
        };
        hours.set(exported, [...(hours.get(exported) ?? []), event]);
    }
    return [...hours]
        .sort(([a], [b]) => a - b)
        .map(([exported, events]) => ({ path: pathOf(new Date(exported * hour).toISOString()), events }));
}

/** The file as it is stored. */
export function contentOf({ events }: ExportedFile): Buffer {
    return gzipSync(events.map((event) => `${JSON.stringify(event)}\n`).join(""));
}

/** Names with what S3's events encode: a space, a plus and, in the folders, equals signs. */
function pathOf(time: string): string {
    const [year, month, day, hours] = time.split(/[-T:]/);
    return `year=${year}/month=${month}/day=${day}/hour=${hours}/events ${hours}h+.json.gz`;
}

/** A small seeded generator of numbers in [0, 1). */
function randomNumbers(seed: number): () => number {
    let state = seed;
    return () => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        return state / 2 ** 32;
    };
}

if (require.main === module) {
    const folder = process.argv[2];
    if (!folder) throw new Error("usage: ts-node -T examples/hourly-counters/generate.ts FOLDER");
    const files = exportedFiles();
    for (const file of files) {
        mkdirSync(dirname(join(folder, file.path)), { recursive: true });
        writeFileSync(join(folder, file.path), contentOf(file));
    }
    process.stderr.write(`${folder}: ${number} events in ${files.length} files\n`);
}
